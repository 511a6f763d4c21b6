# SPDX-License-Identifier: MIT
# What tests/web/big.sh prints, as a table: a row for each measure, a column for each size.
/^== / { size = $2; sizes[++n] = size; next }
/^(ok|not ok) / || !/: [0-9.]+$/ { next }
{
	name = $0; sub(/: [0-9.]+$/, "", name)
	if (!(name in known)) { known[name] = 1; names[++m] = name }
	value[name, size, ++count[name, size]] = $NF
}
function median(name, size,    k, i, j, v, t) {
	k = count[name, size]
	if (!k)
		return ""
	for (i = 1; i <= k; i++)
		v[i] = value[name, size, i]
	for (i = 2; i <= k; i++)
		for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
	return v[int((k + 1) / 2)]
}
function grouped(x,    out) {
	for (out = ""; length(x) > 3; x = substr(x, 1, length(x) - 3))
		out = "," substr(x, length(x) - 2) out
	return x out
}
END {
	line = "|"; rule = "|---|"
	for (s = 1; s <= n; s++) { line = line " | " grouped(sizes[s]) " events"; rule = rule "--:|" }
	print line " |"; print rule
	for (i = 1; i <= m; i++) {
		line = "| " names[i]
		for (s = 1; s <= n; s++)
			line = line " | " median(names[i], sizes[s])
		print line " |"
	}
}
