set encoding utf8
set terminal svg size 1600,686 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$mark1_1 << END
0	0
0.9625668449	0
0.9625668449	0.688889
1.082887701	0.688889
1.082887701	1
1.92513369	1
1.92513369	3.26667
2.045454545	3.26667
2.045454545	7
90	7
END
$mark1_2 << END
0	0
0.9625668449	0
0.9625668449	0.688889
1.082887701	0.688889
1.082887701	1
1.92513369	1
1.92513369	3.26667
2.045454545	3.26667
2.045454545	7
2.887700535	7
2.887700535	6.93333
3.00802139	6.93333
3.00802139	6
90	6
END
$mark1_3 << END
0	0
1.443850267	0
1.443850267	0.533333
1.564171123	0.533333
1.564171123	1
2.887700535	1
2.887700535	0.933333
3.00802139	0.933333
3.00802139	0
3.970588235	0
3.970588235	0.755556
4.090909091	0.755556
4.090909091	1
4.93315508	1
4.93315508	0.555556
5.053475936	0.555556
5.053475936	0
5.414438503	0
5.414438503	0.288889
5.534759358	0.288889
5.534759358	1
90	1
END
set lmargin at screen 0.0475
set rmargin at screen 0.9825
set tmargin at screen 0.822157
set bmargin at screen 0.122449
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
set yrange [0:7.35]
set ytics 2 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0f"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark1_1 using 1:2 with filledcurves y=0 linecolor rgb "#d55e00", \
     $mark1_2 using 1:2 with filledcurves y=0 linecolor rgb "#e69f00", \
     $mark1_3 using 1:2 with filledcurves y=0 linecolor rgb "#009e73", \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
20.0	32.0	70.0	82.0	0x009e73
143.2	155.2	70.0	82.0	0xe69f00
273.7	285.7	70.0	82.0	0xd55e00
END
$text1 << END
20.0	26.0	0x1f2328	"Goroutines by state"
END
$text2 << END
229.2	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 90.00 us; 7 goroutines in all, and what they did"
38.0	76.0	0x1f2328	"running  14%"
161.2	76.0	0x1f2328	"runnable  72%"
291.7	76.0	0x1f2328	"waiting: mutex lock  14%"
76.0	104.0	0x1f2328	"Goroutines"
END
$text4 << END
20.0	668.0	0x59636e	"A column is 120 ns wide and shows the average of that time."
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
set yrange [686:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
