set encoding utf8
set terminal svg size 1600,583 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# The lanes: time, and pixels from the top
$boxes << END
1	1.5	3	31	0xe69f00
1.5	3	3	31	0x009e73
3	90	3	31	0xd55e00
2	4	37	65	0xe69f00
4	5	37	65	0x009e73
5	90	37	65	0xe69f00
2	5.5	71	99	0xe69f00
5.5	90	71	99	0x009e73
2	90	105	133	0xe69f00
2	90	139	167	0xe69f00
2	90	173	201	0xe69f00
2	90	207	235	0xe69f00
END
set lmargin at screen 0.155
set rmargin at screen 0.9825
set tmargin at screen 0.823328
set bmargin at screen 0.415094
set xrange [0:90]
set xtics 10 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x ""
unset xlabel
set border 1 linecolor rgb "#aeb5bd"
unset ytics
set yrange [238:0]
plot $boxes using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror lc rgb variable, \
     NaN

# How many goroutines ran, and ran or could have run
$running << END
0	0
1.495468278	0
1.495468278	0.93333
1.563444109	0.93333
1.563444109	1
2.990936556	1
2.990936556	0.13333
3.058912387	0.13333
3.058912387	0
3.942598187	0
3.942598187	0.15556
4.010574018	0.15556
4.010574018	1
4.96223565	1
4.96223565	0.55556
5.03021148	0.55556
5.03021148	0
5.438066465	0
5.438066465	0.088889
5.506042296	0.088889
5.506042296	1
90	1
END
$work << END
0	0
0.9516616314	0
0.9516616314	0.28889
1.019637462	0.28889
1.019637462	1
1.971299094	1
1.971299094	4.4667
2.039274924	4.4667
2.039274924	7
2.990936556	7
2.990936556	6.1333
3.058912387	6.1333
3.058912387	6
90	6
END
set lmargin at screen 0.155
set rmargin at screen 0.9825
set tmargin at screen 0.346484
set bmargin at screen 0.157804
set xrange [0:90]
set xtics 10 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.0f"
set xlabel "time since the start (us)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set border 3 linecolor rgb "#aeb5bd"
set yrange [0:7.35]
set ytics 2 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
plot $work using 1:2 with filledcurves y=0 lc rgb "#e69f00", \
     $running using 1:2 with filledcurves y=0 lc rgb "#009e73", \
     1 with lines lc rgb "#1f2328" dashtype 2

# The words, in pixels of the picture
$swatches << END
20.0	32.0	72.0	84.0	0x009e73
145.6	157.6	72.0	84.0	0xe69f00
278.3	290.3	72.0	84.0	0xd55e00
424.4	436.4	361.0	373.0	0x009e73
507.2	519.2	361.0	373.0	0xe69f00
END
$text1 << END
38.0	78.0	0x1f2328	"running"
92.8	78.0	0x59636e	"14%"
163.6	78.0	0x1f2328	"runnable"
225.6	78.0	0x59636e	"72%"
296.3	78.0	0x1f2328	"waiting: mutex lock"
423.5	78.0	0x59636e	"14%"
20.0	50.0	0x59636e	"the whole run, 90.00 us; 7 goroutines on 1 worker; 12 intervals"
248.0	367.0	0x1f2328	"Goroutines with work to do:"
442.4	367.0	0x1f2328	"running"
525.2	367.0	0x1f2328	"runnable, waiting for a worker"
726.5	367.0	0x59636e	"(dashed: 1 worker)"
END
$text2 << END
20.0	26.0	0x1f2328	"Goroutines"
END
$text3 << END
141.4	26.0	0x59636e	"a program that is not known"
END
$text4 << END
238.0	120.0	0x1f2328	"g1 a”b`touch hacked`$(touch…"
238.0	154.0	0x1f2328	"g2 <script>alert(1)</script…"
238.0	188.0	0x1f2328	"g3 {/Bold=99 x}_y^z@ ∖n∖042…"
238.0	222.0	0x1f2328	"g4 new↵line⇥tab"
238.0	256.0	0x1f2328	"g5 x�y�"
238.0	290.0	0x1f2328	"g6 END"
238.0	324.0	0x1f2328	"g7 ' # 日本"
END
$text5 << END
932.1	120.0	0xffffff	"</svg><img src=x onerror=alert(1)>”'`∖↵END"
950.5	188.0	0xffffff	"worker 0"
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
set yrange [583:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,12" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
