# SPDX-License-Identifier: MIT
# Many workers on few cpus -> a table, in Markdown.
#
#     awk -v many=8 -v cpus=2 -f lines.awk -f crowd.awk rows.txt weft.txt go.txt

FILENAME ~ /rows\.txt$/ {
	if (!/^#/ && NF) {
		row[++nrows] = $2 " " $3
		what[nrows] = $0
		for (i = 1; i <= 6; i++)
			sub(/^[^ ]+ +/, "", what[nrows])
	}
}

END {
	put(many " workers / " cpus, "weft", "least..greatest", "Go", "least..greatest", "goal", "")
	for (i = 1; i <= nrows; i++) {
		r = ratio("weft " row[i] " " many, "weft " row[i] " " cpus)
		if (r < 0)
			continue
		range = sprintf("%.2f..%.2f", low, high)
		g = ratio("go " row[i] " " many, "go " row[i] " " cpus)
		put(what[i], ratio_text(r), range, ratio_text(g), g < 0 ? "-" : sprintf("%.2f..%.2f", low, high),
			"1.50", r <= 1.5 ? "pass" : "short")
	}
	flush(7)
}
