set encoding utf8
set terminal svg size 1600,226 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$boxes1 << END
0	100	0	2.1	0xf3f4f6
END
$mark1_1 << END
0	0
9.984639017	0
9.984639017	1.8
10.13824885	1.8
10.13824885	2
39.93855607	2
39.93855607	1.4
40.0921659	1.4
40.0921659	1
100	1
END
$mark1_2 << END
0	0
9.984639017	0
9.984639017	0.9
10.13824885	0.9
10.13824885	1
100	1
END
$mark1_3 << END
0	0
9.984639017	0
9.984639017	0.9
10.13824885	0.9
10.13824885	1
100	1
END
set lmargin at screen 0.16875
set rmargin at screen 0.9825
set tmargin at screen 0.522124
set bmargin at screen 0.371681
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:100]
set xrange [0:100]
set xtics 10 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.0f"
set xlabel "time since the start (ns)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set yrange [0:2.1]
unset ytics
set border 1 linecolor rgb "#aeb5bd"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $boxes1 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $mark1_1 using 1:2 with filledcurves y=0 linecolor rgb "#cc79a7", \
     $mark1_2 using 1:2 with filledcurves y=0 linecolor rgb "#8fcdf0", \
     $mark1_3 using 1:2 with filledcurves y=0 linecolor rgb "#0072b2", \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
20.0	32.0	70.0	82.0	0x0072b2
233.8	245.8	70.0	82.0	0xcc79a7
END
$text1 << END
20.0	26.0	0x1f2328	"Channels"
END
$text2 << END
124.1	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 100 ns; what channels held, and who waited there; dashed is as much as one can hold"
38.0	76.0	0x1f2328	"goroutines that wait to send"
251.8	76.0	0x1f2328	"goroutines in a select for it"
END
$text4 << END
20.0	114.0	0x1f2328	"ended.c:5"
END
$text5 << END
20.0	131.0	0x59636e	"unbuffered"
20.0	147.0	0x59636e	"0 operations"
20.0	208.0	0x59636e	"A column is 0.15 ns wide."
END
$text6 << END
262.0	125.0	0x59636e	"≤ 2"
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
set yrange [226:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,12" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable, \
     $text6 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
