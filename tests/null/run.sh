#!/bin/sh
# SPDX-License-Identifier: MIT
# NULL arguments: each case of null.c ends as it says, and every function of weft.h that takes a
# pointer is there: run.sh BUILD.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$1
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
passed=0
failed=0

ok() { passed=$((passed + 1)); }
not_ok() { # test, why; what it said
	failed=$((failed + 1))
	echo "not ok $1 - $2"
	sed 's/^/    /' "$T/err" | head -8
}

${CC:-gcc} -std=gnu11 -Wall -Wextra -Werror -Wno-format-security -Wno-unused-value -g -O1 \
	-I"$build/include" -o "$T/null" tests/null/null.c "$build/libweft.a" -pthread || exit 1
"$T/null" >"$T/cases"

# The declarations, one a line, without the places.
${CC:-gcc} -E -P -x c "$build/include/weft.h" | tr '\n' ' ' | sed 's/[;}]/;\n/g' |
	sed 's/weft_site \*site//' | grep -oE '\bweft_[a-z_]+\([^{]*\*[^{]*\);' |
	sed 's/(.*//' | sort -u >"$T/functions"
cut -d' ' -f3 "$T/cases" | sort -u >"$T/tested"
: >"$T/err"
[ "$(wc -l <"$T/functions")" -gt 90 ] && ok || not_ok functions "the header was not understood"
comm -23 "$T/functions" "$T/tested" >"$T/err"
[ ! -s "$T/err" ] && ok || not_ok every_function "null.c has no case for these"

while read -r n want _ call; do
	# in a shell of its own, which may say "Segmentation fault" where nobody hears
	(timeout 20 "$T/null" "$n" >/dev/null 2>"$T/err"; exit $?) 2>/dev/null
	status=$?
	case $want,$status in
	works,50) ok ;;
	dies,2)
		grep -Eq '^weft: (panic|fatal): ' "$T/err" && ! grep -q deadlock "$T/err" && ok ||
			not_ok "$call" "status 2 without a message"
		;;
	dies,139)
		grep -Eq '^weft: fatal: SIGSEGV at address .* in goroutine 1 \(' "$T/err" && ok ||
			not_ok "$call" "a crash without a report"
		;;
	waits,2)
		grep -q 'deadlock!' "$T/err" && ok || not_ok "$call" "status 2 without a deadlock"
		;;
	*) not_ok "$call" "$want, but its status is $status" ;;
	esac
done <"$T/cases"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
