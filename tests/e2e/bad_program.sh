#!/bin/sh
# SPDX-License-Identifier: MIT
# What cannot be recorded is refused with a reason, before anything is started or written.
. "$(dirname "$0")/lib.sh"
compile victim

run "$weft" record ./nothing
expect not_there 127 'cannot run ./nothing: No such file or directory'
run "$weft" record nothing-of-this-name
expect not_in_path 127 'cannot find nothing-of-this-name in PATH'
run "$weft" record ./victim/x
expect below_a_file 127 'cannot run ./victim/x: Not a directory'
run "$weft" record "$TMPDIR"
expect directory 126 'it is a directory'

cp victim plain
chmod -x plain
run "$weft" record ./plain
expect not_executable 126 'not executable \(chmod \+x'
printf 'neither\n' >garbage
chmod +x garbage
run "$weft" record ./garbage
expect not_a_program 126 'neither a program for this machine nor a script'
printf '#!/no/such/interpreter\n' >orphan
chmod +x orphan
run "$weft" record ./orphan
expect no_interpreter 126 'the interpreter that it names does not exist'

cc -O2 -static -I"$build/include" "$here/victim.c" "$build/libweft.a" -pthread -o static 2>/dev/null
run "$weft" record ./static play 3
expect statically_linked 125 './static is statically linked.*link it dynamically'
cc -O2 -static-pie -I"$build/include" "$here/victim.c" "$build/libweft.a" -pthread -o static-pie 2>/dev/null
run "$weft" record ./static-pie play 3
expect statically_linked_pie 125 'is statically linked'

# LTTng has too few descriptors, in the program or in its daemon.
run "$weft" record sh -c 'ulimit -n 8; exec ./victim play 3'
expect few_descriptors 125 'no weft events: sh had some, but .* \(ulimit -n\), and [1-9][0-9]* MiB of its memory'
run sh -c 'ulimit -n 40; exec "$1" record ./victim play 3' - "$weft"
expect few_descriptors_of_the_daemon 125 'lttng-sessiond did not start.* low \(ulimit -n\)'

run "$weft" record true
expect without_weft 125 'no weft events: true did not call weft_run'
run "$weft" record ./victim no-weft
expect before_weft_run 125 'no weft events'

# As if it had been built with other tables of events.
objs=$(ls "$build"/rt/*.o "$build"/rt/arch/*.o | grep -v /rt/trace.o)
cc -O2 -std=gnu11 -fPIC -DWEFT_EVENTS_HASH=0x1234 -iquote "$here/../../rt" \
	-c "$here/../../rt/trace.c" -o trace.o
cc -O2 -I"$build/include" "$here/victim.c" trace.o $objs -pthread -o other
run "$weft" record ./other play 3
expect other_events 125 'built by another version of weft'
check other_events_runs_unrecorded ./other play 3

check nothing_was_written sh -c '! ls run.db* 2>/dev/null'
