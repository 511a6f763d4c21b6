#!/bin/bash
# SPDX-License-Identifier: MIT
# Count the instructions of the fast paths, where times are too noisy to see a tenth.
#
#     benchmarks/insn.sh BUILD-DIRECTORY [check|record]
#
# `make bench-insn` builds and calls this, and prints a table; so does RESULTS.md.  `check` fails for
# each path that takes over a tenth more than insn.txt says; `record` writes insn.txt anew, for when
# that is meant, or when the paths have become shorter.
#
# Callgrind counts, with one worker, an operation done once and done many times; the figure is the
# difference, divided.  It holds for one compiler: where another is installed `check` is skipped.
set -euo pipefail

build=$1
mode=${2-table}
here=$(dirname "$0")
baseline=$here/insn.txt
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
operations=20000
compiler="$(gcc --version | head -n 1), $(uname -m)"

if ! command -v valgrind >/dev/null; then
	echo "skipped insn - valgrind is not installed"
	exit 0
elif [ "$mode" = check ] && ! grep -qxF "# $compiler" "$baseline"; then
	echo "skipped insn - insn.txt is for $(sed -n '1s/^# //p' "$baseline"), this is $compiler"
	exit 0
fi

# A line for each benchmark of a program: its name, and instructions per operation.
count() { # directory, program
	local names part=0
	mapfile -t names < <(awk -v p="$2" '$1 == p { print $2 }' "$baseline")
	rm -f "$out"/part*
	if ! WEFT_PROCS=1 BENCHTIME=${operations}x timeout 300 valgrind --tool=callgrind \
		--callgrind-out-file="$out/part" --dump-before=bench_mark \
		"$1/benchmarks/bench_$2" "${names[@]}" >"$out/log" 2>&1; then
		cat "$out/log" >&2
		exit 1
	fi
	for name in "${names[@]}"; do # two marks around each of its two runs
		part=$((part + 4))
		awk -v name="$name" -v n=$((operations - 1)) '/^totals:/ { v[++k] = $2 }
			END { printf "%s %.1f\n", name, (v[2] - v[1]) / n }' \
			"$out/part.$((part - 2))" "$out/part.$part"
	done
}

# Of every program: as insn.txt.
count_all() {
	for program in $(awk '!/^#/ { print $1 }' "$baseline" | uniq); do
		count "$build" "$program" >"$out/dormant"
		count "$build/notrace" "$program" >"$out/notrace"
		paste -d ' ' "$out/dormant" "$out/notrace" | sed "s/^/$program /"
	done | awk '{ print $1, $2, $3, $5 }'
}

# The monitor and threads that look for work count, too, and on a busy machine they may do more of it: nothing
# makes a path shorter than it is, so what seems too long is counted again, and the least is right.
too_long() {
	awk '/^#/ { next } FNR == NR { a[$2] = $3; b[$2] = $4; next } $3 > 1.1 * a[$2] || $4 > 1.1 * b[$2] { found = 1 }
		END { exit !found }' "$baseline" "$out/now"
}
count_all >"$out/now"
for _ in 1 2; do
	[ "$mode" = check ] && too_long || break
	count_all >"$out/again"
	paste -d ' ' "$out/now" "$out/again" |
		awk '{ print $1, $2, ($7 < $3 ? $7 : $3), ($8 < $4 ? $8 : $4) }' >"$out/least"
	mv "$out/least" "$out/now"
done
[ "$(wc -l <"$out/now")" = "$(grep -vc '^#' "$baseline")" ]

if [ "$mode" = record ]; then
	{
		echo "# $compiler"
		echo "# instructions an operation: program, name, with dormant tracepoints, and without"
		cat "$out/now"
	} >"$out/baseline"
	mv "$out/baseline" "$baseline"
fi

awk -v mode="$mode" '
function change(now, before) {
	return before > 0 ? (now / before - 1) * 100 : 0
}
function check(name, build, now, before) {
	if (change(now, before) <= 10) {
		printf "ok insn_%s_%s\n", build, name
		passed++
		return
	}
	printf "not ok insn_%s_%s - %+.1f%%: %.1f instructions, %.1f in benchmarks/insn.txt\n", build, name,
		change(now, before), now, before
	failed++
}
/^#/ { next }
FNR == NR { dormant[$2] = $3; out[$2] = $4; next }
mode == "check" {
	check($2, "dormant", $3, dormant[$2])
	check($2, "compiled_out", $4, out[$2])
	next
}
!header++ {
	line = "| %-24s | %8s | %6s | %12s | %6s | %11s |\n"
	printf line, "instructions", "dormant", "change", "compiled out", "change", "tracepoints"
	print "|--------------------------|---------:|-------:|-------------:|-------:|------------:|"
}
{
	printf line, $2, $3, sprintf("%+.1f%%", change($3, dormant[$2])), $4,
		sprintf("%+.1f%%", change($4, out[$2])), sprintf("%+.1f%%", change($3, $4))
}
END {
	if (mode == "check")
		printf "%d passed, %d failed\n", passed, failed
	exit failed > 0
}' "$baseline" "$out/now"
