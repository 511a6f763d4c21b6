# SPDX-License-Identifier: MIT
# What trace.sh measured -> the tables of make bench-trace, in Markdown.
#
#     awk -v go=VERSION -v new=VERSION -f lines.awk -f trace.awk trace.txt notrace.txt dormant.txt ...
#
# Figures are medians of the rounds; a ratio is the median of the rounds' ratios.

function of(way, unit) {
	return way " " row[at] " " unit " " p
}

function ns(way) {
	return rounds[of(way, "ns/op")] ? number(middle(of(way, "ns/op"))) : "-"
}

function number(x) {
	return sprintf(x < 10 ? "%.2f" : x < 100 ? "%.1f" : "%.0f", x)
}

# Of the whole program: it does them twice, and each time one alone before.
function operations(k, i) {
	return 2 * (ops[k, i] + 1)
}

# Of one operation, of what was counted in the whole recording.
function each_op(way, unit,    k, v, i) {
	k = of(way, unit)
	for (i = 1; i <= rounds[k]; i++)
		v[i] = value[k, i] / operations(k, i)
	return rounds[k] ? median(v, rounds[k]) : -1
}

function each_text(way, unit,    x) {
	x = each_op(way, unit)
	return x < 0 ? "-" : number(x)
}

function event_bytes(way) {
	return rounds[of(way, "events")] ? \
		number(each_op(way, "trace-B") / each_op(way, "events")) : "-"
}

# What recording adds to an operation for each of its events: the median of the rounds, or -1.
function event_ns(way,    k, base, n, v, i) {
	k = of(way, "ns/op")
	base = of("dormant", "ns/op")
	n = of(way, "events")
	if (!rounds[k] || rounds[k] != rounds[base])
		return -1
	for (i = 1; i <= rounds[k]; i++)
		v[i] = (value[k, i] - value[base, i]) / (value[n, i] / operations(n, i))
	i = median(v, rounds[k])
	low = v[1]
	high = v[rounds[k]]
	return i
}

function verdict(x, goal) {
	verdicts[x <= goal]++
	return x <= goal ? "pass" : "**short**"
}

# A row of the goals: it passes if x is at most the goal.
function goal_row(what, x, goal, unit) {
	put(what, p, number(x) unit, number(low) ".." number(high), "<= " number(goal) unit,
		verdict(x, goal))
}

function goal_ratio(what, way, base, goal,    r) {
	r = ratio(of(way, "ns/op"), of(base, "ns/op"))
	if (r >= 0)
		goal_row(what, r, goal, "")
}

# For each workload and number of workers that was measured.
function each_row(do_it) {
	for (at = 1; at <= nrows; at++)
		for (p = 1; p <= 2; p++)
			if (rounds[of("dormant", "ns/op")])
				do_row(do_it)
}

function do_row(what) {
	if (what == "times") {
		put(text[at], p, ns("notrace"), ns("dormant"), ns("sched"), ns("all"), ns("stacks"),
			ns("packed"), ns("packed-stacks"))
	} else if (what == "go") {
		put(text[at], p, ns("go"), ns("go-traced"), ns("new"), ns("new-traced"),
			each_text("go-traced", "trace-B"), each_text("new-traced", "trace-B"),
			each_text("packed-stacks", "trace-B"))
	} else if (what == "events") {
		put(text[at], p, each_text("sched", "events"), each_text("all", "events"), event_bytes("sched"),
			event_bytes("all"), event_bytes("stacks"), event_bytes("packed"),
			event_bytes("packed-stacks"), lost_text())
	} else {
		if (row[at] !~ /^ChanWork/) { # where one costs less than the work varies
			goal_row(text[at] ": an event", event_ns("all"), 95, " ns")
			goal_row(text[at] ": an event, packed", event_ns("packed"), 15, " ns")
		}
		low = high = each_op("packed", "trace-B") / each_op("packed", "events")
		goal_row(text[at] ": bytes of an event, packed", low, 18, "")
		if (each_op("sched", "events") < 1) # nobody waits: no event of Go's tracer either
			return
		goal_ratio(text[at] ": sched beside " tracer " recorded", "sched", peer "-traced", 1)
		if (row[at] ~ /^ChanWork/) { # of which nearly all is the work
			goal_ratio(text[at] ": packed with stacks beside dormant", "packed-stacks", "dormant", 1.05)
			return
		}
		goal_ratio(text[at] ": packed with stacks beside " tracer " recorded", "packed-stacks",
			peer "-traced", 2 / 3)
		goal_ratio(text[at] ": packed beside " tracer " recorded", "packed", peer "-traced", 1 / 2)
		if (row[at] ~ /^ChanSync/)
			goal_ratio(text[at] ": packed beside " tracer " *not* recorded", "packed", peer, 1)
	}
}

# What was lost in any round, and how it was recorded.
function lost_text(    i, k, w, n, lost, said, way) {
	n = split("sched all stacks packed packed-stacks", way, " ")
	for (w = 1; w <= n; w++) {
		k = of(way[w], "lost")
		lost = 0
		for (i = 1; i <= rounds[k]; i++)
			lost += value[k, i]
		if (lost)
			said = said (said ? ", " : "") lost " (" way[w] ")"
	}
	return said ? said : "0"
}

FILENAME ~ /trace\.txt$/ {
	if (!/^#/ && NF) {
		row[++nrows] = $2
		text[nrows] = $0
		sub(/^[^ ]+ [^ ]+ [^ ]+ /, "", text[nrows])
	}
	next
}

END {
	peer = new ? "new" : "go"
	tracer = "Go " (new ? new : go)
	print "Medians of the rounds, in nanoseconds an operation; P is the number of workers.  *Compiled out* is weft"
	print "without tracepoints, *dormant* with them; then `weft record` with `--events=sched`, as it is (all"
	print "events), with `--stacks`, with `--packed`, and with both.\n"
	put("", "P", "compiled out", "dormant", "sched", "all", "all, stacks", "packed", "packed, stacks")
	each_row("times")
	flush(9)
	if (go || new) {
		print "\nGo on the same workloads, without its tracer (`-test.trace`) and with it, which always records stacks;"
		print "an uncontended mutex is no event of it.\n"
		put("", "P", go ? "Go " go : "(no Go)", "recorded", new ? "Go " new : "(no newer Go: GO_NEW)", "recorded",
			"bytes an operation", new ? "bytes an operation" : "-", "weft's, packed, stacks")
		each_row("go")
		flush(9)
	}
	print "\n## Events\n"
	print "How many an operation has, how many bytes of trace one takes, and how many of all rounds were lost."
	print "Streams are whole buffers: a short recording has more of them.\n"
	put("", "P", "sched", "all", "B: sched", "all", "all, stacks", "packed", "packed, stacks", "lost")
	each_row("events")
	flush(10)
	print "\n## Goals\n"
	print "Of an event: what recording adds to an operation, divided by its events.  Ratios below 1: weft is faster.\n"
	put("", "P", "median", "least..greatest", "goal", "")
	each_row("goals")
	flush(6)
	printf "\n%d of %d goals are met.\n", verdicts[1], verdicts[0] + verdicts[1]
}
