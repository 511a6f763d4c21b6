# SPDX-License-Identifier: MIT
# Lines in Go's benchmark format -> the tables of make bench.
#
#     awk -f table.awk weft.txt go.txt trace.txt events.txt
#
# The k-th line of a name in each file is from round k.  Figures are medians of the rounds; a ratio
# is the median of the rounds' ratios, which is steadier than the ratio of the medians.

# The median of v[1..n]; v is sorted.
function median(v, n,    i, j, t) {
	for (i = 2; i <= n; i++) {
		t = v[i]
		for (j = i - 1; j >= 1 && v[j] > t; j--)
			v[j + 1] = v[j]
		v[j + 1] = t
	}
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function time_of(key,    v, i, m) {
	if (!rounds[key])
		return "-"
	for (i = 1; i <= rounds[key]; i++)
		v[i] = ns[key, i]
	m = median(v, rounds[key])
	return sprintf(m < 1000 ? "%.1f" : "%.0f", m)
}

function ratio_of(key, base,    v, i) {
	if (!rounds[key] || rounds[key] != rounds[base])
		return "-"
	for (i = 1; i <= rounds[key]; i++)
		v[i] = ns[key, i] / ns[base, i]
	return sprintf("%.2f", median(v, rounds[key]))
}

# What recording adds to an operation, divided by the events of one.
function per_event(workers,    key, base, v, i) {
	key = "trace Trace/recording " workers
	base = "trace Trace/dormant " workers
	if (!rounds[key] || rounds[key] != recorded[workers])
		return "-"
	for (i = 1; i <= rounds[key]; i++)
		v[i] = (ns[key, i] - ns[base, i]) / (events[workers, i] / ops[key, i])
	return sprintf("%.1f", median(v, rounds[key]))
}

/^Benchmark/ {
	file = FILENAME
	sub(/.*\//, "", file)
	sub(/\.txt$/, "", file)
	name = substr($1, 10)
	workers = 1
	if (match(name, /-[0-9]+$/)) {
		workers = substr(name, RSTART + 1)
		name = substr(name, 1, RSTART - 1)
	}
	if (!seen[file, name]++)
		order[file, ++count[file]] = name
	key = file " " name " " workers
	ops[key, ++rounds[key]] = $2
	ns[key, rounds[key]] = $3
}

FILENAME ~ /events\.txt$/ {
	events[$1, ++recorded[$1]] = $2
	lost += $3
}

END {
	line = "%-28s %10s %10s %6s %10s %10s %6s\n"
	printf "\nns/op, medians of the rounds; ratio: weft / Go, below 1 weft is faster\n\n"
	printf line, "", "weft P1", "Go P1", "ratio", "weft P2", "Go P2", "ratio"
	for (i = 1; i <= count["weft"]; i++) {
		w = "weft " order["weft", i]
		g = "go " order["weft", i]
		printf line, order["weft", i], time_of(w " 1"), time_of(g " 1"), ratio_of(w " 1", g " 1"),
			time_of(w " 2"), time_of(g " 2"), ratio_of(w " 2", g " 2")
	}
	line = "%-28s %10s %6s %10s %6s\n"
	printf "\nthe tracepoints: ns per unbuffered round trip; ratio: to compiled out\n\n"
	printf line, "", "P1", "ratio", "P2", "ratio"
	base = "trace Trace/compiled-out "
	for (i = 1; i <= count["trace"]; i++) {
		w = "trace " order["trace", i] " "
		printf line, order["trace", i], time_of(w 1), ratio_of(w 1, base 1), time_of(w 2),
			ratio_of(w 2, base 2)
	}
	printf line, "recording, ns per event", per_event(1), "", per_event(2), ""
	if (lost)
		printf "%d events were lost while recording: the figure is too good\n", lost
}
