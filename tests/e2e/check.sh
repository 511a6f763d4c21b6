#!/bin/sh
# SPDX-License-Identifier: MIT
# weft check finds each kind of fault, and nothing in what is sound.
. "$(dirname "$0")/lib.sh"

"$weft" load -q -o sound.db "$here/../traces/views.trace"
check sound "$weft" check sound.db

# What is planted, and what must be said of it.
finds() { # name, statement, message
	cp sound.db wrong.db
	change wrong.db "$2"
	run "$weft" check wrong.db
	if [ "$status" = 1 ] && grep -q -- "$3" out; then
		ok "finds_$1"
	else
		not_ok "finds_$1" "status $status, says: $(cat out)"
	fi
}

finds lost_events "insert into gap values (5, 1, 1, 1, 3)" '3 events are lost'
finds anomalies "insert into anomaly (ts, pid, what) values (5, 1, 'a pig flies')" 'a pig flies'
finds wrong_sum "update g_interval set dur = dur + 1 where id = 1" 'do not sum to their lifetime'
finds goroutine_without_states "delete from g_interval where g = 2" 'goroutines without any state'
finds hole_in_a_goroutine "update g_interval set ts = ts + 1 where id = 2" \
	'states of goroutines that do not begin where the one before ends'
finds disorder_in_a_goroutine "update g_interval set id = -id where (g, ts) = (select g, max(ts) from g_interval where g = 1)" \
	'states of goroutines that do not begin where the one before ends'
finds hole_in_a_worker "update p_interval set ts = ts + 1 where id = (select max(id) from p_interval)" \
	'states of workers that do not begin where the one before ends'
finds worker_without_goroutine "update p_interval set state = 5 where id =
	(select min(id) from p_state where state = 'running')" 'ran for another time'
finds full_channel "update fact set a2 = 3 where id = (select id from chan_op where len = 2)" 'more elements than the channel can hold'
finds vanished_element "delete from fact where id = (select min(id) from chan_op)" \
	'leave another number of elements'
finds operation_after_the_end "update object set dur = 30 where kind = 'chan'" 'after it was freed'
finds two_locks_in_turn "delete from mutex_time where id =
	(select min(id) from mutex_op where op = 'unlock')" 'do not take turns'
finds wait_that_was_not "update mutex_time set dur = dur + 1 where id in (select id from mutex_op where contended and op = 'lock')" \
	'waits for a lock that the goroutine'
finds level_that_tells_more "update lod_cell set dur = dur + 1 where lane = 'all' and state = 4" \
	'level of detail'
finds goroutine_that_ran_more "update goroutine set running = running + 1 where g = 2" \
	'goroutines whose sums are not those'
finds goroutine_that_waited_once_more "update goroutine set waits = waits + 1 where g = 2" \
	'goroutines whose sums are not those'
finds goroutine_with_another_end "update goroutine set last = 0 where g = 1" \
	'goroutines whose sums are not those'
finds function_that_ran_more "update g_sum set total = total + 1 where state = 1" 'sums of a function'
finds function_that_never_waited "delete from g_sum where state = 4" 'sums of a function'
finds longest_that_is_not "update g_sum set ts = ts - 1 where state = 4" \
	'not the longest'
finds goroutine_made_at_another_time "update goroutine set ts = ts + 1 where g = 2" 'goroutines whose sums are not those'
finds parent_that_is_not_there "update goroutine set parent = 777 where g = 2" 'goroutines whose parent is not there'
finds goroutine_that_is_its_parent "update goroutine set parent = g where g = 2" 'goroutines whose parent is not there, or no older'
finds another_goroutine_on_a_worker "update p_interval set g = 3 - g where id =
	(select min(id) from p_state where state = 'running' and dur > 0)" 'but not those'
finds another_duration "update run set dur = dur + 1" 'counts of the run'
finds culprit_without_waits "update blame_sum set waits = 0" 'culprits whose sums'
finds culprit_at_large "delete from blame_sum" 'culprits whose sums'
finds wrong_percentile "update spread set p90 = p90 + 1" 'percentiles that are not'
finds percentile_too_low "update spread set p50 = p50 - 1" 'percentiles that are not'
finds percentile_of_nothing "insert into spread values (4, 1, null, 999, 1, 1, 1, 1)" 'percentiles that are not'
finds percentile_twice "insert into spread select * from spread limit 1" 'percentiles that are not'
finds missing_percentile "delete from spread where p50 = (select max(p50) from spread)" 'percentiles that are not'
finds goroutines_counted_twice "update spread set goroutines = 2 * goroutines" 'percentiles that are not'
finds channel_that_gave_more "update chan set recvs = recvs + 1" 'sums of channels and mutexes'
finds mutex_that_was_held_longer "update mutex set held_max = held_max + 1" 'sums of channels and mutexes'
finds negative_time "update region set dur = -1" 'times that are negative'
for what in "goroutine set waiting = -1" "g_sum set total = -1 where state = 4" "g_sum set max = -1 where state = 4" \
	"g_interval set ts = 1000000, dur = null where id = 2" "p_interval set ts = 1000000 where dur is null"; do
	finds "negative_time_in_${what%% *}" "update $what" 'times that are negative'
done
finds events_in_disorder "update fact set ts = 1000 where id = 3" 'come before the one before them'
finds disorder_across_a_hole "delete from fact where id = 4; update fact set ts = (select ts + 1 from fact where id = 5)
	where id = 3" 'come before the one before them'
finds wrong_count "update run set events = events + 1" 'counts of the run'
finds missing_row "delete from site" 'references to rows that are not there'

# What these questions are asked with is what SQLite has for it.
same() { # name, a query, another one
	equal "$1" "$("$weft" sql --list sound.db "$2" | sort)" "$("$weft" sql --list sound.db "$3" | sort)"
}
same groups "select k1, k2, n, s1, s2, max, runs from grouped('select state, why, dur, g from g_interval order by g', 2)" \
	"select state, why, count(*), sum(dur), sum(g), max(g), count(distinct g) from g_interval group by state, why"
same rows_before "select c1, c2, c3, b2, b3 from lagged('select state, ts, why from g_interval order by ts, id')" \
	"select state, ts, why, lag(ts) over w, lag(why) over w from g_interval
	window w as (partition by state order by ts, id)"
run "$weft" sql sound.db "select * from grouped('selct', 1)"
expect wrong_query_to_group 1 'syntax error'
run "$weft" sql sound.db "select * from grouped('select 1', 2)"
expect too_few_columns_to_group 1 'too many columns, or none'

# The views that others build on.
finds waits_counted_twice "drop view g_wait; create view g_wait as
	select g, why, obj, label, count(*) as waits, 2 * sum(dur) as total, max(dur) as max from wait
	group by g, why, obj" 'do not sum to what they waited'
finds part_of_the_run_left_out "drop view worker_time; create view worker_time as
	select p, 0 as running from p_state group by p" 'utilisation over time does not sum'

# Where events are known to be missing what follows from that is not said again.
cp sound.db wrong.db
change wrong.db "insert into gap values (5, 1, (select pid from process), 1, 1);
	update run set lost = 1, events = events - 1; delete from fact where id = (select min(id) from chan_op);
	update chan set sends = sends - 1"
run "$weft" check wrong.db
equal a_loss_is_said_once "$(grep -c '^wrong.db' out)" 1

# What a timer drops is no exception, unless its events were not recorded.
"$weft" load -q -o timers.db "$here/../traces/timer_drop.trace"
check timers "$weft" check timers.db
change timers.db "delete from timer_drop"
run "$weft" check timers.db
equal finds_value_that_vanished_from_a_timer "$(grep -c 'leave another number of elements' out)" 1
change timers.db "update run set sets = 'sched,chan'"
check timers_that_were_not_recorded "$weft" check timers.db

# As JSON: each finding, and none is an empty array.
equal sound_as_json "$("$weft" check --json sound.db)" '[]'
run "$weft" check --json wrong.db
expect faults_as_json 1 ''
equal a_finding_as_json "$(echo "select json_extract(j, '$[0].what'), json_extract(j, '$[0].n'), json_array_length(j)
	from (select cast(readfile('out') as text) as j)" | sqlite3)" 'events are lost|1|1'
equal events_as_json "$("$weft" events --json >out; echo "select count(*), min(json_array_length(value, '$.fields')) > 0
	from (select cast(readfile('out') as text) as j), json_each(j)
	where json_extract(value, '$.event') in ('g_park', 'chan_send')
	and json_extract(value, '$.event_set') in ('sched', 'chan')" | sqlite3)" '2|1'
