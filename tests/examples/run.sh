#!/bin/sh
# SPDX-License-Identifier: MIT
# Every example, recorded: what it prints, and what its database says, must be what its opening
# comment promises.
#
#     tests/examples/run.sh [BUILD-DIRECTORY]
set -u

cd "$(dirname "$0")/../.."
build=${1:-build}
weft=$build/weft
tmp=$(mktemp -d /tmp/weft-examples-XXXXXX)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0
example=

# A test is what lies between two calls of begin.
begin()
{
	if [ -n "$example" ] && [ $fine = 1 ]; then
		echo "ok $name"
		passed=$((passed + 1))
	elif [ -n "$example" ]; then
		failed=$((failed + 1))
	fi
	example=$1
	name="examples: $*, WEFT_PROCS=${WEFT_PROCS:-}"
	fine=1
}

fail()
{
	echo "not ok $name - $1"
	fine=0
}

# is SQL EXPECTED: what the database of $example answers, columns by |, rows by newlines.
is()
{
	answer=$("$weft" sql "$tmp/$example.db" "$1" 2>&1)
	[ "$answer" = "$2" ] || fail "$1
	gives    $answer
	and not  $2"
}

# prints TEXT: a line of the program's output or messages.
prints()
{
	grep -q "$1" "$tmp/$example.out" || fail "prints no line with '$1': $(cat "$tmp/$example.out")"
}

# The same for every recording: nothing lost, nothing impossible, every goroutine's states sum to
# its lifetime, and the parts of waits to them.
sound()
{
	"$weft" check "$tmp/$example.db" >"$tmp/check" 2>&1 || fail "weft check: $(cat "$tmp/check")"
	sums=$(tests/export/sums.sh "$weft" "$tmp/$example.db" 3)
	[ -z "$sums" ] || fail "$sums"
}

# record STATUS EXAMPLE [ARGUMENT]...: run it under weft record; it must end with that status.
record()
{
	want=$1
	shift
	begin "$@"
	shift
	timeout 60 "$weft" record --lossless -f -o "$tmp/$example.db" -- "$build/examples/$example" "$@" \
		>"$tmp/$example.out" 2>&1
	got=$?
	[ $got = "$want" ] || fail "exit status $got, not $want: $(cat "$tmp/$example.out")"
	sound
}

# press_enter EXAMPLE LINE...: main waits for Enter, which is pressed only when all these lines have
# been printed, in any order.
press_enter()
{
	begin "$1"
	shift
	rm -f "$tmp/in" "$tmp/out"
	mkfifo "$tmp/in" "$tmp/out"
	timeout 30 "$weft" record --lossless -f -o "$tmp/$example.db" -- "$build/examples/$example" \
		<"$tmp/in" >"$tmp/out" 2>"$tmp/err" &
	exec 3>"$tmp/in" 4<"$tmp/out"
	: >"$tmp/$example.out"
	for line in "$@"; do
		read -r got <&4 || break
		echo "$got" >>"$tmp/$example.out"
	done
	for line in "$@"; do
		prints "$line"
	done
	echo >&3
	wait $! || fail "exit status $?: $(cat "$tmp/err")"
	exec 3>&- 4<&-
	sound
}

for workers in 1 2; do
	export WEFT_PROCS=$workers
	press_enter hello "press Enter" "hello from a goroutine"
	is "select func from goroutine order by g" "app
hello"
	press_enter chan "press Enter" "received 42"
	is "select op, g, peer from chan_op order by op" "recv|2|1
send|1|2"
	press_enter waitgroup1 "worker: " "press Enter"
	is "select op, g, delta, count from waitgroup_op" "add|1|1|1
add|2|-1|0
wait|1||"
	press_enter waitgroup2 "left: " "right: " "press Enter"
	is "select min(count), max(count), sum(op = 'wait') from waitgroup_op" "0|2|1"
	is "select group_concat(name) from (select name from goroutine where g > 1 order by g)" "left,right"
done

# With one worker hello can only run while main is blocked in read if the worker is taken from main.
export WEFT_PROCS=1
press_enter hello "press Enter" "hello from a goroutine"
is "select count(*) > 0 from g_state main join g_state hello
	on hello.ts >= main.ts and hello.ts < main.ts + main.dur
	where main.g = 1 and main.state = 'detached' and hello.g = 2 and hello.state = 'running'" 1

export WEFT_PROCS=2

record 0 sieve
prints "^281$"
is "select count(*) from goroutine where func = 'filter'" "$(grep -c '^[0-9]*$' "$tmp/sieve.out")"
is "select count(*) from chan" 61

record 0 philosophers
prints "Zeno ate 20 times"
is "select count(*) from mutex_op where op = 'lock'" 200
is "select count(*) from mutex_op a join mutex_op b on a.obj = b.obj and a.id < b.id
	where a.op = 'unlock' and b.op = 'unlock' and a.ts > b.ts - b.dur" 0

record 2 philosophers_deadlock
prints "all goroutines are asleep - deadlock!"
[ "$(grep -c "for mutex .fork [0-4]., locked by" "$tmp/philosophers_deadlock.out")" = 5 ] ||
	fail "the report does not name five forks and their holders: $(cat "$tmp/philosophers_deadlock.out")"
is "select fatal, exit_status from run" "all goroutines are asleep - deadlock!|2"
is "select why, count(*) from g_state where dur is null group by why order by why" "mutex_lock|5
waitgroup_wait|1"
is "select cause, certain from ev_deadlock" "order cycle|1
no peer left|1"

record 0 producer_consumer
prints "^200 jobs"
is "select label from contention limit 1" "jobs"
is "select max(len), sum(op = 'send') from chan_op" "8|200"
is "select why from g_state where state = 'waiting' and obj is not null
	group by why order by sum(dur) desc limit 1" "chan_send"

record 0 hot_mutex
prints "^total 2400"
is "select kind, label from contention limit 1" "mutex|total"

record 0 panic
prints "^refused: request 3 makes no sense (examples/panic.c:"
prints "^6 answers"
is "select g, message, how from panic order by ts" "1|request 3 makes no sense|trap
1|request 7 makes no sense|trap"
is "select sum(op = 'lock'), sum(op = 'unlock') from mutex_op" "8|8"

record 0 group
prints "^error 7, and the rest was not fetched"
is "select sum(op = 'go'), sum(op = 'done'), max(running), max(err) from group_op" "40|40|4|7"
is "select label, kind from object where kind = 'group'" "downloads|group"

record 0 pipeline
prints "^sum "
is "select kind, label from contention limit 1" "mutex|db"
is "select name, count(*) from region group by name" "ask the database|120"
is "select category from log" "import"
record 0 pipeline 6
is "select count(*) from contention where kind = 'mutex'" 0

begin stop
timeout 60 "$weft" record --lossless -f -o "$tmp/stop.db" -- sh -c 'echo $$; exec "$1"' sh "$build/examples/stop" \
	>"$tmp/stop.out" 2>&1 &
until grep -q "press Ctrl-C" "$tmp/stop.out"; do sleep 0.05; done
kill -INT "$(head -1 "$tmp/stop.out")"
wait $! || fail "exit status $?: $(cat "$tmp/stop.out")"
prints "^stopped by signal 2 after [0-9]* steps"
sound
is "select signal, listeners from ev_signal_recv" "2|1"
is "select cause from ev_ctx_cancel" 2

begin ""
echo "$passed passed, $failed failed"
[ $failed = 0 ]
