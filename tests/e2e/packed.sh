#!/bin/sh
# SPDX-License-Identifier: MIT
# weft record --packed and weft unpack: the same rows, nothing lost, nothing left behind.
. "$(dirname "$0")/lib.sh"
compile victim
compile million
compile marks
compile handover
compile sync

# ---- The same rows as one by one -----------------------------------------------------------

# Every column of a recording but times, threads' numbers and addresses, of the threads that run the
# program, each in its own order.
ptrs=$("$weft" events | awk '
	/^Wait reasons/ { exit }
	/^[a-z]/ { kind = kinds++; field = 0; next }
	/^ / { if ($2 == "ptr") is[field] = is[field] "," kind; field++ }
	END { for (f = 0; f < 8; f++)
		printf ", case when a%d is null then null when kind in (-1%s) then a%d <> 0 else a%d end",
			f, is[f], f, f }')
rows() { # database
	query "$1" "select role, kind, p $ptrs from event join
		(select m as thread, min(coalesce(role, -1)) as role from event left join
			(select m as mm, role from ev_m_start) on mm = m group by m)
		on thread = m where role < 1 order by role, id"
	query "$1" "select * from string; select site, func, file, line from site;
		select g, name, parent, fn is null from goroutine; select name from object;
		select stack, text from stack_text order by stack"
}

# With one thread the worker is taken from no goroutine that a busy machine holds up: what would follow
# is another story.  So would be what follows a timer or a connection, which are ready when they are.
same_rows() { # name, rows at least, options, program...
	what=$1
	least=$2
	shift 2
	export WEFT_PROCS=1 WEFT_MAXTHREADS=1
	run "$weft" record --lossless -f --keep="$what.1.trace" -o "$what.1.db" "$@"
	expect "${what}_one_by_one" 0 ' 0 lost'
	run "$weft" record --packed --lossless -f --keep="$what.64.trace" -o "$what.64.db" "$@"
	unset WEFT_PROCS WEFT_MAXTHREADS
	expect "${what}_packed" 0 ' 0 lost'
	rows "$what.1.db" >"$what.1"
	rows "$what.64.db" >"$what.64"
	check "${what}_has_rows" [ "$(wc -l <"$what.1")" -gt "$least" ]
	check "${what}_has_the_same_rows" diff_said "$what.1" "$what.64"
	check "${what}_is_consistent" "$weft" check "$what.64.db"
}

diff_said() {
	diff "$1" "$2" >&2
}

same_rows play 1000 ./victim play 200
same_rows marks 20 ./marks
same_rows sync 10000 ./sync
same_rows stacks 1000 --stacks ./victim play 200
check stacks_has_stacks grep -q '^[0-9]*|[.]*;play$' stacks.64

# ---- Much ----------------------------------------------------------------------------------

# (million.sh does a million, one by one.)
run "$weft" record --packed --lossless --keep=kept_much -o much.db ./million 200000
expect much 0 'of 9 goroutines in .*, 0 lost'
equal much_has_all_operations "$(query much.db \
	"select count(*) from chan_op where op = 'send' or (op = 'recv' and ok)")" 200000
check much_is_consistent "$weft" check much.db
events=$(query much.db 'select count(*) from event')
bytes=$(find kept_much -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
check much_takes_18_bytes_an_event [ "$bytes" -le $((18 * events)) ]
rm -rf kept_much
# One worker, which goes from thread to thread: no fence is between what they record inside.
WEFT_PROCS=1 run "$weft" record --packed --lossless -o one.db ./handover
expect one_worker 0 ' 0 lost'
check one_worker_goes_to_other_threads [ "$(query one.db 'select count(*) from ev_p_start')" -gt 1 ]
check one_worker_is_consistent "$weft" check one.db
WEFT_PROCS=8 run "$weft" record --packed --lossless -o eight.db ./million 200000
expect much_on_eight_workers 0 'of 9 goroutines in .*, 0 lost'
check much_on_eight_workers_is_consistent "$weft" check eight.db

# A text that fits into no buffer is a block of its own; what is too long for an event of either form is cut in both.
for form in '' --packed; do
	run "$weft" record $form --lossless -f -o long.db ./victim say 300
	expect "long $form" 0 ' 0 lost'
	equal "long_texts_are_whole_up_to_what_is_documented $form" "$(query long.db \
		"select length(category), trim(category, 'x') from ev_user_log order by id")" \
		"$(printf '300|\n3000|\n30000|\n300000|\n500000|')"
done

# Two MiB of trace are five hundred pages.
WEFT_PROCS=1 run "$weft" record --packed --lossless -o faults.db ./victim faults 24000
check rings_are_touched_before_the_program_begins [ "$(cat out)" -lt 200 ]

# ---- Written soon --------------------------------------------------------------------------

gathered=$TMPDIR/weft-*/left
# Whether each thread's file says that none of its bytes are records that were not written.  (How soon is for
# tests/packed, which has a clock that no busy machine holds up.)
all_written() {
	ls $gathered/*.packed >files && for f in $(cat files); do
		[ "$(od -An -tu4 -j20 -N4 "$f" | tr -d ' ')" = 0 ] || return 1
	done
}
for how in compute block; do
	rm -f ready
	setsid "$weft" record --packed --lossless --keep=$how -o $how.db ./victim $how >ready 2>err &
	pid=$!
	await grep -q ready ready || not_ok $how "the program did not start"
	check ${how}_is_written_by_the_monitor await all_written
	kill -KILL "$(pgrep -P $pid -x victim)"
	wait $pid
	status=$?
	expect $how 137 ' 0 lost'
	check ${how}_leaves_nothing_unwritten sh -c '! ls $1/left/*.packed' - $how
	equal ${how}_has_all_messages "$(query $how.db \
		"select count(*) from chan_op where op = 'send'")" 20
done

# A program that may have no large files has buffers without.
run "$weft" record --packed --lossless -o small.db ./victim small-files
expect small_files 0 ' 0 lost'

# ---- Ended ---------------------------------------------------------------------------------

for sig in SEGV:11 KILL:9; do
	n=${sig#*:}
	sig=${sig%:*}
	run "$weft" record --packed --lossless -o "$sig.db" ./victim fall "$n"
	expect "$sig" $((128 + n)) "ended by signal $n"
	check "${sig}_has_events_up_to_it" [ "$(query "$sig.db" \
		"select count(*) > 1000 and max(ts) > 36000000 from event")" = 1 ]
	# A thread that the system has stopped in the middle of an event, to let another run, keeps
	# LTTng from telling what came after it on that cpu; so there is no bound, but it is said.
	check "${sig}_says_what_is_lost" [ "$(query "$sig.db" \
		"select lost = (select coalesce(sum(lost), 0) from gap) from run")" = 1 ]
	lost=$(query "$sig.db" 'select lost from run')
	run "$weft" check "$sig.db"
	[ "$lost" = 0 ] && expect "${sig}_loaded_consistently" 0 ''
done

run "$weft" record --packed --lossless -o fork.db ./victim fork
expect fork 0 recorded
equal fork_without_events_is_no_process "$(query fork.db 'select count(*) from process')" 1
run "$weft" record --packed --lossless -o silent.db ./victim silent-fork
expect silent_fork 0 ' 0 lost'
run "$weft" record --packed --lossless -o exec.db ./victim fork-exec
expect fork_and_exec 0 recorded
equal fork_and_exec_has_all_messages "$(query exec.db \
	"select count(*) from chan_op where op = 'send' group by g >= 1000000000")" "$(printf '20\n40')"
check fork_and_exec_finds_nothing_wrong "$weft" check exec.db

# ---- Unpacked ------------------------------------------------------------------------------

run "$weft" record --packed --lossless --keep=kept -o run.db ./victim play 300
expect keep 0 recorded
run "$weft" unpack kept plain
expect unpack 0 "plain: $(query run.db 'select count(*) from event') events"
equal unpacked_is_read_by_babeltrace2 "$(babeltrace2 plain | wc -l)" \
	"$(query run.db 'select count(*) from event')"
equal unpacked_has_the_names "$(babeltrace2 plain | grep -c 'weft:chan_send.* chan = 0x.* g = [0-9]')" 600
run "$weft" load -o plain.db plain
expect load_unpacked 0 ' 0 lost'
dump() {
	sqlite3 "$1" .dump
}
dump run.db >run.sql
dump plain.db >plain.sql
check unpacked_is_the_same_database cmp run.sql plain.sql
run "$weft" unpack kept plain
expect unpack_into_what_is_there 1 'cannot create plain'
run "$weft" unpack nothing new
expect unpack_of_nothing 1 'nothing'
check unpack_of_nothing_leaves_nothing [ ! -e new ]
run "$weft" unpack kept
expect unpack_without_out 2 'two directories'

# ---- Bad traces ----------------------------------------------------------------------------

stream=$(find kept -name 'weft_[0-9]*' -size +0 ! -name '*.idx' -printf '%s %p\n' | sort -n |
	tail -1 | cut -d' ' -f2)
kinds=$(babeltrace2 kept | sed -n 's/.*weft:packed: .* kinds = \([0-9]*\),.*/\1/p' | head -1)
change_all() { # a perl expression, on all streams
	find kept -name 'weft_[0-9]*' ! -name '*.idx' -exec perl -0777 -pi -e "$1" {} +
}
cp -r kept whole
change_all "\$k = pack('V', $kinds); \$o = pack('V', $kinds ^ 5); s/\\Q\$k\\E/\$o/g"
run "$weft" load -o other.db kept
expect other_version_is_read_by_its_table 0 ' 0 lost'
dump other.db >other.sql
check other_version_is_the_same_database cmp run.sql other.sql
change_all 's/run_start version:str/run_start version:xyz/'
run "$weft" load -f -o other.db kept
mv err said # check writes err anew
check other_version_without_table_is_said grep -q 'another version of weft' said

# What threads of a killed program left: cut, of something else, and what never was begun.
for file in cut:"pack('V6', 0x64656b63, $kinds, 1, 1, 0, 100), 'x' x 3000" other:"'#!/bin/sh'" none:"pack('x8192')" empty:; do
	rm -rf kept
	cp -r whole kept
	perl -e "print ${file#*:}" >kept/left/1.1.packed
	file=${file%%:*}
	missing="left/1.1.packed: damaged: the last events of a thread are missing"
	run "$weft" load -f -o "left_$file.db" kept
	case $file in
	cut | other)
		expect "left_${file}_is_said" 0 "$missing"
		run "$weft" check "left_$file.db"
		mv out said # check writes out anew
		check "left_${file}_is_found" grep -q "$missing" said ;;
	*) check "left_${file}_is_nothing" "$weft" check "left_$file.db" ;;
	esac
done

# Ended in the middle of unpacking: it cannot say what it has to say of this file.
rm -rf kept
cp -r whole kept
echo '#!/bin/sh' >kept/left/1.1.packed
mkfifo full
exec 9<>full
dd if=/dev/zero of=full bs=4096 oflag=nonblock 2>/dev/null
"$weft" unpack kept ended 2>&9 9>&- &
unpacker=$!
check unpacking_is_under_way await test -d ended
kill -TERM $unpacker
wait $unpacker
equal unpacking_ends_by_the_signal $? 143
check unpacking_that_ended_leaves_nothing [ ! -e ended ]
exec 9>&-

# Each eight bytes at a time: of the two clocks, which also go back by a million, and of records, of which
# the trace goes on after it.
for change in 4:-1000000 12:-1000000 4: 12: 25: 62: 122: 222: 322: 400:; do
	rm -rf kept
	cp -r whole kept
	at=${change%:*}
	by=${change#*:}
	where=$at$by
	check "a_block_is_damaged_at_$where" perl -e '($file, $kinds, $at, $by) = @ARGV; open(F, "+<:raw", $file);
		local $/; $_ = <F>; $kinds = pack("V", $kinds);
		while (m/(....)\Q$kinds\E/sg) { # the count of records is before it
			next if unpack("V", $1) < 64 || unpack("V", $1) > 1024;
			$old = substr($_, $-[0] + 4 + $at, 8);
			seek(F, $-[0] + 4 + $at, 0);
			print F $by ? pack("q<", unpack("q<", $old) + $by) : ~$old;
			exit }
		exit 1' "$stream" "$kinds" "$at" "$by"
	run "$weft" load -f -o "damaged_at_$where.db" kept
	expect "damaged_at_${where}_is_loaded" 0 "weft: damaged_at_$where.db: [0-9,]+ events"
	sound "damaged_at_$where"
	run "$weft" unpack kept "bad.$where"
	expect "damaged_at_${where}_is_unpacked" 0 "bad.$where: [0-9]+ events"
done
equal nothing_is_left "$(left_behind)" ""
