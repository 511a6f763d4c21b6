#!/bin/bash
# SPDX-License-Identifier: MIT
# What pictures and reports of large runs take: benchmarks/pictures.sh BUILD-DIRECTORY > PICTURES.md
#
# `make bench-pictures` builds and calls this.  Runs of bench_pictures.c are recorded, and every plot drawn,
# and every other command that reads a whole run.  Progress goes to the standard error.  From the
# environment:
#
#     GOROUTINES  "1 8 100 10000 100000": of each run
#     EVENTS      10000000: in each run, about
#     ROUNDS      1: the least of so many counts
#     DIR         where the databases are made, 80 bytes for each event; runs that are there already
#                 (GOROUTINES.db) are taken as they are, and stay
set -euo pipefail

build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
goroutines=${GOROUTINES-1 8 100 10000 100000}
rounds=${ROUNDS-1}
tmp=$(mktemp -d -p "${TMPDIR-/tmp}")
trap 'rm -rf "$tmp"' EXIT
dir=${DIR-$tmp}
weft=$build/weft

take() { # command...
	for ((i = 0; i < rounds; i++)); do
		"$build/benchmarks/bench_load" run "$@" >/dev/null 2>"$tmp/said" || { cat "$tmp/said" >&2; exit 1; }
		tail -1 "$tmp/said"
	done | awk '{ for (i = 1; i <= 3; i++) if (NR == 1 || $i < m[i]) m[i] = $i } END { print m[1], m[2], m[3] }'
}

measure() { # goroutines, name, command...
	local n=$1 name=$2
	shift 2
	echo "$n $(take "$@") $name" | tee -a "$tmp/rows" >&2
}

for n in $goroutines; do
	db=$dir/$n.db
	[ -e "$db" ] || "$weft" record --packed --lossless -o "$db" -- "$build/benchmarks/bench_pictures" \
		"$n" "${EVENTS-10000000}" >&2
	echo "$("$weft" sql --list "$db" "select goroutines, events, round(dur / 1e9, 1) from run")|$(stat -c %s "$db")" >>"$tmp/runs"
	cat "$db" >/dev/null # into the cache
	for plot in $("$weft" plot --list | cut -d ' ' -f 1); do
		measure "$n" "plot $plot" "$weft" plot "$plot" "$db" -o "$tmp/picture.png"
	done
	measure "$n" timeline "$weft" timeline "$db"
	measure "$n" stat "$weft" stat "$db"
	measure "$n" "why --longest" "$weft" why "$db" --longest
	measure "$n" report "$weft" report "$db" -o "$tmp/report.html"
done

echo "<!-- Written by \`make bench-pictures\`. -->"
echo "# What pictures of large runs take"
echo
echo "By \`make bench-pictures\`: seconds, seconds of cpu, and MB of the largest process (weft, or gnuplot). A"
echo "plot is a PNG of the whole run, 1600 pixels wide; \`timeline\` is the one in the terminal."
echo
echo "- measured: $(date -u +%Y-%m-%d), commit $(git -C "$here" describe --always --dirty \
	--exclude '*' 2>/dev/null || echo unknown)"
echo "- rounds: $rounds$([ "$rounds" = 1 ] || echo ", of which the least counts")"
echo "- system: $(uname -srm); $(. /etc/os-release && echo "$PRETTY_NAME")"
echo "- cpus: $(getconf _NPROCESSORS_ONLN) of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
echo "- $(gnuplot --version)"
echo "- load: $(cut -d ' ' -f 1-3 /proc/loadavg) at the end"
echo
awk -F '|' '
	BEGIN { print "| goroutines | events | seconds | database, MB |\n|---|---|---|---|" }
	{ printf "| %s | %s | %s | %.0f |\n", $1, $2, $3, $4 / 1e6 }' "$tmp/runs"
echo
awk '
	{ name = $5; for (i = 6; i <= NF; i++) name = name " " $i
	  if (!(name in seen)) { seen[name] = 1; names[++n] = name }
	  if (!($1 in runs)) { runs[$1] = 1; order[++k] = $1 }
	  cell[name, $1] = sprintf("%.1f s, %.1f, %.0f MB", $2, $3, $4) }
	END {
		printf "|"; for (j = 1; j <= k; j++) printf " | %s", order[j]
		printf " |\n|---|"; for (j = 1; j <= k; j++) printf "---|"
		print ""
		for (i = 1; i <= n; i++) {
			printf "| %s", names[i]
			for (j = 1; j <= k; j++) printf " | %s", cell[names[i], order[j]]
			print " |"
		}
	}' "$tmp/rows"
