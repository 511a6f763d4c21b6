#!/bin/sh
# SPDX-License-Identifier: MIT
# The runtime's tests under sanitizers, built by clang, and on another processor.
#
# The two builds with the thread sanitizer: `thread` looks for races in users' code, and so in the
# tests (the runtime declares its edges); `thread-rt` in the runtime.
cd "$(dirname "$0")/../.." || exit 1
sums=$(mktemp)
trap 'rm -f "$sums"' EXIT
export ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1
export UBSAN_OPTIONS=halt_on_error=1
# Its detector of deadlocks knows POSIX mutexes, which nobody here has, and takes long to begin.
export TSAN_OPTIONS=report_mutex_bugs=0:atexit_sleep_ms=0:history_size=7:detect_deadlocks=0
export TEST_SCALE=30

variant() { # name, directory, variables for make, runner...
	name=$1 dir=$2 vars=$3
	shift 3
	echo "-- $name"
	# shellcheck disable=SC2086
	if make -s -j"$(getconf _NPROCESSORS_ONLN)" $vars "$dir/tests/check" progs; then
		tests/rt/run.sh "$dir" "$@"
	else
		echo "not ok $name - it does not build"
		echo "0 passed, 1 failed"
	fi
}

compiles() { # name, file, variables for make
	echo "-- $1"
	# shellcheck disable=SC2086
	if make -s -j"$(getconf _NPROCESSORS_ONLN)" $3 "$2"; then
		echo "1 passed, 0 failed"
	else
		echo "not ok $1 - it does not build"
		echo "0 passed, 1 failed"
	fi
}

{
	export TEST_WORKERS=2 SEMANTICS_WORKERS="1 8"
	variant "gcc, address and undefined behaviour" build/address+undefined \
		"SAN=address,undefined PROGS=build"
	tests/faults/run.sh build/address+undefined 2 2
	variant "clang, races in users' code" build/thread \
		"SAN=thread PROGS=build"
	variant "clang, races in the runtime" build/thread-rt \
		"SAN=thread-rt TESTS=build/thread PROGS=build"
	unset SEMANTICS_WORKERS # another compiler, another processor: not another scheduler
	variant "clang" build/clang "CC=clang B=build/clang TESTS=build PROGS=build CFLAGS=-g0"
	compiles "clang, the tool" build/clang/weft "CC=clang B=build/clang CFLAGS=-O0"
	variant "aarch64, emulated" build/aarch64 "ARCH=aarch64 CFLAGS=-g0" \
		qemu-aarch64 -L /usr/aarch64-linux-gnu
} 2>&1 | tee "$sums" | grep -vE '^[0-9]+ passed, [0-9]+ failed$'
awk '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3; n++ }
     END { if (n != 7) f++; printf "%d passed, %d failed\n", p, f; exit f > 0 }' "$sums"
