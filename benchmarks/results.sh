#!/bin/bash
# SPDX-License-Identifier: MIT
# What run.sh measured last, as a document on the standard output.
#
#     benchmarks/results.sh BUILD-DIRECTORY
#
# All of it is from BUILD/bench/compare and, if there was one, the last run of bench-scale; but for why a row falls short of its goal: that is in shortfalls.md,
# in a section for each benchmark, whose heading is the benchmark's name.
set -euo pipefail

out=$1/bench/compare
crowd=$1/bench/crowd/table.md
here=$(dirname "$0")

# The section of shortfalls.md that is for a benchmark.
section() { # name
	awk -v name="$1" '/^## / { on = substr($0, 4) == name; next } on' "$here/shortfalls.md"
}

echo "<!-- Written by \`make bench-compare\`: edit rows.txt and shortfalls.md instead. -->"
echo "# Measured"
echo
echo "By \`make bench-compare\`:"
echo
sed 's/^\([^	]*\)	\(.*\)/- \1: \2/' "$out/machine.txt"
echo
cat "$out/table.md"
echo
if [ -e "$crowd" ] && [ -e "$here/scale.svg" ]; then
	echo "## How cost grows"
	echo
	echo "![Cost by goroutines](scale.svg)"
	echo
	echo "![Speed-up by workers](speedup.svg)"
	echo
	echo "More workers than cpus, as ordinary processes: how many times as long an operation takes."
	echo
	cat "$crowd"
	echo
fi
echo "## Instructions an operation"
echo
echo "Counted by callgrind, with one worker; the changes are from insn.txt, which \`make check\` compares."
echo
cat "$1/bench/insn.md"
echo
echo "## What the machine takes"
echo
echo "Measured in the same rounds, without the runtime (bench_floor): nothing that needs one of these can cost less."
echo
awk -f "$here/lines.awk" -f "$here/floors.awk" "$here/floors.txt" "$out/floor.txt"
echo
echo "## Why rows fall short"
while IFS=$'\t' read -r name what; do
	printf '\n### %s (%s)\n' "$what" "$name"
	text=$(section "$name")
	printf '%s\n' "${text:-
Not explained yet.}"
done <"$out/short.tsv"
