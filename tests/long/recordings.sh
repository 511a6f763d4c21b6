#!/bin/sh
# SPDX-License-Identifier: MIT
# Many recordings at once, by two users, and large ones one after the other: each complete and right.
#
#     tests/long/recordings.sh BUILD-DIRECTORY [RECORDINGS [ROUND-TRIPS]]
#
# 20 at once by default, and 10 of a million round trips over channels, which are ten million events; of both
# every second pair or one packed.  `make check-long` calls this; tests/e2e/daemons.sh is the short form.
at_once=${2:-20}
times=${3:-1000000}
e2e=$(realpath "$(dirname "$0")/../e2e")
. "$e2e/lib.sh"
compile victim "$e2e/victim.c"
failed=0
not_ok() { # name, why
	failed=$((failed + 1))
	echo "not ok $1 - $2"
}

# Both users' programs run at the same time: each has so many messages that it cannot be mistaken.
start() { # number, user?
	mkdir "$1"
	chmod 777 "$1"
	[ $(($1 / 2 % 2)) = 0 ] && packed= || packed=--packed
	(cd "$1" && ${2-} "$user_weft" record $packed --lossless -o run.db ../victim play $((1000 + 100 * $1)) \
		>out 2>err) &
}
# A round trip is two messages, and each of them a send, a receive, a wait, its end, and that it ran on.
whole() { # database, round trips
	[ "$(query "$1" "select sum(op = 'send'), lost, max(events) >= 10 * $2 from chan_op, run")" = "$((2 * $2))|0|1" ] &&
		"$weft" check "$1"
}
if [ "$(id -u)" = 0 ]; then
	i=0
	while [ $i -lt "$at_once" ]; do
		[ $((i % 2)) = 0 ] && start $i || start $i "$as_user"
		i=$((i + 1))
	done
	wait
	i=0
	while [ $i -lt "$at_once" ]; do
		cp $i/err err
		check "recording_$i" whole $i/run.db $((1000 + 100 * i))
		i=$((i + 1))
	done
	equal "they_leave_nothing" "$(left_behind)" ""
	rm -rf [0-9]*
else
	skip "recordings_of_two_users" "not root"
fi

for i in 1 2 3 4 5 6 7 8 9 10; do
	[ $((i % 2)) = 1 ] && packed= || packed=--packed
	run "$weft" record $packed --lossless -f -o run.db ./victim play "$times"
	expect "much_$i" 0 ' 0 lost'
	check "much_${i}_is_whole" whole run.db "$times"
done
[ $failed = 0 ]
