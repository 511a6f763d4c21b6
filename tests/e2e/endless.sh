#!/bin/sh
# SPDX-License-Identifier: MIT
# With one worker a goroutine in an endless loop without any call of weft stops nobody: not a ticker,
# not a pair on channels, not the report of a deadlock of others; and the trace shows how.
. "$(dirname "$0")/lib.sh"
compile endless

WEFT_PROCS=1 WEFT_DEADLOCK=1s run "$weft" record --lossless -o run.db ./endless
expect a_loop_stops_no_ticker 0 'possible deadlock'
equal a_loop_stops_no_pair "$(cat out)" '300 ticks'
equal its_worker_is_taken_from_it "$(query run.db \
	"select count(*) > 0 from ev_g_detach d join goroutine g using (g) where g.func = 'loop'")" 1
equal it_goes_on_without "$(query run.db \
	"select state from g_state join goroutine using (g) where func = 'loop' and g_state.dur is null")" \
	detached
equal all_ticks_and_answers_were_received "$(query run.db \
	"select count(*) >= 600 from chan_op where op = 'recv' and g = 1")" 1
check the_trace_is_sound "$weft" check run.db
