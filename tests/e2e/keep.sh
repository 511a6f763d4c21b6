#!/bin/sh
# SPDX-License-Identifier: MIT
# A trace that is kept is ordinary CTF, and loads into the same database.
. "$(dirname "$0")/lib.sh"
compile victim

run "$weft" record --lossless -o run.db --keep trace ./victim play 500
expect keeps 0 recorded
equal kept_is_ours "$(find trace ! -user "$(id -u)")" ""

babeltrace2 trace >text 2>err
equal babeltrace2_reads_it "$(grep -c 'weft:' text)" "$(query run.db 'select events from run')"
run "$weft" load trace -o again.db
expect loads 0 ''
same="select * from run; select ts, pid, m, kind, a0, a1 from event order by id"
query run.db "$same" >one
query again.db "$same" >two
check loads_the_same cmp one two
check loads_without_fault "$weft" check again.db

# What lttng-crash recovered is part of it.
run "$weft" record --lossless -o killed.db --keep killed ./victim fall 9
expect keeps_of_a_killed_program 137 recorded
babeltrace2 killed >text 2>err
equal babeltrace2_reads_all_of_it "$(grep -c 'weft:' text)" "$(query killed.db 'select events from run')"
equal no_event_is_there_twice "$(grep -c 'weft:' text)" \
	"$(grep -o '{ m = [0-9]*, seq = [0-9]*' text | sort -u | wc -l)"
