set encoding utf8
set terminal svg size 1600,409 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# The lanes: time, and pixels from the top
$boxes << END
0	1	3	61	0xf3f4f6
END
set lmargin at screen 0.069375
set rmargin at screen 0.9825
set tmargin at screen 0.748166
set bmargin at screen 0.591687
set xrange [0:1]
set xtics 0.1 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x ""
unset xlabel
set border 1 linecolor rgb "#aeb5bd"
unset ytics
set yrange [64:0]
plot $boxes using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror lc rgb variable, \
     NaN

# How many goroutines ran, and ran or could have run
$running << END
0	0
1	0
END
$work << END
0	0
1	0
END
set lmargin at screen 0.069375
set rmargin at screen 0.9825
set tmargin at screen 0.493888
set bmargin at screen 0.224939
set xrange [0:1]
set xtics 0.1 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.1f"
set xlabel "time since the start (ns)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set border 3 linecolor rgb "#aeb5bd"
set yrange [0:1.05]
set ytics 1 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
plot $work using 1:2 with filledcurves y=0 lc rgb "#e69f00", \
     $running using 1:2 with filledcurves y=0 lc rgb "#009e73", \
     1 with lines lc rgb "#1f2328" dashtype 2

# The words, in pixels of the picture
$swatches << END
287.4	299.4	187.0	199.0	0x009e73
370.2	382.2	187.0	199.0	0xe69f00
END
$text1 << END
20.0	26.0	0x1f2328	"Workers"
END
$text2 << END
114.4	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"a run without any time in it; 0 goroutines on 1 worker; 0 intervals"
111.0	193.0	0x1f2328	"Goroutines with work to do:"
305.4	193.0	0x1f2328	"running"
388.2	193.0	0x1f2328	"runnable, waiting for a worker"
589.5	193.0	0x59636e	"(dashed: 1 worker)"
END
$text4 << END
101.0	127.0	0x1f2328	"worker 0"
END
$text5 << END
101.0	144.0	0x59636e	"0% running"
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
set yrange [409:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,12" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
