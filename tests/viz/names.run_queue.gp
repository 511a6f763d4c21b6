set encoding utf8
set terminal svg size 1600,506 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$mark1_1 << END
0	0
1.082887701	0
1.082887701	1
1.684491979	1
1.684491979	0
2.045454545	0
2.045454545	6
4.211229947	6
4.211229947	5
5.053475936	5
5.053475936	6
5.655080214	6
5.655080214	5
90	5
END
$mark1_2 << END
0	0
0.9625668449	0
0.9625668449	0.688889
1.082887701	0.688889
1.082887701	1
1.443850267	1
1.443850267	0.466667
1.564171123	0.466667
1.564171123	0
1.92513369	0
1.92513369	2.26667
2.045454545	2.26667
2.045454545	6
3.970588235	6
3.970588235	5.24444
4.090909091	5.24444
4.090909091	5
4.93315508	5
4.93315508	5.44444
5.053475936	5.44444
5.053475936	6
5.414438503	6
5.414438503	5.71111
5.534759358	5.71111
5.534759358	5
90	5
END
set lmargin at screen 0.0475
set rmargin at screen 0.9825
set tmargin at screen 0.758893
set bmargin at screen 0.166008
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
set yrange [0:6.3]
set ytics 2 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0f"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark1_1 using 1:2 with filledcurves y=0 linecolor rgb "#f6d797", \
     $mark1_2 using 1:2 with filledcurves y=0 linecolor rgb "#e69f00", \
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
20.0	50.0	0x59636e	"the whole run, 90.00 us; on average 4.92 goroutines could run and waited for one of 1 worker"
38.0	76.0	0x1f2328	"on average in a column"
223.2	76.0	0x1f2328	"at most"
76.0	104.0	0x1f2328	"Runnable goroutines"
END
$text4 << END
20.0	488.0	0x59636e	"A column is 120 ns wide."
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
set yrange [506:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
