# SPDX-License-Identifier: MIT
# LOADING.md, whose rows are measured -> the same with the goals that they meet:
#
#     awk -f lines.awk -f load.awk LOADING.md

function goal(what, x, relation, most, format) {
	met = relation == ">=" ? x >= most : relation == "<=" ? x <= most : x < most
	verdicts[met]++
	put(what, sprintf(format, x), relation " " sprintf(format, most), met ? "pass" : "**short**")
}

# What all sizes of a form of trace must be.
function goals_of(i,    of) {
	of = form[i] ", " events[i] " events: "
	goal(of "M/s", rate[i], ">=", form[i] == "packed" ? 4 : 1.5, "%.2f")
	goal(of "bytes of SQLite an event", bytes[i], "<=", 60, "%.1f")
	goal(of "most memory, MB", memory[i], "<", 1000, "%.0f")
}

# Rows come by size.
function growth_of(name, first, last) {
	if (first != last)
		goal(name ": time an event with " events[last] ", beside that with " events[first],
			rate[first] / rate[last], "<=", 1, "%.2f")
}

BEGIN { FS = " *[|] *" }

/^## Goals/ { exit }

# An empty line before the goals is theirs.
/^$/ { empty = empty "\n"; next }

{
	printf "%s%s\n", empty, $0
	fflush()
	empty = ""
}

$2 == "ordinary" || $2 == "packed" {
	form[++n] = $2
	events[n] = $3
	rate[n] = $4
	bytes[n] = $7
	memory[n] = $8
	if (!first[$2])
		first[$2] = n
	last[$2] = n
}

END {
	print "\n## Goals\n"
	print "A trace is to be loaded as fast per event when it is long: no slowdown counts as noise.\n"
	put("", "measured", "goal", "")
	for (i = 1; i <= n; i++)
		goals_of(i)
	growth_of("ordinary", first["ordinary"], last["ordinary"])
	growth_of("packed", first["packed"], last["packed"])
	flush(4)
	printf "\n%d of %d goals are met.\n", verdicts[1], verdicts[0] + verdicts[1]
}
