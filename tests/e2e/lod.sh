#!/bin/sh
# SPDX-License-Identifier: MIT
# The level-of-detail pyramid: each bucket of each level has what the intervals in it add up to.
. "$(dirname "$0")/lib.sh"

# Three goroutines take turns on a worker; now and then all of them wait, long.  A channel has more and
# less in it, and a mutex is held and waited for.
awk 'function step(most) { seed = (seed * 1103515245 + 12345) % 2147483648; t += 1 + int(seed / 65536) % most }
BEGIN {
	print 0, "run_start workers=1\n0 p_start p=0\n0 chan_make g=1 chan=0x10 cap=100 size=8"
	for (g = 1; g <= 4; g++) print 0, "g_create g=" g
	print 0, "g_start g=4 p=0\n1 g_park g=4 why=chan_recv obj=0x20"
	for (i = 0; i < 9000; i++) {
		g = 1 + i % 3
		step(300); print t, "g_start g=" g, "p=0"
		len += i % 200 < 100 ? 1 : -1
		step(300); print t, (i % 200 < 100 ? "chan_send" : "chan_recv ok=1"), "chan=0x10 g=" g, "len=" len
		if (g == 1) { step(500); print t, "mutex_lock mutex=0x30 g=1" }
		if (g == 3) { step(500); print t, "mutex_unlock mutex=0x30 g=1" }
		long = i % 1000 > 995 ? 3000000 : 900
		if (g == 1) { # no wait: it had come; of an object whose lane has nothing else, and of one that has
			step(i % 90 ? 300 : 30000); print t, "g_park g=1 why=cond_wait obj=0x40"
			step(300); print t, "g_unpark g=1"
			step(300); print t, "g_park g=1 why=mutex_lock obj=0x30"
			step(i % 90 ? 300 : 30000); print t, "g_unpark g=1"
		}
		step(long); print t, "g_park g=" g, (g == 2 ? "why=mutex_lock obj=0x30" : "why=sleep")
		step(long); print t, "g_ready g=" g
	}
}' >t.trace
run "$weft" load -q -o t.db t.trace
expect loads 0 ''

# All that the pyramid says, and what it must say: what is only in one of them.
difference() { # columns, what it says, what it must say
	echo "with pyramid as ($2), sums as ($3)
	select count(*), (select count(*) from pyramid) > 0 from (
		select * from (select $1 from pyramid except select $1 from sums)
		union all select * from (select $1 from sums except select $1 from pyramid))" | sqlite3 t.db
}
cut="sum(max(0, min(ts + dur, (value + 1) * width) - max(ts, value * width)) * w)"
levels="join lod_lane using (lane, key) join lod_level as v on v.level >= lod_lane.level,
	generate_series(ts / width, max(ts, ts + dur - 1) / width)"

equal states_of_lanes "$(difference 'level, lane, key, bucket, state, dur, n' \
	"select * from lod" \
	"select v.level, lane, key, value as bucket, state, $cut as dur, sum(ts / width = value) as n
	from (select 'all' as lane, 0 as key, state, ts, dur, 1 as w from g_span
		union all select 'g', g, state, ts, dur, 1 from g_span
		union all select 'p', p, state, ts, ifnull(dur, (select dur from run) - ts), 1 from p_state
		union all select 'm', m, state, ts, ifnull(dur, (select dur from run) - ts), 1 from p_state)
	$levels group by 1, 2, 3, 4, 5")" '0|1'
equal elements_of_a_channel "$(difference 'level, obj, bucket, len_sum, len_max' \
	"select * from lod_object where len_sum > 0" \
	"select v.level, key as obj, value as bucket, $cut as len_sum, max(w) as len_max
	from (select 'o' as lane, obj as key, ts, len as w,
		lead(ts, 1, (select dur from run)) over (partition by obj order by id) - ts as dur from chan_op)
	$levels where w > 0 and dur > 0 group by 1, 2, 3 having len_sum > 0")" '0|1'
equal times_of_a_lock "$(difference 'level, obj, bucket, waiters, held' \
	"select * from lod_object where held or waiters" \
	"select v.level, key as obj, value as bucket, sum(${cut#sum} * waits) as waiters,
		sum(${cut#sum} * (1 - waits)) as held
	from (select 'o' as lane, obj as key, ts - dur as ts, dur, 1 as w, 0 as waits from mutex_op
		where op = 'unlock' and dur > 0
		union all select 'o', obj, ts, dur, 1, 1 from g_span where why = 'mutex_lock' and dur > 0)
	$levels group by 1, 2, 3 having held or waiters")" '0|1'
awk 'BEGIN {
	print "0 run_start workers=1\n0 p_start p=0\n0 g_create g=1\n0 g_start g=1 p=0"
	for (i = 0; i < 100; i++) {
		t = 100 * i
		print t, "rwmutex_rlock rwmutex=0x40 g=1\n" t + 10, "rwmutex_rlock rwmutex=0x40 g=1"
		print t + 30, "rwmutex_runlock rwmutex=0x40 g=1\n" t + 30, "rwmutex_runlock rwmutex=0x40 g=1"
		print t + 40, "rwmutex_lock rwmutex=0x40 g=1\n" t + 45, "rwmutex_unlock rwmutex=0x40 g=1"
	}
}' >rw.trace
"$weft" load -q -o rw.db rw.trace
equal readers_hold_it_each "$(echo "select distinct held from (select sum(held) as held from lod_object
	group by level) union all select total from lock_time where what = 'hold'" | sqlite3 rw.db)" '5500
500'
equal one_who_only_waits_has_no_rows "$(echo "select count(*) from lod_cell where lane = 'g' and key = 4" | sqlite3 t.db)" 0
equal a_row_for_sixteen "$(echo "select count(*), max(16 * rows > n) from (select level, lane, key, count(*) as rows,
	sum(n) as n from lod_cell where lane in ('g', 'p') group by 1, 2, 3)" | sqlite3 t.db | sed 's/^[1-9][0-9]*|/many|/')" 'many|0'
equal few_buckets_at_the_top "$(echo "select (select dur from run) / width < 64 from lod_level order by level desc limit 1" | sqlite3 t.db)" 1
check sound "$weft" check t.db
