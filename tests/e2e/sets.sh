#!/bin/sh
# SPDX-License-Identifier: MIT
# A recording of some sets of events has all of those and none of the others, and nothing seems to
# be missing.
. "$(dirname "$0")/lib.sh"
compile sync
compile marks
compile victim

count() { # database, condition
	query "$1" "select count(*) from event join event_kind using (kind) where $2"
}

record() { # sets, program, argument...: into $1.db
	sets=$1
	shift
	run "$weft" record --lossless -f -o "$sets.db" --events="$sets" -- "$@"
	expect "records_$sets" 0 ', 0 lost'
	check "nothing_seems_to_be_missing_in_$sets" "$weft" check "$sets.db"
}

record sched ./sync
equal sched_has_nothing_else "$(count sched.db "event_set <> 'sched'")" 0
check sched_has_what_goroutines_waited_for [ "$(query sched.db \
	"select count(*) > 0 from contention where kind = 'rwmutex' and label like 'rwmutex at sync.c:%'")" = 1 ]
equal what_is_not_recorded_is_said "$(query sched.db \
	"select sets, (select group_concat(event_set, ' ') from unrecorded) from run")" \
	'sched|chan time sync io mark'
run "$weft" report -o sched.html sched.db
check what_is_not_recorded_is_in_the_report grep -q 'chan, time, sync, io, mark' sched.html

record sync ./sync
equal sync_has_only_that "$(count sync.db "event_set not in ('sched', 'sync')")" 0
equal sync_has_every_once "$(query sync.db \
	"select min(n), max(n) from (select count(*) as n from once_op where op <> 'end' group by obj)")" '3|3'

record chan ./victim play 100
equal chan_has_every_message "$(query chan.db "select sum(op = 'send'), sum(op = 'recv' and ok) from chan_op")" \
	'200|200'
equal chan_has_only_that "$(count chan.db "event_set not in ('sched', 'chan')")" 0

record mark,time ./marks
equal two_sets_have_only_those "$(count mark,time.db "event_set not in ('sched', 'mark', 'time')")" 0
equal mark_has_every_region "$(query mark,time.db 'select count(*) from region')" 2

record sched,stack ./victim play 3
equal stack_is_no_set_of_events "$(count sched,stack.db "event_set <> 'sched'")" 0
check stack_has_stacks [ "$(query sched,stack.db "select count(*) from frame where func = 'play'")" -gt 0 ]

run "$weft" record -o all.db ./victim play 3
expect without_the_option_all_is_recorded 0 recorded
equal all_is_recorded "$(query all.db \
	"select sets = (select group_concat(event_set) from (select event_set, min(kind) from event_kind
		where event_set <> 'cpu' group by event_set order by 2)), (select count(*) from unrecorded) from run")" '1|0'

for bad in nope chan,nope '' chan,; do
	run "$weft" record -f -o all.db --events="$bad" ./victim play 3
	expect "refuses_'$bad'" 2 "no set of events '.*'; there are sched, chan, time, sync, io, mark, cpu, stack\$"
done

# The help says what make bench-sets measured, and on what machine.
costs=$here/../../tracer/costs.def
run "$weft" record --help
cp out help
check help_has_each_measured_cost sh -c "sed -n 's/^COST([a-z]*, \([0-9]*\), \([0-9]*\)).*/\1 ns and \2 bytes of trace/p' '$costs' |
	while read -r cost; do grep -qF \"\$cost\" help || exit 1; done"
check help_has_a_cost_of_each_set [ "$(grep -c 'ns and .* bytes of trace' help)" = "$(grep -c '^COST' "$costs")" ]
check help_says_where_costs_were_measured grep -qF "$(sed -n 's/^#define COSTS_OF "\(.*\)"/\1/p' "$costs")" help
