# SPDX-License-Identifier: MIT
# Lines in Go's benchmark format, read; for other programs here, which are given it first.
#
# The k-th line of a name in a file is from round k.  A key is a file's name without .txt, a
# benchmark's name, a unit and a number of workers, with spaces between.

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

# The median of a key over the rounds; in low and high the lowest and the highest.
function middle(key,    v, i, m) {
	for (i = 1; i <= rounds[key]; i++)
		v[i] = value[key, i]
	m = median(v, rounds[key])
	low = v[1]
	high = v[rounds[key]]
	return m
}

# The median of the ratios of two keys in the same round, or -1; in low and high the least and the
# greatest, in each all.
function ratio(key, base,    v, i, m) {
	each = ""
	if (!rounds[key] || rounds[key] != rounds[base])
		return -1
	for (i = 1; i <= rounds[key]; i++) {
		v[i] = value[key, i] / (value[base, i] > 0 ? value[base, i] : 1)
		each = each sprintf(" %.3f", v[i])
	}
	m = median(v, rounds[key])
	low = v[1]
	high = v[rounds[key]]
	return m
}

function ratio_text(r) {
	return r < 0 ? "-" : sprintf("%.2f", r)
}

# A figure in a unit that suits it.
function show(x, unit,    u) {
	x += 0
	u = unit ~ /^B/ ? "B" : "ns"
	if (u == "ns" && x >= 1e6) {
		x /= 1e6
		u = "ms"
	} else if (u == "ns" && x >= 1e4) {
		x /= 1e3
		u = "us"
	}
	return sprintf(x < 10 ? "%.2f %s" : x < 100 ? "%.1f %s" : "%.0f %s", x, u)
}

# Rows of cells, which flush() prints as wide as the widest of their column.
function put(a, b, c, d, e, f, g, h, i, j) {
	lines++
	cell[lines, 1] = a; cell[lines, 2] = b; cell[lines, 3] = c; cell[lines, 4] = d; cell[lines, 5] = e
	cell[lines, 6] = f; cell[lines, 7] = g; cell[lines, 8] = h; cell[lines, 9] = i; cell[lines, 10] = j
}

function flush(columns,    i, k, wide, dashes) {
	for (i = 1; i <= lines; i++)
		for (k = 1; k <= columns; k++)
			if (length(cell[i, k]) > wide[k])
				wide[k] = length(cell[i, k])
	for (i = 1; i <= lines; i++) {
		for (k = 1; k <= columns; k++)
			printf k == 1 ? "| %-*s " : "| %*s ", wide[k], cell[i, k]
		print "|"
		for (k = 1; i == 1 && k <= columns; k++) {
			dashes = sprintf("%*s", wide[k] + 1, "")
			gsub(/ /, "-", dashes)
			printf k == 1 ? "|%s-" : "|%s:", dashes
		}
		if (i == 1)
			print "|"
	}
	lines = 0
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
	for (i = 3; i < NF; i += 2) {
		key = file " " name " " $(i + 1) " " workers
		value[key, ++rounds[key]] = $i
		ops[key, rounds[key]] = $2
	}
}
