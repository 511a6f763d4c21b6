set encoding utf8
set terminal svg size 1600,504 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$boxes1 << END
1.451612903	1.935483871	3.981072e-07	5.011872e-07	0x3f8fc2
3.870967742	4.35483871	1.995262e-06	2.511886e-06	0x3f8fc2
5.322580645	5.806451613	3.162278e-06	3.981072e-06	0x3f8fc2
END
set lmargin at screen 0.05
set rmargin at screen 0.98
set tmargin at screen 0.801587
set bmargin at screen 0.166667
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
set yrange [1e-07:1e-05]
set logscale y 10
set ytics 10 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0s %cs"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $boxes1 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
146.7	158.7	70.0	82.0	0x3f8fc2
END
$text1 << END
20.0	26.0	0x1f2328	"Wake-up latency over time"
END
$text2 << END
301.6	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 90.00 us; how long goroutines that could run had waited when they ran, 3 times"
20.0	76.0	0x1f2328	"Wake-ups in a cell:"
164.7	76.0	0x1f2328	"1"
END
$text4 << END
20.0	486.0	0x59636e	"A cell is 484 ns wide; its colour counts, each shade darker is the same factor more."
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
set yrange [504:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
