#!/bin/sh
# SPDX-License-Identifier: MIT
# A million channel operations by eight goroutines: nothing lost, and every goroutine's states add
# up to its lifetime.
. "$(dirname "$0")/lib.sh"
compile million

run "$weft" record --lossless -o run.db ./million
expect million 0 'of 9 goroutines in .*, 0 lost'
equal million_operations "$(query run.db \
	"select count(*) from chan_op where op = 'send' or (op = 'recv' and ok)")" 1000000
check million_without_fault "$weft" check run.db
equal states_add_up_to_lifetimes "$(query run.db \
	"select count(*), sum(total = g.dur) from goroutine g join
		(select g, sum(dur) as total from g_state group by g) using (g)
		where g.dur is not null")" '9|9'
equal states_have_no_gap "$(query run.db \
	"select count(*) from (select ts, lag(ts + dur) over (partition by g order by ts) as before
		from g_state) where ts <> before")" 0
