#!/bin/sh
# SPDX-License-Identifier: MIT
# weft.h in C++17, by g++ and clang++, and C++ exceptions.
#
#     tests/cxx/run.sh BUILD-DIRECTORY
set -u
build=$1
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

result() { # name, status
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok $1"
		sed 's/^/    /' "$tmp/out" | head -20
	fi
}

for cxx in g++ clang++; do
	$cxx -std=c++17 -O2 -g -Wall -Wextra -Werror -pedantic "-I$build/include" -o "$tmp/test" \
		tests/cxx/test.cc "$build/libweft.a" -pthread >"$tmp/out" 2>&1
	result "$cxx compiles it" $?
	for workers in 1 2 8; do
		export WEFT_PROCS=$workers
		timeout 60 "$tmp/test" >"$tmp/out" 2>&1 && grep -q "^all of it" "$tmp/out"
		result "$cxx, $workers workers" $?
		# abort ends it, and the shell may say so
		for how in goroutine main try once; do
			(timeout 60 "$tmp/test" $how >"$tmp/out" 2>&1; echo $? >"$tmp/status") 2>/dev/null
			[ "$(cat "$tmp/status")" = 134 ] &&
				grep -q "^weft: fatal: an exception left a function that weft called" "$tmp/out" &&
				grep -q "what():  nobody catches this" "$tmp/out"
			result "$cxx, $workers workers, an exception that leaves: $how" $?
		done
	done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
