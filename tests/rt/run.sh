#!/bin/sh
# SPDX-License-Identifier: MIT
# The runtime's tests in one build: run.sh BUILD-DIRECTORY [RUNNER...]
#
# With 1, 2 and 8 workers; or with TEST_WORKERS, and those that tests/semantics.txt names also with
# SEMANTICS_WORKERS.  A line for each stays in BUILD-DIRECTORY/tests/results, for tests/semantics.sh.
# shellcheck disable=SC2046,SC2086
cd "$(dirname "$0")/../.." || exit 1
build=$1
results=$build/tests/results
shift
runner=$*

run() { # workers, tests (all if none), programs
	w=$(printf ' -w %s' $1)
	$runner "$build/tests/check" -v $w $2
	build/tests/progs -v $w "$build" $3 -- $runner
}

named=$(sed '/^#/d' tests/semantics.txt | cut -d '|' -f 3)
all=${TEST_WORKERS:-1 2 8}
{
	echo "workers $all ${SEMANTICS_WORKERS-}"
	run "$all" "" "$(echo tests/rt/progs/*.c)"
	if [ -n "${SEMANTICS_WORKERS-}" ]; then
		# Who uses a stack that is gone was looked for above; it costs as much as all the rest.
		export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_stack_use_after_return=0"
		run "$SEMANTICS_WORKERS" "$named" \
			"$(printf 'tests/rt/progs/%s.c\n' $named | sort -u | xargs ls 2>/dev/null)"
	fi
} 2>&1 | tee "$results" | grep -vE '^(ok|not here|workers) |^[0-9]+ passed, [0-9]+ failed$'
awk -v runs=$((${SEMANTICS_WORKERS:+2}+2)) '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3; n++ }
     END { if (n != runs) f++; printf "%d passed, %d failed\n", p, f; exit f > 0 }' "$results"
