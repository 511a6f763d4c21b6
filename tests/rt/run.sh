#!/bin/sh
# SPDX-License-Identifier: MIT
# The runtime's tests in one build: run.sh BUILD-DIRECTORY [RUNNER...]
#
# With TEST_WORKERS=n they run with n workers only, else with 1, 2 and 8.
here=$(dirname "$0")
build=$1
sums=$(mktemp)
trap 'rm -f "$sums"' EXIT
shift
{
	# shellcheck disable=SC2086
	"$@" "$build/tests/check" ${TEST_WORKERS:+-w $TEST_WORKERS}
	"$here/progs.sh" "$build" "$@"
} 2>&1 | tee "$sums" | grep -vE '^[0-9]+ passed, [0-9]+ failed$'
awk '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3; n++ }
     END { if (n != 2) f++; printf "%d passed, %d failed\n", p, f; exit f > 0 }' "$sums"
