#!/bin/sh
# SPDX-License-Identifier: MIT
# All of sync under stress: what the database says of each operation adds up.
. "$(dirname "$0")/lib.sh"
compile sync

for workers in 1 2 8; do
	WEFT_PROCS=$workers run "$weft" record --lossless -f -o run.db ./sync
	expect "records_sync_by_$workers" 0 ', 0 lost'
	equal "writes_by_$workers" "written $(query run.db \
		"select count(*) from rwmutex_op where op = 'lock' and site in
			(select site from rwmutex_op join site using (site) where func = 'step'
			 and line = (select min(line) from site where func = 'step'))"), consumed 2000" \
		"$(cat out)"
	check "sync_by_${workers}_without_fault" "$weft" check run.db
	equal "locks_end_unlocked_by_$workers" "$(query run.db \
		"select sum(op = 'lock') - sum(op = 'unlock'), sum(op = 'rlock') - sum(op = 'runlock'),
			(select readers from rwmutex_op order by id desc limit 1) from rwmutex_op")" '0|0|0'
	equal "nobody_reads_while_one_writes_by_$workers" "$(query run.db \
		"select count(*) from rwmutex_op where op in ('lock', 'unlock') and readers")" 0
	equal "each_once_runs_once_by_$workers" "$(query run.db \
		"select begun, ended, calls, count(*) > 0 from
			(select sum(op = 'begin') as begun, sum(op = 'end') as ended,
				sum(op <> 'end') as calls from once_op group by obj)
		group by 1, 2, 3")" '1|1|3|1'
	equal "all_who_are_signalled_wake_by_$workers" "$(query run.db \
		"select sum(woken) - sum(op = 'wait') from cond_op")" 0
	equal "slots_are_given_back_by_$workers" "$(query run.db \
		"select sum(iif(op = 'acquire', n, -n)), max(held) <= 5,
			(select held from semaphore_op where op = 'release' order by id desc limit 1),
			sum(parked) = sum(woken) from semaphore_op")" '0|1|0|1'
	equal "all_meet_each_round_by_$workers" "$(query run.db \
		"select sum(op = 'arrive'), sum(op = 'pass'), sum(parked), max(arrived) from barrier_op")" \
		'200|200|180|10'
done
