#!/bin/bash
# SPDX-License-Identifier: MIT
# Every test: `make check` builds and calls this.
#
#     tests/run.sh BUILD-DIRECTORY [PART...]
#
# A part is a script beside this one or a run.sh below it, which is given the build directory.  It
# may end with the line "N passed, N failed"; else its exit status says whether it passed.  A part
# that crashes counts as a failure, whatever it said before.  The last line has the sums.
#
# Parts run side by side, as many as there are cpus (one more takes as long, and disturbs tests).  What is
# printed of one appears when it has ended.
set -u

part() { # script
	local name start sum log used TIMEFORMAT='%U %S'
	name=${1%/run.sh}
	name=$(basename "$name" .sh)
	log=$build/check.$name
	[ "$wanted" = "  " ] || [ "$wanted" != "${wanted#* $name }" ] || return 0
	start=$(date +%s)
	used=$({ time { "$1" "$build" 2>&1 && echo "(fine)"; } >"$log"; } 2>&1)
	sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -1)
	{
		flock 3 # one part at a time
		echo "== $name"
		grep -vE '^(ok |\(fine\)$)' "$log"
		if [ "$(tail -1 "$log")" = "(fine)" ]; then
			sum=${sum:-1 passed, 0 failed}
		elif [ -z "$sum" ] || [ "${sum#*, }" = "0 failed" ]; then
			echo "not ok $name - it ended with a failure"
			sum=${sum:-0 passed, 0 failed}
			sum="${sum% 0 failed} 1 failed"
		fi
		echo "$sum $(grep -c '^skipped ' "$log")" >>"$sums"
		echo "   ($name: $(($(date +%s) - start)) s, $(awk '{ print int($1 + $2) }' <<<"$used") s of cpu)"
	} 3>>"$sums"
}

if [ "$1" = --parts ]; then # of a line of the queue, one after the other
	for script in $2; do
		part "$script"
	done
	exit
fi

cd "$(dirname "$0")/.." || exit 1
export build=$1
shift
export wanted=" $* " sums=$build/check.sums
: >"$sums"

# The longest first.  Those of a line build in the same directories, or need a lot of memory.
queue() {
	local line lines="variants stress race
	e2e
	model_check million
	fuzz"

	while read -r line; do
		for name in $line; do
			printf 'tests/%s/run.sh ' "$name"
		done
		echo
	done <<<"$lines"
	for script in tests/*/run.sh; do
		case " ${lines//[$'\n\t']/ } " in
		*" $(basename "$(dirname "$script")") "*) ;;
		*) echo "$script" ;;
		esac
	done
}

trap 'trap - TERM && kill 0' INT TERM
queue | xargs -P "$(nproc)" -I '{}' tests/run.sh --parts '{}'
# These sum up what others found.
for script in tests/*.sh; do
	[ "$script" = tests/run.sh ] || part "$script"
done
awk '{ p += $1; f += $3; s += $5 }
     END { printf "%d passed, %d failed%s\n", p, f, s ? ", " s " skipped" : ""; exit f || !p }' "$sums"
