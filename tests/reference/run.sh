#!/bin/sh
# SPDX-License-Identifier: MIT
# docs/events.md and docs/schema.md are what the tables in the source say, and every view is there.
#
#     tests/reference/run.sh BUILD-DIRECTORY
set -u
build=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
passed=0
failed=0
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT

docs/reference.sh "$build" "$new"
for page in events.md schema.md; do
	if diff -u "docs/$page" "$new/$page"; then
		echo "ok $page"
		passed=$((passed + 1))
	else
		echo "not ok $page - docs/$page is stale: make docs"
		failed=$((failed + 1))
	fi
done
# each column of each table has its comment
if grep -E '^\| `.*\|  \|$|^\| ``' "$new/schema.md"; then
	echo "not ok columns - without a comment"
	failed=$((failed + 1))
else
	echo "ok columns"
	passed=$((passed + 1))
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
