#!/bin/bash
# SPDX-License-Identifier: MIT
# The model's tests: loads each tests/traces/*.trace, asks each "-- query:" that follows its events,
# and compares the answer with the lines after the query.  No LTTng is needed.
#
#     tests/model/run.sh BUILD-DIRECTORY [FILE.trace...]
weft=$1/weft
shift
[ $# -gt 0 ] || set -- "$(dirname "$0")"/../traces/*.trace
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

# check FILE QUERY EXPECTED
check() {
	local got
	if ! got=$("$weft" sql --list "$dir/db" "$2" 2>&1); then
		got="error: $got"
	fi
	if [ "$got" = "$3" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	printf 'not ok %s\n  query: %s\n  expected:\n%s\n  got:\n%s\n' "$1" "$2" "$3" "$got"
}

for file; do
	if ! "$weft" load -q -f -o "$dir/db" "$file"; then
		echo "not ok $file - it does not load"
		failed=$((failed + 1))
		continue
	fi
	# what must hold for every trace, whatever its events
	check "$file" "select g from goroutine join g_state s using (g) group by g
		having sum(s.dur) <> goroutine.dur" ""
	check "$file" "select g, ts from (select g, ts, lag(ts + ifnull(dur, -1)) over
		(partition by g order by id) as before from g_state) where before <> ts" ""
	check "$file" "select p, ts from (select p, ts, lag(ts + ifnull(dur, -1)) over
		(partition by p order by id) as before from p_state) where before <> ts" ""
	check "$file" "select * from pragma_foreign_key_check" ""
	check "$file" "select * from pragma_integrity_check" "ok"
	query='' expected=''
	while IFS= read -r line; do
		case $line in
		'-- query: '*)
			[ -z "$query" ] || check "$file" "$query" "${expected%$'\n'}"
			query=${line#-- query: } expected=''
			;;
		*) [ -z "$query" ] || expected+=$line$'\n' ;;
		esac
	done <"$file"
	if [ -z "$query" ]; then
		echo "not ok $file - it has no query"
		failed=$((failed + 1))
	else
		check "$file" "$query" "${expected%$'\n'}"
	fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
