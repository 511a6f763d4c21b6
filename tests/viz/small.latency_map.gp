set encoding utf8
set terminal svg size 1600,522 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# Panel 1
$boxes1 << END
1.397849462	1.505376344	3.981072e-07	5.011872e-07	0x3f8fc2
2.903225806	3.010752688	7.943282e-07	1e-06	0x3f8fc2
10.43010753	10.53763441	1.258925e-06	1.584893e-06	0x3f8fc2
11.39784946	11.50537634	1.995262e-06	2.511886e-06	0x3f8fc2
5.483870968	5.591397849	3.162278e-06	3.981072e-06	0x3f8fc2
END
$gaps1 << END
10.6	14	1e-07	1e-05	0x000000
END
set lmargin at screen 0.05
set rmargin at screen 0.98
set tmargin at screen 0.808429
set bmargin at screen 0.195402
unset logscale
unset xlabel
unset ylabel
unset grid
set xrange [0:20]
set xrange [0:20]
set xtics 2 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
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
     $gaps1 using ($1+$2)/2:($3+$4)/2:1:2:3:4 with boxxyerror fillstyle transparent pattern 4 noborder lc rgb "#59636e", \
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
20.0	50.0	0x59636e	"the whole run, 20.00 us; how long goroutines that could run had waited when they ran, 5 times"
20.0	76.0	0x1f2328	"Wake-ups in a cell:"
164.7	76.0	0x1f2328	"1"
END
$text4 << END
20.0	486.0	0x59636e	"A cell is 108 ns wide; its colour counts, each shade darker is the same factor more."
20.0	504.0	0x59636e	"Hatched: 9 events are missing from the trace; what is drawn there may be wrong."
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
set yrange [522:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
