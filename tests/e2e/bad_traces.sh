#!/bin/sh
# SPDX-License-Identifier: MIT
# Traces that are incomplete, of other versions, in disorder, too large or meant to do harm.
. "$(dirname "$0")/lib.sh"
compile victim

# ---- Traces in part -------------------------------------------------------------------------

WEFT_PROCS=2 run "$weft" record --lossless -o whole.db --keep whole -- ./victim play 3000
expect record 0 ' 0 lost'
meta=$(cd whole && find . -name metadata | head -1)
stream0=$(cd whole && find "$PWD" -name 'weft_[0-9]*' ! -name '*.idx' -size +0 | head -1)
cp -r whole half
find half -name 'weft_*' ! -name '*.idx' -printf '%s %p\n' | sort -rn | head -1 | cut -d' ' -f2- | xargs rm
run "$weft" load -o half.db half
if [ "$status" = 0 ]; then # which events each stream had is for the system to choose
	sound half
	run "$weft" check half.db
	expect half_of_the_streams_are_missed 1 ''
	cp out said
	check half_of_the_streams_is_said grep -q 'weft_[01]: No such file.*its events are missing' said
else
	expect half_of_the_streams_are_missed 1 'no weft events'
	cp err said
	check half_of_the_streams_is_said grep -q 'weft_[01]: No such file.*its events are missing' said
fi

# Beside its streams a link to nothing or to a directory, a pipe, and what may not be read: the rest is loaded.
mkdir -m 777 open
beside() { # name, what is said of it, how it is made...
	cp -r whole "beside_$1"
	name=$1 said=$2 path="beside_$1/$(dirname "$meta")/weft_9"
	shift 2
	"$@" "$path"
	chmod -R a+rX "beside_$name" 2>/dev/null
	[ $name != a_secret ] || chmod 0 "$path"
	run timeout 20 $as_user "$user_weft" load -f -o open/beside.db "beside_$name"
	expect "loads_beside_$name" 0 "$said"
	equal "what_is_beside_$name" "$(query open/beside.db 'select count(*) from event')" \
		"$(query whole.db 'select count(*) from event')"
	run "$weft" check open/beside.db
	equal "check_says_$name" "$(grep -c weft_9 out)" "$(printf %s "$said" | grep -c .)"
}
beside a_link_to_nothing 'weft_9: No such file or directory: its events are missing' ln -s nowhere
beside a_link_to_a_directory '' ln -s index
beside a_pipe 'weft_9: it is not a file: its events are missing' mkfifo
beside a_secret 'weft_9: Permission denied: its events are missing' cp "$stream0"

cp -r whole secret_counts
chmod -R a+rX secret_counts
chmod 0 "$(find secret_counts -name threads.counts)"
run $as_user "$user_weft" load -f -o open/beside.db secret_counts
expect secret_counts_are_not_damaged 0 'threads.counts: Permission denied: what threads lost'

# Another program's trace beside it: what has our names in another trace is another process.
run "$weft" record --lossless -o other.db --keep other -- ./victim play 20
run "$weft" load -o both.db whole other
expect two_programs_are_two_processes 0 ' 0 lost'
equal two_programs_have_their_goroutines "$(query both.db 'select count(*), (select count(*) from goroutine) from process')" "2|4"
sound both

# ---- Of other versions ----------------------------------------------------------------------

version() { # name, what becomes what
	cp -r whole "$1"
	metadata_text "whole/$meta" | perl -pe "$2" >"$1/$meta"
	run "$weft" load -o "$1.db" "$1"
}
version newer_event 's/"weft:chan_recv"/"weft:chan_rxxv"/'
expect newer_event 0 '[0-9]+ events have names that this weft does not know'
sound newer_event
equal newer_event_is_counted "$(query newer_event.db \
	"select unknown > 0, (select count(*) from chan_op where op = 'recv') from run")" "1|0"
version older_field 's/ _len;/ _lxn;/g'
expect older_field 0 ' 0 lost'
equal older_field_has_the_other_fields "$(query older_field.db \
	"select count(*) from chan_op where op = 'send'")" "$(query whole.db \
	"select count(*) from chan_op where op = 'send'")"
version no_number 's/ _seq;/ _sxq;/g'
expect no_number 1 'no weft events in it, only others'

# Events of another provider among ours: they are counted, and ours are as they were.  (These have weft's
# numbers, which are missed.)
others="name = 'chan_recv'"
ours() { # database
	query "$1" "select ts, m, kind, a0, a1, a2, a3, a4, a5, a6, a7 from event join event_kind using (kind)
		where not $others order by id; select name, goroutine.func from goroutine left join site using (site)"
}
version another_provider 's/"weft:chan_recv"/"heft:chan_recv"/'
expect another_provider 0 '[0-9]+ events have names that this weft does not know'
sound another_provider
counted=$(query whole.db "select count(*) from event join event_kind using (kind) where $others")
equal another_provider_is_counted "$(query another_provider.db 'select unknown, lost from run')" \
	"$counted|$counted"
ours whole.db >ours
ours another_provider.db >ours_beside_others
check another_provider_changes_no_other_event cmp ours ours_beside_others
check there_are_others_and_ours [ "$counted" -gt 1000 -a "$(wc -l <ours)" -gt 1000 ]

# ---- Time -----------------------------------------------------------------------------------

printf '100 m=1 run_start workers=1\n50 m=1 g_create g=1\n9223372036854775807 m=1 g_start g=1\n' >steps.trace
run "$weft" load -o steps.db steps.trace
expect clock_steps 0 ''
sound steps
printf -- '-5000 m=1 run_start workers=1\n0 m=1 g_create g=1\n10 m=2 g_start g=1 p=0\n5 m=3 g_exit g=1\n' >order.trace
run "$weft" load -o order.db order.trace
expect disorder 0 'not all is well'
sound order

# In a stream an event has the low 32 bits of its time, and one that is less than the event's before is of the
# next round, 4.3 s later; so are all that follow.
stream=$(cd whole && find . -name 'weft_[0-9]*' ! -name '*.idx' -printf '%s %p\n' | sort -n | tail -1 | cut -d' ' -f2)
sends=$(metadata_text "whole/$meta" | sed -n '/"weft:chan_send"/ { n; s/.*id = \([0-9]*\);/\1/p }')
threads=$(query whole.db 'select distinct m from ev_chan_send')
step() { # name, by how many events
	cp -r whole "$1"
	check "$1_is_made" perl -e '($file, $by, $id, @m) = @ARGV; open(F, "+<:raw", $file); local $/; $_ = <F>;
		$id = quotemeta pack("v", $id);
		$m = join "|", map { quotemeta pack("V", $_) } @m;
		push @at, $-[1] while /$id(....)(?:$m)/sg;
		$i = int(@at / 2);
		exit 1 if $i < 100;
		seek(F, $at[$i], 0); print F substr($_, $at[$i + $by], 4)' "$1/$stream" "$2" "$sends" $threads
}
for by in -10 10; do
	step "step_of_$by" "$by"
	run "$weft" load -o "step_of_$by.db" "step_of_$by"
	expect "step_of_$by" 0 "${stream##*/}: damaged: [0-9]+ bytes from offset [0-9]+ are left out"
	sound "step_of_$by"
	run "$weft" check "step_of_$by.db"
	expect "check_finds_a_step_of_$by" 1 ''
done

# ---- Much -----------------------------------------------------------------------------------

awk 'BEGIN {
	print "0 m=1 run_start workers=1"
	for (g = 1; g <= 100000; g++)
		print g " m=1 g_create g=" g
	for (g = 1; g <= 100000; g++)
		print 100000 + g " m=1 g_start g=" g " p=0\n" 100000 + g " m=1 g_exit g=" g
}' >crowd.trace
run "$weft" load -o crowd.db crowd.trace
expect a_hundred_thousand_goroutines 0 'of 100,000 goroutines'
sound crowd

# ---- Where it cannot be written --------------------------------------------------------------

run sh -c 'ulimit -f 400; exec "$1" load -o small.db whole' - "$weft"
expect file_too_large 1 'cannot write small.db: File too large'
equal file_too_large_is_all_that_is_said "$(wc -l <err)" 1
check file_too_large_leaves_nothing sh -c '! ls small.db .weft-* 2>/dev/null'
run sh -c 'ulimit -f 200; exec "$1" unpack whole small' - "$weft"
expect unpacked_file_too_large 1 'small.*: File too large'
equal unpacked_file_too_large_leaves_nothing "$(ls -d small 2>&1)" "ls: cannot access 'small': No such file or directory"
mkdir -m 555 locked
cp -r other readable
chmod -R a+rX readable
run $as_user "$user_weft" load -o locked/run.db readable
expect read_only_directory 1 'locked/run.db: .*Permission denied|locked: Permission denied'
equal read_only_directory_stays_empty "$(ls -A locked)" ""

# ---- Malice ---------------------------------------------------------------------------------

# Names that a shell, a browser, gnuplot or a file system would take for something else.
name='<script>alert(1)</script> `touch owned` $(touch owned) {/Times} ../../owned %s%n'
cat >evil.trace <<EVIL
0 m=1 run_start workers=1
0 m=1 site_def site=1 func="main" file="../../\`touch owned\`.c" line=1 what="chan"
1 m=1 g_create g=1 site=1
2 m=1 g_start g=1 p=0
3 m=1 g_name g=1 name="$name"
4 m=1 user_log g=1 category="$name" message="</script><img src=x onerror=alert(2)>"
5 m=1 g_yield g=1
6 m=1 g_start g=1 p=0
9 m=1 g_exit g=1
EVIL
run "$weft" load -o evil.db evil.trace
expect malicious_names_are_loaded 0 ''
equal malicious_names_are_kept "$(query evil.db 'select name from goroutine where g = 1')" "$name"
run "$weft" report evil.db -o evil.html
expect malicious_report 0 ''
for what in '<script>alert' '<img src=x'; do
	check "no_markup_of_${what#<}_in_a_report" sh -c '! grep -qF "$1" evil.html' - "$what"
done
for lanes in goroutines workers; do
	run "$weft" timeline evil.db --lanes $lanes -o evil.svg
	expect malicious_picture_of_$lanes 0 ''
	check "no_markup_in_a_picture_of_$lanes" sh -c '! grep -qF "<script>alert" evil.svg'
done
for name in goroutines workers; do
	run "$weft" timeline evil.db --lanes $name -o evil.png
done

# Modules are looked for by the names that a trace gives them, and there is what is no file.
mkfifo pipe
ln -s pipe link_to_a_pipe
mkdir -p places/.build-id/ab
mkfifo places/.build-id/ab/cdef places/.build-id/ab/cdef.debug places/zero
echo 'not a program' >text
for path in "$T/pipe" ./pipe link_to_a_pipe /dev/zero /dev/tty "$T" ../../../../../../dev/zero "places/../text" ../../x; do
	cat <<EVIL
3 m=1 module_def base=0x1000 begin=0x1000 end=0x2000 path="$path" build_id=abcdef
3 m=1 stack_def stack=$((stack = ${stack-0} + 1)) pc=0x1010
4 m=1 g_create g=$((stack + 1)) parent=1 spawn_stack=$stack
EVIL
done >modules
{ head -4 evil.trace; cat modules; echo '9 m=1 g_exit g=1'; } >modules.trace
run "$weft" load --debug-dir=places -o modules.db modules.trace
expect modules_that_are_no_files 0 'pipe are not known: its file is not there'
equal modules_that_are_no_files_are_said "$(query modules.db \
	'select count(*), count(problem) from module')" '9|9'
sound modules

# An event larger than any memory: what reads it has less, here and without the limit that is set here.
cp -r whole vast
metadata_text "whole/$meta" | sed 's/ _seq;/ _seq[1000000000];/' >"vast/$meta"
run timeout 60 sh -c 'ulimit -v 12000000; exec "$1" load -o no.db vast' - "$weft"
expect event_larger_than_memory 1 'there are no weft events in it'

# Pipes in the place of files of a CTF trace, and a file without an end.
pipe() { # name, file, what of the message, how it is made
	rm -rf "$1"
	cp -r whole "$1"
	rm -f "$1/$2"
	${4:-mkfifo} "$1/$2"
	run timeout 20 "$weft" load -o no.db "$1"
	expect "$1" 1 "$1/.*$(basename "$2"): $3"
	run timeout 20 "$weft" unpack -q "$1" no
	expect "unpack_$1" 1 "$1/.*$(basename "$2"): $3"
}
pipe a_pipe_as_index "$(dirname "$stream")/index/$(basename "$stream").idx" 'not a file: nothing of this trace is read'
pipe a_pipe_as_description weft-run.txt 'it is not a file'
pipe a_device_as_description weft-run.txt 'it is not a file' 'ln -s /dev/zero'

# Nor do names in messages command the terminal, or say something in our name.
esc=$(printf '\033')
{
	head -4 evil.trace
	echo "3 m=1 module_def base=0x1000 begin=0x1000 end=0x2000 path=\"/x$esc]0;owned$esc[2J\" build_id=abcdef"
	echo '3 m=1 stack_def stack=1 pc=0x1010'
	echo '4 m=1 g_create g=2 parent=1 spawn_stack=1'
} >commands.trace
run "$weft" load -o commands.db commands.trace
expect commands_in_a_message 0 '/x\\x1b]0;owned\\x1b\[2J are not known: its file is not there'
run "$weft" load -o no.db "$(printf 'a\nweft: all is well\302\233\377.trace')"
expect another_message_in_a_message 1 '^weft: .*a\\nweft: all is well\\u009b\\xff.trace: No such file'
equal that_is_one_message "$(wc -l <err)" 1

# Names in a CTF trace that unpack makes files of.
cp -r whole outward
metadata_text "whole/$meta" | sed 's|procname = .*|procname = "../../../owned/../x\\"; };";|
	s|hostname = .*|hostname = "\\"; }; ../owned";|' >"outward/$meta"
mkdir deep
find . >before
run "$weft" unpack outward deep/plain
expect malicious_unpack 0 'deep/plain: [0-9]+ events'
find . ! -path './deep/plain*' ! -name after >after
check unpack_writes_nowhere_else diff before after
run "$weft" load -o plain.db deep/plain
expect malicious_unpack_is_loaded 0 ' 0 lost'
equal malicious_unpack_keeps_the_name "$(query plain.db 'select name from process')" '../../../owned/../x"; };'
check no_command_was_run sh -c '! find "$1" / -maxdepth 2 -name "owned*" 2>/dev/null | grep -q .' - "$T"
equal nothing_is_left "$(left_behind)" ""
