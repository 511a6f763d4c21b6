set encoding utf8
set terminal svg size 1600,473 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# The lanes: time, and pixels from the top
$boxes << END
0	20	3	61	0xf3f4f6
0	20	67	125	0xf3f4f6
0.1	1.5	3	61	0xd5d8dc
1.5	5	3	61	0x882255
5	5.5	3	61	0xd5d8dc
5.5	6	3	61	0x332288
6	6.1	3	61	0xd5d8dc
11	11.5	3	61	0xd5d8dc
11.5	12	3	61	0x882255
12	20	3	61	0xd5d8dc
0.2	3	67	125	0xd5d8dc
3	9.6	67	125	0x44aa99
9.6	10.5	67	125	0xd5d8dc
10.5	20	67	125	0x332288
END
$gaps << END
10.6	14	0	128	0x1f2328
END
$arrows << END
9.4	80.05	2.1	-19.05
END
set lmargin at screen 0.069375
set rmargin at screen 0.9825
set tmargin at screen 0.782241
set bmargin at screen 0.511628
set xrange [0:20]
set xtics 2 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x ""
unset xlabel
set border 1 linecolor rgb "#aeb5bd"
unset ytics
set yrange [128:0]
plot $boxes using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror lc rgb variable, \
     $gaps using ($1+$2)/2:($3+$4)/2:1:2:3:4 with boxxyerror fillstyle transparent pattern 4 noborder lc rgb "#59636e", \
     $arrows using 1:2:3:4 with vectors nohead lw 3 lc rgb "#ffffff", \
     $arrows using 1:2:3:4 with vectors head filled size screen 0.005,18 lw 1 lc rgb "#1f2328", \
     NaN

# How many goroutines ran, and ran or could have run
$running << END
0	0
1.492128679	0
1.492128679	0.425
1.505817933	0.425
1.505817933	1
2.997946612	1
2.997946612	1.85
3.011635866	1.85
3.011635866	2
4.996577687	2
4.996577687	1.25
5.01026694	1.25
5.01026694	1
5.489390828	1
5.489390828	1.225
5.503080082	1.225
5.503080082	2
5.995893224	2
5.995893224	1.3
6.009582478	1.3
6.009582478	1
9.596167009	1
9.596167009	0.28
9.609856263	0.28
9.609856263	0
10.49965777	0
10.49965777	0.975
10.51334702	0.975
10.51334702	1
11.49897331	1
11.49897331	1.925
11.51266256	1.925
11.51266256	2
11.99178645	2
11.99178645	1.6
12.0054757	1.6
12.0054757	1
20	1
END
$work << END
0	0
0.9993155373	0
0.9993155373	0.95
1.013004791	0.95
1.013004791	1
2.19028063	1
2.19028063	1.29
2.203969884	1.29
2.203969884	2
2.299794661	2
2.299794661	2.985
2.313483915	2.985
2.313483915	3
4.996577687	3
4.996577687	2.25
5.01026694	2.25
5.01026694	2
5.995893224	2
5.995893224	1.3
6.009582478	1.3
6.009582478	1
8.993839836	1
8.993839836	1.55
9.00752909	1.55
9.00752909	2
9.3908282	2
9.3908282	2.33
9.404517454	2.33
9.404517454	3
9.596167009	3
9.596167009	2.28
9.609856263	2.28
9.609856263	2
11.99178645	2
11.99178645	1.6
12.0054757	1.6
12.0054757	1
20	1
END
set lmargin at screen 0.069375
set rmargin at screen 0.9825
set tmargin at screen 0.427061
set bmargin at screen 0.194503
set xrange [0:20]
set xtics 2 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.0f"
set xlabel "time since the start (us)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set border 3 linecolor rgb "#aeb5bd"
set yrange [0:3.15]
set ytics 1 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
plot $work using 1:2 with filledcurves y=0 lc rgb "#e69f00", \
     $running using 1:2 with filledcurves y=0 lc rgb "#009e73", \
     2 with lines lc rgb "#1f2328" dashtype 2

# The words, in pixels of the picture
$swatches << END
20.0	32.0	72.0	84.0	0x332288
149.4	161.4	72.0	84.0	0x44aa99
278.8	290.8	72.0	84.0	0x882255
407.0	419.0	72.0	84.0	0xd5d8dc
287.4	299.4	251.0	263.0	0x009e73
370.2	382.2	251.0	263.0	0xe69f00
END
$text1 << END
38.0	78.0	0x1f2328	"g3 teller"
96.6	78.0	0x59636e	"25%"
167.4	78.0	0x1f2328	"g2 teller"
226.0	78.0	0x59636e	"17%"
296.8	78.0	0x1f2328	"g1 main"
354.2	78.0	0x59636e	"10%"
425.0	78.0	0x1f2328	"looking for work"
530.7	78.0	0x59636e	"36%"
20.0	50.0	0x59636e	"the whole run, 20.00 us; 3 goroutines on 2 workers; 12 intervals"
111.0	257.0	0x1f2328	"Goroutines with work to do:"
305.4	257.0	0x1f2328	"running"
388.2	257.0	0x1f2328	"runnable, waiting for a worker"
589.5	257.0	0x59636e	"(dashed: 2 workers)"
END
$text2 << END
20.0	26.0	0x1f2328	"Workers"
END
$text3 << END
114.4	26.0	0x59636e	"a program that is not known"
END
$text4 << END
101.0	127.0	0x1f2328	"worker 0"
101.0	191.0	0x1f2328	"worker 1"
END
$text5 << END
101.0	144.0	0x59636e	"22% running"
101.0	208.0	0x59636e	"80% running"
END
$text6 << END
348.4	135.0	0xffffff	"g1 main"
531.0	135.0	0xffffff	"g3"
571.2	199.0	0xffffff	"g2 teller"
969.3	135.0	0xffffff	"g1"
1225.0	199.0	0xffffff	"g3 teller"
END
$text7 << END
20.0	443.0	0x59636e	"Hatched: 9 events are missing from the trace; what is drawn there may be wrong."
488.5	443.0	0x59636e	"Arrows lead from who woke to who was woken."
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
set yrange [473:0]
plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 with boxxyerror linecolor rgb variable, \
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,12" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,11" textcolor rgb variable, \
     $text6 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,11" textcolor rgb variable, \
     $text7 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
