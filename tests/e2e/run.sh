#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests with a real session daemon: tests/e2e/run.sh BUILD-DIRECTORY [NAME...]
#
# Each other script here is one of them.  It prints "ok NAME", "not ok NAME - why" or "skipped NAME -
# why" for each thing that it looks at.  As many run at once as there are cpus: each has daemons of
# its own, and mostly waits.  The largest first: they take the longest.
set -u

here=$(realpath "$(dirname "$0")")
if [ "$1" = --one ]; then
	name=$2
	timeout -k 5 600 "$here/$name.sh" "$3" >"$4/$name" 2>&1
	status=$?
	# One that ends early has not looked at everything.
	[ $status = 0 ] || echo "not ok $name - the script ended with status $status" >>"$4/$name"
	exit 0
fi

build=$(realpath "$1")
shift
[ $# -gt 0 ] || set -- $(cd "$here" && ls -S ./*.sh | grep -vE '/(run|lib).sh$')
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
for name; do
	basename "$name" .sh
done | xargs -P "$(nproc)" -I '{}' "$here/run.sh" --one '{}' "$build" "$logs"
for log in "$logs"/*; do
	sed -E "s/^(ok|not ok|skipped) /\1 ${log##*/}: /" "$log"
done | tee "$logs.all"
passed=$(grep -c '^ok ' "$logs.all")
failed=$(grep -c '^not ok ' "$logs.all")
rm -f "$logs.all"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
