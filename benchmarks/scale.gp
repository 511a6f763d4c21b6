# SPDX-License-Identifier: MIT
# How cost grows, and how workers help.
#
#     gnuplot -e "scale='BUILD/bench/scale'; crowd='BUILD/bench/crowd'; out='DIRECTORY'; cpus=2" scale.gp

set datafile missing "NaN"
weft = "#0072B2" # two colours that the colour-blind tell apart, and the workers by line and mark
go = "#D55E00"
set style line 1 lc rgb weft lw 2 pt 7 ps 0.6
set style line 2 lc rgb weft lw 2 pt 6 ps 0.8 dt 2
set style line 3 lc rgb go lw 2 pt 5 ps 0.6
set style line 4 lc rgb go lw 2 pt 4 ps 0.8 dt 2
set style line 5 lc rgb "#000000" lw 1.5
set style line 6 lc rgb "#888888" lw 1 dt 3
set grid lc rgb "#dddddd" dt 1
set border 3
set tics nomirror

set terminal svg size 1200,1050 font "sans-serif,13" background "#ffffff"
set output out."/scale.svg"
set multiplot layout 3,3 margins 0.07,0.98,0.06,0.88 spacing 0.07,0.10
# The legend and the heading are drawn with the first of the plots, which has no room for a key.
set label "How the cost of an operation grows with the number of goroutines" at screen 0.5,0.975 center \
	font ",18"
array legend[4] = ["weft, 1 worker", "weft, 2 workers", "Go, 1 worker", "Go, 2 workers"]
do for [i=1:4] {
	left = 0.2 * i - 0.08
	set arrow from screen left,0.94 to screen left+0.05,0.94 nohead ls i
	set label "" at screen left+0.025,0.94 point ls i
	set label legend[i] at screen left+0.06,0.94
}
set logscale xy
set format x "10^{%T}"
set format y "%.0s%c"
set xrange [0.7:1.5e6]
unset key

panel(file) = scale."/".file
do for [i=1:9] {
	file = word("Yield_goroutines.ns_op SpawnAll_goroutines.ns_op Parked_goroutines.ns_op \
		Parked_goroutines.wake_ns_op Parked_goroutines.B_goroutine ChanSync_pairs.ns_op \
		ChanProdCons_each.ns_op MutexContended_goroutines.ns_op Sleep_times_1_goroutines.p50_ns", i)
	if (i == 1) { t = "yield"; x = "goroutines"; y = "ns" }
	if (i == 2) { t = "spawn at once, then join: each"; x = "goroutines"; y = "ns" }
	if (i == 3) { t = "make goroutines that wait: each"; x = "goroutines"; y = "ns" }
	if (i == 4) { t = "wake them: each"; x = "goroutines"; y = "ns" }
	if (i == 5) { t = "memory of one that waits"; x = "goroutines"; y = "bytes" }
	if (i == 6) { t = "unbuffered channels: round trip"; x = "pairs of goroutines"; y = "ns" }
	if (i == 7) { t = "one channel, buffer of 128: element"; x = "producers, and as many consumers"; y = "ns" }
	if (i == 8) { t = "one mutex: lock and unlock"; x = "goroutines"; y = "ns" }
	if (i == 9) { t = "all sleep at once: lateness, median"; x = "goroutines"; y = "ns" }
	set title t
	set xlabel x offset 0,0.5
	set ylabel y offset 1,0
	if (i == 5) {
		set xrange [700:1.5e6]
		unset logscale y
		set yrange [0:*]
		set format y "%.0f"
	} else {
		set xrange [0.7:1.5e6]
		set logscale y
		set yrange [*:*]
		set format y "%.0s%c"
	}
	plot panel(file) using 1:2 with linespoints ls 1, \
		"" using 1:3 with linespoints ls 2, \
		"" using 1:4 with linespoints ls 3, \
		"" using 1:5 with linespoints ls 4
	if (i == 1) { unset label; unset arrow }
}
unset multiplot

reset
set style line 1 lc rgb weft lw 2 pt 7 ps 0.8
set style line 3 lc rgb go lw 2 pt 4 ps 1.2
set style line 5 lc rgb "#000000" lw 1.5
set style line 6 lc rgb "#888888" lw 1.5 dt 3
set grid lc rgb "#dddddd" dt 1
set border 3
set tics nomirror
set terminal svg size 1200,450 font "sans-serif,13" background "#ffffff"
set output out."/speedup.svg"
set multiplot layout 1,3 margins 0.06,0.98,0.13,0.74 spacing 0.05,0.1
set label sprintf("Speed-up of 100 pieces of work by workers, on %d cpus", cpus) at screen 0.5,0.95 \
	center font ",18"
array legend[4] = ["weft", "Go", "Amdahl's law with so many cpus", "Amdahl's law, each worker a cpu"]
array style[4] = [1, 3, 5, 6]
do for [i=1:4] {
	left = i < 3 ? 0.1 * i - 0.02 : 0.33 * i - 0.69
	set arrow from screen left,0.87 to screen left+0.04,0.87 nohead ls style[i]
	if (i < 3) { set label "" at screen left+0.02,0.87 point ls style[i] }
	set label legend[i] at screen left+0.05,0.87
}
unset key
set logscale x 2
set xrange [0.9:9]
set yrange [0:cpus + 0.5]
set xtics (1, 2, 4, 8)
min(a, b) = a < b ? a : b
amdahl(s, n) = 1 / (s + (1 - s) / n)
do for [serial in "1 10 50"] {
	s = serial / 100.0
	set title sprintf("%s%% of it serial", serial)
	set xlabel "workers"
	if (serial eq "1") { set ylabel "times as fast as with one" } else { unset ylabel }
	plot amdahl(s, x) with lines ls 6, amdahl(s, min(x, cpus)) with lines ls 5, \
		crowd."/speedup.".serial using 1:2 with linespoints ls 1, \
		"" using 1:3 with linespoints ls 3
	if (serial eq "1") { unset label; unset arrow }
}
unset multiplot
