#!/bin/sh
# SPDX-License-Identifier: MIT
# A program is recorded as it runs without: input, output, status; and its run is in the database.
. "$(dirname "$0")/lib.sh"
compile victim

run "$weft" record --lossless -o run.db -- ./victim play 100
expect records_and_says_what_next 0 \
	'^weft: recorded [0-9,]+ events of 2 goroutines in .*, 0 lost; next: weft report run.db$'
equal prints_nothing_of_its_own_on_stdout "$(cat out)" ""
equal only_the_database_is_written "$(ls *.db*)" run.db
equal knows_program_and_status "$(query run.db \
	"select program, args, exit_status, exit_signal is null, lost, cpus > 0, workers > 0 from run")" \
	'./victim|["play","100"]|0|1|0|1|1'
equal knows_when "$(query run.db "select abs(julianday(started) - julianday('now')) < 0.01 from run")" 1
equal has_every_message "$(query run.db \
	"select sum(op = 'send'), sum(op = 'recv' and ok) from chan_op")" '200|200'
check finds_nothing_wrong "$weft" check run.db

run "$weft" record -f ./victim exit 7
expect passes_the_status_on 7 'recorded'
equal knows_the_status "$(query run.db 'select exit_status from run')" 7

printf 'a line\nand no newline' | "$weft" record -o copy.db ./victim copy >out 2>err
status=$?
expect passes_input_and_output_on 0 recorded
equal output_is_the_input "$(cat out)" "$(printf 'a line\nand no newline')"

# Into a pipe whose reader leaves at once: nothing of ours may keep it open.
"$weft" record -o pipe.db ./victim copy </dev/null 2>err | cat >/dev/null
check output_is_closed_with_the_program true

WEFT_PROCS=1 run "$weft" record -o one.db ./victim play 10
equal passes_the_environment_on "$(query one.db 'select workers from run')" 1

mkdir "a b"
run "$weft" record -o "a b/it's.db" ./victim play 3
expect quotes_a_file_name 0 "next: weft report 'a b/it'\\\\''s.db'$"

cat >script <<'S'
#!/bin/sh
echo from a script
exec ./victim play 5
S
chmod +x script
run "$weft" record -o script.db ./script
expect records_what_a_script_runs 0 'of 2 goroutines'

# A program that is not recorded has no part of the tracer in it.
./victim wait >untraced &
pid=$!
await grep -q ready untraced
check untraced_has_no_tracer sh -c "! grep -q lttng /proc/$pid/maps"
kill $pid
