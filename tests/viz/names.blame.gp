set encoding utf8
set terminal svg size 1600,218 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$boxes1 << END
0	150	0	40	0xf3f4f6
1	149	1	39	0x0b2148
END
set lmargin at screen 0.15625
set rmargin at screen 0.25
set tmargin at screen 0.458716
set bmargin at screen 0.275229
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:150]
unset xtics
set yrange [40:0]
unset ytics
unset border
plot $boxes1 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
END
$text1 << END
20.0	26.0	0x1f2328	"Who waited because of whom"
END
$text2 << END
331.2	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 90.00 us; goroutines waited for channels and locks for 87.00 us altogether, each on its own"
250.0	82.0	0x59636e	"had the lock, or came late to the channel →"
412.0	138.0	0x59636e	"87.0 us"
412.0	172.0	0x59636e	"in all"
END
$text4 << END
325.0	131.0	0xffffff	"87.0 us"
325.0	105.0	0x1f2328	"not recorded"
325.0	172.0	0x59636e	"87.0 us"
END
$text5 << END
325.0	147.0	0xffffff	"1 wait"
END
$text6 << END
238.0	82.0	0x59636e	"waited ↓"
238.0	138.0	0x1f2328	"g1 a”b`touch hacke…uch hacked)"
END
$text7 << END
20.0	200.0	0x59636e	"The darker a cell, the more; below and beside are the sums."
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
set yrange [218:0]
plot $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,12" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,10" textcolor rgb variable, \
     $text6 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,12" textcolor rgb variable, \
     $text7 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
