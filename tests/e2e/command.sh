#!/bin/sh
# SPDX-License-Identifier: MIT
# The command itself: help, version, mistyped names; tools that are not installed.
. "$(dirname "$0")/lib.sh"
compile victim

run "$weft"
expect no_command 2 "which command\\? try 'weft help'"
run "$weft" help
expect help 0 ''
commands=$(sed -n 's/^  \([a-z]*\)  .*/\1/p' out)
check help_lists_the_commands [ "$(echo $commands | wc -w)" -ge 9 ]
cp out list
run "$weft" help --help
expect help_of_help 0 ''
check help_of_help cmp list out
run "$weft" --version
equal version "$(cat out)" "weft $(sed -n 's/.*WEFT_VERSION "\(.*\)"/\1/p' "$build/include/weft.h")"
for c in $commands; do
	[ "$c" != help ] || continue
	run "$weft" "$c" --help
	cp out help1
	check "${c}_has_help" grep -q "^Usage: weft $c" help1
	run "$weft" help "$c"
	cp out help2
	check "help_${c}_is_the_same" cmp -s help1 help2
	run "$weft" "$c" --no-such-option
	expect "${c}_refuses_an_option" 2 "weft $c: .*--no-such-option"
done
run "$weft" recrod
expect mistyped_command 2 "did you mean 'weft record'"
run "$weft" xyzzy
expect unknown_command 2 "no command 'xyzzy'; try 'weft help'"
run "$weft" --oops
expect unknown_option 2 "no option --oops"
"$weft" help >/dev/full 2>err
status=$?
expect full_output 1 'cannot write to standard output: No space left'
# A message is one write, so that others' lines are not in the middle of it.
equal a_message_is_in_one_piece "$(perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_DGRAM, 0);
	if (!fork) { open STDERR, ">&B"; exec @ARGV } recv A, $message, 4096, 0; print $message' \
	"$weft" check nothing.db)" "weft: nothing.db: No such file or directory"

run env PATH="$T" "$weft" record ./victim play 3
expect no_session_daemon 125 'lttng-sessiond is not installed: install the package lttng-tools'
ln -s "$(command -v lttng-sessiond)" .
run env PATH="$T" "$weft" record ./victim play 3
expect no_lttng_crash 125 'lttng-crash is not installed: install the package lttng-tools'
rm lttng-sessiond
printf '#!/bin/sh\necho "Error: it is broken" >&2\nexit 1\n' >lttng-sessiond
chmod +x lttng-sessiond
run env PATH="$T:$PATH" "$weft" record ./victim play 3
expect broken_session_daemon 125 'lttng-sessiond did not start: it is broken'
check nothing_was_written sh -c '! ls run.db* 2>/dev/null'
