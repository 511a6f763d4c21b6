#!/bin/bash
# SPDX-License-Identifier: MIT
# How fast traces are loaded: benchmarks/load.sh BUILD-DIRECTORY > LOADING.md
#
# `make bench-load` builds and calls this.  The same program (bench_load.c) is recorded ordinary and packed,
# and each trace loaded by weft, and read by babeltrace2 with a sink that does nothing and as text.  From
# the environment:
#
#     EVENTS  "1000000 10000000"; with LONG=1 100000000, too
#     ROUNDS  3: how often each is loaded, one after the other; the median counts
#     DIR     a temporary directory, where all traces and databases fit: 120 bytes an event
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

# A command's seconds, seconds of cpu, and MB, into a file, so many times.
measure() { # file, times, command...
	local file=$1 times=$2
	shift 2
	for ((i = 0; i < times; i++)); do
		"$bench" run "$@" >/dev/null 2>"$dir/said" || { cat "$dir/said" >&2; exit 1; }
		tail -1 "$dir/said" >>"$file"
	done
}

# Their medians.
medians() { # file
	for field in 1 2 3; do
		cut -d ' ' -f $field "$1" | sort -n | sed -n "$((($(wc -l <"$1") + 1) / 2))p"
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
	echo "- rounds: $rounds, in each of which a trace of up to 10 M events is loaded five times; the medians; babeltrace2 once"
	echo "- system: $(uname -srm); $(. /etc/os-release && echo "$PRETTY_NAME")"
	echo "- cpus: $(getconf _NPROCESSORS_ONLN) of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
	echo "- $(babeltrace2 --version | head -n 1)"
	echo
}

record() { # form, events
	local options=--lossless
	[ "$1" = ordinary ] || options="$options --packed"
	# shellcheck disable=SC2086
	"$build/weft" record $options -f -o "$dir/run.db" --keep "$dir/$1.$2" -- "$bench" "$2" 2>"$dir/said" ||
		{ cat "$dir/said" >&2; exit 1; }
}

# In each round every trace is loaded, and the short ones five times, so that what is slow for a while is so for
# all.
load_all() {
	for ((round = 0; round < rounds; round++)); do
		for n in $events; do
			for form in ordinary packed; do
				measure "$dir/$form.$n.load" $((n > 10000000 ? 1 : 5)) \
					"$build/weft" load -q -f -o "$dir/$form.$n.db" "$dir/$form.$n"
				[ "$((round + 1))" = "$rounds" ] || rm "$dir/$form.$n.db"
			done
		done
	done
}

rows() {
	for n in $events; do
		for form in ordinary packed; do
			record $form "$n"
		done
	done
	load_all
	echo "| trace | events | M/s | M/s of cpu | bytes an event: CTF | SQLite | most memory, MB | babeltrace2, dummy: M/s | as text: M/s |"
	echo "|---|---|---|---|---|---|---|---|---|"
	for n in $events; do
		for form in ordinary packed; do
			at=$dir/$form.$n
			measure "$at.dummy" 1 babeltrace2 "$at" -o dummy
			measure "$at.text" 1 babeltrace2 "$at"
			echo "$form $("$build/weft" sql --list "$at.db" "select events from run") $(size "$at" -name '*_[0-9]*')" \
				"$(size "$at.db") $(medians "$at.load") $(medians "$at.dummy") $(medians "$at.text")"
		done
	done | awk '
		{ printf "| %s | %d | %.2f | %.2f | %.1f | %.1f | %.0f | %.2f | %.2f |\n", $1, $2, $2 / $5 / 1e6,
			$2 / $6 / 1e6, $3 / $2, $4 / $2, $7, $2 / $8 / 1e6, $2 / $11 / 1e6; fflush() }'
}

{
	heading
	rows
} | awk -f "$here/lines.awk" -f "$here/load.awk"
