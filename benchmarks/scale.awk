# SPDX-License-Identifier: MIT
# How cost grows -> a file of numbers for each curve's picture, in the directory `dir`.
#
#     awk -v dir=DIR -f lines.awk -f scale.awk weft.txt go.txt
#
# A line has a size, and what weft with one and two workers and Go with one and two take; or for
# Parallel a number of workers, and by how much weft and Go are faster than with one.

function figure(key) {
	return rounds[key] ? middle(key) : "NaN"
}

/^Benchmark/ {
	base = name
	size = name
	sub(/=[0-9]+$/, "", base)
	sub(/.*=/, "", size)
	if (base ~ /^Parallel/) {
		serials[size]
		counts[workers]
	}
	for (i = 3; i < NF; i += 2) {
		curve[base " " $(i + 1)]
		sizes[base, size]
	}
}

END {
	for (c in curve) {
		split(c, part, " ")
		if (part[1] ~ /^Parallel/)
			continue
		path = part[1] "." part[2]
		gsub(/[^A-Za-z0-9.]/, "_", path)
		printf "" >(dir "/" path)
		for (size = 1; size <= 1000000; size *= 10)
			if ((part[1], size) in sizes) {
				key = part[1] "=" size " " part[2]
				print size, figure("weft " key " 1"), figure("weft " key " 2"),
					figure("go " key " 1"), figure("go " key " 2") >(dir "/" path)
			}
	}
	for (serial in serials) {
		path = dir "/speedup." serial
		printf "" >path
		for (n = 1; n <= 64; n++)
			if (n in counts) {
				key = " Parallel/serial=" serial " ns/op "
				print n, 1 / ratio("weft" key n, "weft" key 1), 1 / ratio("go" key n, "go" key 1) >path
			}
	}
}
