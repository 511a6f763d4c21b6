#!/bin/bash
# SPDX-License-Identifier: MIT
# What recording each set of events costs: benchmarks/sets.sh BUILD-DIRECTORY > costs.def, or
# make bench-sets, which is what weft record --help says.
#
# An operation that emits two events of the set (bench_sets.c) is recorded without the set and with
# it, in turns; what is added to the least cpu time of the program in all rounds (ROUNDS=9) is halved.
# Of sched, without which nothing is recorded, it is compared with the same unrecorded.  Of cpu it is a
# tick of the kernel, which has one sample; what the monitor makes of it on another thread is not in it.
# Of stack what is added to events; packed is the set chan, in a packed recording.
set -euo pipefail

build=$1
rounds=${ROUNDS-9}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export WEFT_PROCS=1

# shellcheck disable=SC2086 # an option, too
recorded() { # sets, set: the program's figure; bytes and events are of the last one
	"$build/weft" record -f -o "$out/db" --keep "$out/trace" --events=$1 -- \
		"$build/benchmarks/bench_sets" "$2" 2>"$out/err" || { cat "$out/err" >&2; exit 1; }
	bytes=$(find "$out/trace" -name 'weft_*' -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }')
	rm -rf "$out/trace"
}

cat <<EOF
/* SPDX-License-Identifier: MIT */
/* Written by \`make bench-sets\`: what recording an event of each set takes of the program's cpu time, and
 * how much of the trace. */
#define COSTS_OF "$(getconf _NPROCESSORS_ONLN) cpus of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(date -u +%Y-%m-%d)"
EOF
for set in sched chan time sync io mark cpu stack packed; do
	rm -f "$out/with" "$out/without"
	run=$set less=sched more=sched,$set per=2 kinds="event_set = '$set'"
	case $set in
	sched) less= more=sched ;;
	cpu) more="$more --cpu=250" per=1 ;;
	stack) more="sched --stacks" kinds="name in ('g_park', 'g_ready')" ;;
	packed) run=chan less="sched --packed" more="sched,chan --packed" kinds="event_set = 'chan'" ;;
	esac
	for ((i = 0; i < rounds; i++)); do
		if [ "$less" ]; then
			recorded "$less" $run >>"$out/without"
			few=$bytes
		else
			"$build/benchmarks/bench_sets" $run >>"$out/without"
			few=0
		fi
		recorded "$more" $run >>"$out/with"
	done
	events=$("$build/weft" sql --list "$out/db" "select count(*) from event join event_kind using (kind)
		where $kinds")
	awk -v set=$set -v per=$per -v bytes=$((bytes - few)) -v events="$events" '
		!least[FILENAME] || $1 < least[FILENAME] { least[FILENAME] = $1 }
		END { printf "COST(%s, %.0f, %.0f)\n", set, (least[ARGV[1]] - least[ARGV[2]]) / per, bytes / events }
	' "$out/with" "$out/without"
done
