set encoding utf8
set terminal svg size 1600,506 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$mark1_1 << END
1.5e-06	0
1.5e-06	50
END
$mark1_2 << END
2.1e-06	0
2.1e-06	90
END
$mark1_3 << END
2.1e-06	0
2.1e-06	99
END
$mark1_4 << END
5e-07	0
5e-07	33.3333
8e-07	66.6667
3.2e-06	100
3.2e-06	100
END
$mark1_5 << END
1.5e-06	0
1.5e-06	50
2.1e-06	100
2.1e-06	100
END
set lmargin at screen 0.05
set rmargin at screen 0.9825
set tmargin at screen 0.794466
set bmargin at screen 0.201581
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [1e-07:1e-05]
set logscale x 10
set xtics 10 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format x "%.0s %cs"
set xlabel "waited for a worker" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set yrange [0:101]
set ytics 20 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0f%%"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark1_1 using 1:2 with lines linewidth 1 dashtype 2 linecolor rgb "#59636e", \
     $mark1_2 using 1:2 with lines linewidth 1 dashtype 2 linecolor rgb "#59636e", \
     $mark1_3 using 1:2 with lines linewidth 1 dashtype 2 linecolor rgb "#59636e", \
     $mark1_4 using 1:2 with steps linewidth 2.5 linecolor rgb "#44aa99", \
     $mark1_5 using 1:2 with steps linewidth 2.5 linecolor rgb "#332288", \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
20.0	32.0	70.0	82.0	0x332288
595.9	607.9	70.0	82.0	0x44aa99
END
$text1 << END
20.0	26.0	0x1f2328	"Wake-up latency"
END
$text2 << END
199.4	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 20.00 us; of 100 times that a goroutine could run, after what time how many ran"
38.0	76.0	0x1f2328	"woken, until it ran: 2 times, 50% within 1.50 us, 90% within 2.10 us, 99% within 2.10 us"
613.9	76.0	0x1f2328	"new, until it first ran: 3 times, 50% within 800 ns, 90% within 3.20 us, 99% within 3.20 us"
END
$text4 << END
20.0	470.0	0x59636e	"Dashed is where 50%, 90% and 99% of the woken ran."
20.0	488.0	0x59636e	"9 events are missing from the trace: what is drawn may be wrong."
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
