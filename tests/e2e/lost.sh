#!/bin/sh
# SPDX-License-Identifier: MIT
# What is missing after a thread's last event, or of which there is nothing at all, is in the table
# gap: by the counts that outlive the program.
. "$(dirname "$0")/lib.sh"
compile victim

gaps() { # database
	query "$1" "select lost, ts + dur = (select max(ts) from event) from gap order by lost"
}

run "$weft" record --lossless --keep=kept -o run.db ./victim play 300
expect record 0 ' 0 lost'
counts=kept/left/threads.counts
slot() { # which thread is the one of this database row: its slot's offset in the file
	perl -e 'local $/; ($file, $m) = @ARGV; open(F, "<:raw", $file); $_ = <F>;
		for ($at = 64; $at < length; $at += 64) { print $at if unpack("V", substr($_, $at + 4, 4)) == $m }' \
		"$counts" "$1"
}
busiest=$(query run.db "select m from event group by m order by count(*) desc limit 1")
at=$(slot "$busiest")
check each_thread_has_a_count [ "$(od -An -tu4 -j8 -N4 $counts | tr -d ' ')" = \
	"$(query run.db 'select count(distinct m) from event')" ]
equal the_count_is_that_of_its_events "$(od -An -tu4 -j$((at + 8)) -N4 $counts | tr -d ' ')" \
	"$(query run.db "select count(*) from event where m = $busiest")"

set_count() { # directory, events: of the busiest thread, as if its program had not called exit()
	perl -e '($file, $at, $n) = @ARGV; open(F, "+<:raw", $file); seek(F, $at + 8, 0); print F pack("VV", $n, 0)' \
		"$1/left/threads.counts" "$at" "$2"
}
all=$(query run.db "select count(*) from event where m = $busiest")
cp -r kept more
set_count more $((all + 7))
run "$weft" load -o more.db more
expect lost_at_the_end 0 ' 7 lost; not all is well'
equal lost_at_the_end_is_a_gap "$(query more.db "select pid = (select pid from process), m, lost,
	ts = (select max(ts) from event where m = $busiest), ts + dur = (select max(ts) from event)
	from gap")" "1|$busiest|7|1|1"
run "$weft" check more.db
mv out said
check lost_at_the_end_is_said grep -q '7 events are lost' said
run "$weft" unpack more plain
run "$weft" load -o plain.db plain
expect lost_at_the_end_of_an_unpacked_trace 0 ' 7 lost'

# A trace of an older weft has no counts; one that went on after them has more events.
cp -r kept old
rm old/left/threads.counts
run "$weft" load -o old.db old
expect without_counts 0 ' 0 lost$'
cp -r kept on
set_count on $((all - 7))
run "$weft" load -o on.db on
expect counted_before_the_last_events 0 ' 0 lost$'

# Damaged: it is said, and all else is as it was.
cp -r kept short
truncate -s -1 short/left/threads.counts
run "$weft" load -o short.db short
expect damaged_counts 0 'threads.counts: damaged'
equal damaged_counts_lose_nothing "$(query short.db 'select events, lost from run')" \
	"$(query run.db 'select events, 0 from run')"

# ---- Streams that are missing, with their indexes --------------------------------------------

n=0
for stream in $(find kept/trace -name 'weft_*' ! -name '*.idx' -size +0); do
	n=$((n + 1))
	cp -r kept "less.$n"
	rm "less.$n/${stream#kept/}" "less.$n/$(dirname "${stream#kept/}")/index/$(basename "$stream").idx"
	run "$weft" load -o "less.$n.db" "less.$n"
	[ "$status" = 1 ] && grep -q 'no weft events' err && continue # it was the only one
	expect "missing_stream_$n" 0 'events of'
	equal "missing_stream_${n}_is_counted" "$(query "less.$n.db" 'select events + lost from run')" \
		"$(query run.db 'select events from run')"
done
check a_stream_is_missing [ $n -gt 0 ]

# All that one of two processes wrote.
run "$weft" record --lossless --keep=two -o two.db ./victim fork-exec
expect two_processes 0 ' 0 lost'
one=$(query two.db "select pid from process order by seq desc limit 1")
rm -r two/trace/ust/pid/*-"$one"-*
run "$weft" load -o one.db two
expect missing_process 0 'not all is well'
equal missing_process_is_counted "$(query one.db "select sum(lost), count(*) = sum(pid = $one) from gap")" \
	"$(query two.db "select count(*), 1 from event where pid = $one")"

# ---- Programs ---------------------------------------------------------------------------------

# Another program in the same process and thread: it counts anew, and is a process of its own.
for packed in --packed ''; do
	name=exec$packed
	rm -rf kept_exec
	run "$weft" record --lossless $packed --keep=kept_exec -o "$name.db" ./victim exec
	expect "$name" 0 ' [01] lost' # its monitor may be in the middle of an event
	equal "${name}_is_two_processes" "$(query "$name.db" "select seq, pid - (select min(pid) from process), name,
		(select count(*) from chan_op join goroutine using (g) where goroutine.pid = process.pid and op = 'send')
		from process order by seq")" "$(printf '0|0|victim|20\n1|10000000|victim|40')"
	equal "${name}_is_nothing_impossible" "$(query "$name.db" 'select what from anomaly')" ""
	run "$weft" unpack kept_exec plain_exec$packed
	run "$weft" load -o plain.db -f plain_exec$packed
	equal "${name}_unpacked_is_the_same" "$(query plain.db 'select pid, seq, name, ts, dur from process')" \
		"$(query "$name.db" 'select pid, seq, name, ts, dur from process')"
done
# A name that looks as if it had a program's number in it.
cp victim 'victim#7'
run "$weft" record --lossless --keep=kept_named -o named.db sh -c './victim#7 play 3; ./victim#7 play 3'
expect name_with_a_number 0 ' 0 lost'
equal name_with_a_number_is_whole "$(query named.db 'select name from process')" "$(printf 'victim#7\nvictim#7')"
run "$weft" unpack kept_named plain_named
run "$weft" load -f -o named.db plain_named
equal name_with_a_number_unpacked_is_whole "$(query named.db 'select name from process')" "$(printf 'victim#7\nvictim#7')"
# To an older weft they were one, which is bound to be odd.
perl -e 'open(F, "+<:raw", $ARGV[0]); for ($at = 84; $at < -s F; $at += 64) { seek(F, $at, 0); print F pack("V", 0) }' \
	kept_exec/left/threads.counts
run "$weft" load -o older.db kept_exec
expect exec_of_an_older_weft 0 ' [01] lost'
equal exec_of_an_older_weft_is_one_process "$(query older.db 'select count(*) from process')" 1

# Other threads are stopped where they are: each may be in the middle of an event, as that of its start.
for how in _exit panic; do
	for packed in '' --packed; do
		run "$weft" record --lossless $packed -f -o "$how.db" ./victim $how
		expect "${how}${packed}_loses_at_most_what_was_being_written" $([ $how = _exit ] && echo 3 || echo 2) ' [0-3] lost'
		equal "${how}${packed}_has_all_messages" "$(query "$how.db" \
			"select count(*) from chan_op where op = 'send'")" 20
	done
done

# Killed before the first block of packed events was full; whether the trace has one by then is a matter of moments.
for try in 1 2 3 4 5 6 7 8 9 10; do
	run "$weft" record --lossless --packed -f -o die.db ./victim die
	expect "killed_at_once_$try" 137 ' [0-3] lost'
	equal "killed_at_once_${try}_has_all_messages" "$(query die.db \
		"select count(*) from chan_op where op = 'send'")" 20
done

# A thousand threads, each of which emits events.
run "$weft" record --lossless --keep=threads -o threads.db ./victim threads 1000
expect a_thousand_threads 0 ' 0 lost'
check a_thousand_threads_have_counts [ "$(od -An -tu4 -j8 -N4 threads/left/threads.counts | tr -d ' ')" -ge 1000 ]
equal a_thousand_threads_are_complete "$(query threads.db 'select count(*) from anomaly')" 0

# It cannot get at the file; and it could, but not any more.
run "$weft" record --lossless -o none.db env WEFT_TRACE_COUNTS=/nonexistent ./victim play 20
expect without_the_file 0 ' 0 lost'
run "$weft" check none.db
mv out said
check without_the_file_is_said grep -q 'of [0-9] of its threads it is not known how many' said
if [ "$(id -u)" = 0 ]; then
	mkdir jail
	run "$weft" record --lossless -o jail.db ./victim chroot jail
	expect chroot 0 ' 0 lost'
	check chroot_finds_nothing_wrong "$weft" check jail.db
else
	skip chroot 'needs root'
fi
equal nothing_is_left "$(left_behind)" ""

# A program that ends before the session daemon looks: the trace's metadata describes only the first
# events, or none, and all of it is beside the buffers, perhaps with the beginning of one more.
mkdir bin
cat >bin/lttng-crash <<'SH'
#!/bin/sh
for dir in "${3%shm}"trace/ust/pid/*; do
	beside=$3/${dir#"${3%shm}"trace/}
	mkdir -p "$beside"
	{ babeltrace2 -o ctf-metadata "$dir" && printf '\n\nevent {\n\tname = "wef'; } >"$beside/metadata"
	perl -e 'local $/; open(F, "+<:raw", $ARGV[0]); $_ = <F>; $end = index($_, "};\n\n", index($_, "event {")) + 4;
		$packet = 4096 * int($end / 4096); seek(F, $packet + 24, 0); print F pack("V", 8 * ($end - $packet));
		truncate(F, $packet + 4096)' "$dir/metadata"
	[ -z "${NONE-}" ] || : >"$dir/metadata"
done
exec /usr/bin/lttng-crash "$@"
SH
chmod 755 bin bin/lttng-crash
PATH=$PWD/bin:$PATH run "$weft" record --keep=late -o late.db ./victim play 300
expect late_metadata 0 ' 0 lost'
events_in() { babeltrace2 -o ctf-metadata "$1"/trace/ust/pid/* | grep -c 'name = "weft:'; }
equal late_metadata_is_complete "$(events_in late)" "$(events_in kept)"
NONE=1 PATH=$PWD/bin:$PATH run "$weft" record --keep=bare -o bare.db ./victim play 300
expect no_metadata 0 ' 0 lost'
equal no_metadata_is_complete "$(events_in bare)" "$(events_in kept)"

# A program that ends while another of its threads is in the middle of an event.
${CC:-cc} -shared -fPIC -iquote "$here/../../rt" -o slow_probes.so "$here/slow_probes.c"
{
	printf 'wcnt\010\000\000\000'
	head -c 568 /dev/zero
} >counts
WRITTEN=written WEFT_TRACE_COUNTS=counts WEFT_TRACE_LIB=./slow_probes.so run "$build/examples/philosophers_deadlock"
expect event_at_the_end 2 'deadlock'
check event_at_the_end_is_waited_for [ -e written ]
