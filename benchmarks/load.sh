#!/bin/bash
# SPDX-License-Identifier: MIT
# How fast traces are loaded: benchmarks/load.sh BUILD-DIRECTORY > LOADING.md
#
# `make bench-load` builds and calls this.  The same program (bench_load.c) is recorded ordinary and packed,
# and each trace loaded by weft, and read by babeltrace2 with a sink that does nothing and as text.  From
# the environment:
#
#     EVENTS  "1000000 10000000"; with LONG=1 100000000, too
#     ROUNDS  3: how often each is done; the median counts
#     DIR     a temporary directory: where 60 bytes for each event fit, and the trace
#
# The goals are from the rows of the table: load.awk writes them anew without measuring.
set -euo pipefail

build=$(cd "$1" && pwd)
rounds=${ROUNDS-3}
events=${EVENTS-1000000 10000000 ${LONG:+100000000}}
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d -p "${DIR-${TMPDIR-/tmp}}")
trap 'rm -rf "$dir"' EXIT
bench=$build/benchmarks/bench_load

size() { # path...
	find "$@" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

# The medians of a command's seconds, seconds of cpu, and MB.  Not the least: of many short runs one has luck, and
# then long ones would seem slower.
median() { # command...
	for ((i = 0; i < rounds; i++)); do
		"$bench" run "$@" >/dev/null 2>"$dir/said" || { cat "$dir/said" >&2; exit 1; }
		tail -1 "$dir/said"
	done >"$dir/times"
	for field in 1 2 3; do
		cut -d ' ' -f $field "$dir/times" | sort -n | sed -n "$(((rounds + 1) / 2))p"
	done | paste -sd ' '
}

heading() {
	echo "<!-- Written by \`make bench-load\`. -->"
	echo "# How fast traces are loaded"
	echo
	echo "By \`make bench-load\`: M/s are millions of events in a second, of cpu those in a second of all threads'"
	echo "time, which changes less with what else runs on the machine. A packed trace is blocks for babeltrace2, of"
	echo "numbers that it does not look into, so that its rates are of events that it has not decoded."
	echo
	echo "- measured: $(date -u +%Y-%m-%d), commit $(git -C "$here" describe --always --dirty \
		--exclude '*' 2>/dev/null || echo unknown)"
	echo "- rounds: $rounds$([ "$rounds" = 1 ] || echo ", of which the medians are given; babeltrace2 reads each trace once")"
	echo "- system: $(uname -srm); $(. /etc/os-release && echo "$PRETTY_NAME")"
	echo "- cpus: $(getconf _NPROCESSORS_ONLN) of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
	echo "- $(babeltrace2 --version | head -n 1)"
	echo
}

rows() {
	echo "| trace | events | M/s | M/s of cpu | bytes an event: CTF | SQLite | most memory, MB | babeltrace2, dummy: M/s | as text: M/s |"
	echo "|---|---|---|---|---|---|---|---|---|"
	for n in $events; do
		for form in ordinary packed; do
			rm -rf "$dir/trace" "$dir/run.db"
			"$build/weft" record --lossless $([ $form = packed ] && echo --packed) -f -o "$dir/run.db" \
				--keep "$dir/trace" -- "$bench" "$n" 2>"$dir/said" || { cat "$dir/said" >&2; exit 1; }
			load=$(median "$build/weft" load -q -f -o "$dir/run.db" "$dir/trace")
			dummy=$(rounds=1 median babeltrace2 "$dir/trace" -o dummy)
			text=$(rounds=1 median babeltrace2 "$dir/trace")
			count=$("$build/weft" sql --list "$dir/run.db" "select events from run")
			echo "$form $count $(size "$dir/trace" -name '*_[0-9]*') $(size "$dir/run.db") $load $dummy $text"
		done
	done | awk '
		{ printf "| %s | %d | %.2f | %.2f | %.1f | %.1f | %.0f | %.2f | %.2f |\n", $1, $2, $2 / $5 / 1e6,
			$2 / $6 / 1e6, $3 / $2, $4 / $2, $7, $2 / $8 / 1e6, $2 / $11 / 1e6; fflush() }'
}

{
	heading
	rows
} | awk -f "$here/lines.awk" -f "$here/load.awk"
