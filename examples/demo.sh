#!/bin/sh
# SPDX-License-Identifier: MIT
# Record examples/pipeline, ask where its time goes, and draw it: `make demo` builds and calls this.
#
#     examples/demo.sh [BUILD-DIRECTORY]
set -eu

build=${1:-build}
run=$build/demo/run.db
mkdir -p "$build/demo"

step()
{
	printf '\n$ %s\n' "$*"
	"$@"
}

step "$build/weft" record -f -o "$run" -- "$build/examples/pipeline"
step "$build/weft" check "$run"
step "$build/weft" sql --table "$run" "select label, kind, waits, total, max, why from contention"
step "$build/weft" timeline "$run" -o "$build/demo/workers.png"
step "$build/weft" timeline "$run" --lanes goroutines -o "$build/demo/goroutines.png"
step "$build/weft" contention "$run" -o "$build/demo/contention.png"
step "$build/weft" report "$run" -o "$build/demo/report.html"
printf '\nOpen these:\n'
ls "$PWD/$build/demo/report.html" "$PWD/$build"/demo/*.png
