set encoding utf8
set terminal svg size 1600,409 noenhanced font "DejaVu Sans,12" background rgb "#ffffff"
set datafile separator "\t"
set datafile commentschars ""
unset key
set style fill solid noborder
set multiplot

# The lanes: time, and pixels from the top
$boxes << END
0	90	3	61	0xf3f4f6
0.1	1.5	3	61	0xd5d8dc
1.5	3	3	61	0x44aa99
3	4	3	61	0xd5d8dc
4	5	3	61	0x882255
5	5.5	3	61	0xd5d8dc
5.5	90	3	61	0x332288
END
set lmargin at screen 0.069375
set rmargin at screen 0.9825
set tmargin at screen 0.748166
set bmargin at screen 0.591687
set xrange [0:90]
set xtics 10 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
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
1.478439425	0
1.478439425	0.65
1.540041068	0.65
1.540041068	1
2.95687885	1
2.95687885	0.7
3.018480493	0.7
3.018480493	0
3.942505133	0
3.942505133	0.066667
4.004106776	0.066667
4.004106776	1
4.98973306	1
4.98973306	0.16667
5.051334702	0.16667
5.051334702	0
5.482546201	0
5.482546201	0.71667
5.544147844	0.71667
5.544147844	1
90	1
END
$work << END
0	0
0.9856262834	0
0.9856262834	0.76667
1.047227926	0.76667
1.047227926	1
1.971252567	1
1.971252567	4.2
2.032854209	4.2
2.032854209	7
2.95687885	7
2.95687885	6.7
3.018480493	6.7
3.018480493	6
90	6
END
set lmargin at screen 0.069375
set rmargin at screen 0.9825
set tmargin at screen 0.493888
set bmargin at screen 0.224939
set xrange [0:90]
set xtics 10 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
set grid xtics back linecolor rgb "#e3e6e9" linewidth 1 dashtype 1
set format x "%.0f"
set xlabel "time since the start (us)" font "DejaVu Sans,12" textcolor rgb "#59636e" offset 0,0.4
set border 3 linecolor rgb "#aeb5bd"
set yrange [0:7.35]
set ytics 2 nomirror out scale 0.6 font "DejaVu Sans,12" textcolor rgb "#59636e"
plot $work using 1:2 with filledcurves y=0 lc rgb "#e69f00", \
     $running using 1:2 with filledcurves y=0 lc rgb "#009e73", \
     1 with lines lc rgb "#1f2328" dashtype 2

# The words, in pixels of the picture
$swatches << END
20.0	32.0	72.0	84.0	0x332288
322.4	334.4	72.0	84.0	0x44aa99
644.1	656.1	72.0	84.0	0x882255
943.4	955.4	72.0	84.0	0xd5d8dc
287.4	299.4	187.0	199.0	0x009e73
370.2	382.2	187.0	199.0	0xe69f00
END
$text1 << END
38.0	78.0	0x1f2328	"g3 {/Bold=99 x}_y^z@ ∖n∖042 %s"
269.7	78.0	0x59636e	"94%"
340.4	78.0	0x1f2328	"g1 a”b`touch hacked`$(touch hacked)"
587.5	78.0	0x59636e	"1.7%"
662.1	78.0	0x1f2328	"g2 <script>alert(1)</script>&amp;"
886.8	78.0	0x59636e	"1.1%"
961.4	78.0	0x1f2328	"looking for work"
1067.1	78.0	0x59636e	"3.2%"
20.0	50.0	0x59636e	"the whole run, 90.00 us; 7 goroutines on 1 worker; 6 intervals"
111.0	193.0	0x1f2328	"Goroutines with work to do:"
305.4	193.0	0x1f2328	"running"
388.2	193.0	0x1f2328	"runnable, waiting for a worker"
589.5	193.0	0x59636e	"(dashed: 1 worker)"
END
$text2 << END
20.0	26.0	0x1f2328	"Workers"
END
$text3 << END
114.4	26.0	0x59636e	"a program that is not known"
END
$text4 << END
101.0	127.0	0x1f2328	"worker 0"
END
$text5 << END
101.0	144.0	0x59636e	"97% running"
END
$text6 << END
147.5	135.0	0xffffff	"g1"
886.1	135.0	0xffffff	"g3 {/Bold=99 x}_y^z@ ∖n∖042 %s"
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
     $text1 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,12" textcolor rgb variable, \
     $text2 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans:Bold,17" textcolor rgb variable, \
     $text3 using 1:2:(stringcolumn(4)):3 with labels left font "DejaVu Sans,14" textcolor rgb variable, \
     $text4 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,12" textcolor rgb variable, \
     $text5 using 1:2:(stringcolumn(4)):3 with labels right font "DejaVu Sans,11" textcolor rgb variable, \
     $text6 using 1:2:(stringcolumn(4)):3 with labels center font "DejaVu Sans,11" textcolor rgb variable
unset multiplot
