set encoding utf8
set terminal svg size 1600,684 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# How long altogether, by reason: nanoseconds, and pixels from the top
$bars << END
0	4400	12	38	0x8fcdf0
0	3000	62	88	0xd55e00
END
set lmargin at screen 0.1825
set rmargin at screen 0.4525
set tmargin at screen 0.815789
set bmargin at screen 0.669591
set border 2 linecolor rgb "#aeb5bd"
unset xtics
unset ytics
set xrange [0:6470.58823529]
set yrange [100:0]
plot $bars using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror lc rgb variable

# How long one wait takes: the middle of the row; in seconds the median, the 99th
# percentile, the longest
$spread << END
25	4.4e-06	4.4e-06	4.4e-06
75	3e-06	3e-06	3e-06
END
set lmargin at screen 0.465
set rmargin at screen 0.665
set tmargin at screen 0.815789
set bmargin at screen 0.669591
set logscale x 10
set xrange [1e-06:1e-05]
set border 1 linecolor rgb "#aeb5bd"
set format x "%.0s %cs"
set xtics 10 nomirror out scale 0.6,0 font "DejaVu Sans,11" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
plot $spread using 2:1:($4-$2):(0) with vectors nohead lw 2 lc rgb "#aeb5bd", \
     $spread using 4:($1-7):(0):(14) with vectors nohead lw 2 lc rgb "#59636e", \
     $spread using 2:1 with points pt 7 ps 1.1 lc rgb "#ffffff", \
     $spread using 2:1 with points pt 6 ps 1.1 lw 2 lc rgb "#1f2328", \
     $spread using 3:1 with points pt 7 ps 1.2 lc rgb "#1f2328"
unset logscale x

# Waiters over time: the first object's, the first two's, ...
$waiters1 << END
0	0
5	0
5	1
9.398395722	1
9.398395722	0.12
9.411764706	0.12
9.411764706	0
20	0
END
$waiters2 << END
0	0
5	0
5	1
5.989304813	1
5.989304813	1.2
6.002673797	1.2
6.002673797	2
8.997326203	2
8.997326203	1.2
9.010695187	1.2
9.010695187	1
9.398395722	1
9.398395722	0.12
9.411764706	0.12
9.411764706	0
20	0
END
$gaps << END
10.6	14	0	2.1
END
set lmargin at screen 0.0475
set rmargin at screen 0.9825
set tmargin at screen 0.561404
set bmargin at screen 0.122807
set xrange [0:20]
set xtics 2 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.0f"
set xlabel "time since the start (us)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set border 3 linecolor rgb "#aeb5bd"
set yrange [0:2.1]
set ytics 1 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
plot $waiters2 using 1:2 with filledcurves y=0 lc rgb "#44aa99", \
     $waiters1 using 1:2 with filledcurves y=0 lc rgb "#332288", \
     $gaps using ($1+$2)/2:($3+$4)/2:1:2:3:4 with boxxyerror fillstyle transparent pattern 4 noborder lc rgb "#59636e"

# The words, in pixels of the picture
$swatches << END
20.0	32.0	70.0	82.0	0x8fcdf0
193.8	205.8	70.0	82.0	0xd55e00
20.0	32.0	137.0	149.0	0x332288
20.0	32.0	187.0	199.0	0x44aa99
284.5	296.5	278.0	290.0	0x332288
349.4	361.4	278.0	290.0	0x44aa99
END
$text1 << END
20.0	26.0	0x1f2328	"Contention"
END
$text2 << END
141.6	26.0	0x59636e	"a program that is not known"
END
$text3 << END
20.0	50.0	0x59636e	"the whole run, 20.00 us; goroutines waited for channels and locks for 7.400 us altogether"
38.0	76.0	0x1f2328	"waiting: chan receive"
211.8	76.0	0x1f2328	"waiting: mutex lock"
39.0	108.0	0x59636e	"Waited for"
292.0	108.0	0x59636e	"Total, by reason"
744.0	108.0	0x59636e	"One wait: median ○   p99 ●   longest |"
1090.0	108.0	0x59636e	"Because of whom"
593.8	143.0	0x1f2328	"4.40 us   59%"
500.3	193.0	0x1f2328	"3.00 us   41%"
76.0	284.0	0x1f2328	"Goroutines that wait, over time:"
302.5	284.0	0x1f2328	"jobs"
367.4	284.0	0x1f2328	"the vault"
END
$text4 << END
39.0	143.0	0x1f2328	"jobs"
39.0	193.0	0x1f2328	"the vault"
END
$text5 << END
39.0	159.0	0x59636e	"chan, bank.c:7"
593.8	159.0	0x59636e	"1 wait"
1090.0	151.0	0x1f2328	"late: g2 teller (100%)"
39.0	209.0	0x59636e	"mutex, bank.c:21"
500.3	209.0	0x59636e	"1 wait"
1090.0	201.0	0x1f2328	"held by g2 teller (100%)"
20.0	668.0	0x59636e	"Hatched: 9 events are missing from the trace; what is drawn there may be wrong."
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
set yrange [684:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,12" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
