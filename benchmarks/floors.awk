# SPDX-License-Identifier: MIT
# What was measured of the machine -> a table in Markdown.
#
#     awk -f lines.awk -f floors.awk floors.txt floor.txt

FILENAME ~ /floors\.txt$/ {
	if (!/^#/ && NF) {
		row[++nrows] = $1 " " $2
		what[nrows] = $0
		for (i = 1; i <= 3; i++)
			sub(/^[^ ]+ +/, "", what[nrows])
	}
	next
}

END {
	put("", "median", "least..greatest")
	for (i = 1; i <= nrows; i++) {
		m = middle("floor " row[i] " 1")
		if (m)
			put(what[i], show(m), show(low) ".." show(high))
	}
	flush(3)
}
