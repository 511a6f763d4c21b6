#!/bin/bash
# SPDX-License-Identifier: MIT
# Measure weft beside Go and Boost.Fiber, and what the tracepoints cost.
#
#     benchmarks/run.sh BUILD-DIRECTORY [MODE]
#
# compare  the benchmarks of rows.txt, with one worker and with two (this is the default)
# scale    those of scale.txt, at 1, 10, 100, ... goroutines
# crowd    those of rows.txt with more workers than cpus, and a parallel program
#
# `make bench`, `bench-compare` and `bench-scale` build and call this.  In every round each benchmark
# runs in weft and in Go, where that is installed, at once one after the other, and to compare also in
# weft with its tracepoints compiled out and in Boost.Fiber, if that is installed; every second round in the opposite order.  So what disturbs
# the machine disturbs all, and a ratio is formed within a round.  Where rows.txt says `warm`, each
# finds memory that was in use just before, as much as the greatest of them needs (warm.c).  From the
# environment:
#
#     ROUNDS     6; 3 but for compare
#     BENCHTIME  300ms, for each benchmark that has no number of operations
#     ROWS       a regular expression: only the names that match
#     MAX        1000000: no greater scale
#     FIFO       0: as an ordinary process; else under `chrt -f 50` if that is permitted, where
#                nothing else gets a cpu that the benchmark wants
#
# The lines are in Go's format, for benchstat, and stay in BUILD/bench/MODE/.
set -euo pipefail

build=$(cd "$1" && pwd)
here=$(dirname "$0")
mode=${2-compare}
rounds=${ROUNDS:-$([ "$mode" = compare ] && echo 6 || echo 3)}
benchtime=${BENCHTIME:-300ms}
warm_mib=5000 # a million parked goroutines of weft take 4.5 GB, page tables included
cpus=$(getconf _NPROCESSORS_ONLN)
many=$((cpus * 4))
out=$build/bench/$mode
export BENCH_NET=$build/benchmarks/bench_net

mkdir -p "$out"
rm -f "$out"/*

# What spins on every cpu, and nothing else may run, must still be stopped in the end.
fifo= guard=
if [ "${FIFO-1}" != 0 ] && chrt -f 60 true 2>/dev/null; then
	fifo="chrt -f 50"
	guard="chrt -f 60"
fi

"${CC:-gcc}" -O2 -o "$build/benchmarks/warm" "$here/warm.c"

if command -v go >/dev/null; then
	export GOCACHE=$build/go-cache
	echo "building benchmarks/go with $(go version)"
	(cd "$here/go" && go test -c -o "$build/benchmarks/go.test" .)
	go=1
else
	echo "go is not installed (Debian: golang-go): without it"
	go=
fi

boost=$build/benchmarks/bench_boost
if [ "$mode" != compare ]; then
	boost=
elif ! echo "#include <boost/fiber/all.hpp>" | g++ -E -x c++ - >/dev/null 2>&1; then
	echo "Boost.Fiber is not installed (Debian: libboost-fiber-dev): without it"
	boost=
elif [ ! "$boost" -nt "$here/boost/bench.cpp" ]; then
	g++ -std=c++17 -O2 -o "$boost" "$here/boost/bench.cpp" -lboost_fiber -lboost_context -pthread
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
	[[ $how != *,plain,* ]] || under=${fifo:+chrt -o 0}
	[[ $how != *,pin,* || $workers != 1 ]] || under="taskset -c 0 $under"
	[[ $how != *,warm,* ]] || "$build/benchmarks/warm" "$warm_mib"
	# shellcheck disable=SC2086
	$guard timeout -s KILL 150 $under "$@" >"$out/line" 2>"$out/err" || fail "$runtime, $workers workers: $*"
	grep -q '^Benchmark' "$out/line" || fail "$runtime has no such benchmark: $*"
	grep '^Benchmark' "$out/line" | tee -a "$out/$runtime.txt" | sed "s/\$/	($runtime)/"
}

one() { # runtime, program, name, workers, how, time
	export BENCHTIME=$6 WEFT_PROCS=$4
	case $1 in
	weft) measure weft "$4" "$5" "$build/benchmarks/bench_$2" "$3" ;;
	notrace) measure notrace "$4" "$5" "$build/notrace/benchmarks/bench_$2" "$3" ;;
	boost) ! "$boost" "$3" has || measure boost "$4" "$5" "$boost" "$3" ;;
	go) # in the pattern every part of the name is anchored
		measure go "$4" "$5" "$build/benchmarks/go.test" -test.cpu "$4" -test.benchtime "$6" \
			-test.bench "^Benchmark${3//\//\$/^}\$" -test.timeout 0
		;;
	esac
}

# What the machine takes, whoever uses it.
floors() {
	local name how time
	while read -r name how; do
		time=${how%%x*}x
		[[ $how = [0-9]*x* ]] || time=$benchtime
		BENCHTIME=$time WEFT_PROCS=1 measure floor 1 "$how" "$build/benchmarks/bench_floor" "$name"
	done < <(awk '!/^#/ && NF && !seen[$1]++ { print $1, $3 }' "$here/floors.txt")
}

# What there is to measure: program, name, workers, how, time.
work_of() { # mode
	awk -v mode="$1" -v time="$benchtime" -v rows="${ROWS-.}" -v max="${MAX-1000000}" \
		-v cpus="$cpus" -v many="$many" '
	function put(program, name, workers, how, time) {
		print program, name, workers, how, match(how, /[0-9]+x/) ? substr(how, RSTART, RLENGTH) : time
	}
	function operations(kind, size) {
		if (kind == "by")
			return size > 20000 ? size * 10 : 200000
		if (kind == "of")
				return size < 50000 ? int(100000 / size) : 2
			return 1
	}
	/^#/ || !NF || $2 !~ rows { next }
	FILENAME ~ /scale.txt$/ && mode == "scale" {
		for (size = 1; size <= $3 && size <= max; size *= 10)
			for (workers = 1; workers <= 2; workers++)
				put($1, $2 size, workers, $5, operations($4, size) "x")
	}
	FILENAME ~ /rows.txt$/ && mode == "compare" && !seen[$2]++ {
		put($1, $2, 1, $6, time)
		put($1, $2, 2, $6, time)
	}
	FILENAME ~ /rows.txt$/ && mode == "crowd" && $3 == "ns/op" && $6 !~ /^1x/ {
		put($1, $2, cpus, $6 ",plain", time)
		put($1, $2, many, $6 ",plain", time)
	}
	END {
		if (mode == "crowd" && "Parallel" ~ rows)
			for (serial = 1; serial <= 50; serial += serial < 10 ? 9 : 40)
				for (workers = 1; workers <= many; workers *= 2)
					put("sched", "Parallel/serial=" serial, workers, "plain", time)
	}' "$here/rows.txt" "$here/scale.txt"
}

# The unbuffered round trip, recorded; and how many events of it there are.
recorded() { # workers
	BENCHTIME=100000x WEFT_PROCS=$1 measure recorded "$1" plain "$build/weft" record -f \
		-o "$out/trace.db" -- "$build/benchmarks/bench_chan" ChanSync/pairs=1
	"$build/weft" sql --list "$out/trace.db" "select $1, events, lost from run" |
		tr '|' ' ' >>"$out/events.txt"
}

work=$(work_of "$mode")
[ "$mode" = compare ] && notrace=notrace || notrace=
for ((round = 1; round <= rounds; round++)); do
	echo "round $round of $rounds"
	runtimes="weft $notrace ${go:+go} ${boost:+boost}"
	[ $((round % 2)) = 1 ] || runtimes="${boost:+boost} ${go:+go} $notrace weft"
	while read -r program name workers how time; do
		for runtime in $runtimes; do
			one "$runtime" "$program" "$name" "$workers" "$how" "$time"
		done
	done <<<"$work"
	if [ "$mode" = compare ]; then
		recorded 1
		recorded 2
		floors
	fi
done
rm -f "$out/line" "$out/err" "$out/trace.db"
touch "$out/go.txt"

{
	echo "measured	$(date -u +%Y-%m-%d), commit $(git -C "$here" describe --always --dirty \
		--exclude '*' 2>/dev/null || echo unknown)"
	echo "rounds	$rounds, $benchtime each where the operations are not counted"
	echo "system	$(uname -srm); $(. /etc/os-release && echo "$PRETTY_NAME")"
	echo "cpus	$cpus of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
	echo "memory	$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
	echo "C	$(${CC:-gcc} --version | head -n 1)"
	[ -z "$go" ] || echo "Go	$(go version)"
	[ -z "$boost" ] || echo "Boost	$(echo BOOST_LIB_VERSION |
		g++ -E -P -include boost/version.hpp -x c++ - | tail -n 1 | tr -d '"')"
	if [ "$mode" != crowd ] && [ "$fifo" ]; then
		echo "scheduled	by $fifo, but for the sleepers; RT throttling $(cat \
			/proc/sys/kernel/sched_rt_runtime_us) us a second"
	else
		echo "scheduled	as ordinary processes"
	fi
	echo "load	$(cut -d ' ' -f 1-3 /proc/loadavg) at the end"
} >"$out/machine.txt"

case $mode in
compare)
	touch "$out/boost.txt"
	awk -v short="$out/short.tsv" -f "$here/lines.awk" -f "$here/table.awk" "$here/rows.txt" \
		"$out"/{weft,notrace,go,boost,recorded,events}.txt | tee "$out/table.md"
	;;
crowd)
	awk -v many="$many" -v cpus="$cpus" -f "$here/lines.awk" -f "$here/crowd.awk" "$here/rows.txt" \
		"$out"/{weft,go}.txt | tee "$out/table.md"
	;&
scale)
	awk -v dir="$out" -f "$here/lines.awk" -f "$here/scale.awk" "$out"/{weft,go}.txt
	;;
esac
