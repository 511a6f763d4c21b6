#!/bin/sh
# SPDX-License-Identifier: MIT
# The runtime's tests in one build: run.sh BUILD-DIRECTORY [RUNNER...]
#
# With TEST_WORKERS=n they run with n workers only, else with 1, 2 and 8.  A line for each stays in
# BUILD-DIRECTORY/tests/results, for tests/semantics.sh.
cd "$(dirname "$0")/../.." || exit 1
build=$1
results=$build/tests/results
shift
{
	echo "workers ${TEST_WORKERS:-1 2 8}"
	# shellcheck disable=SC2086
	"$@" "$build/tests/check" -v ${TEST_WORKERS:+-w $TEST_WORKERS}
	# shellcheck disable=SC2086
	build/tests/progs -v ${TEST_WORKERS:+-w $TEST_WORKERS} "$build" tests/rt/progs/*.c -- "$@"
} 2>&1 | tee "$results" | grep -vE '^(ok|not here|workers) |^[0-9]+ passed, [0-9]+ failed$'
awk '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3; n++ }
     END { if (n != 2) f++; printf "%d passed, %d failed\n", p, f; exit f > 0 }' "$results"
