set encoding utf8
set terminal svg size 1600,276 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$boxes1 << END
5	6	18	30	0xaeb5bd
5	13	30	31	0xaeb5bd
5	6	18	50	0xaeb5bd
5	13	50	51	0xaeb5bd
5	6	18	70	0xaeb5bd
5	13	70	71	0xaeb5bd
5	6	18	90	0xaeb5bd
5	13	90	91	0xaeb5bd
5	6	18	110	0xaeb5bd
5	13	110	111	0xaeb5bd
5	6	18	130	0xaeb5bd
5	13	130	131	0xaeb5bd
END
set lmargin at screen 0.0125
set rmargin at screen 0.275
set tmargin at screen 0.731884
set bmargin at screen 0.224638
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:420]
unset xtics
set yrange [140:0]
unset ytics
unset border
plot $boxes1 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     NaN

# Panel 2
$boxes2 << END
1	90	3	17	0x175591
2	90	23	37	0x175591
2	90	43	57	0x175591
2	90	63	77	0x175591
2	90	83	97	0x175591
2	90	103	117	0x175591
2	90	123	137	0x175591
END
set lmargin at screen 0.2625
set rmargin at screen 0.9825
set tmargin at screen 0.731884
set bmargin at screen 0.224638
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:90]
set xrange [0:90]
set xtics 10 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.0f"
set xlabel "time since the start (us)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set yrange [140:0]
unset ytics
set border 1 linecolor rgb "#aeb5bd"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $boxes2 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
END
$text1 << END
20.0	26.0	0x1f2328	"Spawn tree"
END
$text2 << END
145.2	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"who spawned whom, and when they lived: 7 goroutines"
20.0	84.0	0x1f2328	"g1 a”b`touch hacked`$(touch hacked)"
36.0	104.0	0x1f2328	"g2 <script>alert(1)</script>&amp;"
36.0	124.0	0x1f2328	"g3 {/Bold=99 x}_y^z@ ∖n∖042 %s"
36.0	144.0	0x1f2328	"g4 new↵line⇥tab"
36.0	164.0	0x1f2328	"g5 x�y�"
36.0	184.0	0x1f2328	"g6 END"
36.0	204.0	0x1f2328	"g7 ' # 日本"
END
$text4 << END
410.0	84.0	0x59636e	"not ended"
410.0	104.0	0x59636e	"not ended"
410.0	144.0	0x59636e	"not ended"
410.0	164.0	0x59636e	"not ended"
410.0	184.0	0x59636e	"not ended"
410.0	204.0	0x59636e	"not ended"
END
set lmargin at screen 0
set rmargin at screen 1
set tmargin at screen 1
set bmargin at screen 0
unset border
unset grid
unset xtics
unset ytics
unset xlabel
unset ylabel
set xrange [0:1600]
set yrange [276:0]
plot $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
