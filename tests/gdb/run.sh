#!/bin/sh
# SPDX-License-Identifier: MIT
# What rt/weft-gdb.py shows of goroutines, in a live process and in a core file: run.sh BUILD.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "$1")
src=tests/gdb/parked.c
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
passed=0
failed=0

line() { grep -n "LINE $1" $src | cut -d: -f1; }

says() { # test, file, regex
	if grep -Eq -- "$3" "$T/$2"; then
		passed=$((passed + 1))
		echo "ok $1"
	else
		failed=$((failed + 1))
		echo "not ok $1 - no line in its output is like: $3"
		sed 's/^/    /' "$T/$2" | head -60
	fi
}

session() { # output, gdb's arguments; commands on standard input
	out=$1
	shift
	{ echo "source rt/weft-gdb.py" && cat; } >"$T/commands"
	timeout 120 gdb -batch -nx -iex "set debuginfod enabled off" -x "$T/commands" "$@" \
		>"$T/$out" 2>&1 </dev/null
}

looks() { # which, file: what both must show
	says "$1_lists_who_runs" "$2" "^. goroutine 1 \(app\): running( without a worker)?, spawned at $src:"
	says "$1_lists_who_receives" "$2" "^  goroutine 2 \(rec\): waiting in chan receive \
at $src:$(line receiver), spawned at $src:[0-9]+ by goroutine 1$"
	says "$1_lists_who_locks" "$2" "goroutine 3 \(locker\): waiting in mutex lock at $src:$(line locker),"
	says "$1_lists_who_sleeps" "$2" "goroutine 4 \(sleeper\): waiting in sleep at $src:$(line sleeper),"
	says "$1_lists_who_has_not_begun" "$2" "goroutine 5 \(late\): runnable, spawned at"
	says "$1_says_where_it_will_begin" "$2" '^has not run yet; it begins in late$'
	says "$1_selects_the_users_frame" "$2" "^#[1-9].* receiver \(arg=.*\) at $src:$(line receiver)$"
	says "$1_has_the_users_locals" "$2" '^answer = 42$'
	says "$1_marks_what_is_looked_at" "$2" '^\* goroutine 2 '
	says "$1_goes_through_the_runtime" "$2" '^#[1-9].* leave_stack '
	says "$1_walks_another_goroutine" "$2" "^#[1-9].* locker \(.*\) at $src:$(line locker)$"
	says "$1_walks_to_the_bottom" "$2" '^#[1-9].* rt_switch_entry '
	says "$1_does_not_have_every_number" "$2" 'weft: there is no goroutine 99'
	says "$1_ended_as_it_should" "$2" '^THE END$'
}

cat >"$T/look" <<'GDB'
info goroutines
goroutine 2
info locals
info goroutines
bt
goroutine 3 bt
goroutine 5 bt
goroutine
echo BACK\n
bt
python
try:
    gdb.execute("goroutine 99")
except gdb.error as e:
    print(e)
end
echo THE END\n
GDB

${CC:-gcc} -std=gnu11 -Wall -Wextra -Werror -g -O2 -I"$build/include" -o "$T/parked" $src \
	"$build/libweft.a" -pthread || exit 1

export WEFT_PROCS=1
session live "$T/parked" <<GDB
break everybody_waits
run
$(cat "$T/look")
goroutine 4
continue
GDB
looks live live
sed '1,/^BACK$/d' "$T/live" >"$T/back"
says live_comes_back_to_the_thread back '^#0  everybody_waits '
says live_goes_on_from_another_view live 'exited with code 07'

# The core file of a crash, where the system leaves one beside the program.
case $(cat /proc/sys/kernel/core_pattern) in
core)
	(ulimit -c unlimited && cd "$T" && CRASH=1 ./parked; :) >/dev/null 2>&1
	session crashed "$T/parked" "$(echo "$T"/core*)" <"$T/look"
	looks core crashed
	;;
*) echo "skipped core_file - this system keeps core files elsewhere" ;;
esac

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
