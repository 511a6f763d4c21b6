set encoding utf8
set terminal svg size 1600,247 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$boxes1 << END
0	1551	1	19	0xd55e00
0	1551	20	38	0xd55e00
0	1551	39	57	0xdde5ec
END
set lmargin at screen 0.0125
set rmargin at screen 0.9825
set tmargin at screen 0.611336
set bmargin at screen 0.380567
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:1552]
unset xtics
set yrange [57:0]
unset ytics
unset border
plot $boxes1 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
20.0	32.0	70.0	82.0	0xd55e00
END
$text1 << END
20.0	26.0	0x1f2328	"Who ended the waiting, by calls"
END
$text2 << END
350.9	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 90.00 us; goroutines waited for 87.00 us altogether: whose children, and whose children ended it"
38.0	76.0	0x1f2328	"waiting: mutex lock  100%"
END
$text4 << END
24.0	106.0	0xffffff	"nobody: it waits still"
24.0	125.0	0xffffff	"mutex lock, until"
24.0	144.0	0x1f2328	"main"
20.0	167.0	0x59636e	"0"
20.0	193.0	0x59636e	"A box is as wide as the time waited in it and in what is above it; 87.00 us in all. From left to right is no order of time."
20.0	211.0	0x59636e	"Grey, from the bottom up, are the calls that waited; in colour, from the reason up, those that ended the wait, innermost first."
20.0	229.0	0x59636e	"Where no stack was recorded (weft record --stacks), the boxes are the functions that spawned the goroutine."
END
$text5 << END
376.8	167.0	0x59636e	"20.0 us"
733.6	167.0	0x59636e	"40.0 us"
1090.3	167.0	0x59636e	"60.0 us"
1447.1	167.0	0x59636e	"80.0 us"
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
set yrange [247:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
