#!/bin/sh
# SPDX-License-Identifier: MIT
# Each question of docs/sql.md is asked of a new recording: it has an answer, of the columns that are
# printed there.  (The numbers are others in each run.)  And each view is asked by one of them.
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

check every_question_has_an_answer sh -c 'docs/answers.sh "$1" >"$2"' sh "$build" "$new/sql.md"
check the_columns_are_those_of_the_document same_columns
check there_are_thirty [ "$(grep -c '^### ' docs/sql.md)" -ge 30 ]
check no_title_is_there_twice [ -z "$(sed -n 's/^### [0-9]*\. //p' docs/sql.md | sort | uniq -d)" ]
check every_view_is_asked every_view
echo "$passed passed, $failed failed"
[ $failed = 0 ]
