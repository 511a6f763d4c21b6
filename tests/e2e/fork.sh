#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that fork: each process has its own trace, in one database.
. "$(dirname "$0")/lib.sh"
compile victim

run "$weft" record --lossless -o fork.db ./victim fork
expect fork 0 recorded
equal fork_without_events_is_no_process "$(query fork.db 'select count(*) from process')" 1
check fork_finds_nothing_wrong "$weft" check fork.db

run "$weft" record --lossless -o exec.db ./victim fork-exec
expect fork_and_exec 0 recorded
equal fork_and_exec_has_both "$(query exec.db 'select count(*) from process')" 2
equal fork_and_exec_has_all_messages "$(query exec.db \
	"select count(*) from chan_op where op = 'send' group by g >= 1000000000")" "$(printf '20\n40')"
check fork_and_exec_finds_nothing_wrong "$weft" check exec.db
