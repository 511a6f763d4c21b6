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

run "$weft" record --lossless -o exec.db ./victim fork-exec
expect fork_and_exec 0 recorded
equal fork_and_exec_has_both "$(query exec.db 'select count(*) from process')" 2
equal fork_and_exec_has_all_messages "$(query exec.db \
	"select count(*) from chan_op where op = 'send' group by g >= 1000000000")" "$(printf '20\n40')"
check fork_and_exec_finds_nothing_wrong "$weft" check exec.db
