#!/bin/sh
# SPDX-License-Identifier: MIT
# Measure weft beside Go, and what the tracepoints cost: `make bench` builds and calls this.
#
#     benchmarks/run.sh BUILD-DIRECTORY
#
# In every round each benchmark runs in weft and at once in Go (where `go` is installed), with one
# worker and with two; every second round the other way round.  So what disturbs the machine
# disturbs both, and a ratio is formed within a round.  ROUNDS (5) and BENCHTIME (300ms) come from
# the environment.  The lines are in Go's format, for benchstat, and stay in BUILD/bench/.
set -eu

build=$1
rounds=${ROUNDS:-5}
time=${BENCHTIME:-300ms}
here=$(dirname "$0")
out=$build/bench
go=$build/benchmarks/go.test

mkdir -p "$out"
rm -f "$out"/*.txt

if command -v go >/dev/null; then
	GOCACHE=$(cd "$build" && pwd)/go-cache
	export GOCACHE
	echo "building benchmarks/go with $(go version)"
	(cd "$here/go" && go test -c -o "$GOCACHE/go.test" .)
	mv "$GOCACHE/go.test" "$go"
else
	echo "go is not installed (Debian: golang-go): weft alone"
	go=
fi

# fail WHAT: a benchmark that hangs, crashes or computes something wrong has no figure.
fail()
{
	echo "benchmarks/run.sh: $1 failed" >&2
	exit 1
}

# weft PROGRAM NAME WORKERS
weft()
{
	WEFT_PROCS=$3 BENCHTIME=$time timeout 100 "$1" "$2" >"$out/line" || fail "$1 $2, WEFT_PROCS=$3"
	tee -a "$out/weft.txt" <"$out/line"
}

# go_same NAME WORKERS: in the pattern every part of the name is anchored.
go_same()
{
	[ "$go" ] || return 0
	pattern="^Benchmark$(echo "$1" | sed 's,/,$/^,g')\$"
	timeout 100 "$go" -test.bench "$pattern" -test.benchtime "$time" -test.cpu "$2" \
		>"$out/line" || fail "Go's $1, GOMAXPROCS=$2"
	grep '^Benchmark' "$out/line" | tee -a "$out/go.txt" | sed 's/$/	(Go)/'
}

# trace VARIANT WORKERS COMMAND...: the workload of bench_trace under a name of its own.
trace()
{
	variant=$1 workers=$2
	shift 2
	WEFT_PROCS=$workers timeout 300 "$@" >"$out/line" 2>"$out/err" || {
		cat "$out/err" >&2
		fail "bench_trace $variant, WEFT_PROCS=$workers"
	}
	sed "s,^BenchmarkTrace,&/$variant," "$out/line" | tee -a "$out/trace.txt"
}

round=1
while [ "$round" -le "$rounds" ]; do
	echo "round $round of $rounds"
	for program in "$build"/benchmarks/bench_sched "$build"/benchmarks/bench_chan \
		"$build"/benchmarks/bench_sync "$build"/benchmarks/bench_net; do
		for name in $("$program" --list); do
			for workers in 1 2; do
				if [ $((round % 2)) = 1 ]; then
					weft "$program" "$name" "$workers"
					go_same "$name" "$workers"
				else
					go_same "$name" "$workers"
					weft "$program" "$name" "$workers"
				fi
			done
		done
	done
	for workers in 1 2; do
		BENCHTIME=$time trace compiled-out $workers "$build/notrace/benchmarks/bench_trace"
		BENCHTIME=$time trace dormant $workers "$build/benchmarks/bench_trace"
		BENCHTIME=100000x trace recording $workers "$build/weft" record -f -o "$out/trace.db" \
			-- "$build/benchmarks/bench_trace"
		"$build/weft" sql "$out/trace.db" "select events, lost from run" |
			grep -o '[0-9][0-9|	 ]*' | sed "s/^/$workers /" >>"$out/events.txt"
	done
	round=$((round + 1))
done
rm -f "$out/line" "$out/err" "$out/trace.db"
{
	printf '\n%s, %s cpus (%s)\n' "$(uname -srm)" "$(getconf _NPROCESSORS_ONLN)" \
		"$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
	printf '%s; %s\n' "$(${CC:-gcc} --version | head -n 1)" "$(go version 2>/dev/null || echo no Go)"
	printf '%s rounds, %s each\n' "$rounds" "$time"
} >"$out/table.txt"
touch "$out/go.txt" # without Go
awk -f "$here/table.awk" "$out/weft.txt" "$out/go.txt" "$out/trace.txt" "$out/events.txt" \
	>>"$out/table.txt"
cat "$out/table.txt"
