# SPDX-License-Identifier: MIT
# What was measured -> the tables of make bench, in Markdown.
#
#     awk -v short=FILE -f lines.awk -f table.awk rows.txt weft.txt notrace.txt go.txt boost.txt \
#             recorded.txt events.txt
#
# Figures are medians of the rounds; a ratio
# is the median of the rounds' ratios, which is steadier than the ratio of the medians.  The rows that
# are short of their goals also go to the file `short`.

# "12.3 ns 5%": the median, and how far apart the lowest and the highest are.
function figure(key, unit,    m) {
	if (!rounds[key])
		return "-"
	m = middle(key)
	return sprintf("%s %.0f%%", show(m, unit), m > 0 ? (high - low) / m * 100 : 0)
}

function goal_text(goal, unit) {
	return goal ~ /^<=/ ? show(substr(goal, 3), unit) : goal
}

# pass; short of the goal; or behind Go.
function verdict(goal, key, r) {
	if (goal ~ /^<=/ && middle(key) <= substr(goal, 3) + 0)
		return "pass"
	if (goal + 0 > 0 && r >= 0 && r < goal + 0.005)
		return "pass"
	if (r > 1.005)
		return "**behind Go**"
	return goal == "-" || goal + 0 > 0 && r < 0 ? "" : "short"
}

# What recording adds to an operation, divided by the events of one.
function per_event(p,    key, base, v, i) {
	key = "recorded " traced " ns/op " p
	base = "weft " traced " ns/op " p
	if (!rounds[key] || rounds[key] != recorded[p] || rounds[key] != rounds[base])
		return "-"
	for (i = 1; i <= rounds[key]; i++)
		v[i] = (value[key, i] - value[base, i]) / (events[p, i] / ops[key, i])
	return show(median(v, rounds[key]), "ns")
}

BEGIN {
	printf "" >short
	traced = "ChanSync/pairs=1"
}

FILENAME ~ /rows\.txt$/ {
	if (!/^#/ && NF) {
		row[++nrows] = $2 " " $3
		goal[nrows, 1] = $4
		goal[nrows, 2] = $5
		what[nrows] = $0
		for (i = 1; i <= 6; i++)
			sub(/^[^ ]+ +/, "", what[nrows])
	}
	next
}

FILENAME ~ /events\.txt$/ {
	events[$1, ++recorded[$1]] = $2
	lost += $3
}

END {
	print "Medians of the rounds, and behind each how far the lowest and the highest of them are apart; P is"
	print "the number of workers.  A ratio below 1 means that weft is faster, and is the median of the rounds'"
	print "own, of which the least and the greatest follow.  \"Tracepoints\" is the ratio to weft without them."
	print "Where rows.txt says `warm`, whoever is measured finds memory that was in use just before, as much as the"
	print "greatest of them needs: who comes to a virtual machine's memory first pays for the host's page faults.\n"
	put("", "P", "weft", "Go", "weft/Go", "least..greatest", "goal", "", "Boost.Fiber", "tracepoints")
	for (i = 1; i <= nrows; i++)
		for (p = 1; p <= 2; p++) {
			w = "weft " row[i] " " p
			if (!rounds[w])
				continue
			split(row[i], part, " ")
			dormant = part[2] == "ns/op" ? ratio(w, "notrace " row[i] " " p) : -1
			if (dormant > 1.02)
				dear = dear sprintf("- %s, P%d: %.3f, in the rounds %.3f to %.3f\n", what[i], p, dormant,
					low, high)
			r = ratio(w, "go " row[i] " " p)
			range = r < 0 ? "-" : sprintf("%.2f..%.2f", low, high)
			rows_each[i, p] = each
			v = verdict(goal[i, p], w, r)
			if (v != "pass" && v != "" && !said[part[1]]++)
				print part[1] "\t" what[i] >short
			put(what[i], p, figure(w, part[2]), figure("go " row[i] " " p, part[2]), ratio_text(r),
				range, goal_text(goal[i, p], part[2]), v, figure("boost " row[i] " " p, part[2]),
				ratio_text(dormant))
		}
	flush(10)
	print "\n### The tracepoints\n"
	if (dear)
		print "Dormant they cost, by these times, more than 2% (make bench-insn counts instructions):\n\n" dear
	else
		print "Dormant they cost at most 2% on every row.\n"
	print "One that is recorded, in unbuffered round trips, costs " per_event(1) " with one worker and " \
		per_event(2) " with two."
	if (lost)
		printf "%d events were lost while recording: the figure is too good.\n", lost
	print "\n### Every round's ratio to Go\n"
	put("", "P", "weft/Go, in the order of the rounds")
	for (i = 1; i <= nrows; i++)
		for (p = 1; p <= 2; p++)
			if (rows_each[i, p])
				put(what[i], p, rows_each[i, p])
	flush(3)
}
