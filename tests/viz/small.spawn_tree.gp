set encoding utf8
set terminal svg size 1600,218 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
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
END
set lmargin at screen 0.0125
set rmargin at screen 0.275
set tmargin at screen 0.66055
set bmargin at screen 0.385321
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:420]
unset xtics
set yrange [60:0]
unset ytics
unset border
plot $boxes1 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     NaN

# Panel 2
$boxes2 << END
1	20	3	17	0x175591
2.2	9.6	23	37	0x175591
2.3	20	43	57	0x175591
END
$gaps2 << END
10.6	14	0	60	0x000000
END
set lmargin at screen 0.2625
set rmargin at screen 0.9825
set tmargin at screen 0.66055
set bmargin at screen 0.385321
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:20]
set xrange [0:20]
set xtics 2 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.0f"
set xlabel "time since the start (us)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set yrange [60:0]
unset ytics
set border 1 linecolor rgb "#aeb5bd"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $boxes2 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $gaps2 using ($1+$2)/2:($3+$4)/2:1:2:3:4 with boxxyerror fillstyle transparent pattern 4 noborder lc rgb "#59636e", \
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
20.0	50.0	0x59636e	"who spawned whom, and when they lived: 3 goroutines"
20.0	84.0	0x1f2328	"g1 main"
36.0	104.0	0x1f2328	"g2 teller"
36.0	124.0	0x1f2328	"g3 teller"
END
$text4 << END
79.4	84.0	0x59636e	"bank.c:7"
96.6	104.0	0x59636e	"bank.c:7"
96.6	124.0	0x59636e	"bank.c:7"
20.0	200.0	0x59636e	"Hatched: 9 events are missing from the trace; what is drawn there may be wrong."
END
$text5 << END
410.0	84.0	0x59636e	"not ended"
410.0	124.0	0x59636e	"not ended"
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
set yrange [218:0]
plot $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
