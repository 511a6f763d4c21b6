#!/bin/sh
# SPDX-License-Identifier: MIT
# The servers of examples/ under load: no error, no stall, nothing left over; and the same recorded.
. "$(dirname "$0")/lib.sh"

# serve NAME SECONDS [COMMAND...]: an example in the background, under COMMAND; its address is $addr.
serve() {
	example=$build/examples/$1
	seconds=$2
	shift 2
	: >server.out
	"$@" "$example" 127.0.0.1:0 "$seconds" >server.out 2>server.err &
	server=$!
	await grep -q listening server.out
	addr=$(sed -n 's/^listening at //p' server.out)
}

# The server itself, also under weft record.
server_pid() {
	for p in $server $(pgrep -P "$server"); do
		[ "$(readlink "/proc/$p/exe")" != "$(realpath "$example")" ] || echo "$p"
	done | head -n 1
}

fds() {
	ls "/proc/$1/fd" | wc -l
}

fds_are() {
	[ "$(fds "$1")" = "$2" ]
}

# wrk's report says nothing of errors only if there were none; it made requests to the end.
fine() {
	grep -qE '^ *[1-9][0-9]* requests in' wrk.out && ! grep -qE 'Socket errors|Non-2xx' wrk.out
}

for workers in 1 2; do
	export WEFT_PROCS=$workers
	serve http 8
	pid=$(server_pid)
	before=$(fds "$pid")
	wrk -c64 -t1 -d1s "$addr" >wrk.out 2>&1
	check "http_serves_without_error_by_$workers" fine
	check "http_closes_what_it_accepts_by_$workers" await fds_are "$pid" "$before"
	memory=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")
	wrk -c64 -t1 -d1s "$addr" >wrk.out 2>&1
	check "http_serves_again_by_$workers" fine
	await fds_are "$pid" "$before"
	grown=$(($(awk '/VmRSS/ { print $2 }' "/proc/$pid/status") - memory))
	check "http_does_not_grow_by_$workers" [ "$grown" -lt 1024 ]
	wait $server
	equal "http_ends_by_$workers" "$?" 0
	equal "http_leaves_no_goroutine_by_$workers" "$(tail -n 1 server.out)" "1 goroutine left"

	serve echo 3
	run "$build/benchmarks/bench_net" load "${addr##*:}" 1
	equal "echo_serves_without_error_by_$workers" "$status" 0
	wait $server
	equal "echo_ends_by_$workers" "$?" 0
done

# Requests in pieces and in one piece, and rubbish.
compile http_client
serve http 60
addr=${addr#http://}
addr=${addr%/}
check http_understands_pieces_and_refuses_rubbish ./http_client "$addr"
{ kill $server && wait $server; } 2>/dev/null # the shell says that it was

# Recorded, at a rate that a small disk bears: what was sent is what the database says was read.
serve http 6 "$weft" record --lossless -f -o http.db --
wrk -c16 -t1 -d1s "$addr" >wrk.out 2>&1
check http_recorded_serves_without_error fine
wait $server
equal http_recorded_ends "$?" 0
check http_recorded_without_fault "$weft" check http.db
adds_up http
equal http_answers_are_in_the_database "$(query http.db \
	"select count(*) > 0, sum(result) % 70, min(result = size) from io_op where op = 'write'")" "1|0|1"
equal http_connections_are_in_the_database "$(query http.db \
	"select count(*) >= 16, count(closed) = count(*) from conn where how = 'accept'")" "1|1"
check http_server_has_a_report "$weft" report -o http.html http.db

serve echo 3 "$weft" record --lossless -f -o echo.db --
run "$build/benchmarks/bench_net" load "${addr##*:}" 1
equal echo_recorded_serves_without_error "$status" 0
wait $server
equal echo_recorded_ends "$?" 0
check echo_recorded_without_fault "$weft" check echo.db
adds_up echo
equal echo_writes_what_it_read "$(query echo.db "select sum(result) filter (where op = 'write') between 1 and
	sum(result) filter (where op = 'read') from io_op where result > 0")" 1
