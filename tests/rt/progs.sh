#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs tests/rt/progs/*.c, programs that end in a particular way, with 1, 2 and 8 workers
# (with TEST_WORKERS=n with n only).
#
#     progs.sh [-v] BUILD_DIR [RUNNER...]
#
# With -v also a line for each that passes, and for each that is not for this build.
#
# What is expected of each is in its opening comment:
#     status: N          its exit status         signal: N    the signal that ends it
#     says: REGEX        a line on stderr        prints: REGEX    a line on stdout
#     once: REGEX        exactly one line        never: REGEX     no line on stderr
#     silent             nothing on stderr       env: NAME=VALUE
#     not under: S...    not in builds with these sanitizers (in names of directories of build/)
#     only under: S      only in this one
set -u
here=$(dirname "$0")

field() { sed -n "s/^[ /]\*[* ]*$1: //p" "$src"; }

# With a source: that program alone.  "ok" or "not ok" for each number of workers.
if [ "$1" = --one ]; then
	src=$2 build=$3
	shift 3
	name=$(basename "$src" .c)
	for s in $(field "not under"); do
		case $build in */*$s*) echo "not here $name" && exit 0 ;; esac
	done
	only=$(field "only under")
	case /$build/ in
	*/"${only:-}"/*) ;;
	*) [ -z "$only" ] || { echo "not here $name" && exit 0; } ;;
	esac
	env=$(field env)
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	if grep -Eq '^ \*.*[^ *].* (status|signal|says|prints|once|never|env): ' "$src"; then
		echo "not ok $name: what is expected is not a line each" >"$tmp/all"
	fi
	for workers in ${TEST_WORKERS:-1 2 8}; do
		( # in a shell of its own, which may say "Segmentation fault" where nobody hears
			export WEFT_PROCS=$workers
			[ -z "$env" ] || export "${env?}"
			timeout 60 "$@" "$build/tests/rt/progs/$name" >"$tmp/out" 2>"$tmp/err" </dev/null
			exit $?
		) 2>/dev/null
		status=$?
		wrong=
		want=$(field status)
		[ -z "$(field signal)" ] || want=$((128 + $(field signal)))
		[ "$status" = "$want" ] || wrong="exit status $status, not $want"
		field says >"$tmp/says"
		while read -r line; do
			grep -Eq -- "$line" "$tmp/err" || wrong="did not say: $line"
		done <"$tmp/says"
		field once >"$tmp/once"
		while read -r line; do
			[ "$(grep -Ec -- "$line" "$tmp/err")" = 1 ] || wrong="did not say once: $line"
		done <"$tmp/once"
		field never >"$tmp/never"
		while read -r line; do
			grep -Eq -- "$line" "$tmp/err" && wrong="said: $line"
		done <"$tmp/never"
		field prints >"$tmp/prints"
		while read -r line; do
			grep -Eq -- "$line" "$tmp/out" || wrong="did not print: $line"
		done <"$tmp/prints"
		if grep -q '^ \* silent' "$src" && [ -s "$tmp/err" ]; then
			wrong="was not silent"
		fi
		[ -n "$wrong" ] || echo "ok $name with $workers workers"
		[ -z "$wrong" ] || echo "not ok $name with $workers workers: $wrong
$(sed 's/^/    /' "$tmp/err" | head -20)"
	done >>"$tmp/all"
	cat "$tmp/all" # at once: others write too
	exit 0
fi

# All, as many at once as there are cpus.
hidden='^(ok|not here) '
[ "$1" != -v ] || { hidden='^$' && shift; }
build=$1
shift
sums=$(mktemp)
trap 'rm -f "$sums"' EXIT
{
	printf '%s\n' "$here"/progs/*.c |
		xargs -P "$(getconf _NPROCESSORS_ONLN)" -I '{}' "$0" --one '{}' "$build" "$@" ||
		echo "not ok progs - a run of this script failed"
} |
	tee "$sums" | grep -vE "$hidden"
failed=$(grep -c '^not ok ' "$sums")
passed=$(grep -c '^ok ' "$sums")
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
