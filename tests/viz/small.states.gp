set encoding utf8
set terminal svg size 1600,704 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$mark1_1 << END
0	0
0.9893048128	0
0.9893048128	0.6
1.016042781	0.6
1.016042781	1
2.192513369	1
2.192513369	1.72
2.219251337	1.72
2.219251337	2
2.299465241	2
2.299465241	2.98
2.326203209	2.98
2.326203209	3
9.598930481	3
9.598930481	2.04
9.625668449	2.04
9.625668449	2
20	2
END
$mark1_2 << END
0	0
0.9893048128	0
0.9893048128	0.6
1.016042781	0.6
1.016042781	1
2.192513369	1
2.192513369	1.72
2.219251337	1.72
2.219251337	2
2.299465241	2
2.299465241	2.98
2.326203209	2.98
2.326203209	3
5.989304813	3
5.989304813	2.4
6.016042781	2.4
6.016042781	2
8.983957219	2
8.983957219	2.4
9.010695187	2.4
9.010695187	3
9.598930481	3
9.598930481	2.04
9.625668449	2.04
9.625668449	2
20	2
END
$mark1_3 << END
0	0
0.9893048128	0
0.9893048128	0.6
1.016042781	0.6
1.016042781	1
2.192513369	1
2.192513369	1.72
2.219251337	1.72
2.219251337	2
2.299465241	2
2.299465241	2.98
2.326203209	2.98
2.326203209	3
5	3
5	2
5.989304813	2
5.989304813	1.4
6.016042781	1.4
6.016042781	1
8.983957219	1
8.983957219	1.4
9.010695187	1.4
9.010695187	2
9.385026738	2
9.385026738	2.44
9.411764706	2.44
9.411764706	3
9.598930481	3
9.598930481	2.04
9.625668449	2.04
9.625668449	2
20	2
END
$mark1_4 << END
0	0
0.9893048128	0
0.9893048128	0.6
1.016042781	0.6
1.016042781	1
2.192513369	1
2.192513369	1.72
2.219251337	1.72
2.219251337	2
2.299465241	2
2.299465241	2.98
2.326203209	2.98
2.326203209	3
5	3
5	2
5.989304813	2
5.989304813	1.4
6.016042781	1.4
6.016042781	1
8.983957219	1
8.983957219	1.4
9.010695187	1.4
9.010695187	2
9.385026738	2
9.385026738	2.44
9.411764706	2.44
9.411764706	3
9.598930481	3
9.598930481	2.04
9.625668449	2.04
9.625668449	2
11.97860963	2
11.97860963	1.8
12.00534759	1.8
12.00534759	1
20	1
END
$mark1_5 << END
0	0
1.497326203	0
1.497326203	0.9
1.524064171	0.9
1.524064171	1
2.994652406	1
2.994652406	1.8
3.021390374	1.8
3.021390374	2
5	2
5	1
5.481283422	1
5.481283422	1.3
5.50802139	1.3
5.50802139	2
5.989304813	2
5.989304813	1.4
6.016042781	1.4
6.016042781	1
9.598930481	1
9.598930481	0.04
9.625668449	0.04
9.625668449	0
10.48128342	0
10.48128342	0.3
10.50802139	0.3
10.50802139	1
11.4973262	1
11.4973262	1.9
11.52406417	1.9
11.52406417	2
11.97860963	2
11.97860963	1.8
12.00534759	1.8
12.00534759	1
20	1
END
$gaps1 << END
10.6	14	0	3.15	0x000000
END
set lmargin at screen 0.0475
set rmargin at screen 0.9825
set tmargin at screen 0.826705
set bmargin at screen 0.144886
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
set yrange [0:3.15]
set ytics 1 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0f"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark1_1 using 1:2 with filledcurves y=0 linecolor rgb "#d55e00", \
     $mark1_2 using 1:2 with filledcurves y=0 linecolor rgb "#8fcdf0", \
     $mark1_3 using 1:2 with filledcurves y=0 linecolor rgb "#d5d8dc", \
     $mark1_4 using 1:2 with filledcurves y=0 linecolor rgb "#e69f00", \
     $mark1_5 using 1:2 with filledcurves y=0 linecolor rgb "#009e73", \
     $gaps1 using ($1+$2)/2:($3+$4)/2:1:2:3:4 with boxxyerror fillstyle transparent pattern 4 noborder lc rgb "#59636e", \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
20.0	32.0	70.0	82.0	0x009e73
143.2	155.2	70.0	82.0	0xe69f00
273.7	285.7	70.0	82.0	0xd5d8dc
434.5	446.5	70.0	82.0	0x8fcdf0
640.8	652.8	70.0	82.0	0xd55e00
END
$text1 << END
20.0	26.0	0x1f2328	"Goroutines by state"
END
$text2 << END
229.2	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 20.00 us; 3 goroutines in all, and what they did"
38.0	76.0	0x1f2328	"running  47%"
161.2	76.0	0x1f2328	"runnable  18%"
291.7	76.0	0x1f2328	"waiting: sleep  18%"
452.5	76.0	0x1f2328	"waiting: chan receive  10%"
658.8	76.0	0x1f2328	"waiting: mutex lock  6.8%"
76.0	104.0	0x1f2328	"Goroutines"
END
$text4 << END
20.0	668.0	0x59636e	"A column is 26.7 ns wide and shows the average of that time."
20.0	686.0	0x59636e	"Hatched: 9 events are missing from the trace; what is drawn there may be wrong."
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
set yrange [704:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
