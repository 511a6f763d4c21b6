set encoding utf8
set terminal svg size 1600,447 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# The lanes: time, and pixels from the top
$boxes << END
1	1.5	3	31	0xe69f00
1.5	5	3	31	0x009e73
5	9.4	3	31	0x8fcdf0
9.4	11.5	3	31	0xe69f00
11.5	12	3	31	0x009e73
12	20	3	31	0xd5d8dc
2.2	3	37	65	0xe69f00
3	9.6	37	65	0x009e73
2.3	5.5	71	99	0xe69f00
5.5	6	71	99	0x009e73
6	9	71	99	0xd55e00
9	10.5	71	99	0xe69f00
10.5	20	71	99	0x009e73
END
$gaps << END
10.6	14	0	102	0x1f2328
END
$arrows << END
9	58.7	0	12.3
9.4	43.3	0	-12.3
END
set lmargin at screen 0.05875
set rmargin at screen 0.9825
set tmargin at screen 0.769575
set bmargin at screen 0.541387
set xrange [0:20]
set xtics 2 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x ""
unset xlabel
set border 1 linecolor rgb "#aeb5bd"
unset ytics
set yrange [102:0]
plot $boxes using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror lc rgb variable, \
     $gaps using ($1+$2)/2:($3+$4)/2:1:2:3:4 with boxxyerror fillstyle transparent pattern 4 noborder lc rgb "#59636e", \
     $arrows using 1:2:3:4 with vectors nohead lw 3 lc rgb "#ffffff", \
     $arrows using 1:2:3:4 with vectors head filled size screen 0.005,18 lw 1 lc rgb "#1f2328", \
     NaN

# How many goroutines ran, and ran or could have run
$running << END
0	0
1.48849797	0
1.48849797	0.15
1.50202977	0.15
1.50202977	1
2.99052774	1
2.99052774	1.3
3.00405954	1.3
3.00405954	2
4.9932341	2
4.9932341	1.5
5.0067659	1.5
5.0067659	1
5.49391069	1
5.49391069	1.55
5.50744249	1.55
5.50744249	2
5.99458728	2
5.99458728	1.4
6.00811908	1.4
6.00811908	1
9.594046008	1
9.594046008	0.44
9.607577808	0.44
9.607577808	0
10.48714479	0
10.48714479	0.05
10.50067659	0.05
10.50067659	1
11.48849797	1
11.48849797	1.15
11.50202977	1.15
11.50202977	2
11.98917456	2
11.98917456	1.8
12.00270636	1.8
12.00270636	1
20	1
END
$work << END
0	0
0.9878213802	0
0.9878213802	0.1
1.00135318	0.1
1.00135318	1
2.192151556	1
2.192151556	1.42
2.205683356	1.42
2.205683356	2
2.286874154	2
2.286874154	2.03
2.300405954	2.03
2.300405954	3
4.9932341	3
4.9932341	2.5
5.0067659	2.5
5.0067659	2
5.99458728	2
5.99458728	1.4
6.00811908	1.4
6.00811908	1
8.99864682	1
8.99864682	1.9
9.01217862	1.9
9.01217862	2
9.391069012	2
9.391069012	2.34
9.404600812	2.34
9.404600812	3
9.594046008	3
9.594046008	2.44
9.607577808	2.44
9.607577808	2
11.98917456	2
11.98917456	1.8
12.00270636	1.8
12.00270636	1
20	1
END
set lmargin at screen 0.05875
set rmargin at screen 0.9825
set tmargin at screen 0.451902
set bmargin at screen 0.205817
set xrange [0:20]
set xtics 2 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.0f"
set xlabel "time since the start (us)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set border 3 linecolor rgb "#aeb5bd"
set yrange [0:3.15]
set ytics 1 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
plot $work using 1:2 with filledcurves y=0 lc rgb "#e69f00", \
     $running using 1:2 with filledcurves y=0 lc rgb "#009e73", \
     2 with lines lc rgb "#1f2328" dashtype 2

# The words, in pixels of the picture
$swatches << END
20.0	32.0	72.0	84.0	0x009e73
145.6	157.6	72.0	84.0	0xe69f00
278.3	290.3	72.0	84.0	0x8fcdf0
486.9	498.9	72.0	84.0	0xd55e00
688.7	700.7	72.0	84.0	0xd5d8dc
270.4	282.4	225.0	237.0	0x009e73
353.2	365.2	225.0	237.0	0xe69f00
END
$text1 << END
38.0	78.0	0x1f2328	"running"
92.8	78.0	0x59636e	"47%"
163.6	78.0	0x1f2328	"runnable"
225.6	78.0	0x59636e	"18%"
296.3	78.0	0x1f2328	"waiting: chan receive"
434.2	78.0	0x59636e	"10%"
504.9	78.0	0x1f2328	"waiting: mutex lock"
632.1	78.0	0x59636e	"6.8%"
706.7	78.0	0x1f2328	"waiting: sleep"
799.0	78.0	0x59636e	"18%"
20.0	50.0	0x59636e	"the whole run, 20.00 us; 3 goroutines on 2 workers; 13 intervals"
94.0	231.0	0x1f2328	"Goroutines with work to do:"
288.4	231.0	0x1f2328	"running"
371.2	231.0	0x1f2328	"runnable, waiting for a worker"
572.5	231.0	0x59636e	"(dashed: 2 workers)"
END
$text2 << END
20.0	26.0	0x1f2328	"Goroutines"
END
$text3 << END
141.4	26.0	0x59636e	"a program that is not known"
END
$text4 << END
84.0	120.0	0x1f2328	"g1 main"
84.0	154.0	0x1f2328	"g2 teller"
84.0	188.0	0x1f2328	"g3 teller"
END
$text5 << END
334.2	120.0	0xffffff	"worker 0"
626.1	120.0	0x1f2328	"jobs"
559.6	154.0	0xffffff	"worker 1"
648.2	188.0	0xffffff	"the vault"
1221.0	188.0	0xffffff	"worker 1"
END
$text6 << END
20.0	417.0	0x59636e	"Hatched: 9 events are missing from the trace; what is drawn there may be wrong."
488.5	417.0	0x59636e	"Arrows lead from who woke to who was woken."
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
set yrange [447:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,12" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,11" textcolor rgb variable, \
     $text6 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
