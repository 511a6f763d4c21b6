#!/bin/sh
# SPDX-License-Identifier: MIT
# Each of examples/bottlenecks has one fault, marked in its source as "the bottleneck".  What a person
# reads first, the answers of weft stat and weft why --longest, name whose it is, what is waited for,
# and where.  The parts of every wait sum to it, and the states of every goroutine to its lifetime.
. "$(dirname "$0")/lib.sh"
export WEFT_PROCS=2
source=$here/../../examples/bottlenecks

record() { # example
	run "$weft" record --lossless -f -o "$1.db" -- "$build/examples/bottlenecks/$1"
	[ "$status" = 0 ] || not_ok "$1 is recorded" "exit status $status"
	line="bottlenecks/$1[.]c:$(grep -n 'the bottleneck' "$source/$1.c" | cut -d: -f1)"
	"$weft" stat "$1.db" | sed '/^What all goroutines did/,$d' >stat
	"$weft" why --longest "$1.db" >why
}

# names COMMAND TEXT...: its answer has all of them, where @ is the marked line.
names() {
	command=$1
	shift
	for text; do
		text=$(echo "$text" | sed "s|@|at [^ ]*$line|")
		grep -q -- "$text" "$command" && continue
		not_ok "$command names the bottleneck of $example" "no '$text' in: $(cat "$command")"
		return
	done
	ok "$command names the bottleneck of $example"
}

# guilty EXAMPLE TEXT...: stat and why name it, and which goroutines.
guilty() {
	example=$1
	record "$1"
	shift
	for command in stat why; do
		names $command "$@"
	done
	adds_up "$example"
	check "$example is without fault" "$weft" check "$example.db"
}

guilty convoy 'g[0-9]* serve waited in mutex lock' 'mutex log' 'g[0-9]* serve unlocked it @'
guilty slow_consumer 'channel orders' 'ship waited in sleep @' '(g5 ship)'
guilty ping_pong 'channel answer' 'oracle sent @' 'oracle ran' '(g2 oracle)'
guilty head_of_line 'channel queue 2' 'slow waited in sleep @' '(g4 slow)'
guilty io_under_lock 'mutex cache' 'refill waited in read @' '(g3 refill)'
guilty reader_flood 'rwmutex table' 'search waited in sleep @' '(g[0-9]* search'
guilty inversion 'channel requests' 'store waited in sleep @' '(g2 store)'

# Where nothing is waited for that somebody gives, it is who runs, or how often.
guilty starvation 'channel pong' 'serve was runnable, waiting for a worker' \
	'of what ran meanwhile was g[0-9]* crunch, spawned @'
guilty timer_storm 'channel result' 'work was runnable, waiting for a worker' \
	'of what ran meanwhile was [0-9]* goroutines of poll, spawned at [^ ]*timer_storm[.]c:[0-9]'
names stat 'Most often *poll in sleep @: [0-9,]* times'
guilty leak 'g[0-9]* fetch waits in chan send @, for channel reply, and nobody ended it'
names stat 'Left behind *[0-9]* goroutines still waited at the end: .*fetch in chan send @, for reply'
