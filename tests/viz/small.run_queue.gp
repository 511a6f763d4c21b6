set encoding utf8
set terminal svg size 1600,524 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$mark1_1 << END
0	0
1.016042781	0
1.016042781	1
1.550802139	1
1.550802139	0
2.219251337	0
2.219251337	1
2.299465241	1
2.299465241	2
3.048128342	2
3.048128342	1
5.534759358	1
5.534759358	0
9.010695187	0
9.010695187	1
9.411764706	1
9.411764706	2
10.53475936	2
10.53475936	1
11.55080214	1
11.55080214	0
20	0
END
$mark1_2 << END
0	0
0.9893048128	0
0.9893048128	0.6
1.016042781	0.6
1.016042781	1
1.497326203	1
1.497326203	0.1
1.524064171	0.1
1.524064171	0
2.192513369	0
2.192513369	0.72
2.219251337	0.72
2.219251337	1
2.299465241	1
2.299465241	1.98
2.326203209	1.98
2.326203209	2
2.994652406	2
2.994652406	1.2
3.021390374	1.2
3.021390374	1
5.481283422	1
5.481283422	0.7
5.50802139	0.7
5.50802139	0
8.983957219	0
8.983957219	0.4
9.010695187	0.4
9.010695187	1
9.385026738	1
9.385026738	1.44
9.411764706	1.44
9.411764706	2
10.48128342	2
10.48128342	1.7
10.50802139	1.7
10.50802139	1
11.4973262	1
11.4973262	0.1
11.52406417	0.1
11.52406417	0
20	0
END
$gaps1 << END
10.6	14	0	2.1	0x000000
END
set lmargin at screen 0.0475
set rmargin at screen 0.9825
set tmargin at screen 0.767176
set bmargin at screen 0.194656
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
set yrange [0:2.1]
set ytics 1 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0f"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark1_1 using 1:2 with filledcurves y=0 linecolor rgb "#f6d797", \
     $mark1_2 using 1:2 with filledcurves y=0 linecolor rgb "#e69f00", \
     $gaps1 using ($1+$2)/2:($3+$4)/2:1:2:3:4 with boxxyerror fillstyle transparent pattern 4 noborder lc rgb "#59636e", \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
20.0	32.0	70.0	82.0	0xe69f00
205.2	217.2	70.0	82.0	0xf6d797
END
$text1 << END
20.0	26.0	0x1f2328	"Run queue"
END
$text2 << END
139.7	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 20.00 us; on average 0.40 goroutines could run and waited for one of 2 workers"
38.0	76.0	0x1f2328	"on average in a column"
223.2	76.0	0x1f2328	"at most"
76.0	104.0	0x1f2328	"Runnable goroutines"
END
$text4 << END
20.0	488.0	0x59636e	"A column is 26.7 ns wide."
20.0	506.0	0x59636e	"Hatched: 9 events are missing from the trace; what is drawn there may be wrong."
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
set yrange [524:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
