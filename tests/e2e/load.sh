#!/bin/sh
# SPDX-License-Identifier: MIT
# Traces and databases that are damaged, missing or something else, met by load, check and sql.
. "$(dirname "$0")/lib.sh"
compile victim

# On one cpu: three packets of a MiB in one stream.
WEFT_PROCS=1 run taskset -c "$(a_cpu)" "$weft" record --lossless -o run.db --keep whole ./victim play 6000
expect makes_a_trace_of_several_packets 0 ''
stream=$(cd whole && find . -type f -size +8k -name '*_[0-9]*' ! -path '*/index/*' -printf '%s %p\n' |
	sort -rn | head -1 | cut -d' ' -f2)
meta=$(cd whole && find . -name metadata | head -1)

# damage NAME: a copy of the trace, to be damaged.
damage() {
	rm -rf "$1"
	cp -r whole "$1"
}

# loads NAME PATTERN: it loads, says so, and check finds it.
loads() {
	run "$weft" load -f -o "$1.db" "$1"
	expect "loads_$1" 0 "$2"
	run "$weft" check "$1.db"
	expect "check_finds_$1" 1 ''
	run "$weft" sql "$1.db" "select g from goroutine join g_state s using (g) group by g
		having sum(s.dur) <> goroutine.dur union all select rowid from pragma_foreign_key_check"
	equal "sums_of_$1" "$(cat out)" ""
}

# refuses NAME PATTERN ARGUMENTS: a message, status 1, and no database.
refuses() {
	name=$1 pattern=$2
	shift 2
	run "$weft" load "$@"
	expect "refuses_$name" 1 "$pattern"
	equal "nothing_written_for_$name" "$(ls -A | grep -E '^(no\.db|\.weft-)')" ""
	rm -f no.db
}

damage truncated
truncate -s -100 "truncated/$stream"
loads truncated 'damaged: [0-9]+ bytes from offset [0-9]+ are left out'
damage headless
dd if=/dev/urandom of="headless/$stream" bs=60 count=1 conv=notrunc 2>/dev/null
loads headless "$(basename "$stream"): damaged"
damage garbled
yes garbage | dd of="garbled/$stream" bs=1 seek=3000 count=500 conv=notrunc 2>/dev/null
loads garbled "$(basename "$stream"): damaged"
# A program that is killed while it goes on to another buffer leaves it without its time of begin, or the one
# before without that of end, or with that of its last use.
mended() { # name, time for a header in hexadecimal, where it begins...
	damage "$1"
	name=$1 time=$2
	shift 2
	for at; do
		perl -e 'print pack "H*", shift' "$time" | dd of="$name/$stream" bs=1 seek="$at" conv=notrunc 2>/dev/null
	done
	run "$weft" load -q -f -o "$name.db" "$name"
	expect "loads_$name" 0 ''
	equal "${name}_has_the_same_times" "$(query "$name.db" 'select count(*), sum(ts) from event')" \
		"$(query run.db 'select count(*), sum(ts) from event')"
}
second=$((1 << 20))
mended unbegun 0000000000000000 32
mended unbegun_second 0000000000000000 $((second + 32))
mended unended 0000000000000000 40
mended unended_all 0000000000000000 40 $((second + 40)) $((2 * second + 40))
mended ended_before 0100000000000000 $((second + 40))
mended ended_long_after ffffffffffffff00 40
mended begun_long_after ffffffffffffff00 $((second + 32))
# What neither of the two tells: when the events of the second buffer were.
damage timeless
head -c 8 /dev/zero | dd of="timeless/$stream" bs=1 seek=40 conv=notrunc 2>/dev/null
head -c 8 /dev/zero | dd of="timeless/$stream" bs=1 seek=$((second + 32)) conv=notrunc 2>/dev/null
loads timeless 'damaged: [0-9]+ bytes from offset 1048576 are left out'
rm -rf stranger
cp -r whole stranger
metadata_text "whole/$meta" | sed 's/weft:/heft:/g' >"stranger/$meta"
refuses another_provider 'no weft events in it' -o no.db stranger
damage illegible
LC_ALL=C sed -i 's/struct/str\xff\xfe\x80/g' "illegible/$meta"
refuses bad_metadata 'metadata: damaged' -o no.db illegible
damage cut_metadata
truncate -s 3000 "cut_metadata/$meta"
refuses cut_metadata 'metadata: damaged' -o no.db cut_metadata
damage nameless
find nameless -name metadata -delete
refuses no_metadata 'no file called metadata' -o no.db nameless
mkdir empty
refuses empty_directory 'no CTF trace' -o no.db empty
refuses missing_directory 'nowhere: No such file' -o no.db nowhere
refuses a_file 'victim.* is not a directory' -o no.db victim

# What the trace and its copy both hold counts once.
run "$weft" load -q -o twice.db whole whole
expect loads_a_trace_twice 0 ''
equal events_count_once "$(query twice.db 'select events, lost from run')" \
	"$(query run.db 'select events, lost from run')"

# Output
echo mine >taken.db
run "$weft" load -o taken.db whole
expect refuses_to_overwrite 1 'taken.db exists'
equal keeps_what_was_there "$(cat taken.db)" mine
run "$weft" load -q -f -o taken.db whole
expect overwrites_when_told 0 ''
equal mode_is_that_of_a_file "$(stat -c %a taken.db)" 644
damage source
cp "$here/../traces/views.trace" source.trace
ln -s source to_source
refuses source_as_output 'source.trace is of the trace source.trace' -f -o source.trace source.trace
refuses stream_as_output 'is of the trace source' -f -o "to_source/$stream" source
refuses output_in_the_source 'source/no.db is of the trace to_source' -o source/no.db to_source
check source_is_untouched diff -r whole source
check source_file_is_untouched cmp source.trace "$here/../traces/views.trace"
refuses directory_as_output 'empty exists and is not a file' -f -o empty whole
ln -s nowhere link
refuses link_to_nothing 'link is a link to what is not there' -f -o link whole
equal link_to_nothing_stays "$(readlink link)" nowhere
refuses no_place 'nowhere/no.db' -o nowhere/no.db whole
run "$weft" load whole
expect needs_an_output 2 '-o FILE'
run "$weft" load -o no.db
expect needs_a_trace 2 'which trace'
run "$weft" load --frob
expect refuses_an_option 2 'frob'
"$weft" load -q -f -o race.db whole 2>/dev/null &
"$weft" load -q -f -o race.db whole 2>/dev/null
wait
check two_at_once_leave_a_whole_one "$weft" check race.db
if [ "$(id -u)" = 0 ] && mkdir full && mount -t tmpfs -o size=200k none full 2>/dev/null; then
	refuses full_disk 'no space left' -o full/no.db whole
	equal full_disk_is_left_empty "$(ls -A full)" ""
	umount full
else
	skip full_disk "it needs to mount a file system"
fi

# Interrupted in the middle: a named pipe keeps the loader waiting.
mkfifo wait.trace
"$weft" load -o no.db wait.trace 2>/dev/null &
loader=$!
exec 3>wait.trace
kill -TERM $loader
exec 3>&-
wait $loader
equal ends_by_the_signal $? 143
equal nothing_left_when_interrupted "$(ls -A | grep -E '^(no\.db|\.weft-)')" ""

# Hand-written events: a message names file, line and field.
bad() { # name, line, pattern
	printf '# first\n%s\n' "$2" >bad.trace
	refuses "$1" "bad.trace:2: $3" -o no.db bad.trace
}
bad no_time 'g_start g=1' "'g_start': a line begins with a time"
bad no_event '12 m=1' 'there is no event'
bad unknown_event '12 g_frob g=1' "'g_frob'"
bad unknown_field '12 g_start x=1' "field 'x'"
bad not_a_number '12 g_start g=one' "field 'g': 'one' is not a number"
bad not_a_wait '12 g_park g=1 why=boredom' "field 'why'"
bad too_large '12 g_start g=1 p=4294967296' "field 'p'.*32 bits"
bad open_quotation '12 user_log message="abc' "field 'message'"
printf '1 run_start\0\n' >nul.trace
refuses nul_byte 'nul.trace:1: the line has a NUL' -o no.db nul.trace
printf '# nothing\n' >none.trace
refuses no_events 'no weft events' -o no.db none.trace
refuses both_kinds 'cannot be loaded together' -o no.db none.trace whole

# Databases
echo "not a database, but long enough to look at" >text.db
: >empty.db
cp run.db old.db
printf '\0\0\0\143' | dd of=old.db bs=1 seek=60 conv=notrunc 2>/dev/null
cp run.db other.db
printf 'gpkg' | dd of=other.db bs=1 seek=68 conv=notrunc 2>/dev/null
head -c 6000 run.db >cut.db
for cmd in check sql; do
	for what in "missing:No such file" "text:not a database" "empty:none that weft made" \
		"old:schema 99; this weft reads" "other:none that weft made" "cut:damaged|malformed"; do
		run "$weft" $cmd "${what%%:*}.db"
		expect "${cmd}_refuses_${what%%:*}" 1 "${what#*:}"
	done
	run "$weft" $cmd
	expect "${cmd}_needs_a_database" 2 'which database'
done
check check_is_content "$weft" check run.db
equal check_says_so_in_a_line "$(wc -l <out)" 1
cp run.db wrong.db
change wrong.db 'update g_interval set dur = dur + 1 where g = (select g from goroutine where dur > 0 limit 1)'
run "$weft" check wrong.db
expect check_finds_a_wrong_sum 1 ''
cp out found
check check_names_it grep -q 'do not sum to their lifetime' found

# weft sql
run "$weft" sql run.db 'select 1 as a, null as b; select "x|y" as c' --json
equal sql_options_may_follow "$(tr -d '\n' <out)" '[{"a":1,"b":null}][{"c":"x|y"}]'
run "$weft" sql --csv run.db "select 'a,\"b\"' as x, 2 as y"
equal sql_csv "$(cat out)" "$(printf 'x,y\r\n"a,""b""",2\r')"
run "$weft" sql --table run.db "select char(27) || '[31m' || char(10) as x"
equal sql_shows_no_escapes "$(tail -1 out)" '\x1b[31m\n'
run "$weft" sql run.db 'select * frm run'
expect sql_syntax 1 'syntax error'
run "$weft" sql run.db 'delete from fact'
expect sql_only_reads 1 'readonly'
run "$weft" sql run.db select 1
expect sql_wants_one_argument 2 'quote it'
equal sql_reads_standard_input "$(echo 'select 6 * 7;' | "$weft" sql run.db)" 42
for view in $(query run.db "select name from sqlite_schema where type = 'view'"); do
	run "$weft" sql run.db "select * from $view"
	[ "$status" = 0 ] || not_ok "view_$view" "it fails"
done
check every_view_answers true
for cmd in load check sql events; do
	run "$weft" $cmd --help
	expect "help_$cmd" 0 ''
done

# What it says of a run that took so long, in nanoseconds: three digits, none of them an exponent.
while read -r ns said; do
	printf '0 run_start workers=1\n%s user_log g=0 message=end\n' "$ns" >took.trace
	run "$weft" load -f -o took.db took.trace
	expect "load_says_$ns" 0 "^weft: took.db: 2 events of 0 goroutines in $said, 0 lost$"
done <<EOF
59 59 ns
1500 1.5 us
999499999 999 ms
999600000 1 s
1284000000000 1284 s
EOF

# How far it is and how long it takes yet, on a terminal; and then that it is loaded.
"$weft" record --lossless -f -o p.db --keep=p -- "$build/benchmarks/bench_load" 50000 2>err
script -qec "$weft load -f -o p.db p" /dev/null | tr '\r' '\n' >said
check progress_has_rate_and_time_left grep -qE 'loading: [0-9]+ events, [0-9.]+ M/s, [0-9]+ s left' said
check progress_is_wiped_out grep -qE '^.\[Kweft: p.db: [0-9,]+ events' said
script -qec "$weft load -f -o garbled.db garbled" /dev/null | tr '\r' '\n' >said
check progress_in_a_damaged_trace grep -qE 'weft: looking into [0-9]+ of [0-9]+ bytes' said
check progress_in_a_damaged_trace_stays [ "$(grep -c '^.\[K$' said)" -lt "$(grep -c 'looking into' said)" ]
