set encoding utf8
set terminal svg size 1600,438 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$mark1_1 << END
0	0
1	0
END
$mark1_2 << END
0	0
1	0
END
set lmargin at screen 0.0825
set rmargin at screen 0.9825
set tmargin at screen 0.721461
set bmargin at screen 0.378995
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:1]
set xrange [0:1]
set xtics 0.1 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x ""
unset xlabel
set yrange [0:1.05]
set ytics 1 nomirror out scale 0.6,0.3 font "DejaVu Sans,12" textcolor rgb "#59636e"
set format y "%.0f"
set border 3 linecolor rgb "#aeb5bd"
set grid xtics ytics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $mark1_1 using 1:2 with filledcurves y=0 linecolor rgb "#d5d8dc", \
     $mark1_2 using 1:2 with filledcurves y=0 linecolor rgb "#009e73", \
     NaN

# Panel 2
$boxes2 << END
0	1	0	1	0xf3f4f6
END
$mark2_1 << END
0	0
1	0
END
set lmargin at screen 0.0825
set rmargin at screen 0.9825
set tmargin at screen 0.328767
set bmargin at screen 0.191781
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:1]
set xrange [0:1]
set xtics 0.1 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.1f"
set xlabel "time since the start (ns)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set yrange [0:1]
unset ytics
set border 1 linecolor rgb "#aeb5bd"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $boxes2 using (($1+$2)/2):(($3+$4)/2):1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $mark2_1 using 1:2 with filledcurves y=0 linecolor rgb "#009e73", \
     NaN
unset logscale

# The words, in pixels of the picture
$swatches << END
20.0	32.0	70.0	82.0	0x009e73
177.6	189.6	70.0	82.0	0xd5d8dc
END
$text1 << END
20.0	26.0	0x1f2328	"Utilisation"
END
$text2 << END
132.0	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"a run without any time in it; workers were busy 0% of the time, and looked for work 0.0%"
38.0	76.0	0x1f2328	"running goroutines"
195.6	76.0	0x1f2328	"looking for work"
132.0	104.0	0x1f2328	"Busy workers, of 1"
END
$text4 << END
122.0	316.0	0x1f2328	"worker 0"
END
$text5 << END
122.0	332.0	0x59636e	"0% busy"
END
$text6 << END
20.0	420.0	0x59636e	"A column is 0.00 ns wide and shows the average of that time."
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
set yrange [438:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,12" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,11" textcolor rgb variable, \
     $text6 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
