set encoding utf8
set terminal svg size 1600,192 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot
unset logscale

# The words, in pixels of the picture
$swatches << END
END
$text1 << END
20.0	26.0	0x1f2328	"Locks"
END
$text2 << END
88.0	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 90.00 us; of 100 times that a lock was waited for, or held, how many took no longer"
END
$text4 << END
800.0	108.0	0x59636e	"in this time no lock was unlocked, and nobody who had to wait for one got it"
END
$text5 << END
20.0	174.0	0x59636e	"Not in it: 1 wait for a lock that had not ended with the trace."
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
set yrange [192:0]
plot $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,14" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
