#!/bin/sh
# SPDX-License-Identifier: MIT
# Do the numbers of a run add up?  The states of each goroutine to its lifetime, and the parts of each
# wait, and of each of those, to it: as weft why tells the 100 longest waits of the goroutines that
# waited most often.  Prints what does not, and that nothing was looked at if so.
#
#     tests/export/sums.sh WEFT RUN.db [GOROUTINES]
weft=$1 db=$2 most=${3:-6}
waits=$(mktemp)
trap 'rm -f "$waits"' EXIT

"$weft" sql --list "$db" "select 'g' || g || ' lived for ' || life || ' ns, and its states are ' || sum from (
	select g.g, coalesce(g.dur, (select p.ts + p.dur from process p where p.pid = g.pid) - g.ts) as life,
		(select coalesce(sum(s.dur), 0) from g_span s where s.g = g.g) as sum from goroutine g)
	where life <> sum"
goroutines=$("$weft" sql --list "$db" "select g from g_total where waits > 0 order by waits desc, g limit $most")
{
	comma=[
	for g in $goroutines; do
		echo "$comma"
		comma=,
		"$weft" why "$db" "$g" --top 100 --json
	done
	echo ']'
} >"$waits"
[ -z "$goroutines" ] || sqlite3 :memory: "
	with recursive part(j) as (
		select w.value from json_each(readfile('$waits')) as g, json_each(g.value) as w
		union all select p.value from part, json_each(part.j, '\$.parts') as p),
	sums(j, sum) as (select j, (select sum(p.value ->> 'total') from json_each(part.j, '\$.parts') as p) from part)
	select j ->> 'goroutine' || ' from ' || (j ->> 'from') || ': ' || (j ->> 'total') || ' ns, and its parts are ' || sum
		from sums where sum <> j ->> 'total'
	union all select 'no wait was told' where not exists (select 1 from part)"
