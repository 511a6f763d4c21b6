set encoding utf8
set terminal svg size 1600,600 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$mark1_1 << END
0	0
9.677419355	0
9.677419355	100
10.13824885	100
10.13824885	50
29.95391705	50
29.95391705	200
90.32258065	200
90.32258065	0
300	0
END
$mark1_2 << END
0	0
300	0
END
$mark1_3 << END
0	0
9.677419355	0
9.677419355	15
10.13824885	15
10.13824885	50
29.95391705	50
29.95391705	185
30.41474654	185
30.41474654	200
89.86175115	200
89.86175115	60
90.32258065	60
90.32258065	0
300	0
END
set lmargin at screen 0.16875
set rmargin at screen 0.9825
set tmargin at screen 0.83
set bmargin at screen 0.68
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:300]
set xrange [0:300]
set xtics 50 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x ""
unset xlabel
set yrange [0:210]
set ytics 50 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0f"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark1_1 using 1:2 with filledcurves y=0 linecolor rgb "#b5dcd4", \
     $mark1_2 using 1:2 with filledcurves y=0 linecolor rgb "#b5dcd4", \
     $mark1_3 using 1:2 with filledcurves y=0 linecolor rgb "#44aa99", \
     NaN

# Panel 2
$mark2_1 << END
0	0
300	0
END
$mark2_2 << END
0	0
19.8156682	0
19.8156682	-9.22337e+18
300	-9.22337e+18
END
$mark2_3 << END
0	0
19.8156682	0
19.8156682	-5.53402e+18
20.2764977	-5.53402e+18
20.2764977	-9.22337e+18
300	-9.22337e+18
END
set lmargin at screen 0.16875
set rmargin at screen 0.9825
set tmargin at screen 0.65
set bmargin at screen 0.5
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:300]
set xrange [0:300]
set xtics 50 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x ""
unset xlabel
set yrange [-9.684540639e+18:0]
set ytics 2e+18 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%g"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark2_1 using 1:2 with filledcurves y=0 linecolor rgb "#b5dcd4", \
     $mark2_2 using 1:2 with filledcurves y=0 linecolor rgb "#b5dcd4", \
     $mark2_3 using 1:2 with filledcurves y=0 linecolor rgb "#44aa99", \
     NaN

# Panel 3
$mark3_1 << END
0	0
59.9078341	0
59.9078341	7
300	7
END
$mark3_2 << END
0	0
300	0
END
$mark3_3 << END
0	0
59.9078341	0
59.9078341	5.6
60.36866359	5.6
60.36866359	7
300	7
END
set lmargin at screen 0.16875
set rmargin at screen 0.9825
set tmargin at screen 0.47
set bmargin at screen 0.32
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:300]
set xrange [0:300]
set xtics 50 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x ""
unset xlabel
set yrange [0:7.35]
set ytics 2 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0f"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark3_1 using 1:2 with filledcurves y=0 linecolor rgb "#b5dcd4", \
     $mark3_2 using 1:2 with filledcurves y=0 linecolor rgb "#b5dcd4", \
     $mark3_3 using 1:2 with filledcurves y=0 linecolor rgb "#44aa99", \
     NaN

# Panel 4
$mark4_1 << END
0	0
299.5391705	0
299.5391705	1
300	1
END
$mark4_2 << END
0	0
300	0
END
$mark4_3 << END
0	0
300	0
END
set lmargin at screen 0.16875
set rmargin at screen 0.9825
set tmargin at screen 0.29
set bmargin at screen 0.14
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:300]
set xrange [0:300]
set xtics 50 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.0f"
set xlabel "time since the start (ns)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set yrange [0:1.05]
set ytics 1 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0f"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark4_1 using 1:2 with filledcurves y=0 linecolor rgb "#b5dcd4", \
     $mark4_2 using 1:2 with filledcurves y=0 linecolor rgb "#b5dcd4", \
     $mark4_3 using 1:2 with filledcurves y=0 linecolor rgb "#44aa99", \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
20.0	32.0	70.0	82.0	0x44aa99
205.2	217.2	70.0	82.0	0xb5dcd4
END
$text1 << END
20.0	26.0	0x1f2328	"Counters"
END
$text2 << END
122.1	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 300 ns; a counter has a value until it is given another"
38.0	76.0	0x1f2328	"on average in a column"
223.2	76.0	0x1f2328	"the greatest and the least in it"
END
$text4 << END
20.0	114.0	0x1f2328	"bytes queued"
20.0	222.0	0x1f2328	"debt"
20.0	330.0	0x1f2328	"bytes queued"
20.0	438.0	0x1f2328	"late"
END
$text5 << END
20.0	131.0	0x59636e	"4 values, the last 0"
20.0	147.0	0x59636e	"of process 1"
20.0	239.0	0x59636e	"1 value, the last -9.223372037e+18"
20.0	255.0	0x59636e	"of process 1"
20.0	347.0	0x59636e	"1 value, the last 7"
20.0	363.0	0x59636e	"of process 2"
20.0	455.0	0x59636e	"1 value, the last 1"
20.0	471.0	0x59636e	"of process 2"
20.0	582.0	0x59636e	"A column is 0.46 ns wide."
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
set yrange [600:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,12" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
