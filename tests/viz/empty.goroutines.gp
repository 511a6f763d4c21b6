set encoding utf8
set terminal svg size 1600,229 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# The lanes: time, and pixels from the top
$boxes << END
END
set lmargin at screen 0.05875
set rmargin at screen 0.9825
set tmargin at screen 0.550218
set bmargin at screen 0.401747
set xrange [0:1]
set xtics 0.1 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.1f"
set xlabel "time since the start (ns)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set border 1 linecolor rgb "#aeb5bd"
unset ytics
set yrange [34:0]
plot NaN

# The words, in pixels of the picture
$swatches << END
END
$text1 << END
20.0	26.0	0x1f2328	"Goroutines"
END
$text2 << END
141.4	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"a run without any time in it; 0 goroutines on 1 worker; 0 intervals"
END
$text4 << END
833.0	120.0	0x59636e	"nothing happened in this time"
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
set yrange [229:0]
plot $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,14" textcolor rgb variable
unset multiplot
