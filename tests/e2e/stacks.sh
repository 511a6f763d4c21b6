#!/bin/sh
# SPDX-License-Identifier: MIT
# weft record --stacks: the functions and lines of recorded stacks are those that gdb knows for the
# same addresses, in a program and a library, stripped ones, and ones that are elsewhere by now.
. "$(dirname "$0")/lib.sh"
unset DEBUGINFOD_URLS
export WEFT_PROCS=1
CC="${CC:-cc} -O2 -g -fno-omit-frame-pointer -I$build/include"

# Each address of a stack, with what weft says of it: "offset function file:line", and gdb the same.
# gdb's names of functions are those that were compiled, weft's innermost may be inlined there.
weft_says() { # database, module
	query "$1" "select distinct printf('0x%x', offset), (select func from frame as o
		where o.frame > frame.frame - 9 and o.address = frame.address and not o.inlined), file, line
		from frame join module using (module) where path like '%/$2' and offset is not null
		and frame in (select min(frame) from frame group by address) order by offset" |
		awk -F'|' '{ n = split($3, part, "/"); print $1, $2, part[n] ":" $4 }'
}
gdb_says() { # addresses, file
	for address in $1; do
		printf 'echo @ %s\\n\ninfo symbol %s\ninfo line *%s\n' "$address" "$address" "$address"
	done >gdb.commands
	gdb -batch -nx -iex 'set debuginfod enabled off' -x gdb.commands "$2" 2>gdb.err | awk '
		/^@/ { address = $2 }
		/ in section / { f = $1 }
		/^Line [0-9]+ of / {
			gsub(/"/, "", $4)
			n = split($4, part, "/")
			print address, f, part[n] ":" $2
		}'
}
as_gdb() { # name, database, module, file with debug information
	weft_says "$2" "$3" >weft.says
	gdb_says "$(cut -d' ' -f1 weft.says)" "$4" >gdb.says
	if [ "$(wc -l <weft.says)" -ge "$5" ] && diff weft.says gdb.says >err; then
		ok "$1"
	else
		not_ok "$1" "of $(wc -l <weft.says) addresses, at least $5, weft and gdb do not say the same"
	fi
}
text() { # name, database, condition, text of a stack
	equal "$1" "$(query "$2" "select distinct text from stack_text where stack in ($3)")" "$4"
}
waits="select stack from g_state where why = 'chan_recv'"
wakes="select waker_stack from g_state where why = 'chan_recv'"
spawns="select spawn_stack from goroutine where parent is not null"

$CC -fPIC -shared "$here/stacks_lib.c" -o libstacks.so
$CC -pie -fPIE "$here/stacks.c" ./libstacks.so "$build/libweft.a" -Wl,-rpath,"$T" -pthread -o pie
run "$weft" record --stacks -o pie.db --keep=kept ./pie
expect pie 0 recorded
text a_wait_has_its_stack pie.db "$waits" 'receiver;library_call;library_inner;receive'
text a_waker_has_its_stack pie.db "$wakes" 'sender;send_inlined'
text a_spawn_has_its_stack pie.db "$spawns" 'app;spawn'
equal each_wait_has_one "$(query pie.db "select count(*), count(stack) from g_state
	where state = 'waiting' and why in ('chan_recv', 'sleep') group by why order by why")" "$(printf '10|10\n20|20')"
equal a_stack_is_written_once "$(query pie.db "select count(*) = count(distinct stack),
	count(*) = count(distinct caller || ' ' || pc) from ev_stack_def")" '1|1'
equal off_cpu_is_all_waiting "$(query pie.db "select (select sum(total) from offcpu) =
	(select sum(waiting) from g_total)")" 1
equal the_library_is_in_sums "$(query pie.db "select self, total =
	(select sum(total) from offcpu where why = 'chan_recv') from offcpu_func where func = 'library_call'")" '0|1'
equal blocked_by_says_who "$(query pie.db "select waker_text, waits from blocked_by
	where why = 'chan_recv'")" 'sender;send_inlined|10'
as_gdb pie_as_gdb pie.db pie pie 7
as_gdb library_as_gdb pie.db libstacks.so libstacks.so 2
check pie_is_fine "$weft" check pie.db

run "$weft" record -o none.db ./pie
expect without_stacks 0 recorded
equal without_stacks_there_are_none "$(query none.db "select (select count(*) from stack),
	(select count(*) from module), (select count(stack) from g_state)")" '0|0|0'
WEFT_TRACE_STACKS=1 run "$weft" record -f -o none.db ./pie
equal only_the_option_asks_for_them "$(query none.db 'select count(*) from stack')" 0

# Two processes, of a program without frame pointers: the innermost call is known, and each has stacks
# of its own.
CC="$CC -fomit-frame-pointer" compile victim
run "$weft" record --stacks -o two.db ./victim fork-exec
expect two_processes 0 recorded
equal each_process_has_stacks "$(query two.db "select s.stack >= 1000000, count(*) > 0, min(call.func in ('play', 'pong'))
	from g_state as s join call using (stack) join goroutine as g using (g) join process using (pid)
	where (s.stack >= 1000000) = process.seq group by 1")" "$(printf '0|1|1\n1|1|1')"
check two_processes_are_fine "$weft" check two.db

# Fixed addresses, and the runtime a library, whose calls are not in the stacks either.
$CC -no-pie "$here/stacks.c" ./libstacks.so "$build/libweft.so" -Wl,-rpath,"$T:$build" -pthread -o fixed
run "$weft" record --stacks -o fixed.db ./fixed
expect fixed 0 recorded
text fixed_has_stacks fixed.db "$waits" 'receiver;library_call;library_inner;receive'
as_gdb fixed_as_gdb fixed.db fixed fixed 7

# Stripped: nothing is known, or what another file says.
cp pie whole
objcopy --only-keep-debug pie apart.debug
strip pie
run "$weft" load -o stripped.db kept
expect stripped 0 ''
equal stripped_has_offsets "$(query stripped.db "select distinct text from call join stack using (stack)
	where stack.stack in ($spawns)" | sed 's/0x[0-9a-f]*/N/')" pie+N
# Nor does a trace make weft ask a server: the first who comes to this one is who comes after weft.
perl -MIO::Socket::INET -e '$| = 1;
	$s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1") or die;
	print $s->sockport, "\n"; print scalar readline $s->accept' >server &
await test -s server
port=$(cat server)
run env DEBUGINFOD_URLS="http://127.0.0.1:$port" DEBUGINFOD_CACHE_PATH="$T/cache" no_proxy='*' \
	"$weft" load -f -o stripped.db kept
expect stripped_beside_a_server 0 ''
perl -MIO::Socket::INET -e '
	$s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") and print $s "nobody\n"' "$port"
wait $!
equal no_server_is_asked "$(sed 1d server)" nobody
objcopy --add-gnu-debuglink=apart.debug pie
run "$weft" load -o link.db kept
expect debug_link 0 ''
as_gdb debug_link_as_gdb link.db pie whole 7
objcopy --remove-section=.gnu_debuglink pie
id=$(query pie.db "select build_id from module where path like '%/pie'")
mkdir -p "debug/.build-id/$(echo "$id" | cut -c1-2)"
mv apart.debug "debug/.build-id/$(echo "$id" | cut -c1-2)/$(echo "$id" | cut -c3-).debug"
run "$weft" load --debug-dir=debug -o buildid.db kept
expect debug_dir 0 ''
as_gdb debug_dir_as_gdb buildid.db pie whole 7
cp libstacks.so whole.so
objcopy --only-keep-debug libstacks.so library.debug
strip libstacks.so
run "$weft" load --debug-dir=debug -o library.db kept
expect stripped_library 0 ''
equal stripped_library_has_what_it_exports "$(query library.db "select distinct func, file from frame
	join module using (module) where path like '%/libstacks.so' and func is not null")" 'library_call|'
objcopy --add-gnu-debuglink=library.debug libstacks.so
run "$weft" load --debug-dir=debug -o library_link.db kept
expect library_debug_link 0 ''
as_gdb library_debug_link_as_gdb library_link.db libstacks.so whole.so 2

# Gone, there again, and replaced by another.
rm pie libstacks.so
run "$weft" load --debug-dir=debug -o only.db kept
expect only_debug_information 0 'libstacks.so are not known: its file is not there'
as_gdb only_debug_information_as_gdb only.db pie whole 7
run "$weft" load -o gone.db kept
expect gone 0 'pie are not known: its file is not there; weft load --debug-dir=DIR'
text gone_has_offsets gone.db "$spawns" "$(query stripped.db "select distinct text from stack_text where stack in ($spawns)")"
equal gone_is_in_the_database "$(query gone.db "select problem from module where path like '%/pie'")" \
	'its file is not there'
mkdir elsewhere
cp whole elsewhere/pie
run "$weft" load --debug-dir=elsewhere -o moved.db kept
expect moved 0 ''
as_gdb moved_as_gdb moved.db pie whole 7
$CC -DOTHER -O1 "$here/stacks.c" -x c "$here/stacks_lib.c" -x none "$build/libweft.a" -pthread -o pie
run "$weft" load -o other.db kept
expect another_build 0 'pie are not known: its file is of another build'
text another_build_has_offsets other.db "$spawns" "$(query stripped.db "select distinct text from stack_text where stack in ($spawns)")"
run "$weft" load --debug-dir=elsewhere -o other2.db kept
as_gdb the_right_build_is_found other2.db pie whole 7

run "$weft" load --debug-dir=nothing-here -o x.db kept
expect debug_dir_is_not_there 1 'nothing-here: No such file'
run "$weft" load --debug-dir=whole -o x.db kept
expect debug_dir_is_a_file 1 'is not a directory'
