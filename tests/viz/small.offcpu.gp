set encoding utf8
set terminal svg size 1600,228 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$boxes1 << END
0	442.4285714	1	19	0x8fcdf0
443.4285714	744.7662338	1	19	0xd55e00
745.7662338	1551	1	19	0xd5d8dc
0	1551	20	38	0xdde5ec
END
set lmargin at screen 0.0125
set rmargin at screen 0.9825
set tmargin at screen 0.578947
set bmargin at screen 0.412281
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:1552]
unset xtics
set yrange [38:0]
unset ytics
unset border
plot $boxes1 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
20.0	32.0	70.0	82.0	0x8fcdf0
226.3	238.3	70.0	82.0	0xd55e00
421.9	433.9	70.0	82.0	0xd5d8dc
END
$text1 << END
20.0	26.0	0x1f2328	"Where goroutines waited"
END
$text2 << END
282.8	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 20.00 us; goroutines waited for 15.40 us altogether: whose children, for what"
38.0	76.0	0x1f2328	"waiting: chan receive  29%"
244.3	76.0	0x1f2328	"waiting: mutex lock  19%"
439.9	76.0	0x1f2328	"waiting: sleep  52%"
END
$text4 << END
24.0	106.0	0x1f2328	"chan receive: jobs"
467.4	106.0	0xffffff	"mutex lock: the vault"
769.8	106.0	0x1f2328	"sleep: bank.c:7"
24.0	125.0	0x1f2328	"teller"
20.0	148.0	0x59636e	"0"
20.0	174.0	0x59636e	"A box is as wide as the time waited in it and in what is above it; 15.40 us in all. From left to right is no order of time."
20.0	192.0	0x59636e	"No stacks were recorded (weft record --stacks), so the boxes are the functions that spawned the goroutine, and what it waited for."
20.0	210.0	0x59636e	"9 events are missing from the trace: what is drawn may be wrong."
END
$text5 << END
221.6	148.0	0x59636e	"2.00 us"
423.1	148.0	0x59636e	"4.00 us"
624.7	148.0	0x59636e	"6.00 us"
826.2	148.0	0x59636e	"8.00 us"
1027.8	148.0	0x59636e	"10.0 us"
1229.4	148.0	0x59636e	"12.0 us"
1430.9	148.0	0x59636e	"14.0 us"
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
set yrange [228:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
