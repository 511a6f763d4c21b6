set encoding utf8
set terminal svg size 1600,546 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$mark1_1 << END
4.6e-06	0
4.6e-06	100
4.6e-06	100
END
set lmargin at screen 0.0375
set rmargin at screen 0.488125
set tmargin at screen 0.860806
set bmargin at screen 0.311355
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [1e-06:1e-05]
set logscale x 10
set xtics 10 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format x "%.0s %cs"
set xlabel "how long it was waited for, by those that had to wait" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set yrange [0:101]
set ytics 20 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0f%%"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark1_1 using 1:2 with steps linewidth 2.5 linecolor rgb "#332288", \
     NaN

# Panel 2
$mark2_1 << END
5.5e-06	0
5.5e-06	50
9.4e-06	100
9.4e-06	100
END
set lmargin at screen 0.531875
set rmargin at screen 0.9825
set tmargin at screen 0.860806
set bmargin at screen 0.311355
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [1e-06:1e-05]
set logscale x 10
set xtics 10 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format x "%.0s %cs"
set xlabel "how long it was held" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set yrange [0:101]
set ytics 20 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0f%%"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark2_1 using 1:2 with steps linewidth 2.5 linecolor rgb "#332288", \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
20.0	32.0	476.0	488.0	0x332288
END
$text1 << END
20.0	26.0	0x1f2328	"Locks"
END
$text2 << END
88.0	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 20.00 us; of 100 times that a lock was waited for, or held, how many took no longer"
38.0	482.0	0x1f2328	"the vault"
END
$text4 << END
634.4	442.0	0x1f2328	"waited for"
1244.4	442.0	0x1f2328	"held"
END
$text5 << END
465.0	460.0	0x59636e	"times"
577.9	460.0	0x59636e	"median"
690.9	460.0	0x59636e	"p99"
803.9	460.0	0x59636e	"longest"
916.8	460.0	0x59636e	"in all"
1075.0	460.0	0x59636e	"times"
1187.9	460.0	0x59636e	"median"
1300.9	460.0	0x59636e	"p99"
1413.9	460.0	0x59636e	"longest"
1526.8	460.0	0x59636e	"in all"
465.0	482.0	0x1f2328	"1"
577.9	482.0	0x1f2328	"4.60 us"
690.9	482.0	0x1f2328	"4.60 us"
803.9	482.0	0x1f2328	"4.60 us"
916.8	482.0	0x1f2328	"4.60 us"
1075.0	482.0	0x1f2328	"2"
1187.9	482.0	0x1f2328	"5.50 us"
1300.9	482.0	0x1f2328	"9.40 us"
1413.9	482.0	0x1f2328	"9.40 us"
1526.8	482.0	0x1f2328	"14.9 us"
END
$text6 << END
20.0	510.0	0x59636e	"A wait is until the lock was had, with what the goroutine then waited for a worker; who came by it without being parked waited 0, at the left end. An RWMutex counts as held while one writes."
20.0	528.0	0x59636e	"9 events are missing from the trace: what is drawn may be wrong."
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
set yrange [546:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,12" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,12" textcolor rgb variable, \
     $text6 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
