#!/bin/sh
# SPDX-License-Identifier: MIT
# The program's own marks; and that an object's last event is not followed by another of its own.
. "$(dirname "$0")/lib.sh"
compile marks

run "$weft" record --lossless -o run.db ./marks
expect marks 0 recorded
equal tasks_nest "$(query run.db 'select name, parent from task order by task')" "$(printf 'outer|\ninner|1')"
equal goroutines_belong_to_the_task_they_are_spawned_in \
	"$(query run.db "select category, task from log order by id")" "$(printf 'part|2\nnone|')"
equal an_ended_task_leaves_the_one_around_it \
	"$(query run.db 'select name, task, depth from region order by ts')" \
	"$(printf 'after inner|1|0\nwithin|1|1')"
run "$weft" record --packed --lossless -o packed.db ./marks
expect marks_packed 0 recorded
for how in run packed; do
	equal "counters_have_their_values_($how)" \
		"$(query $how.db 'select g, name, value from counter order by id')" \
		"$(printf '2|parts|1\n1|parts|0\n1|least|-9223372036854775808')"
	equal "counters_are_summed_up_($how)" \
		"$(query $how.db "select n, min, max, last, mean between 0 and 1 from counter_total where name = 'parts'")" \
		'2|0|1|0|1'
done
equal every_channel_is_one_object "$(query run.db "select count(*) from object where kind = 'chan'")" 100
equal nothing_happens_to_a_channel_after_it_was_freed \
	"$(query run.db 'select count(*) from chan_op as c join object as o using (obj) where c.ts > o.ts + o.dur')" 0
check nothing_is_wrong "$weft" check run.db
