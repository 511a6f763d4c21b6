#!/bin/sh
# SPDX-License-Identifier: MIT
# Each thing that the runtime asks the system for, refused: the first call and the second and so on,
# once, and from there on for ever.  However it is, the program does all it has to do, or ends with
# status 2 and a message that is whole and says what was missing.
#
#     run.sh BUILD-DIRECTORY [CALLS: of each function, how many [WORKERS]]
cd "$(dirname "$0")/../.." || exit 1
build=$1
calls=${2:-6}
workers=${3:-1 2 8}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

# FAULT: true if the program may end like this
refuse() {
	FAULT=$1 timeout 60 "$build/tests/faults/everything" >"$tmp/out" 2>"$tmp/err"
	status=$?
	case $status in
	0) grep -q '^all done$' "$tmp/out" ;;
	2) grep -Ev '^weft: cannot start a thread: ' "$tmp/err" | head -1 |
		grep -Eq '^weft: fatal: .*(memory|cannot|guard)' ;;
	*) false ;;
	esac && { [ ! -s "$tmp/err" ] || [ "$(tail -c 1 "$tmp/err")" = "" ]; }
}

verdict() { # FAULT
	if refuse "$1"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok FAULT=$1 WEFT_PROCS=$WEFT_PROCS: exit status $status"
		sed 's/^/    /' "$tmp/err" | head -20
	fi
}

sweep() { # name, errno, another FAULT that is there all the time
	verdict "$1:0:0${3+,$3}"
	n=$(sed -n "s/^$1 was called \([0-9]*\) times$/\1/p" "$tmp/out")
	if [ "${n:-0}" = 0 ]; then
		failed=$((failed + 1))
		echo "not ok $1 is never called"
		return
	fi
	[ "$n" -le "$calls" ] || n=$calls
	while [ "$n" -gt 0 ]; do
		verdict "$1:$n:$2${3+,$3}"
		verdict "$1:$n+:$2${3+,$3}"
		n=$((n - 1))
	done
}

export WEFT_PROCS
for WEFT_PROCS in $workers; do
	sweep malloc 12
	sweep calloc 12
	sweep aligned_alloc 12
	sweep mmap 12
	sweep madvise 22
	sweep mprotect 12 madvise:1+:22
	case $build in
	*address*) ;; # it guards with mprotect alone, and so never tries whether MADV_GUARD_INSTALL works
	*) sweep pipe2 24 ;;
	esac
	sweep pthread_create 11
	sweep sigaltstack 12
	sweep membarrier 38
	sweep socket 24
	sweep accept4 24
	sweep epoll_create1 24
	sweep eventfd 24
	sweep epoll_ctl 28
	calls=$(((calls + 1) / 2)) # the first few differ the most
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
