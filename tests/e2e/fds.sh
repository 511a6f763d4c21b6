#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that close all descriptors: their files stay theirs, and the recording goes on.  What that
# takes is preloaded, and nobody else notices.
. "$(dirname "$0")/lib.sh"
compile fds

# 40,000 values, to and fro.
whole() { # name, database
	equal "$1_files_are_empty" "$(cat out)" ""
	equal "$1_is_recorded_whole" "$(query "$2" "select count(*) from chan_op where op = 'send'")" 80000
	check "$1_is_fine" "$weft" check "$2"
}
for how in loop closefrom range unshare; do
	run "$weft" record --lossless -f -o all.db ./fds "$how"
	expect "$how" 0 ', 0 lost'
	whole "$how" all.db
done
run "$weft" record --lossless --packed -f -o all.db ./fds closefrom
expect packed 0 ', 0 lost'
whole packed all.db

# The user's own libraries stay, and are loaded after it.
echo 'int value = 1;' | ${CC:-cc} -shared -fPIC -x c - -o own.so
LD_PRELOAD=$T/own.so run "$weft" record -f -o own.db sh -c 'echo "$LD_PRELOAD"; exec ./fds'
expect own_preload 0 recorded
equal own_preload_is_kept "$(sed 's|^.*/libweft|libweft|' out)" "libweft-fds.so:$T/own.so"
# The address sanitizer, where it is a library, demands to be the first.
if CC="gcc -fsanitize=address" compile sanitized "$here/fds.c" 2>err; then
	ASAN_OPTIONS=detect_leaks=0 run "$weft" record -f -o asan.db ./sanitized closefrom
	expect address_sanitizer 0 recorded
else
	skip address_sanitizer "gcc has none"
fi
