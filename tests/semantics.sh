#!/bin/sh
# SPDX-License-Identifier: MIT
# Of each line of semantics.txt, whether it holds; and how many do, in each build.
#
#     semantics.sh [BUILD-DIRECTORY]
#
# Nothing is run twice: what counts are the results that tests/rt/run.sh, which tests/variants/run.sh
# calls for other builds, and tests/race/run.sh left when they last ran, with the numbers of workers
# that they say, if nothing was built since.  For the build itself they are made here if there are none.  A name that
# is no test fails; one that this build has no use for ("not here") is passed over there, as are the
# races of users' code outside the build that looks for them.
cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
failed=0 checks=0
variants="address+undefined thread thread-rt clang aarch64"

# Whether a build has results of its tests as they are.
is_fresh() { # directory
	[ -f "$1/tests/results" ] && [ -z "$(find "$1/libweft.a" "$1/tests/check" \
		"$1/tests/rt" -newer "$1/tests/results")" ]
}

# "BUILD|NUMBER|what it says|ok, or what is wrong|tests|workers" for each line that a build can hold.
judge() { # directory
	race=
	if [ "${1##*/}" = thread ] && [ "$1/tests/race/results" -nt "$1/tests/race/check" ]; then
		race=$1/tests/race/results
	fi
	# shellcheck disable=SC2086
	awk -v dir="$1" -v race="$race" -v variant="${1#"$build"}" '
		FILENAME !~ /semantics.txt$/ {
			sub(/:$/, "", $2)
			if ($1 == "ok") ok[$2]++
			else if ($1 == "not" && $2 == "ok") wrong[$3] = 1
			else if ($1 == "not" && $2 == "here") here[$3] = 1
			else if ($1 == "workers") need = substr($0, 9)
			next
		}
		/^#/ || !NF { next }
		{
			split($0, field, / *\| */)
			n = split(field[3], names, " ")
			bad = ""
			ran = 0
			for (i = 1; i <= n; i++) {
				t = names[i]
				if (t in here || (t ~ /^(no_)?race_/ && !race))
					continue
				if (variant && !(t in ok) && !(t in wrong)) # not compiled into it
					continue
				ran++
				if (ok[t] != split(need, each, " ") || t in wrong)
					bad = bad " " t
			}
			if (ran)
				print dir "|" field[1] "|" field[2] "|" (bad ? bad : "ok") "|" ran "|" need
		}' $race "$1/tests/results" tests/semantics.txt
}

is_fresh "$build" || tests/rt/run.sh "$build" >/dev/null 2>&1
judge "$build" >"$lines"
for v in $variants; do
	[ -d "$build/$v/tests" ] || continue
	if is_fresh "$build/$v"; then
		judge "$build/$v" >>"$lines"
	else
		echo "skipped $build/$v: its tests have not run since it was built (tests/variants/run.sh)"
	fi
done

while IFS='|' read -r number says _ source; do
	case $number in
	'#'* | '') continue ;;
	esac
	number=${number% }
	checks=$((checks + 1))
	wrong=$(awk -F '|' -v n="$number" '$2 == n && $4 != "ok" { printf "%s in %s:%s", sep, $1, $4; sep = ";" }
		$2 == n { any = 1 } END { if (!any) print "nowhere" }' "$lines")
	if [ "$wrong" = nowhere ]; then
		checks=$((checks - 1))
		echo "skipped $number:${says% } - no build that has run is for it"
	elif [ -z "$wrong" ]; then
		echo "ok $number:${says% }${source:+ (${source# })}"
	else
		failed=$((failed + 1))
		echo "not ok $number:${says% } -$wrong"
	fi
done <tests/semantics.txt
awk -F '|' '!($1 in n) { order[++builds] = $1 }
	{ n[$1]++; tests[$1] += $5; workers[$1] = $6; if ($4 == "ok") ok[$1]++ }
	END {
		for (i = 1; i <= builds; i++) {
			b = order[i]
			printf "%d of %d checks hold in %s (%d tests, workers: %s)\n",
				ok[b], n[b], b, tests[b], workers[b]
		}
	}' "$lines"
echo "$((checks - failed)) passed, $failed failed"
[ "$failed" = 0 ] && [ "$checks" != 0 ]
