#!/bin/sh
# SPDX-License-Identifier: MIT
# The stacks that a program records: each is written once and before its use, there are no more of
# them than there are, and frame pointers that are none do no harm.  Without LTTng: the probes are
# probes.c, which looks at every event.
#
#     tests/stacks/run.sh BUILD-DIRECTORY
set -u
build=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
root=$here/../..
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
passed=0 failed=0

hash=$(make -s -C "$root" events-hash) || exit 1
cc="gcc -std=gnu11 -O2 -g -Wall -Wextra -Werror -I$build/include"
$cc -fPIC -shared -fvisibility=hidden -iquote "$root/rt" -DWEFT_EVENTS_HASH="$hash" \
	"$here/probes.c" -o probes.so || exit 1
echo 'void call(void (*f)(void)); void call(void (*f)(void)) { f(); __asm__ volatile(""); }' |
	$cc -fno-omit-frame-pointer -fPIC -shared -x c - -o libcallback.so || exit 1
cp libcallback.so libother.so
for frames in no-omit omit; do
	$cc -f$frames-frame-pointer "$here/stacks.c" "$build/libweft.a" -pthread -o $frames || exit 1
done

ok() { # name, condition...
	name=$1
	shift
	if [ "$@" ]; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		echo "not ok $name - not true: $*"
		sed 's/^/    /' out err | tail -5
		failed=$((failed + 1))
	fi
}

# Run a program; sets status, stacks, cut, used, none, memory.
run() {
	WEFT_TRACE_LIB=$dir/probes.so WEFT_TRACE_STACKS=1 timeout -k 5 120 "$@" >out 2>err
	status=$?
	stacks=-1 cut=-1 used=-1 none=-1 memory=-1
	eval "$(sed -n 's/^memory \([0-9]*\)$/memory=\1/p
		s/^stacks \([0-9]*\) cut \([0-9]*\) used \([0-9]*\) none \([0-9]*\)$/stacks=\1 cut=\2 used=\3 none=\4/p' out)"
}

run ./no-omit spawn 1000
few=$stacks few_memory=$memory
ok spawns_have_stacks $status = 0 -a "$used" -ge 1000
run ./no-omit spawn 1000000
ok a_million_spawns_have_the_stacks_of_a_thousand "$stacks" = "$few" -a "$used" -ge 1000000
ok a_million_spawns_take_no_more_memory "$memory" -lt $((few_memory + 2048))

export WEFT_PROCS=8
run ./no-omit crowd 32
ok a_stack_is_written_once_and_before_its_use $status = 0 -a "$used" -gt 32768 -a "$stacks" -gt 2047
ok no_call_is_missing "$cut" = 0
unset WEFT_PROCS

run ./no-omit deep 20
ok a_stack_of_some_depth_is_whole $status = 0 -a "$cut" = 0 -a "$stacks" -ge 20
run ./no-omit deep 1000
ok a_deep_stack_is_cut $status = 0 -a "$cut" = 1 -a "$stacks" -ge 33 -a "$stacks" -lt 40

run ./no-omit garbage 100000
ok a_wrong_frame_pointer_does_no_harm $status = 0 -a "$used" -ge 100000
ok words_that_are_no_calls_are_no_stacks "$stacks" -lt 20 -a "$cut" = 1
for what in spawn crowd deep; do
	run ./omit $what 100
	ok without_frame_pointers_$what $status = 0 -a "$used" -ge 1
done

run ./no-omit load 20
ok a_library_is_known_each_time_it_is_loaded $status = 0 -a "$cut" = 0 -a "$used" -ge 20

# The same calls are other stacks each time.
run ./no-omit replace 6
if [ $status = 77 ]; then
	echo "skipped a_library_in_the_place_of_another_has_stacks_of_its_own - they are elsewhere"
else
	ok a_library_in_the_place_of_another_has_stacks_of_its_own $status = 0 \
		-a "$(grep -c '^eras 5$' out)" = 1 -a "$stacks" -ge 18
fi

run ./no-omit many 600000
ok too_many_stacks_are_none $status = 0 -a "$stacks" = 524288 -a "$none" -gt 70000
ok too_many_stacks_are_said_once "$(grep -c 'no room for more different stacks' err)" = 1
ok stacks_have_a_bound "$memory" -lt 120000

echo "$passed passed, $failed failed"
[ $failed = 0 ]
