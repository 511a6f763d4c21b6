#!/bin/sh
# SPDX-License-Identifier: MIT
# A program that a signal ends is recorded up to there; a weft record that one ends leaves nothing.
. "$(dirname "$0")/lib.sh"
compile victim

for sig in SEGV:11 KILL:9 ABRT:6; do
	n=${sig#*:}
	sig=${sig%:*}
	run "$weft" record --lossless -o "$sig.db" ./victim fall "$n"
	expect "$sig" $((128 + n)) "ended by signal $n"
	equal "${sig}_is_in_the_database" "$(query "$sig.db" \
		"select exit_status is null, exit_signal from run")" "1|$n"
	check "${sig}_has_events_up_to_it" [ "$(query "$sig.db" \
		"select count(*) > 1000 and max(ts) > 36000000 from event")" = 1 ]
	# A thread that is ended in the middle of an event tears that one, and keeps LTTng from telling
	# what came after it on that cpu.  It must be said.
	lost=$(query "$sig.db" 'select lost from run')
	run "$weft" check "$sig.db"
	if [ "$lost" = 0 ]; then
		expect "${sig}_loaded_consistently" 0 ''
	else
		mv out said # check writes out anew
		check "${sig}_says_what_was_torn" grep -q "$lost events are lost" said
	fi
done

# In the background and in a process group of its own, as a terminal would start it.
start() { # name
	rm -f ready
	setsid env --default-signal=INT,QUIT "$weft" record -f -o "$1.db" ./victim wait >ready 2>err &
	pid=$!
	await grep -q ready ready || not_ok "$1" "the program did not start"
}

start interrupt
kill -INT -$pid
wait $pid
status=$?
expect interrupt 130 'recorded'
equal interrupt_is_in_the_database "$(query interrupt.db 'select exit_signal from run')" 2

for sig in TERM:15 HUP:1 USR1:10; do
	n=${sig#*:}
	sig=${sig%:*}
	start $sig
	kill -$sig $pid
	wait $pid
	status=$?
	expect passes_${sig}_on $((128 + n)) 'recorded'
done

# Started by one that ignores the ends of its children.
run env --ignore-signal=CHLD "$weft" record --keep=childless -o childless.db ./victim exit 3
expect ignored_children 3 'recorded'
run env --ignore-signal=CHLD "$weft" record -o none.db grep SigIgn /proc/self/status
expect ignored_children_without_weft 125 'no weft events'
mv out said
check ignored_children_are_ignored_in_the_program grep -q 'SigIgn:.*[13579bdf]....$' said
for cmd in 'load -f -o childless.db childless' 'check childless.db' 'report -o childless.html childless.db'; do
	run env --ignore-signal=CHLD "$weft" $cmd
	expect "ignored_children_${cmd%% *}" 0 ''
done

# Killed itself: the program goes on, and of the tracer nothing is left.
gone() {
	[ -z "$(left_behind)" ]
}
start killed
kill -KILL $pid
wait $pid 2>/dev/null
check killed_leaves_nothing await gone
victim=$(for p in /proc/[0-9]*; do
	[ "$p/exe" -ef "$T/victim" ] && basename "$p"
done)
check program_of_a_killed_record_goes_on kill "$victim"

# At any moment, also while it starts and while it stops.
for ms in 000 005 010 020 040 080 120 160 200 300 400; do
	setsid "$weft" record -f -o moments.db ./victim play 2000 >/dev/null 2>&1 &
	pid=$!
	sleep 0.$ms
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
done
await gone
equal killed_at_any_moment_leaves_nothing "$(left_behind)" ""
