#!/bin/sh
# SPDX-License-Identifier: MIT
# What the thread sanitizer must report and what it must not: race.h.  Its build is one of its own.
#
#     run.sh BUILD-DIRECTORY [ARGUMENT FOR check...]
cd "$(dirname "$0")/../.." || exit 1
shift
export TSAN_OPTIONS=exitcode=66:report_mutex_bugs=0:atexit_sleep_ms=0:history_size=7
make -s SAN=thread build/thread/tests/race/check && build/thread/tests/race/check "$@"
