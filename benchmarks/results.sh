#!/bin/bash
# SPDX-License-Identifier: MIT
# What run.sh measured last, as a document on the standard output.
#
#     benchmarks/results.sh BUILD-DIRECTORY
#
# All of it is from BUILD/bench, but for why a row falls short of its goal: that is in shortfalls.md,
# in a section for each benchmark, whose heading is the benchmark's name.
set -euo pipefail

out=$1/bench
here=$(dirname "$0")

# The section of shortfalls.md that is for a benchmark.
section() { # name
	awk -v name="$1" '/^## / { on = substr($0, 4) == name; next } on' "$here/shortfalls.md"
}

echo "<!-- Written by \`make bench-compare\`: edit rows.txt and shortfalls.md instead. -->"
echo "# Measured"
echo
echo "With \`make bench-compare\`, on $(date -u +%Y-%m-%d) of $(git -C "$here" describe --always \
	--dirty --exclude '*' 2>/dev/null || echo an unknown version):"
echo
sed 's/^\([^	]*\)	\(.*\)/- \1: \2/' "$out/machine.txt"
echo
cat "$out/table.md"
echo
echo "## Instructions an operation"
echo
echo "Counted by callgrind, with one worker; the changes are from insn.txt, which \`make check\` compares."
echo
cat "$out/insn.md"
echo
echo "## Why rows fall short"
while IFS=$'\t' read -r name what; do
	printf '\n### %s (%s)\n' "$what" "$name"
	text=$(section "$name")
	printf '%s\n' "${text:-
Not explained yet.}"
done <"$out/short.tsv"
