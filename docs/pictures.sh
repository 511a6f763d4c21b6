#!/bin/sh
# SPDX-License-Identifier: MIT
# The pictures of README.md and docs/, of new recordings of examples: `make docs` calls this.
#
#     docs/pictures.sh BUILD-DIRECTORY DIRECTORY
set -eu

build=$1
out=$2
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT

record() # database, options of weft record
{
	db=$runs/$1.db
	shift
	"$build/weft" record -o "$db" "$@" >/dev/null
}

record pipeline -- "$build/examples/pipeline"
"$build/weft" timeline "$db" --lanes goroutines -o "$out/timeline.png"
"$build/weft" timeline "$db" --lanes goroutines --from 100ms --to 130ms -o "$out/moment.png"
"$build/weft" contention "$db" -o "$out/contention.png"

record stacks --stacks -- "$build/examples/pipeline"
for plot in states channels blame locks wakers; do
	"$build/weft" plot $plot "$db" --width 1200 -o "$out/plot_$plot.png"
done

record sieve -- "$build/examples/sieve"
"$build/weft" plot latency_map "$db" --width 1200 -o "$out/plot_latency_map.png"
