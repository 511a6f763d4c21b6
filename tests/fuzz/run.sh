#!/bin/bash
# SPDX-License-Identifier: MIT
# The loader reads what a fuzzer makes of traces, without a crash and without a hang.
#
#     tests/fuzz/run.sh BUILD-DIRECTORY [SECONDS [CORPUS]]
#
# There are two targets.  ctf: the stream of a CTF trace, ordinary or packed; its metadata; what a killed
# packed program left, and what its threads had counted.  text: hand-written events.  Each is fuzzed from the
# files to the rows (fuzz.c).
#
# First every seed, the hand-written traces of tests/traces, and what the fuzzer has found before
# (found/); then, for so many seconds of each target (3), what it makes of them.  What it learns stays in
# CORPUS, if that is named.  `make check-long` gives each ten minutes.
set -u

cd "$(dirname "$0")/../.." || exit 1
build=$1
seconds=${2:-3}
tmp=$(mktemp -d)
FUZZ_SHM=$(mktemp -d /dev/shm/weft-fuzz-XXXXXX)
export FUZZ_SHM
trap 'rm -rf "$tmp" "$FUZZ_SHM"' EXIT
corpus=${3:-$tmp/corpus}
export FUZZ_METADATA=$PWD/tests/fuzz/metadata FUZZ_STREAM=$PWD/tests/fuzz/seeds/stream
export ASAN_OPTIONS=detect_leaks=0:handle_abort=0:quarantine_size_mb=16:malloc_context_size=4:max_malloc_fill_size=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

make -s -j"$(nproc)" "$build/tests/fuzz/fuzz" || exit 1
mkdir -p "$corpus"/{ctf,text} "$tmp"/{ctf,text}
for seed in tests/fuzz/{seeds,found}/*; do
	[ "$(head -c 1 "$seed")" = t ] && cp "$seed" "$tmp/text" || cp "$seed" "$tmp/ctf"
done
for trace in tests/traces/*.trace; do
	{ printf t; cat "$trace"; } >"$tmp/text/${trace##*/}"
done

# What babeltrace2 itself does not survive, given to the loader as people have it.
for seed in tests/fuzz/found/abort-*; do
	rm -rf "$tmp/trace"
	mkdir "$tmp/trace"
	cp tests/fuzz/metadata "$tmp/trace"
	tail -c +2 "$seed" >"$tmp/trace/stream"
	timeout 60 "$build/weft" load -o "$tmp/db" "$tmp/trace" >"$tmp/log" 2>&1
	if [ $? != 1 ] || ! grep -q '^weft: .*there are no weft events in it' "$tmp/log" || [ -e "$tmp/db" ]; then
		cat "$tmp/log"
		echo "not ok fuzz - $seed"
		exit 1
	fi
done

# 4 GB: what babeltrace2 has when it aborts is never freed.
fuzz() { # options and corpora...
	"$build/tests/fuzz/fuzz" -handle_abrt=0 -timeout=20 -rss_limit_mb=4096 -max_len=70000 \
		-artifact_prefix="$tmp/" "$@" >"$tmp/log" 2>&1
}
if ! fuzz -runs=0 "$tmp/ctf" "$tmp/text"; then
	tail -40 "$tmp/log"
	echo "not ok fuzz - a seed"
	exit 1
fi
for kind in ctf text; do
	if ! fuzz -max_total_time="$seconds" "$corpus/$kind" "$tmp/$kind"; then
		tail -60 "$tmp/log"
		mkdir -p "$build/fuzz"
		cp "$tmp"/{crash,timeout,oom,slow-unit}-* "$build/fuzz" 2>/dev/null
		echo "not ok fuzz - see $build/fuzz"
		exit 1
	fi
	echo "$kind: $(grep '^Done' "$tmp/log")"
done
