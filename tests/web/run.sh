#!/bin/bash
# SPDX-License-Identifier: MIT
# The interactive timeline, in a real browser: zoomed, panned, searched, followed from waker to waker.
#
#     tests/web/run.sh BUILD-DIRECTORY
#
# browser.c drives Chromium; the *.browse files are what a person would do, and what is to come of it.
build=$(realpath "${1:?usage: $0 BUILD-DIRECTORY}")
here=$(realpath "$(dirname "$0")")
weft=$build/weft
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1

"$build/tests/web/browser" /dev/null >/dev/null || {
	echo "not ok browser - Chromium does not run"
	echo "0 passed, 1 failed"
	exit 1
}

# A run of a known shape.
awk -v turns=830 -v ring=10 -f "$here/rings.awk" | sort -n -s >rings.trace
"$weft" load -q -o rings.db rings.trace || exit 1
for name in small names empty freed; do
	"$weft" load -q -o $name.db "$here/../viz/$name.trace" || exit 1
done
"$weft" load -q -o marks.db "$here/marks.trace" || exit 1
"$weft" load -q -o dropped.db "$here/../traces/timer_drop.trace" || exit 1
for name in rings small names empty freed marks dropped; do
	("$weft" report $name.db 2>/dev/null || echo "not ok report - no page of $name") &
done
wait

ask() {
	"$weft" sql rings.db "$1"
}
middle=$(ask "select ts + 100 from g_state where g = 5 and state = 'waiting' and ts > 400000 order by ts limit 1")
brief=$(ask "select ts + dur / 2 from g_state where g = 5 and state = 'runnable' and ts > 400000 order by ts limit 1")
held=$(ask "select (ts + 50) || ' ' || g from mutex_op where op = 'lock' and ts > 300000 order by ts limit 1")

# What weft why says, the page says too, word for word.
cp "$here/page.browse" page.browse
while read -r g at; do
	text=$("$weft" why rings.db "g$g" --at "$at" | sed 's/\\/\\\\/g; s/"/\\"/g' | tr '\n' '~' | sed 's/~/\\n/g')
	echo "expect why_of_g${g}_at_$at: (g => whyText(weft.run, whyExplain(weft.run, g, stateAt(weft.run.states, g, $at))) === \"$text\" || whyText(weft.run, whyExplain(weft.run, g, stateAt(weft.run.states, g, $at))))(weft.run.byId.get($g))"
done >>page.browse < <(ask "select g || ' ' || ts from g_span where dur > 0 order by (id * 7919) % 1009 limit 12" &&
	ask "select g || ' ' || ts from g_span where open" && ask "select g || ' ' || ts from g_span order by dur desc limit 3")

"$build/tests/web/browser" page.browse "DIR=$T" "MIDDLE=$middle" "BRIEF=$brief" "AFTER=$((middle + 3000))" \
	"STATES=$(ask 'select count(*) from g_state')" "HELDAT=${held% *}" "HELDBY=${held#* }" \
	"LONGWAITS=$(ask "select count(*) from wait join goroutine using (g) where func = 'sender' and wait.dur >= 1000")" |
	tee said1
"$build/tests/web/browser" <(cat "$here/other.browse" "$here/marks.browse") "DIR=$T" | tee said2
awk '/^[0-9]+ passed, / { p += $1; f += $3; n++ } END { print p " passed, " f + (n < 2) " failed"; exit f || n < 2 }' said1 said2
