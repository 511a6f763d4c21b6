#!/bin/sh
# SPDX-License-Identifier: MIT
# With --lossless a program waits while its buffers are full; and does not wait for ever when nobody
# empties them any more.
#
# Who empties them, the consumer daemon, is stopped, so that they do get full, however fast it is.
. "$(dirname "$0")/lib.sh"
compile victim
TIMES=25000 # of 12 events: more than the 8 MiB of one cpu's buffers
cpu=$(a_cpu)
mkfifo tell

# Who asks for it is weft record, not what it was started by.
LTTNG_UST_ALLOW_BLOCKING=1 run "$weft" record sh -c 'echo "${LTTNG_UST_ALLOW_BLOCKING-unset}"'
equal not_lossless_by_inheritance "$(cat out)" unset

consumer() { # our daemon's pid
	for p in /proc/[0-9]*; do
		read -r comm <"$p/comm" || continue
		case $comm in
		lttng-consumer*) tr '\0' '\n' <"$p/environ" | grep -q "^LTTNG_HOME=$T" &&
			echo "${p#/proc/}" ;;
		esac
	done 2>/dev/null
}

program() {
	for p in /proc/[0-9]*; do
		[ "$p/exe" -ef "$T/victim" ] && echo "${p#/proc/}"
	done
}

ticks() { # of cpu that the program has used
	cut -d ' ' -f 14,15 "/proc/$victim/stat"
}

# The program has begun to write, and uses no cpu any more: it waits.
waits() {
	before=$(ticks)
	[ "$before" != "$idle" ] || return 1
	sleep 0.5
	[ "$(ticks)" = "$before" ]
}

ended() {
	grep -q done said
}

# As await: for longer than an event waits for room.
await_long() {
	await "$@" || await "$@" || await "$@" || await "$@"
}

# Record a program that writes much while the consumer daemon is stopped.
start() { # database, option...
	db=$1
	shift
	WEFT_PROCS=1 taskset -c "$cpu" "$weft" record "$@" -o "$db" ./victim flood $TIMES <tell >said 2>err &
	pid=$!
	exec 3>tell
	await grep -q ready said
	victim=$(program)
	daemon=$(consumer)
	kill -STOP "$daemon"
	idle=$(ticks)
	echo >&3
}

end() {
	exec 3>&-
	wait $pid
	status=$?
}

start lossy.db
check without_it_the_program_goes_on await ended
kill -CONT "$daemon"
end
expect without_it_events_are_lost 0 'recorded .* lost; next: weft check'
equal without_it_the_database_knows "$(query lossy.db 'select lost > 0 from run')" 1

start whole.db --lossless
await waits
check the_program_waits sh -c '! grep -q done said'
kill -CONT "$daemon"
end
expect nothing_is_lost 0 'recorded .*, 0 lost; next: weft report'
equal every_message_is_there "$(query whole.db "select count(*) from chan_op where op = 'send'")" \
	$((2 * TIMES))
check nothing_is_wrong "$weft" check whole.db

start cut.db --lossless
await waits
kill -KILL "$daemon"
check a_dead_consumer_does_not_hold_the_program_up await_long ended
end
expect a_dead_consumer_is_said 0 'lttng-consumerd ended before the program did'
check the_database_has_what_was_before [ "$(query cut.db 'select events > 100000 from run')" = 1 ]
equal the_database_says_that_it_ends_early "$(query cut.db \
	"select count(*) from anomaly where what like 'lttng-consumerd ended before the program did%'")" 1

start away.db --lossless
await waits
kill -KILL $pid
check a_dead_recorder_does_not_hold_the_program_up await_long ended
wait $pid 2>/dev/null
exec 3>&-
gone() {
	[ -z "$(left_behind)" ]
}
check a_dead_recorder_leaves_nothing await gone
