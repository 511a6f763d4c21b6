#!/bin/bash
# SPDX-License-Identifier: MIT
# Pages of many events, in a real browser: `make check-long` and benchmarks/web.sh call this.
#
#     tests/web/big.sh BUILD-DIRECTORY EVENTS...
#
# From the environment: ROUNDS, how often each page is opened (1).
build=$(realpath "${1:?usage: $0 BUILD-DIRECTORY EVENTS...}")
here=$(realpath "$(dirname "$0")")
shift
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1
status=0

for events; do
	echo "== $events events"
	# Twelve a turn, and some before.
	awk -v turns=$((events / 12)) -v ring=10 -f "$here/rings.awk" | sort -n -s >big.trace &&
		"$build/weft" load -q -f -o big.db big.trace && "$build/weft" report big.db || exit 1
	rm big.trace
	echo "on disk, MB: $(du -cBM --apparent-size big.html $([ -d big.data ] && echo big.data) | sed -n 's/M\ttotal//p')"
	for ((i = 0; i < ${ROUNDS-1}; i++)); do
		"$build/tests/web/browser" "$here/big.browse" "DIR=$T" \
			"STATES=$("$build/weft" sql big.db 'select count(*) from g_state')" \
			"OPS=$("$build/weft" sql big.db 'select (select count(*) from chan_op) + (select count(*) from mutex_op)')" \
			|| status=1
	done
	rm -rf big.*
done
exit $status
