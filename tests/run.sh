#!/bin/sh
# SPDX-License-Identifier: MIT
# Every test: `make check` builds and calls this.
#
#     tests/run.sh BUILD-DIRECTORY [PART...]
#
# A part is a script beside this one or a run.sh below it, which is given the build directory.  It
# may end with the line "N passed, N failed"; else its exit status says whether it passed.  A part
# that crashes counts as a failure, whatever it said before.  The last line has the sums.
#
# There are two rows, each one part after the other: those that compute (builds with sanitizers, models,
# faults), and the others, which wait a lot; e2e is the first of these.
set -u

cd "$(dirname "$0")/.." || exit 1
build=$1
shift
wanted=" $* "
sums=$build/check.sums
beside=$build/check.beside
: >"$sums"

part() { # script
	name=${1%/run.sh}
	name=$(basename "$name" .sh)
	log=$build/check.$name
	[ "$wanted" = "  " ] || [ "$wanted" != "${wanted#* $name }" ] || return 0
	echo "== $name"
	start=$(date +%s)
	{ "$1" "$build" 2>&1 && echo "(fine)"; } | tee "$log" | grep -vE '^(ok |\(fine\)$)'
	sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -1)
	if [ "$(tail -1 "$log")" = "(fine)" ]; then
		sum=${sum:-1 passed, 0 failed}
	elif [ -z "$sum" ] || [ "${sum#*, }" = "0 failed" ]; then
		echo "not ok $name - it ended with a failure"
		sum="${sum:-0 passed,} 1 failed"
	fi
	echo "$sum $(grep -c '^skipped ' "$log")" >>"$sums"
	echo "   ($name: $(($(date +%s) - start)) s)"
}

trap 'trap - TERM && kill 0' INT TERM
computing="tests/stress/run.sh tests/race/run.sh tests/variants/run.sh tests/model_check/run.sh tests/faults/run.sh"
for script in $computing; do
	part "$script"
done >"$beside" &
part tests/e2e/run.sh
for script in tests/*/run.sh; do
	case " $computing tests/e2e/run.sh " in
	*" $script "*) ;;
	*) part "$script" ;;
	esac
done
tail -n +1 -f --pid=$! "$beside"
# These sum up what others found.
for script in tests/*.sh; do
	[ "$script" = tests/run.sh ] || part "$script"
done
awk '{ p += $1; f += $3; s += $5 }
     END { printf "%d passed, %d failed%s\n", p, f, s ? ", " s " skipped" : ""; exit f || !p }' "$sums"
