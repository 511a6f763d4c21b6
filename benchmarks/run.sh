#!/bin/bash
# SPDX-License-Identifier: MIT
# Measure weft beside Go and Boost.Fiber, and what the tracepoints cost.
#
#     benchmarks/run.sh BUILD-DIRECTORY
#
# `make bench` builds and calls this; `make bench-compare` also writes RESULTS.md.  In every round
# each benchmark of rows.txt runs in weft, in weft with its tracepoints compiled out, in Go and in
# Boost.Fiber (where these are installed), at once one after the other, with one worker and with two;
# every second round in the opposite order.  So what disturbs the machine disturbs all, and a ratio
# is formed within a round.  From the environment:
#
#     ROUNDS     6
#     BENCHTIME  300ms, for each benchmark that rows.txt gives no number of operations
#     ROWS       a regular expression: only the names that match
#     FIFO       0: as an ordinary process; else under `chrt -f 50` if that is permitted, where
#                nothing else gets a cpu that the benchmark wants
#
# The lines are in Go's format, for benchstat, and stay in BUILD/bench/.
set -euo pipefail

build=$(cd "$1" && pwd)
here=$(dirname "$0")
rounds=${ROUNDS:-6}
benchtime=${BENCHTIME:-300ms}
out=$build/bench
export BENCH_NET=$build/benchmarks/bench_net

mkdir -p "$out"
rm -f "$out"/*.txt

fifo=
if [ "${FIFO-1}" != 0 ] && chrt -f 50 true 2>/dev/null; then
	fifo="chrt -f 50"
fi

if command -v go >/dev/null; then
	export GOCACHE=$build/go-cache
	echo "building benchmarks/go with $(go version)"
	(cd "$here/go" && go test -c -o "$build/benchmarks/go.test" .)
	go=1
else
	echo "go is not installed (Debian: golang-go): without it"
	go=
fi

# A benchmark that hangs, crashes or computes something wrong has no figure.
fail() { # what
	echo "benchmarks/run.sh: $1 failed" >&2
	cat "$out/err" >&2
	exit 1
}

# A line of `runtime`: the name, and what runs it.
measure() { # runtime, workers, how, command...
	local runtime=$1 workers=$2 how=,$3, under=$fifo
	shift 3
	[[ $how != *,plain,* ]] || under=
	[[ $how != *,pin,* || $workers != 1 ]] || under="taskset -c 0 $under"
	# shellcheck disable=SC2086
	timeout 300 $under "$@" >"$out/line" 2>"$out/err" || fail "$runtime, $workers workers: $*"
	grep '^Benchmark' "$out/line" | tee -a "$out/$runtime.txt" | sed "s/\$/	($runtime)/"
}

one() { # runtime, program, name, workers, how
	local time=$benchtime
	[[ ! $5 =~ ([0-9]+x) ]] || time=${BASH_REMATCH[1]}
	export BENCHTIME=$time WEFT_PROCS=$4
	case $1 in
	weft) measure weft "$4" "$5" "$build/benchmarks/bench_$2" "$3" ;;
	notrace) measure notrace "$4" "$5" "$build/notrace/benchmarks/bench_$2" "$3" ;;
	go) # in the pattern every part of the name is anchored
		measure go "$4" "$5" "$build/benchmarks/go.test" -test.cpu "$4" -test.benchtime "$time" \
			-test.bench "^Benchmark${3//\//\$/^}\$" -test.timeout 0
		;;
	esac
}

# The unbuffered round trip, recorded; and how many events of it there are.
recorded() { # workers
	BENCHTIME=100000x WEFT_PROCS=$1 measure recorded "$1" plain "$build/weft" record -f \
		-o "$out/trace.db" -- "$build/benchmarks/bench_chan" ChanSync/pairs=1
	"$build/weft" sql --list "$out/trace.db" "select $1, events, lost from run" |
		tr '|' ' ' >>"$out/events.txt"
}

work=$(awk -v rows="${ROWS-.}" '!/^#/ && $2 ~ rows && !seen[$2]++ { print $1, $2, $6 }' "$here/rows.txt")
for ((round = 1; round <= rounds; round++)); do
	echo "round $round of $rounds"
	runtimes="weft notrace ${go:+go}"
	[ $((round % 2)) = 1 ] || runtimes="${go:+go} notrace weft"
	while read -r program name how; do
		for workers in 1 2; do
			for runtime in $runtimes; do
				one "$runtime" "$program" "$name" "$workers" "$how"
			done
		done
	done <<<"$work"
	recorded 1
	recorded 2
done
rm -f "$out/line" "$out/err" "$out/trace.db"

{
	echo "rounds	$rounds, $benchtime each where the operations are not counted"
	echo "system	$(uname -srm); $(. /etc/os-release && echo "$PRETTY_NAME")"
	echo "cpus	$(getconf _NPROCESSORS_ONLN) of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
	echo "memory	$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
	echo "C	$(${CC:-gcc} --version | head -n 1)"
	[ -z "$go" ] || echo "Go	$(go version)"
	if [ "$fifo" ]; then
		echo "scheduled	by $fifo, but for the sleepers; RT throttling $(cat \
			/proc/sys/kernel/sched_rt_runtime_us) us a second"
	else
		echo "scheduled	as ordinary processes"
	fi
	echo "load	$(cut -d ' ' -f 1-3 /proc/loadavg) at the end"
} >"$out/machine.txt"
touch "$out/go.txt" "$out/boost.txt"
awk -v short="$out/short.tsv" -f "$here/table.awk" "$here/rows.txt" "$out"/{weft,notrace,go,boost,recorded,events}.txt |
	tee "$out/table.md"
