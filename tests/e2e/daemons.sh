#!/bin/sh
# SPDX-License-Identifier: MIT
# Recordings do not disturb each other, nor other daemons; a daemon that dies does not hold us up.
. "$(dirname "$0")/lib.sh"
compile victim

one() { # name, user?
	mkdir "$1"
	chmod 777 "$1"
	(cd "$1" && $2 "$user_weft" record --lossless -o run.db ../victim play "$3" >out 2>err) &
}
one a "" 1000
one b "" 2000
one c "$as_user" 3000
one d "$as_user" 4000
wait
for each in a:1000 b:2000 c:3000 d:4000; do
	equal four_at_once_${each%:*} \
		"$(query ${each%:*}/run.db 'select count(*), lost from chan_op, run where op = "send"')" \
		"$((2 * ${each#*:}))|0"
done
equal four_at_once_leave_nothing "$(left_behind)" ""

run $as_user env --chdir=c "$user_weft" record -f ../victim play 10
expect ordinary_user 0 recorded

# A daemon that is there already, root's or the user's: one that knows nothing of us.
socket=/var/run/lttng/client-lttng-sessiond
[ "$(id -u)" = 0 ] || socket=${LTTNG_HOME:-$HOME}/.lttng/client-lttng-sessiond
lttng-sessiond --no-kernel >daemon.log 2>&1 &
daemon=$!
await test -S "$socket"
run "$weft" record -o beside.db ./victim play 10
expect beside_another_daemon 0 'recorded'
equal beside_another_daemon_all_is_recorded "$(query beside.db 'select count(*) from chan_op where op = "send"')" 20
group=$(getent group tracing | cut -d: -f3)
if [ "$(id -u)" = 0 ] && [ -n "$group" ] && $as_user unshare -U true 2>/dev/null; then
	# Such a user's tools talk to root's daemon, if they can.
	run ${as_user%% --clear-groups*} --groups "$group" env --chdir=d HOME=/nonexistent \
		"$user_weft" record -f ../victim play 10
	expect member_of_group_tracing 0 'recorded'
else
	skip member_of_group_tracing "not root, or no such group, or no user namespaces (as in a chroot)"
fi
check other_daemon_is_not_disturbed await sh -c "kill -0 $daemon || grep -q 'already running' daemon.log"
kill $daemon 2>/dev/null
wait $daemon

# The recorder's helper process, killed while it starts the daemon.
mkdir fake
printf '#!/bin/sh\nkill -KILL $PPID\n' >fake/lttng-sessiond
chmod 755 fake fake/lttng-sessiond
run env PATH="$T/fake:$PATH" "$weft" record -o no.db ./victim play 10
expect helper_killed_at_its_start 125 "cannot record: the recorder's helper process was killed"

# The daemons of a recording, killed while the program runs.
which_is_gone() {
	! left_behind | grep -q "^lttng-$which"
}
for which in sessiond consumer; do
	rm -f ready
	setsid env --default-signal=INT "$weft" record -f -o killed.db ./victim wait >ready 2>err &
	pid=$!
	await grep -q ready ready
	for p in /proc/[0-9]*; do
		case $(cat "$p/comm" 2>/dev/null) in
		lttng-$which*) tr '\0' '\n' <"$p/environ" | grep -q "^LTTNG_HOME=$T" &&
			kill -KILL "$(basename "$p")" ;;
		esac
	done
	await which_is_gone
	kill -INT -$pid
	start=$(date +%s)
	wait $pid
	status=$?
	expect ${which}_killed_is_said "$status" "lttng-$which.* ended before the program did"
	check ${which}_killed_does_not_hang [ $(($(date +%s) - start)) -lt 20 ]
done
