#!/bin/sh
# SPDX-License-Identifier: MIT
# Every test, one part after the other: `make check` builds and calls this.
#
#     tests/run.sh BUILD-DIRECTORY [PART...]
#
# A part is a script beside this one or a run.sh below it, which is given the build directory.  It
# may end with the line "N passed, N failed"; else its exit status says whether it passed.  A part
# that crashes counts as a failure, whatever it said before.  The last line has the sums.
set -u

cd "$(dirname "$0")/.." || exit 1
build=$1
shift
wanted=" $* "
log=$build/check.log
passed=0
failed=0
skipped=0

part() { # name, command...
	name=$1
	shift
	[ "$wanted" = "  " ] || [ "$wanted" != "${wanted#* $name }" ] || return 0
	echo "== $name"
	start=$(date +%s)
	{ "$@" 2>&1 && echo "(fine)"; } | tee "$log" | grep -vE '^(ok |\(fine\)$)'
	sums=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -1)
	if [ "$(tail -1 "$log")" = "(fine)" ]; then
		sums=${sums:-1 passed, 0 failed}
	elif [ -z "$sums" ] || [ "${sums#*, }" = "0 failed" ]; then
		echo "not ok $name - it ended with a failure"
		sums="${sums:-0 passed} 1 failed"
	fi
	passed=$((passed + ${sums%% *}))
	skipped=$((skipped + $(grep -c '^skipped ' "$log")))
	sums=${sums% failed}
	failed=$((failed + ${sums##* }))
	echo "   ($(($(date +%s) - start)) s)"
}


# Those beside this one come last: they sum up what others found.
for script in tests/*/run.sh tests/*.sh; do
	name=${script%/run.sh}
	[ "$script" = tests/run.sh ] || part "$(basename "$name" .sh)" "$script" "$build"
done
[ $skipped = 0 ] || skips=", $skipped skipped"
echo "$passed passed, $failed failed${skips-}"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
