#!/bin/sh
# SPDX-License-Identifier: MIT
# What the thread sanitizer must report and what it must not: race.h.  Its build is one of its own.
#
#     run.sh BUILD-DIRECTORY [ARGUMENT FOR check...]
#
# Of a run of all, a line for each stays in build/thread/tests/race/results, for tests/semantics.sh.
cd "$(dirname "$0")/../.." || exit 1
shift
export TSAN_OPTIONS=exitcode=66:report_mutex_bugs=0:atexit_sleep_ms=0:history_size=7
check=build/thread/tests/race/check
results=build/thread/tests/race/results
make -s -j"$(nproc)" SAN=thread $check || exit 1
[ $# = 0 ] || exec $check "$@"
$check -v >"$results"
status=$?
grep -v '^ok ' "$results"
exit $status
