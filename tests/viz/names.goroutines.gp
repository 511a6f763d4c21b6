set encoding utf8
set terminal svg size 800,617 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
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
set lmargin at screen 0.2925
set rmargin at screen 0.965
set tmargin at screen 0.833063
set bmargin at screen 0.447326
set xrange [0:90]
set xtics 20 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
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
1.338289963	0
1.338289963	0.033333
1.505576208	0.033333
1.505576208	1
2.843866171	1
2.843866171	0.93333
3.011152416	0.93333
3.011152416	0
3.847583643	0
3.847583643	0.088889
4.014869888	0.088889
4.014869888	1
4.851301115	1
4.851301115	0.88889
5.018587361	0.88889
5.018587361	0
5.353159851	0
5.353159851	0.12222
5.520446097	0.12222
5.520446097	1
90	1
END
$work << END
0	0
0.8364312268	0
0.8364312268	0.022222
1.003717472	0.022222
1.003717472	1
1.840148699	1
1.840148699	1.2667
2.007434944	1.2667
2.007434944	7
2.843866171	7
2.843866171	6.9333
3.011152416	6.9333
3.011152416	6
90	6
END
set lmargin at screen 0.2925
set rmargin at screen 0.965
set tmargin at screen 0.382496
set bmargin at screen 0.204214
set xrange [0:90]
set xtics 20 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
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
410.4	422.4	361.0	373.0	0x009e73
493.2	505.2	361.0	373.0	0xe69f00
END
$text1 << END
38.0	78.0	0x1f2328	"running"
92.8	78.0	0x59636e	"14%"
163.6	78.0	0x1f2328	"runnable"
225.6	78.0	0x59636e	"72%"
296.3	78.0	0x1f2328	"waiting: mutex lock"
423.5	78.0	0x59636e	"14%"
20.0	50.0	0x59636e	"the whole run, 90.00 us; 7 goroutines on 1 worker; 12 intervals"
234.0	367.0	0x1f2328	"Goroutines with work to do:"
428.4	367.0	0x1f2328	"running"
511.2	367.0	0x1f2328	"runnable, waiting for a worker"
712.5	367.0	0x59636e	"(dashed: 1 worker)"
END
$text2 << END
20.0	26.0	0x1f2328	"a program that is not known"
END
$text3 << END
224.0	120.0	0x1f2328	"g1 a”b`touch hacked`$(touch…"
224.0	154.0	0x1f2328	"g2 <script>alert(1)</script…"
224.0	188.0	0x1f2328	"g3 {/Bold=99 x}_y^z@ ∖n∖042…"
224.0	222.0	0x1f2328	"g4 new↵line⇥tab"
224.0	256.0	0x1f2328	"g5 x�y�"
224.0	290.0	0x1f2328	"g6 END"
224.0	324.0	0x1f2328	"g7 ' # 日本"
END
$text4 << END
519.4	188.0	0xffffff	"worker 0"
512.0	120.0	0xffffff	"</svg><img src=x onerror=al…"
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
set xrange [0:800]
set yrange [617:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
