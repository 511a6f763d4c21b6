#!/bin/bash
# SPDX-License-Identifier: MIT
# A program that is killed at a random moment, while both of its workers write events as fast as they
# can: the recording ends by itself and leaves nothing behind, and its database is whole.
#
#     tests/kill/run.sh BUILD-DIRECTORY [KILLS]
#
# So many in each of three ways (1): `make check-long` kills a hundred each.
here=$(realpath "$(dirname "$0")")
build=$(realpath "$1")
kills=${2:-1}
[ "$kills" -gt 1 ] && within=400 || within=20 # ms: what was written until then is to be loaded
set -- "$build"
. "$here/../e2e/lib.sh"
compile load "$here/load.c"
passed=0
failed=0

# The pid of the program, which weft record runs.
program() {
	pgrep -P "$1" -x load
}

# What is wrong after a kill, a line each.  That events are missing is not wrong, if the database says
# how many; nor what follows from it.
faults() { # database
	[ "$status" = 137 ] || echo "exit status $status, not 137"
	[ -z "$(left_behind)" ] || echo "left behind: $(left_behind)"
	[ -e "$1" ] || { echo "there is no database"; return; }
	sqlite3 "$1" 'pragma integrity_check; pragma foreign_key_check' | grep -v '^ok$'
	[ "$(query "$1" 'select lost = (select coalesce(sum(lost), 0) from gap) from run')" = 1 ] ||
		echo "what is lost is not where gap says"
	grep -v ': fine' checked | grep -E 'sum|begin where|without any|ran for|references|counts of the run|negative|come before'
	[ "$lost" = 0 ] || return
	[ "$recorded" -ge "$waits" ] ||
		echo "of $waits waits that it did there are $recorded, and nothing is said to be lost"
	# No busy machine makes that late: see load.c.  10 ms are for the packed form, which reckons the times of the
	# last records from two readings of two clocks that were before them.
	[ $((lived - told)) -le 10000000 ] ||
		echo "the last $missing ms before the kill are missing, and nothing is said to be lost"
	[ "$said" = 0 ] || echo "weft check finds faults, and nothing is said to be lost: $(cat checked)"
}

one() { # name, options of weft record...
	local name=$1 ms=$((RANDOM % within))
	shift
	rm -f said life run.db
	WEFT_PROCS=2 "$weft" record "$@" -f -o run.db ./load life >said 2>err &
	pid=$!
	await grep -q ready said || { echo "it does not start" >why; return 1; }
	sleep "0.$(printf %03d $ms)"
	kill -KILL "$(program $pid)"
	( sleep 120; kill -KILL $pid ) 2>/dev/null &
	guard=$!
	wait $pid
	status=$?
	pkill -P $guard
	kill $guard 2>/dev/null
	lived=$(od -An -td8 -w24 life | awk '{ printf "%.0f", $2 - $1 }')
	waits=$(od -An -td8 -w24 life | awk '{ print $3 }')
	told=$(query run.db "select (select max(ts) from event) - min(ts) from ev_user_log")
	lost=$(query run.db 'select lost from run')
	recorded=$(query run.db 'select count(*) from ev_waitgroup_wait')
	events=$(query run.db 'select events from run')
	missing=$(((lived - told) / 1000000))
	"$weft" check run.db >checked 2>&1
	said=$?
	faults run.db >why
	echo "$name $ms $events $lost $missing" >>figures
	[ ! -s why ]
}

way() { # name, options...
	for ((i = 0; i < kills; i++)); do
		if one "$@"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "not ok $1: killed after $((lived / 1000000)) ms: $(cat why err | tr "\n" ";")"
		fi
	done
	awk -v name="$1" '$1 == name {
		n++; events += $3; lost += $4; with += $4 > 0; torn += $4 > 0 && $4 <= 2; if ($5 > most) most = $5 }
		END { printf "%s: %d kills, %d events; %d lost in %d of them, of which %d lost only those that " \
			"were being written; the last %d ms missing at most\n",
			name, n, events, lost, with, torn, most }' figures
}

way ordinary
way lossless --lossless
way packed --packed
echo "$passed passed, $failed failed"
[ $failed = 0 ]
