#!/bin/bash
# SPDX-License-Identifier: MIT
# What it costs to be recorded, in weft and in Go: benchmarks/trace.sh BUILD-DIRECTORY > TRACING.md
#
# `make bench-trace` builds and calls this.  In every round each workload of trace.txt runs in every
# way, one after the other, every second round in the opposite order; a ratio is formed within a
# round.  A program does its workload twice, and the second time is measured: the first touches the
# buffers.  Progress goes to the standard error.  From the environment:
#
#     ROUNDS   4
#     ROWS     a regular expression: only the workloads whose names match
#     WORKERS  "1 2"
#     GO_NEW   another Go to compare with, as /opt/go1.26/bin/go
#     FIFO     1: under `chrt -f 50`, where nothing else gets a cpu that a program wants (nor do the
#              daemons of a recording: events may be lost), on a machine that has other work
#
# The lines of each way are in BUILD/bench/trace/, in Go's format.
set -euo pipefail

build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
rounds=${ROUNDS:-4}
out=$build/bench/trace
fifo=
[ "${FIFO-0}" = 0 ] || fifo="chrt -f 50"

mkdir -p "$out"
rm -rf "${out:?}"/*

# A test binary of each Go; what runs it is $out/NAME.test
gos=
go_tests() { # name, go
	command -v "$2" >/dev/null || { echo "$2 is not there: without it" >&2; return 0; }
	echo "building benchmarks/go with $("$2" version)" >&2
	(cd "$here/go" && GOTOOLCHAIN=local GOCACHE=$build/go-cache-$1 "$2" test -c -o "$out/$1.test" .)
	gos="$gos $1"
	echo "$1	$("$2" version | sed 's/go version go//; s/ .*//')" >>"$out/gos"
}
go_tests go go
[ -z "${GO_NEW-}" ] || go_tests new "$GO_NEW"

fail() { # what
	echo "benchmarks/trace.sh: $1 failed" >&2
	cat "$out/err" >&2
	exit 1
}

# One line of a way, with what else is known of it behind.
line() { # way, more
	sed -n "s/^Benchmark.*/&$2/p" "$out/line" | tail -n 1 | tee -a "$out/$1.txt" | sed "s/\$/	($1)/" >&2
}

plain() { # way, directory, program, name
	# shellcheck disable=SC2086
	$fifo "$2/benchmarks/bench_$3" "$4" "$4" >"$out/line" 2>"$out/err" || fail "$1 $4"
	line "$1" ""
}

bytes_of() { # the streams of a trace
	find "$1" -type f -name 'weft_*' ! -name '*.idx' -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }'
}

recorded() { # way, program, name, options of weft record
	local way=$1 program=$2 name=$3
	shift 3
	# shellcheck disable=SC2086
	$fifo "$build/weft" record "$@" -f -o "$out/db" --keep "$out/trace" -- \
		"$build/benchmarks/bench_$program" "$name" "$name" >"$out/line" 2>"$out/err" || fail "$way $name"
	line "$way" "	$("$build/weft" sql --list "$out/db" 'select events, lost from run' |
		sed 's/|/ events	/') lost	$(bytes_of "$out/trace") trace-B"
	rm -rf "$out/trace" "$out/db"
}

in_go() { # way, go, name, workers
	local trace=
	[ "$1" = "$2" ] || trace="-test.trace $out/trace"
	# shellcheck disable=SC2086
	$fifo "$out/$2.test" -test.cpu "$4" -test.benchtime "$BENCHTIME" $trace -test.timeout 0 -test.count 2 \
		-test.bench "^Benchmark${3//\//\$/^}\$" >"$out/line" 2>"$out/err" || fail "$1 $3"
	line "$1" "${trace:+	$(stat -c %s "$out/trace" 2>/dev/null) trace-B}"
	rm -f "$out/trace"
}

one() { # way, program, name, operations, workers
	export WEFT_PROCS=$5 BENCHTIME=$4x
	case $1 in
	notrace | dormant | go | new) BENCHTIME=$((10 * $4))x ;;
	esac
	case $1 in
	notrace) plain "$1" "$build/notrace" "$2" "$3" ;;
	dormant) plain "$1" "$build" "$2" "$3" ;;
	sched) recorded "$1" "$2" "$3" --events=sched ;;
	all) recorded "$1" "$2" "$3" ;;
	stacks) recorded "$1" "$2" "$3" --stacks ;;
	packed) recorded "$1" "$2" "$3" --packed ;;
	packed-stacks) recorded "$1" "$2" "$3" --packed --stacks ;;
	go | go-traced) in_go "$1" go "$3" "$5" ;;
	new | new-traced) in_go "$1" new "$3" "$5" ;;
	esac
}

ways="notrace dormant sched all stacks packed packed-stacks"
for go in $gos; do
	ways="$ways $go $go-traced"
done
backwards=$(printf '%s\n' $ways | tac)
work=$(awk -v rows="${ROWS-.}" '!/^#/ && NF && $2 ~ rows' "$here/trace.txt")
for ((round = 1; round <= rounds; round++)); do
	echo "round $round of $rounds" >&2
	[ $((round % 2)) = 1 ] && order=$ways || order=$backwards
	while read -r program name operations _; do
		for workers in ${WORKERS-1 2}; do
			for way in $order; do
				one "$way" "$program" "$name" "$operations" "$workers"
			done
		done
	done <<<"$work"
done
rm -f "$out/line" "$out/err"
for way in $ways go go-traced new new-traced; do
	touch "$out/$way.txt"
done

echo "<!-- Written by \`make bench-trace\`. -->"
echo "# What it costs to be recorded"
echo
echo "By \`make bench-trace\`:"
echo
echo "- measured: $(date -u +%Y-%m-%d), commit $(git -C "$here" describe --always --dirty \
	--exclude '*' 2>/dev/null || echo unknown)"
echo "- rounds: $rounds, in every second one in the opposite order"
echo "- system: $(uname -srm); $(. /etc/os-release && echo "$PRETTY_NAME")"
echo "- cpus: $(getconf _NPROCESSORS_ONLN) of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
echo "- C: $(${CC:-gcc} --version | head -n 1)"
echo "- Go: $(cut -f 2 "$out/gos" 2>/dev/null | paste -sd ' ' | sed 's/ / and /')"
echo "- scheduled: ${fifo:-as ordinary processes}${fifo:+, while others used the machine}"
echo "- load: $(cut -d ' ' -f 1-3 /proc/loadavg) at the end"
echo
awk -v go="$(awk '$1 == "go" { print $2 }' "$out/gos" 2>/dev/null)" \
	-v new="$(awk '$1 == "new" { print $2 }' "$out/gos" 2>/dev/null)" \
	-f "$here/lines.awk" -f "$here/trace.awk" "$here/trace.txt" \
	"$out"/{notrace,dormant,sched,all,stacks,packed,packed-stacks,go,go-traced,new,new-traced}.txt >"$out/tables"
cat "$out/tables"
echo
echo "What events are made of takes here, each in a loop of its own, the least of 20, in ns:"
echo
for ((i = 0; i < 20; i++)); do
	BENCHTIME=20000x "$build/benchmarks/bench_floor" Clock/counter Clock/counter,fenced Clock/monotonic \
		Locked Locked,counter Locked,counter,fenced
done | awk '!least[$1] || $3 < least[$1] { least[$1] = $3 }
	function row(what, name) { for (k in least) if (k ~ name) printf "| %s | %.1f |\n", what, least[k] }
	END {
		print "| | |\n|---|--:|"
		row("reading the counter of the cpu", "Clock/counter(-|$)")
		row("the same after a fence", "Clock/counter,fenced")
		row("reading CLOCK_MONOTONIC", "Clock/monotonic")
		row("a locked instruction", "Locked(-|$)")
		row("a locked instruction, and reading the counter of the cpu", "Locked,counter(-|$)")
		row("the same with a fence between them", "Locked,counter,fenced")
	}'
if grep -qF '**short**' "$out/tables"; then
	echo
	cat "$here/trace_shortfalls.md"
fi
