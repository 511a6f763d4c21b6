#!/bin/sh
# SPDX-License-Identifier: MIT
# weft record --cpu: which function and goroutine takes the cpus.  What a worker was lost for.  The lengths of
# run queues, beside what the runtime itself says.
. "$(dirname "$0")/lib.sh"
CC="${CC:-cc} -fno-omit-frame-pointer" compile cpu

# ---- CPU samples ----------------------------------------------------------------------------

# The cpu time is that of the program's own clock: goroutine three takes 180 ms, one 60, in turns of 3 ms
# and 1 on average, and a sample stands for 4 ms and more.
burns() { # name, program
	run "$weft" record --cpu=250 --lossless -f -o "$1.db" ${3-} "./$2" burn
	expect "${1}_is_recorded" 0 ', 0 lost'
	equal "${1}_samples_name_both_functions" "$(query "$1.db" "select func from oncpu_func
		where func in ('burn_three', 'burn_one') order by total desc")" "$(printf 'burn_three\nburn_one')"
	# Which of the two a sample finds is a matter of chance, and less so of a busy machine's turns.
	equal "${1}_cpu_time_is_that_of_its_clock" "$(query "$1.db" "select sum(total) between 180e6 and 300e6,
		max(iif(func = 'three', total, 0)) > max(iif(func = 'one', total, 0)), min(total) > 10e6
		from oncpu_g where func in ('three', 'one')")" '1|1|1'
	equal "${1}_samples_are_of_the_goroutine_that_ran" "$(query "$1.db" "select count(*) from cpu_sample
		join stack_call using (stack) left join goroutine using (g)
		where stack_call.func in ('burn_three', 'burn_one') and 'burn_' || goroutine.func <> stack_call.func")" 0
	equal "${1}_stacks_are_whole" "$(query "$1.db" "select sum(iif(text in ('three;burn_three;burn;spin',
		'one;burn_one;burn;spin'), samples, 0)) > 8, sum(text like '...;%') from oncpu
		where text like '%burn%'")" '1|0'
	# The monitor may be stopped between looking at the clock and the event.
	equal "${1}_samples_are_when_it_ran" "$(query "$1.db" "select count(*) <= 5 from cpu_sample as c
		where g is not null and not exists (select 1 from g_span as s where s.g = c.g
		and s.state in ('running', 'detached') and c.ts between s.ts - 1000000 and s.ts + s.dur + 1000000)")" 1
	check "${1}_is_fine" "$weft" check "$1.db"
}
burns one_by_one cpu
burns packed cpu --packed
CC="${CC:-cc} -fomit-frame-pointer" compile without "$here/cpu.c"
burns without_frame_pointers without

run "$weft" export pprof cpu one_by_one.db -o cpu.pb.gz
expect pprof_cpu 0 ''
equal pprof_has_all_samples "$(go tool pprof -raw cpu.pb.gz 2>/dev/null |
	awk '/^Locations/ { exit } /^ *[0-9]+ +[0-9]+: / { n += $1; ns += $2 } END { printf "%d|%d\n", n, ns }')" \
	"$(query one_by_one.db 'select count(*), sum(ns) from cpu_sample')"
equal pprof_has_the_function "$(go tool pprof -top cpu.pb.gz 2>/dev/null | grep -c ' burn_three$')" 1
equal samples_have_lines "$(query one_by_one.db "select count(*) > 0 from cpu_sample join call using (stack)
	where file like '%/cpu.c' and line is not null and call.func = 'spin'")" 1
equal sums_of_functions_and_goroutines_are_all "$(query one_by_one.db "select (select sum(self) from oncpu_func) =
	(select sum(ns) from cpu_sample where stack is not null), (select sum(total) from oncpu_g) =
	(select sum(ns) from cpu_sample), (select sum(total) from oncpu) = (select sum(ns) from cpu_sample)")" '1|1|1'
equal the_set_is_in_the_run "$(query one_by_one.db "select sets like '%,cpu' from run")" 1

run "$weft" record -o none.db ./cpu burn
equal without_the_option_there_are_none "$(query none.db "select count(*), (select count(*) from module),
	(select sets like '%cpu%' from run) from cpu_sample")" '0|0|0'
run "$weft" export pprof cpu none.db
expect pprof_of_no_sample 1 'there is no sample: record with --cpu'
WEFT_TRACE_CPU=99 run "$weft" record -f -o none.db ./cpu burn
equal only_the_option_asks_for_them "$(query none.db 'select count(*) from cpu_sample')" 0
run "$weft" record --events=cpu -f -o set.db ./cpu burn
expect as_a_set 0 recorded
equal as_a_set_it_is_the_only_one "$(query set.db "select sets, (select count(*) > 5 from cpu_sample) from run")" \
	'sched,cpu|1'
run "$weft" record --cpu -f -o handler.db ./cpu handler
expect a_handler_of_the_programs_own_is_left 0 'the program has a handler for SIGPROF'
equal with_a_handler_there_are_none "$(query handler.db 'select count(*) from cpu_sample')" 0
# What comes later ends the samples, and gets nothing that is not its own.
taken() { # what, its output
	run "$weft" record --cpu -o "$1.db" ./cpu "$1"
	expect "${1}_ends_the_samples" 0 'no more cpu samples are recorded: the program uses SIGPROF'
	equal "${1}_gets_no_signal_but_its_own" "$(cat out)" "$2"
	equal "${1}_has_the_samples_until_then" "$(query "$1.db" 'select count(*) between 1 and 40 from cpu_sample')" 1
}
taken later 0
taken notify '0 1 1'
for hz in 0 1001 -1 x '' 10x; do
	run "$weft" record --cpu="$hz" -f -o x.db ./cpu burn
	expect "refuses_'$hz'" 2 "weft record: --cpu=$hz: give a number of samples for each second, from 1 to 1000"
done

# ---- What a worker was lost for -------------------------------------------------------------

WEFT_PROCS=1 run "$weft" record --lossless -o block.db ./cpu block
expect block 0 ', 0 lost'
equal a_worker_is_lost_for_a_system_call "$(query block.db "select distinct syscall from detach join goroutine
	using (g) where func = 'in_a_call'")" clock_nanosleep
equal a_worker_is_lost_for_computing "$(query block.db "select distinct syscall from detach join goroutine
	using (g) where func = 'computing'")" none
equal what_it_cost_is_all_detached_time "$(query block.db "select sum(total) =
	(select sum(detached) from g_total) from syscall_total")" 1

# ---- Run queues -----------------------------------------------------------------------------

# How often the runtime says, how often another length follows of its own queue and of the global one, how
# often a quarter of all and more, and the sum of all where all is quiet.
queues() { # database
	sqlite3 "$1" "create temp table r as select id, ts, dur, p, len from runq;
		create index temp.r_p on r (p, id);
		select count(*) > 100, sum(len <> q), sum(global <> g), max(sum(len <> q), sum(global <> g)) * 4 > count(*),
			(select sum(r.len) from temp.r as r, ev_g_name as e where r.ts < e.ts and r.ts + r.dur >= e.ts)
		from (select e.a1 as len, e.a2 as global,
			(select r.len from temp.r where r.p = e.a0 and r.id < e.id order by r.id desc limit 1) as q,
			ifnull((select r.len from temp.r where r.p is null and r.id < e.id order by r.id desc limit 1), 0) as g
			from event as e join event_kind using (kind) where name = 'p_queue')"
}
WEFT_PROCS=1 run "$weft" record --lossless -e sched -o crowd.db ./cpu crowd
expect crowd 0 ', 0 lost'
equal queues_are_as_long_as_the_runtime_says "$(queues crowd.db)" '1|0|0|0|0'
equal the_global_queue_is_used "$(query crowd.db "select max(len) > 100 from runq where p is null")" 1
check crowd_is_fine "$weft" check crowd.db
# A worker may be in the middle of taking from another's queue when that one says how long it is.
WEFT_PROCS=8 run "$weft" record --lossless --packed -e sched -f -o crowd.db ./cpu crowd
expect crowd_of_eight_workers 0 ', 0 lost'
equal queues_of_eight_workers_are_nearly_so_and_empty_in_the_end \
	"$(queues crowd.db | sed 's/^1|[0-9]*|[0-9]*|/1|/')" '1|0|0'
equal eight_workers_give_and_take "$(query crowd.db "select (select count(*) > 0 from ev_p_give),
	(select count(*) > 0 from ev_p_take), (select count(*) > 0 from ev_p_steal)")" '1|1|1'
# In a packed trace events are in the order of their times, which are fenced only where they must be.
equal no_effect_comes_before_its_cause "$(query crowd.db "with e as (select id, name, m, a0 as g from event
		join event_kind using (kind) where name in ('g_create', 'g_start', 'g_park', 'g_ready', 'g_yield', 'g_exit',
		'g_unpark', 'g_attach', 'g_detach')),
	s as (select name, m, lag(name) over g as before, lag(m) over g as m_before from e
		window g as (partition by g order by id))
	select sum(m <> m_before) > 100, sum(not case name
		when 'g_start' then before in ('g_create', 'g_ready', 'g_yield', 'g_attach')
		when 'g_ready' then before = 'g_park'
		when 'g_attach' then before = 'g_detach'
		else before in ('g_start', 'g_unpark', 'g_detach') end) from s
	where before is not null and name <> 'g_unpark'")" '1|0'
