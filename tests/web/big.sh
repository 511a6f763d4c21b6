#!/bin/bash
# SPDX-License-Identifier: MIT
# Pages of many events, in a real browser: `make check-long` and `make bench-web` call this.
#
#     tests/web/big.sh BUILD-DIRECTORY MILLIONS-OF-EVENTS...
build=$(realpath "${1:?usage: $0 BUILD-DIRECTORY MILLIONS...}")
here=$(realpath "$(dirname "$0")")
shift
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1
status=0

for millions; do
	echo "== $millions million events"
	awk -v turns="${millions}00000" -v ring=10 -f "$here/rings.awk" | sort -n -s >big.trace &&
		"$build/weft" load -q -f -o big.db big.trace && "$build/weft" report big.db || exit 1
	du -ch big.html big.data 2>/dev/null | sed -n 's/\ttotal/ on disk/p'
	"$build/tests/web/browser" "$here/big.browse" "DIR=$T" \
		"STATES=$("$build/weft" sql big.db 'select count(*) from g_state')" \
		"OPS=$("$build/weft" sql big.db 'select (select count(*) from chan_op) + (select count(*) from mutex_op)')" \
		|| status=1
	rm -rf big.*
done
exit $status
