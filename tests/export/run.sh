#!/bin/bash
# SPDX-License-Identifier: MIT
# What weft writes for other programs, read back by them: each format of weft export, and --json and
# --csv of every command; and what it writes to a terminal, of which no text of a trace may be more
# than text.
#
#     tests/export/run.sh BUILD-DIRECTORY
build=$(realpath "${1:?usage: $0 BUILD-DIRECTORY}")
here=$(realpath "$(dirname "$0")")
. "$(dirname "$0")/../viz/lib.sh"
export PPROF_TMPDIR=$T

query() { # database, query
	"$weft" sql --list "$1" "$2"
}

json() { # file, query of the JSON as j
	sqlite3 :memory: "select $2 from (select readfile('$1') as j)"
}

# ---- Runs: of tests/viz, odd ones, one with stacks, and a crowd

printf '0 m=1 run_start workers=1 version=0.1\n' >one.trace
awk 'BEGIN {
	print "0 m=1 run_start workers=1 version=0.1"
	print "0 m=1 site_def site=1 func=crowd file=crowd.c line=9 what=member"
	print "100 m=1 p_start p=0"
	print "1000 m=1 g_create g=1 site=1 name=main"
	print "1100 m=1 g_start g=1 p=0"
	for (i = 2; i <= 100000; i++)
		print 1100 + i, "m=1 g_create g=" i, "parent=1 site=1 name=member"
	print "101200 m=1 g_park g=1 why=sleep site=1"
	for (i = 2; i <= 100000; i++) {
		print 101200 + 10 * i, "m=1 g_start g=" i, "p=0"
		print 101201 + 10 * i, "m=1 g_park g=" i " why=mutex_lock obj=0xa0 site=1"
	}
}' >crowd.trace
for trace in "$here"/../viz/*.trace "$here"/*.trace "$here"/../traces/{stacks,marks,counters,rwmutex,io}.trace *.trace; do
	grep -v '^-- ' "$trace" >one.txt
	sed '/^-- query/,$d' "$trace" >copy.trace
	expect "load $trace" 0 '' "$weft" load -q -f -o "$(basename "$trace" .trace).db" copy.trace
done
rm -f *.trace one.txt
runs=$(ls *.db | grep -v crowd | sed 's/[.]db$//')

# ---- Perfetto: protoc knows the numbers of its fields

decode() { # name
	"$weft" export perfetto "$1.db" -o "$1.pftrace" 2>err &&
		protoc --decode=Trace -I"$here" "$here/perfetto.proto" <"$1.pftrace" >"$1.txt" 2>err &&
		! grep -qE '^ *[0-9]+[:{ ]' "$1.txt" # a field that is not known has no name
}
# A line for each event: type track ts name flow, and for each track: track uuid parent name.
flat() { # name
	awk '
		/^packet/ { ts = 0; type = ""; track = uuid = parent = "-"; name = flow = "-" }
		$1 == "timestamp:" { ts = $2 }
		$1 == "type:" { type = $2 }
		$1 == "track:" { track = $2 }
		$1 == "uuid:" { uuid = $2 }
		$1 == "parent:" { parent = $2 }
		$1 == "value:" { name = $2 }
		/^    name:/ { sub(/^ *name: /, ""); name = $0 }
		$1 == "flow:" || $1 == "last_of_flow:" { flow = $2 }
		/^}/ { print type ? type " " track " " ts " " flow " " name : "track " uuid " " parent " " name }
	' "$1.txt"
}
for name in $runs; do
	holds "$name.perfetto" decode $name
	flat $name >$name.flat
	# Each goroutine's slices sum to its lifetime, but for one that was open.
	equal "$name.perfetto sums" "$(awk -v g=144115188075855872 '
		$1 == "BEGIN" && $2 >= g && $2 < g + 1e12 { begin[$2] = $3; open++ }
		$1 == "END" && $2 >= g && $2 < g + 1e12 { sum += $3 - begin[$2]; open-- }
		END { print sum + 0, open + 0 }' $name.flat)" \
		"$(query $name.db 'select coalesce(sum(dur), 0) || " " || count(*) filter (where dur is null) from g_state')"
	# All tracks of events are declared, before them, and those above them.
	equal "$name.perfetto tracks" "$(awk '
		$1 == "track" && $2 != "-" { known[$2] = 1; if ($3 != "-" && !known[$3]) print }
		$1 != "track" && !known[$2] { print }' $name.flat)" ""
	# A flow has one end, after its beginning.
	equal "$name.perfetto flows" "$(awk '
		$1 == "INSTANT" && $4 != "-" { from[$4] = $3; n++ }
		$1 == "BEGIN" && $4 != "-" { if (!($4 in from) || from[$4] > $3) print; n-- }
		END { if (n) print n }' $name.flat)" ""
done
holds perfetto_says_what_is_lost grep -q 'name: "9 events are lost"' small.txt
holds perfetto_has_places grep -q 'text: "bank.c:21"' small.txt
holds perfetto_has_regions grep -q 'name: "regions"' marks.txt
equal perfetto_counts_channels "$(grep -c "^COUNTER $(((3 << 56) + 2)) " odd.flat)" \
	"$(query odd.db "select count(*) from chan_op where obj = 1")"
equal perfetto_channels_end "$(grep "^COUNTER $(((3 << 56) + 2)) " freed.flat | cut -d' ' -f3,5)" "$(printf '120 1\n160 0')"
counter=$(((7 << 56) + $(query counters.db "select min(id) from counter") + 1))
equal perfetto_has_a_counter "$(grep "^track $counter " counters.flat)" "track $counter 8 \"bytes queued\""
equal perfetto_has_its_values "$(grep "^COUNTER $counter " counters.flat | cut -d' ' -f3,5)" \
	"$(printf '10 100\n10 50\n30 200\n90 0')"
equal perfetto_counts_states "$(grep "^COUNTER $(((4 << 56) + 4)) " odd.flat | tail -1 | cut -d' ' -f3,5)" "3000 1"

# ---- pprof: Go's own reader

pprof() { # name, kind, options of weft export...
	local file=$1.$2.pb.gz
	"$weft" export pprof "$2" "$1.db" -o "$file" "${@:3}" 2>err && go tool pprof -top "$file" >top 2>err
}
# In nanoseconds: the sum of a value over all samples.
total() { # file, which value
	go tool pprof -raw "$1" 2>err | awk -v n="$2" '
		/^Samples:/ { on = 1; next }
		/^Locations/ { on = 0 }
		on && /^ *[0-9]+ *[0-9]*: / { sub(/:.*/, ""); sum += $n }
		END { print sum }'
}
holds pprof_block pprof small block
holds pprof_block_names_the_function grep -q 'teller$' top
equal pprof_block_sums "$(total small.block.pb.gz 2)" \
	"$(query small.db "select sum(dur) from g_span where state = 'waiting' and why <> 'sleep'")"
holds pprof_mutex pprof small mutex
equal pprof_mutex_sums "$(total small.mutex.pb.gz 2)" \
	"$(query small.db "select sum(dur) from g_span where why = 'mutex_lock'")"
holds pprof_mutex_blames_the_unlock sh -c "go tool pprof -top -lines small.mutex.pb.gz | grep -q 'teller bank.c:21'"
holds pprof_rwmutex pprof rwmutex mutex
holds pprof_sched pprof small sched
equal pprof_sched_sums "$(total small.sched.pb.gz 2)" \
	"$(query small.db "select sum(dur) from g_span where state = 'runnable'")"
holds pprof_goroutine pprof circle goroutine
equal pprof_goroutine_counts "$(total circle.goroutine.pb.gz 1)" \
	"$(query circle.db 'select count(*) from goroutine where dur is null')"
holds pprof_goroutine_at pprof small goroutine --at 8us
equal pprof_goroutine_at_counts "$(total small.goroutine.pb.gz 1)" \
	"$(query small.db "select count(*) from g_span where ts <= 8000 and ts + dur > 8000")"
holds pprof_labels sh -c "go tool pprof -tags small.block.pb.gz | grep -q 'the vault'"
holds pprof_says_what_is_lost sh -c "go tool pprof -comments small.block.pb.gz | grep -q '^9 events are missing'"
lacks pprof_says_nothing_without_loss <(go tool pprof -comments circle.goroutine.pb.gz 2>err) 'missing'
# With stacks: the same calls, innermost first.
holds pprof_stacks pprof stacks block
equal pprof_stacks_sum "$(total stacks.block.pb.gz 2)" \
	"$(query stacks.db "select sum(dur) from g_span where state = 'waiting' and why <> 'sleep'")"
equal pprof_stacks_have_their_calls "$(go tool pprof -traces stacks.block.pb.gz 2>err |
	awk '/^---/ { if (s) print s; s = ""; next } on || /^---/ { } { on = 1 } $0 ~ /^ *[0-9.]+.?s / { sub(/^ *[^ ]* */, ""); s = $1; next } s { s = $1 ";" s } END { if (s) print s }' | sort -u)" \
	"$(query stacks.db "select distinct text from offcpu where why <> 'sleep' and text is not null order by 1")"
holds pprof_names pprof names block
for kind in block mutex sched; do
	expect pprof_nothing_$kind 1 'nothing to write as pprof' "$weft" export pprof $kind empty.db
done
expect pprof_no_goroutine 1 'no goroutine then' "$weft" export pprof goroutine empty.db
expect pprof_which 2 'which kind' "$weft" export pprof
expect pprof_no_kind 2 'no kind of profile heap' "$weft" export pprof heap small.db
expect pprof_at 2 'only pprof goroutine' "$weft" export pprof block small.db --at 1us
expect pprof_bad_at 2 'not a time like' "$weft" export pprof goroutine small.db --at noon

# ---- CSV: what sqlite reads is what the database has

for name in names odd; do
	expect "$name.csv" 0 '' "$weft" export csv all $name.db -o $name.csv
	equal "$name.csv has all" "$(ls $name.csv | sed 's/[.]csv$//' | sort)" \
		"$(query $name.db "select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite%'" | sort)"
	for table in goroutine object g_total site; do
		columns=$(query $name.db "select group_concat(name) from pragma_table_info('$table')")
		rm -f read.db
		sqlite3 read.db ".import --csv $name.csv/$table.csv x" 2>err
		equal "$name.$table.csv" "$(sqlite3 read.db "select quote(x.*) from x" 2>/dev/null; sqlite3 -list read.db "select $columns from x")" \
			"$(sqlite3 -list $name.db "select $columns from $table")"
	done
done
expect csv_one 0 '' "$weft" export csv goroutine odd.db
holds csv_lines_end_as_they_should sh -c '[ "$(grep -c "
" out)" = "$(wc -l <out)" ]' # each with CR LF
holds csv_quotes grep -q '"=1+1, ""quoted"""' out
equal csv_null_is_no_text "$(query odd.db 'select 1' >/dev/null; "$weft" sql --csv odd.db "select null as a, '' as b" | tail -1 | tr -d '\r')" ',""'
expect csv_no_table 1 'no table or view nothing' "$weft" export csv nothing odd.db
expect csv_injection 1 'no table or view' "$weft" export csv 'run"; drop table run; --' odd.db
expect csv_which 2 'which table' "$weft" export csv
expect csv_where 2 'in which directory' "$weft" export csv all odd.db
touch file
expect csv_not_a_directory 1 'cannot write file/' "$weft" export csv all odd.db -o file
expect csv_no_such_directory 1 'cannot make no/such' "$weft" export csv all odd.db -o no/such

# ---- Chrome, folded stacks, Graphviz

for name in $runs; do
	expect "$name.chrome" 0 '' "$weft" export chrome $name.db -o $name.json
	equal "$name.chrome is JSON" "$(json $name.json 'json_valid(j)')" 1
	expect "$name.dot" 0 '' "$weft" export dot $name.db -o $name.dot
	holds "$name.dot is a graph" dot -Tcanon $name.dot
done
# Every slice, flow and counter is of the run: the slices of goroutines sum to their lifetimes.
chrome() { # query on the events as e
	sqlite3 :memory: "select $1 from json_each(readfile('small.json'), '\$.traceEvents') as e"
}
equal chrome_has_all_time "$(chrome "round(1000 * sum(e.value ->> 'dur'))" | sed 's/[.]0//')" \
	"$(query small.db 'select (select sum(dur) from g_span) + (select sum(running) from worker_total)')"
equal chrome_has_a_flow_for_each_wakeup "$(chrome "sum(e.value ->> 'ph' = 's') || '|' || sum(e.value ->> 'ph' = 'f')")" \
	"$(query small.db "select count(*), count(*) from g_state where state = 'runnable' and why = 'ready' and waker > 0")"
equal chrome_has_counters "$(sqlite3 :memory: "select e.value ->> 'pid', e.value ->> 'ts', e.value ->> 'name',
		e.value -> 'args' ->> 'value' from json_each(readfile('counters.json'), '\$.traceEvents') as e
		where e.value ->> 'ph' = 'C'")" \
	"$(query counters.db "select 4 + (pid = 2), ts / 1000.0, name, value from counter order by id")"
equal chrome_channels_end "$(sqlite3 :memory: "select group_concat(e.value ->> 'ts' || ' ' || (e.value -> 'args' ->> 'elements'), '; ')
		from json_each(readfile('freed.json'), '\$.traceEvents') as e where e.value ->> 'name' like '% #1'")" '0.12 1; 0.16 0'
expect folded 0 '' "$weft" export folded small.db
equal folded_has_all_waiting "$(awk '{ sum += $NF } END { print sum }' out)" \
	"$(query small.db "select sum(dur) from g_span where state = 'waiting'")"
expect folded_names 0 '' "$weft" export folded names.db
holds a_frame_has_no_semicolon sh -c "! grep -q '.*;.*;.*;' out"
cat >alike.trace <<-'EOF'
	0 run_start workers=1
	0 site_def site=1 func=main file=a.c line=1 what=call
	1 g_create g=2 parent=1 site=1
	1 g_create g=3 parent=1 site=1
	2 obj_name obj=0xa0 name=reply
	2 obj_name obj=0xb0 name=reply
	3 g_park g=2 why=chan_recv obj=0xa0
	5 g_park g=3 why=chan_recv obj=0xb0
	10 run_stop
EOF
"$weft" load -q -f alike.trace -o alike.db
expect folded_alike 0 '' "$weft" export folded alike.db
equal objects_that_are_alike_are_one_frame "$(cat out)" 'call;chan recv reply 12'
expect nothing_to_fold 1 'nothing to write' "$weft" export folded empty.db

# ---- What can go wrong

expect export_which 2 'in which format' "$weft" export
expect export_no_format 2 'no format svg' "$weft" export svg small.db
expect export_which_database 2 'which database' "$weft" export dot
expect export_two 2 'one database' "$weft" export dot small.db names.db
expect export_missing 1 'no.db' "$weft" export perfetto no.db
for format in perfetto chrome dot 'pprof block' 'csv event'; do
	expect "$format to a full disk" 1 'cannot write /dev/full: No space' "$weft" export $format small.db -o /dev/full
	expect "$format to a full standard output" 1 'cannot write' \
		sh -c "'$weft' export $format small.db >/dev/full"
	expect "$format nowhere" 1 'cannot write no/such/file' "$weft" export $format small.db -o no/such/file
	expect "$format to a closed pipe" 0 '' timeout 60 sh -c "'$weft' export $format crowd.db 2>said | head -c 1 >out; ! test -s said"
done
echo before >kept
expect what_was_there_stays 1 'nothing to write' "$weft" export folded empty.db -o kept
equal what_was_there_stays "$(cat kept)" before
equal nothing_is_left_behind "$(ls | grep -E '[.][A-Za-z0-9]{6}$')" ""

# ---- --json: a JSON reader takes it, whatever the names are

for name in names odd one empty circle; do
	for command in stat why steps check 'sql select*from(goroutine)'; do
		set -- $command
		"$weft" "$1" --json $name.db "${@:2}" >out 2>err
		equal "$name: $command is JSON" "$(json out 'json_valid(j)')" 1
	done
done
"$weft" events --json >out
equal events_json "$(json out 'json_valid(j)')" 1
"$weft" why small.db --json >out
equal why_json_says_what_is_lost "$(json out "json_extract(j, '\$[0].lost')")" 9
"$weft" why circle.db --json >out
equal why_json_says_that_nothing_is_lost "$(json out "json_extract(j, '\$[0].lost')")" 0
"$weft" why names.db g1 --at 3500 --json >out
equal json_keeps_names "$(json out "json_extract(j, '\$[0].why')")" mutex_lock
"$weft" sql --json names.db 'select name from goroutine where g = 5' >out
equal json_says_the_name "$(json out "hex(json_extract(j, '\$[0].name'))")" "$(printf 'x\357\277\275y\342\200\256' | od -An -tx1 | tr -d ' \n' | tr a-f A-F)"
"$weft" steps names.db --json >out
equal steps_json_has_each_step "$(json out 'json_array_length(j)')" "$("$weft" steps names.db | wc -l)"

# The parts of each wait, and of each part, sum to it.
for name in $runs; do
	equal "the numbers of $name add up" "$("$here/sums.sh" "$weft" $name.db 30)" ""
done
# And it is noticed if one does not.
cp small.db wrong.db
sqlite3 wrong.db 'update goroutine set dur = dur + 1 where g = 2'
holds wrong_states_are_noticed sh -c '"$1" "$2" wrong.db | grep -q "g2 lived for 7401 ns, and its states are 7400"' - "$here/sums.sh" "$weft"
printf '#!/bin/sh\n"%s" "$@" | sed "/state/s/total.:4400/&1/"\n' "$weft" >wrong.sh
chmod +x wrong.sh
holds wrong_parts_are_noticed sh -c '"$1" ./wrong.sh small.db | grep -q "44001 ns, and its parts are 4400"' - "$here/sums.sh"

# ---- A terminal: no text of a trace commands it

# Bytes of control characters, but for line ends, and of what reorders text.
commanding() {
	LC_ALL=C grep -cP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$1"
}
holds such_names_are_in_the_database sh -c '"$1" sql --list names.db "select name from goroutine" >raw' - "$weft"
equal such_names_are_in_the_database "$(commanding raw)" 1
terminal() { # command...
	script -qec "NO_COLOR=1 '$weft' $*" /dev/null </dev/null | tr -d '\r' >out
}
for command in 'stat names.db' 'why names.db g5' 'steps names.db' 'check names.db' 'timeline names.db' \
	'timeline names.db --lanes goroutines' "sql names.db 'select * from goroutine'" \
	"sql --list names.db 'select * from goroutine'" "sql --csv names.db 'select * from goroutine'" \
	"sql --json names.db 'select * from goroutine'" "stat --json names.db" "steps --json names.db"; do
	terminal "$command"
	holds "$command says something on a terminal" test -s out
	equal "$command does not command a terminal" "$(commanding out)" 0
done
for command in stat steps check; do
	"$weft" $command names.db >out
	equal "$command to a file has none either" "$(commanding out)" 0
done

# ---- What takes more than a second says so, in a line that is gone afterwards

timeout 60 script -qefc "'$weft' sql small.db 'with recursive n(i) as (select 1 union all select i + 1 from n)
	select count(*) from n'" progress.out </dev/null >/dev/null 2>&1 &
until grep -q 'reading small.db: [0-9]' progress.out 2>/dev/null || ! kill -0 $!; do sleep 0.1; done
holds what_takes_long_says_so grep -q 'reading small.db: [0-9]* s' progress.out
{ kill $! && wait $!; } 2>/dev/null
terminal "sql small.db 'select 1'"
equal what_is_quick_says_nothing "$(grep -c reading out)" 0

# ---- A crowd of 100,000 goroutines

for command in stat why steps; do
	expect "a crowd: $command" 0 '' timeout 120 "$weft" $command crowd.db
done
"$weft" export pprof goroutine crowd.db -o crowd.pb.gz
equal a_crowd_is_counted "$(total crowd.pb.gz 1)" 100000

echo "$passed passed, $failed failed"
[ $failed = 0 ]
