#!/bin/sh
# SPDX-License-Identifier: MIT
# weft dump: the goroutines of a running program, by process or from what it printed on SIGQUIT.
. "$(dirname "$0")/lib.sh"
unset DEBUGINFOD_URLS
export WEFT_PROCS=2
CC="${CC:-cc} -fno-omit-frame-pointer"
compile dump

start() { # command...
	: >ready
	env --default-signal=QUIT "$@" >ready 2>quit &
	pid=$!
	await grep -q ready ready || not_ok "$1" "the program did not start"
}

stop() {
	kill -KILL $pid
	wait $pid 2>/dev/null
}

has() { # name, pattern in out
	if grep -qE -- "$2" out; then
		ok "$1"
	else
		cp out err
		not_ok "$1" "no line like '$2'"
	fi
}

# The line after the one like the first pattern that is like the second.
calls() { # name, function, caller
	if awk -v f="^    $2 " -v g="^    $3 " \
		'before && $0 ~ g { found = 1 } { before = $0 ~ f } END { exit !found }' out; then
		ok "$1"
	else
		cp out err
		not_ok "$1" "$2 is not called by $3"
	fi
}

start ./dump 1
run "$weft" dump $pid
expect one_goroutine 0 ''
has a_parked_one_says_what_it_waits_for 'goroutine 2 \(worker\): waiting in chan receive at .*dump.c:[0-9]+ for'
calls a_parked_one_has_its_stack wait_for_work worker
calls an_endless_loop_has_its_stack endless computer
calls a_system_call_has_its_stack '(__libc_|__)?read' reader
has lines_of_the_source '^    computer +.*tests/e2e/dump.c:[0-9]+$'
cp out said # check writes out anew
check the_runtime_is_hidden sh -c '! grep -qE "leave_stack|g_main|rt_park" said'
run "$weft" dump --runtime $pid
has the_runtime_is_shown '^    leave_stack '
run "$weft" dump --raw $pid
has raw_is_raw '^    /.*/dump\+0x[0-9a-f]+$'

# The program goes on, and poll(2) was not interrupted.
for _ in 1 2 3 4 5; do
	run "$weft" dump $pid
done
equal the_program_goes_on "$(kill -0 $pid && cat ready)" ready
kill -STOP $pid
run "$weft" dump $pid
expect stopped 1 'is stopped'
kill -CONT $pid

if [ -n "$as_user" ]; then
	run $as_user "$user_weft" dump $pid
	expect not_permitted 1 "another user's"
else
	skip not_permitted 'this needs root'
fi
kill -QUIT $pid
wait $pid
equal sigquit_ends_it $? 2
run "$weft" dump quit
expect from_a_file 0 ''
calls from_a_file_has_stacks wait_for_work worker
run sh -c '"$0" dump <quit' "$weft"
calls from_standard_input wait_for_work worker

start ./dump 1000
run "$weft" dump $pid
has thousand_are_one '^1000 goroutines \(worker\): waiting in chan receive'
calls thousand_have_a_stack wait_for_work worker
run "$weft" dump --all $pid
equal all_of_thousand "$(grep -c '^goroutine [0-9]* (worker)' out)" 1000
stop

objcopy --only-keep-debug dump elsewhere.debug
strip dump
start ./dump 3
run "$weft" dump $pid
has stripped_has_offsets '^    \? +/.*/dump\+0x[0-9a-f]+$'
stop
objcopy --add-gnu-debuglink=elsewhere.debug dump
start ./dump 3
run "$weft" dump $pid
calls debug_information_in_another_file wait_for_work worker
stop

$CC -O2 -g -fPIC -shared -I"$build/include" "$here/dump_lib.c" -o libdumped.so
$CC -O2 -g -I"$build/include" "$here/dump_uses_lib.c" ./libdumped.so "$build/libweft.so" \
	-Wl,-rpath,"$build" -pthread -o uses_lib
start ./uses_lib
run "$weft" dump $pid
calls shared_library library_waits app
run "$weft" dump --raw $pid
has exported_functions_have_names_at_once 'libdumped.so\+0x[0-9a-f]+ library_waits$'
stop

$CC -O2 -g -no-pie -I"$build/include" "$here/dump.c" "$build/libweft.a" -pthread -o fixed
start ./fixed 2
run "$weft" dump $pid
calls not_position_independent wait_for_work worker
stop

$CC -O2 -g -static -I"$build/include" "$here/dump.c" "$build/libweft.a" -pthread -o static
start ./static 2
run "$weft" dump $pid
calls statically_linked wait_for_work worker
stop

run "$weft" dump $pid
expect no_such_process 1 "there is no process $pid"
sleep 60 &
pid=$!
run "$weft" dump $pid
expect not_weft 1 'runs no goroutines'
stop
run "$weft" dump 0
expect zero 2 'no number of a process'
run "$weft" dump 99999999999999999999
expect huge 2 'no number of a process'
run "$weft" dump nothing-here
expect no_file 1 'cannot read nothing-here'
run "$weft" dump 1 2
expect two 2 'one process or one file'
run "$weft" dump --help
expect help 0 ''
has help_says_how 'Usage: weft dump'
