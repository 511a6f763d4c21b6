#!/bin/sh
# SPDX-License-Identifier: MIT
# The debug build (make DEBUG=1): the programs that only it stops, and everything at random for three
# seconds, in which it must find nothing.
cd "$(dirname "$0")/../.." || exit 1
build=build/debug
progs=$(grep -l '^ \* only under: debug$' tests/rt/progs/*.c)
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# Of the programs of tests/rt/progs only these.
# shellcheck disable=SC2046
make -s -j"$(getconf _NPROCESSORS_ONLN)" DEBUG=1 prog_c="$(echo $progs)" $build/tests/stress/stress \
	build/tests/progs $(echo "$progs" | sed "s|.*|$build/&|; s|\.c$||") || exit 1
{
	# shellcheck disable=SC2086
	build/tests/progs -v $build $progs
	if timeout 100 $build/tests/stress/stress 3 "$(date +%N | sed 's/^0*//')" 4; then
		echo "ok stress"
	else
		echo "not ok stress"
	fi
} >"$out" 2>&1
grep -v '^ok ' "$out"
passed=$(grep -c '^ok ' "$out")
failed=$(grep -c '^not ok ' "$out")
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
