#!/bin/sh
# SPDX-License-Identifier: MIT
# Every test, one part after the other: `make check` builds and calls this.
#
#     tests/run.sh BUILD-DIRECTORY [PART...]
#
# A part is a command that ends with the line "N passed, N failed"; one that ends otherwise counts
# as a failure, so that a part that crashes is not a part that passes.  The last line has the sums.
set -u

build=$1
shift
wanted=" $* "
log=$build/check.log
passed=0
failed=0

part() { # name, command...
	name=$1
	shift
	[ "$wanted" = "  " ] || [ "$wanted" != "${wanted#* $name }" ] || return 0
	echo "== $name"
	start=$(date +%s)
	{ "$@" 2>&1 || echo "(exit status $?)"; } | tee "$log" | grep -v '^ok '
	sums=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -1)
	if [ -z "$sums" ]; then
		echo "not ok $name - it ended without its totals"
		sums="0 passed, 1 failed"
	fi
	p=${sums%% passed*}
	f=${sums#*, }
	f=${f%% *}
	[ "$f" -gt 0 ] || ! grep -q '^(exit status' "$log" || f=1
	passed=$((passed + p))
	failed=$((failed + f))
	echo "   ($(($(date +%s) - start)) s)"
}

# The runtime's tests in another build: its variables for make, then what precedes the program.
variant() { # scale, make variable, directory
	scale=$1
	make -s "$2" "$3/tests/check" && TEST_SCALE=$scale $4 "$3/tests/check"
}

part runtime "$build/tests/check"
for script in tests/*/run.sh; do
	part "$(basename "$(dirname "$script")")" "$script" "$build"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
