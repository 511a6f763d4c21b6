#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests with a real session daemon: tests/e2e/run.sh BUILD-DIRECTORY [NAME...]
#
# Each other script here is one of them.  It prints "ok NAME", "not ok NAME - why" or "skipped NAME -
# why" for each thing that it looks at.
set -u

build=$(realpath "$1")
shift
here=$(realpath "$(dirname "$0")")
[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.sh)
passed=0
failed=0
log=$(mktemp)

for name; do
	name=$(basename "$name" .sh)
	case $name in
	run | lib) continue ;;
	esac
	timeout -k 5 300 "$here/$name.sh" "$build" >"$log" 2>&1
	status=$?
	# One that ends early has not looked at everything.
	[ $status = 0 ] || echo "not ok $name - the script ended with status $status" >>"$log"
	sed -E "s/^(ok|not ok|skipped) /\1 $name: /" "$log"
	passed=$((passed + $(grep -c '^ok ' "$log")))
	failed=$((failed + $(grep -c '^not ok ' "$log")))
done
rm -f "$log"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
