#!/bin/sh
# SPDX-License-Identifier: MIT
# Each question of docs/sql.md is asked of a new recording: it has an answer, of the columns that are
# printed there.  (The numbers are others in each run.)  And each view is asked by one of them.  In a run that
# is twice as long, none takes much more than twice the work.
#
#     tests/sql/run.sh BUILD-DIRECTORY
set -u
build=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
passed=0
failed=0

check() { # name, command...
	name=$1
	shift
	if "$@" >"$new/log" 2>&1; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		echo "not ok $name"
		cat "$new/log"
		failed=$((failed + 1))
	fi
}

# The document with the answers' columns, and no rows.
shape() { # file
	awk 'answer && /^```$/ { answer = 0 }
	     !answer || answer++ == 1 { gsub(/  */, " "); print }
	     asked && /^```$/ { answer = 1; asked = 0 }
	     query && /^```$/ { query = 0; asked = 1 }
	     /^```sql/ { query = 1 }' "$1"
}

same_columns() {
	shape docs/sql.md >"$new/before"
	shape "$new/sql.md" >"$new/after"
	diff "$new/before" "$new/after" && [ "$(grep -c '^```sql' "$new/after")" = "$(grep -c '^### ' "$new/after")" ]
}

queries() {
	awk '/^```$/ { on = 0 } on; /^```sql/ { on = 1 }' docs/sql.md
}

every_view() {
	views=$(sed -n 's/^CREATE VIEW \([a-z_]*\).*/\1/p' tracer/views.sql)
	[ -n "$views" ] || return 1
	for view in $views; do
		queries | grep -qw "$view" || { echo "nobody asks $view: write a question" && return 1; }
	done
}

# Two goroutines that get in each other's way at a mutex, again and again.
long_run() { # how often
	awk -v n="$1" 'BEGIN {
		print "0 run_start workers=1\n0 p_start p=0\n0 site_def site=1 func=f file=a.c line=1"
		print "1 g_create g=1 site=1\n2 g_create g=2 site=1"
		for (t = 10; t < 10 + 13 * n; t += 13) {
			print t, "g_start g=1 p=0"
			print t + 1, "mutex_lock mutex=0xa0 g=1 site=1"
			print t + 2, "g_yield g=1"
			print t + 3, "g_start g=2 p=0"
			print t + 4, "g_park g=2 why=mutex_lock obj=0xa0 site=1"
			print t + 5, "g_start g=1 p=0"
			print t + 6, "g_ready g=2 by=1"
			print t + 7, "mutex_unlock mutex=0xa0 g=1 next=2 site=1"
			print t + 8, "g_yield g=1"
			print t + 9, "g_start g=2 p=0"
			print t + 10, "mutex_lock mutex=0xa0 g=2 contended=1 site=1"
			print t + 11, "mutex_unlock mutex=0xa0 g=2 site=1"
			print t + 12, "g_yield g=2"
		}
	}' >"$new/long.trace" && "$build/weft" load -q -f -o "$new/$1.db" "$new/long.trace"
}

steps() { # database, file with a query
	{ echo .stats vmstep && cat "$2" && echo ';'; } | sqlite3 "$1" | sed -n 's/^VM-steps: //p'
}

no_question_is_quadratic() {
	long_run 500 && long_run 1000 || return 1
	awk -v to="$new/question" '/^```$/ { on = 0 } on { print >(to n) } /^```sql/ { on = 1; n++ }' docs/sql.md
	for question in "$new"/question*; do
		few=$(steps "$new/500.db" "$question")
		many=$(steps "$new/1000.db" "$question")
		if [ -z "$many" ] || [ "$((many * 2))" -gt "$((few * 5))" ]; then
			echo "$few steps, and $many of twice the run, for: $(cat "$question")"
			return 1
		fi
	done
}

check every_question_has_an_answer sh -c 'docs/answers.sh "$1" >"$2"' sh "$build" "$new/sql.md"
check the_columns_are_those_of_the_document same_columns
check there_are_thirty [ "$(grep -c '^### ' docs/sql.md)" -ge 30 ]
check no_title_is_there_twice [ -z "$(sed -n 's/^### [0-9]*\. //p' docs/sql.md | sort | uniq -d)" ]
check every_view_is_asked every_view
check no_question_is_quadratic no_question_is_quadratic
echo "$passed passed, $failed failed"
[ $failed = 0 ]
