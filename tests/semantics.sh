#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs what semantics.txt names, with 1, 2 and 8 workers, and says of each line whether it holds.
#
#     semantics.sh BUILD_DIR [RUNNER...]
#
# A name that is no test fails.  A program that does not run in this build (see progs.sh) is passed
# over there, and cases of tests/race run in the build of the thread sanitizer alone.
cd "$(dirname "$0")/.." || exit 1
build=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
checks=0 tests=0 failed=0

# One name; what is wrong goes to $log.
run_test() { # name, runner...
	name=$1
	shift
	if grep -qs "^TEST($name)" tests/rt/*.c; then
		"$@" "$build/tests/check" "$name" >"$log" 2>&1 &&
			grep -q '^3 passed, 0 failed$' "$log"
	elif [ -f "tests/rt/progs/$name.c" ]; then
		tests/rt/progs.sh --one "tests/rt/progs/$name.c" "$build" "$@" >"$log" 2>&1
		! grep -q '^not ok' "$log"
	elif grep -qs "^CASE($name)" tests/race/*.c; then
		case $build in
		*/thread) tests/race/run.sh "$build" "$name" >"$log" 2>&1 ;;
		esac
	else
		echo "no test is called $name" >"$log"
		false
	fi
}

while IFS='|' read -r number says names source; do
	case $number in
	'#'* | '') continue ;;
	esac
	checks=$((checks + 1))
	wrong=
	for name in $names; do
		tests=$((tests + 1))
		run_test "$name" "$@" || {
			wrong="$wrong $name"
			sed 's/^/    /' "$log"
		}
	done
	if [ -z "$wrong" ]; then
		echo "ok ${number% }:${says% }${source:+ (${source# })}"
	else
		failed=$((failed + 1))
		echo "not ok ${number% }:${says% } -$wrong"
	fi
done <tests/semantics.txt
echo "$checks checks, $tests tests, $([ $failed = 0 ] && echo all passing || echo "$failed checks failing")"
echo "$((checks - failed)) passed, $failed failed"
[ "$failed" = 0 ]
