#!/bin/sh
# SPDX-License-Identifier: MIT
# A million goroutines: parked on a channel, counted, dumped in summary, released, and in a deadlock;
# and that they take 4.1 KB each.
#
#     run.sh BUILD-DIRECTORY [GOROUTINES]
#
# What it takes is mostly the kernel's time for as many first touches of a page: a second on most
# machines, half a minute in some virtual ones.  Needs 4.2 GB; skipped where they are not free.  A
# kernel without MADV_GUARD_INSTALL has no room for as many guards, and the message that says so is
# looked at instead.
cd "$(dirname "$0")/../.." || exit 1
build=$1
n=${2:-1000000}
tmp=$(mktemp -d)
passed=0 failed=0
pid=
trap '[ -z "$pid" ] || kill -KILL $pid 2>/dev/null; rm -rf "$tmp"' EXIT

ok() { passed=$((passed + 1)); }
not_ok() { # name, what is wrong
	failed=$((failed + 1))
	echo "not ok million: $1: $2"
	head -20 "$tmp/out" "$tmp/err" "$tmp/dump" 2>/dev/null | sed 's/^/    /'
}
has() { # name, file, pattern
	if grep -Eq -- "$3" "$tmp/$2"; then ok; else not_ok "$1" "no line like '$3'"; fi
}
is_short() { # name, file
	if [ "$(wc -c <"$tmp/$2")" -lt 5000 ]; then ok; else not_ok "$1" "$(wc -c <"$tmp/$2") bytes"; fi
}
finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
	exit
}
await() { # pattern in out; false if the program ended before
	until grep -q "$1" "$tmp/out"; do
		kill -0 "$pid" 2>/dev/null || return 1
		sleep 0.1
	done
}

make -s "$build/tests/million/million" || exit 1
if [ "$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)" -lt $((n / 10 * 43 + 100000)) ]; then
	echo "skipped million: $n goroutines need $((n / 1000 * 43 / 10)) MB"
	echo "0 passed, 0 failed"
	exit 0
fi
mkfifo "$tmp/in"
"$build/tests/million/million" "$n" <"$tmp/in" >"$tmp/out" 2>"$tmp/err" &
pid=$!
exec 3>"$tmp/in"
if ! await '^parked after'; then
	wait $pid
	status=$?
	pid=
	if grep -q 'its guard page cannot be made' "$tmp/err"; then
		has limit err '^weft: fatal: no stack for goroutine [0-9]+: .*/proc/sys/vm/max_map_count'
		[ $status = 2 ] && ok || not_ok limit "exit status $status"
		echo "skipped million: this kernel has no MADV_GUARD_INSTALL"
	else
		not_ok parked "exit status $status"
	fi
	finish
fi
cat "$tmp/out"
if awk '/ bytes each/ { found = $3 < 4250 && $7 < 200 } END { exit !found }' "$tmp/out"; then
	ok
else
	not_ok memory "more than 4250 bytes each, or than 200 in page tables"
fi
has guards out "; $((n / 1000)) guards were tried\$"

start=$(date +%s%N)
timeout 60 "$build/weft" dump $pid >"$tmp/dump" 2>&1 && ok || not_ok dump "exit status $?"
echo "dumped in summary in $((($(date +%s%N) - start) / 1000000)) ms"
has dump_counts dump "^weft: $((n + 1)) goroutines, "
has dump_sums_up dump "^$n goroutines \\(wait_for_job\\): waiting in chan receive at .*/million.c:"
has dump_names_the_object dump '^    for channel "jobs" \(0 of 0 buffered\)$'
has dump_has_examples dump "^    $((n - 1)) more goroutines wait like this one: .*, \\.\\.\\.; the longest is [0-9]+, for "
has dump_has_a_stack dump '^    wait_for_job +tests/million/million.c:'
is_short dump_is_short dump

echo >&3
exec 3>&-
wait $pid
status=$?
pid=
tail -n +3 "$tmp/out"
has released out '^released after'
[ $status = 2 ] && ok || not_ok deadlock "exit status $status"
has deadlock err '^weft: fatal: all goroutines are asleep - deadlock!$'
has deadlock_cause err "^    no peer left: goroutine [0-9]+ \\(wait_for_job\\) and $((n - 1)) more wait in chan receive at "
has deadlock_sums_up err "^    $((n - 1)) more goroutines wait like this one: "
is_short deadlock_is_short err
echo "the report of the deadlock: $(sed -n 's/^goroutine 1 .* for /written /p' "$tmp/err" | tr -d ,) after the last waited"
finish
