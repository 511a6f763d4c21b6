#!/bin/sh
# SPDX-License-Identifier: MIT
# Everything at random, in chaos, with invariants: for a short time in several builds, or as long as
# one likes in one.
#
#     tests/stress/run.sh [BUILD-DIRECTORY [SECONDS]]
#
# `make check-long` is this for an hour.
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
seconds=${2:-5}
failed=0
passed=0
export ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1
export UBSAN_OPTIONS=halt_on_error=1
export TSAN_OPTIONS=report_mutex_bugs=0:atexit_sleep_ms=0:history_size=7

stress() { # directory, variables for make, workers
	# shellcheck disable=SC2086
	if make -s -j"$(nproc)" $2 "$1/tests/stress/stress" &&
		timeout $((seconds + 200)) "$1/tests/stress/stress" "$seconds" "$(date +%N | sed 's/^0*//')" "$3"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok stress in $1 with $3 workers"
	fi
}

if [ "$seconds" -gt 60 ]; then
	seconds=$((seconds / 5))
	stress "$build" "" 1
	stress "$build" "" 2
	stress "$build" "" 8
else
	stress "$build" "" 4
fi
stress build/address+undefined SAN=address,undefined 4
stress build/thread-rt SAN=thread-rt 4
echo "$passed passed, $failed failed"
[ $failed = 0 ]
