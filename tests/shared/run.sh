#!/bin/sh
# SPDX-License-Identifier: MIT
# The shared library: linked against, used by a plugin, and loaded by a program without weft.
#
#     tests/shared/run.sh BUILD-DIRECTORY
set -u
build=$(realpath "$1")
cd "$(dirname "$0")" || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
cc="${CC:-gcc} -std=gnu11 -O2 -Wall -Wextra -Werror -I$build/include"

result() { # name, status
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok $1"
		sed 's/^/    /' "$tmp/out" | head -20
	fi
}

plugin_works() { # name, host, plugin
	for workers in 1 2 8; do
		WEFT_PROCS=$workers timeout 60 "$tmp/$2" "$tmp/$3" >"$tmp/out" 2>&1 &&
			[ "$(cat "$tmp/out")" = "sum 5050
caught -1 of a plugin in square" ]
		result "$1, $workers workers" $?
	done
}

{
	$cc -o "$tmp/shared" host.c "-L$build" -lweft "-Wl,-rpath,$build" -pthread &&
		$cc -rdynamic -o "$tmp/static" host.c -Wl,--whole-archive "$build/libweft.a" \
			-Wl,--no-whole-archive -pthread &&
		$cc -o "$tmp/bare" bare.c &&
		$cc -shared -fPIC -o "$tmp/plugin.so" plugin.c &&
		$cc -shared -fPIC -o "$tmp/linked.so" plugin.c "-L$build" -lweft "-Wl,-rpath,$build"
} >"$tmp/out" 2>&1
result "they are built" $?
ldd "$tmp/shared" >"$tmp/out"
grep -q "libweft.so.0 => $build/libweft.so.0" "$tmp/out"
result "the program is linked with the library" $?
plugin_works "a plugin of a program with the shared library" shared plugin.so
plugin_works "a plugin linked with that library too" shared linked.so
plugin_works "a plugin of a program with weft in it" static plugin.so
timeout 60 "$tmp/bare" "$build/libweft.so" >"$tmp/out" 2>&1
[ $? = 3 ] && grep -q ran "$tmp/out"
result "a program that loads the library" $?
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
