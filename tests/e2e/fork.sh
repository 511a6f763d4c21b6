#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that fork: each process has its own trace, in one database.
. "$(dirname "$0")/lib.sh"
compile victim

# The child of a program that runs has nothing to record: it does not even register.
run "$weft" record --lossless --keep=kept -o fork.db ./victim fork
expect fork 0 recorded
equal fork_without_events_is_no_process "$(query fork.db 'select count(*) from process')" 1
check fork_finds_nothing_wrong "$weft" check fork.db
equal fork_has_one_trace "$(ls kept/trace/ust/pid | wc -l)" 1

run "$weft" record --lossless -o first.db ./victim fork-play 20
expect fork_before_it_runs 0 ', 0 lost'
equal fork_before_it_runs_has_all_messages "$(query first.db "select count(*) from chan_op where op = 'send'")" 40
equal fork_before_it_runs_has_its_name "$(query first.db 'select distinct name from process')" victim

run "$weft" record --lossless -o exec.db ./victim fork-exec
expect fork_and_exec 0 recorded
equal fork_and_exec_has_both "$(query exec.db 'select count(*) from process')" 2
equal fork_and_exec_has_all_messages "$(query exec.db \
	"select count(*) from chan_op where op = 'send' group by g >= 1000000000")" "$(printf '20\n40')"
check fork_and_exec_finds_nothing_wrong "$weft" check exec.db

# Programs that do not see themselves as the recorder does, and have the same process and thread ids.
space="unshare -pf"
$space true 2>/dev/null || space="unshare -rpf"
if $space true 2>/dev/null; then
	for packed in '' --packed; do
		name=spaces$packed
		run "$weft" record --lossless $packed --keep=kept_spaces$packed -o "$name.db" sh -c "$space ./victim play 300
			$space ./victim play 20; ./victim play 30"
		expect "$name" 0 ' 0 lost'
		equal "${name}_have_all_messages" "$(query "$name.db" "select seq, (select count(*) from chan_op
			join goroutine using (g) where goroutine.pid = process.pid and op = 'send')
			from process order by seq")" "$(printf '0|600\n1|40\n2|60')"
		equal "${name}_are_nothing_impossible" "$(query "$name.db" 'select what from anomaly')" ""
		sound "$name"
		run "$weft" load -o "$name.again.db" "kept_spaces$packed"
		expect "${name}_load" 0 ' 0 lost'
	done
	run "$weft" record --lossless --packed -o killed.db sh -c "$space ./victim die; exit 0"
	expect space_killed 0 ' [0-3] lost' # it may be in the middle of an event
	equal space_killed_is_one_process "$(query killed.db 'select count(*), sum(pid > 1) from process')" '1|1'
	# Without one's trace all of it is missing, whatever its process id would be; without a trace of either, too.
	for n in 1 2; do
		rm -r "$(ls -d kept_spaces/trace/ust/pid/*-"$(query spaces.db "select pid from process where seq = $n")"-*)"
		run "$weft" load -f -o less.db kept_spaces
		expect "spaces_without_$n" 0 'not all is well'
	done
	equal spaces_without_two_miss_them "$(query less.db 'select events + lost from run')" \
		"$(query spaces.db 'select events + lost from run')"
else
	skip spaces 'pid namespaces are not to be had'
fi

# One that goes on when the program has ended; it is a child that forked before weft_run, of the second program here.
for packed in '' --packed; do
	name=daemon$packed
	run "$weft" record --lossless $packed --keep=kept_$name -o "$name.db" sh -c './victim play 5; ./victim daemon'
	kill "$(cat out)"
	expect "$name" 0 ' 0 lost'
	expect "${name}_is_said" 0 "^weft: process $(cat out) \(victim\) went on after the program had ended; what it did then"
	# (Of a thread that began last no count is known; and two packed buffers are not read at one moment, so the last
	# effects may be without their causes.)
	equal "${name}_is_said_in_the_database" "$(query "$name.db" "select what from anomaly
		where what like '% went on %'")" \
		"process $(cat out) (victim) went on after the program had ended; what it did then is not recorded"
	equal "${name}_has_its_messages" "$(query "$name.db" "select count(*) >= 20 from chan_op join goroutine using (g)
		where pid = $(cat out) and op = 'send'")" 1
	run "$weft" load -o again.db -f "kept_$name"
	equal "${name}_is_kept_with_the_trace" "$(query again.db "select lost, (select count(*) from anomaly
		where what like '% went on %') from run")" '0|1'
	equal "${name}_leaves_nothing" "$(left_behind)" ""
done
