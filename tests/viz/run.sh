#!/bin/bash
# SPDX-License-Identifier: MIT
# Pictures and reports: what layout decides, the scripts it leads to, and what happens when things
# go wrong.
#
#     tests/viz/run.sh BUILD-DIRECTORY
#
# NAME.COMMAND.gp is the script that must come of NAME.trace; UPDATE=1 writes them anew.
build=$(realpath "${1:?usage: $0 BUILD-DIRECTORY}")
here=$(realpath "$(dirname "$0")")
. "$(dirname "$0")/lib.sh"

# ---- What layout decides

if sums=$("$build/tests/viz/check" 2>err); then
	sums=$(tail -1 <<<"$sums")
	passed=$((passed + ${sums%% *}))
else
	grep '^not ok' <<<"$sums"
	not_ok units "tests/viz/check failed"
fi

# ---- The scripts

for trace in "$here"/*.trace; do
	expect "load $trace" 0 '' "$weft" load -q -f -o "$(basename "$trace" .trace).db" "$trace"
done

# Every plot of the table: NAME.PLOT.gp
"$weft" plot --list >list 2>err
plots=$(sed 's/ .*//' list)
holds plots_are_listed_with_a_line_each sh -c "! grep -vE '^[a-z_]+ +[a-z].*[a-z]' list"
holds plots_are_many test "$(wc -l <list)" -ge 15

holds plots_are_in_the_docs diff <(sed -nE 's/^\| `([a-z_]+)` \| (.*) \|$/\1 \2/p' "$here/../../docs/plots.md") \
	<(sed -E 's/ +/ /' list)

script() { # name, plot, options...
	local name=$1 should=$here/$1.$2.gp
	"$weft" plot "$2" "$name.db" --script "${@:3}" >got 2>err || not_ok "$1.$2" "no script"
	[ -z "${UPDATE-}" ] || cp got "$should"
	holds "$1.$2" diff "$should" got
}

for name in small names empty; do
	for plot in $plots; do
		script $name $plot
	done
done
expect "load counters.trace" 0 '' "$weft" load -q -f -o counters.db "$here/../traces/counters.trace"
script counters counters
script freed channels
script ended channels # nobody sent or received
script circle locks   # nobody got one, or gave it back
"$weft" plot counters counters.db --from 40ns --to 60ns --script >got 2>err
holds counters_have_the_value_from_before_the_window \
	test "$(sed -n '/^$mark1_3/,/^END/p' got | tr '\n' ' ')" = "\$mark1_3 << END 40	200 60	200 END "
lacks no_name_in_a_command <(cat "$here"/names.*.gp) '^(set|plot|print|load|system).*(hacked|alert|Bold=)'
# The short names.
"$weft" timeline small.db --script >got 2>err
holds timeline_is_a_plot diff "$here/small.timeline.gp" got
"$weft" timeline --lanes goroutines small.db --script >got 2>err
holds timeline_of_goroutines_is_a_plot diff "$here/small.goroutines.gp" got
"$weft" contention small.db --script >got 2>err
holds contention_is_a_plot diff "$here/small.contention.gp" got

# Where there is no room for all words there are fewer.
"$weft" timeline small.db --width 400 --script >got 2>err
holds timeline_narrow grep -q '"With work to do:"' got
lacks timeline_narrow got '"runnable, waiting for a worker"'

# ---- The timeline in a terminal: NAME.text

text() { # name, options...
	local name=$1 should=$here/$1.text
	COLUMNS=80 "$weft" timeline "$name.db" "${@:2}" >got 2>err || not_ok "$name.text" "no picture"
	COLUMNS=80 "$weft" timeline "$name.db" --lanes goroutines "${@:2}" >>got 2>err || not_ok "$name.text" "no picture"
	[ -z "${UPDATE-}" ] || cp got "$should"
	holds "$name.text" diff "$should" got
}

for name in small names empty circle; do
	text $name
done
lacks text_has_no_escapes got "$(printf '\033')"
holds text_has_colours sh -c 'script -qec "$1 timeline small.db" /dev/null | grep -q "48;2;"' - "$weft"

# ---- weft why: NAME.why is the answer; at each level the parts sum to what they are parts of

why() { # name, arguments...
	local name=$1 should=$here/$1.why
	shift
	"$weft" why "$@" >got 2>err || not_ok "$name.why" "no answer"
	[ -z "${UPDATE-}" ] || cp got "$should"
	holds "$name.why" diff "$should" got
}

why small small.db
why names names.db g1 --at 3500
why empty empty.db
why circle circle.db
expect why_a_number 0 '' "$weft" why small.db 3
expect why_not_alone 1 '2 goroutines are called teller: name one by its number, as g2' "$weft" why small.db teller
expect why_nobody 1 'there is no goroutine g99' "$weft" why small.db g99
expect why_which_database 2 'which database' "$weft" why
expect why_two 2 'one goroutine at a time' "$weft" why small.db g1 g2
expect why_whose_time 2 'of which goroutine' "$weft" why small.db --at 1us
expect why_bad_time 2 'not a time like' "$weft" why small.db g1 --at soon
expect why_bad_depth 2 'not a number from 0' "$weft" why small.db --depth -1
holds why_before_it_was_made sh -c '"$1" why small.db g2 --at 1ns | grep "^g2 teller did not exist at"' - "$weft"
holds why_it_ran sh -c '"$1" why small.db g2 --at 4us | grep "^g2 teller ran"' - "$weft"

# ---- weft stat: NAME.stat is the answer

for name in small names empty circle; do
	"$weft" stat $name.db >got 2>err || not_ok "$name.stat" "no answer"
	[ -z "${UPDATE-}" ] || cp got "$here/$name.stat"
	holds "$name.stat" diff "$here/$name.stat" got
	expect "$name.stat in JSON" 0 '' "$weft" stat --json $name.db
	holds "$name.stat in JSON is valid" sh -c "sqlite3 :memory: \"select json_valid(readfile('out'))\" | grep -qx 1"
done
# What part of the workers' time: of all workers there were, and all of the run, as in the picture.
for name in procs processes; do
	expect "load $name.trace" 0 '' "$weft" load -q -f -o $name.db "$here/../traces/$name.trace"
	"$weft" stat $name.db >stat
	"$weft" plot utilisation $name.db --script >got
	holds "$name.stat has the utilisation of the picture" test -n "$(sed -n 's/.*(\(.*%\) of the workers. time).*/\1/p' stat)"
	equal "$name.stat has the utilisation of the picture" "$(sed -n 's/.*(\(.*%\) of the workers. time).*/\1/p' stat)" \
		"$(sed -n 's/.*workers were busy \(.*%\) of the time, .*/\1/p' got)"
	holds "$name.stat has all workers" grep -q '; on 2 workers' stat
done
cp circle.db died.db
sqlite3 died.db 'update run set exit_status = 2'
"$weft" stat died.db >stat
holds stat_says_what_ended_the_program grep -q '; exit status 2; the runtime ended it: all goroutines are asleep - deadlock!$' stat
# detach.trace in milliseconds
awk '/^[0-9]/ { $1 = $1 "000000" } 1' "$here/../traces/detach.trace" >detach.trace
expect "load detach.trace" 0 '' "$weft" load -q -f -o detach.db detach.trace
"$weft" stat --json detach.db >stat
equal stat_has_the_states_of_a_lifetime "$(sqlite3 :memory: "select value ->> 'lifetime_ms', (value ->> 'running_ms')
	+ (value ->> 'detached_ms') + (value ->> 'runnable_ms') + (value ->> 'waiting_ms'), value ->> 'detached_ms'
	from json_each(readfile('stat'), '\$.goroutines')")" "$(printf '24|24|8\n24|24|0')"
"$weft" stat both.db >got 2>err
holds stat_has_the_longest_wait_for_an_object_whatever_the_reason \
	grep -q '^Longest for it  *g1 writer waited in RWMutex lock .*: 37 ns, from 20 ns' got
"$weft" why both.db >got 2>err
holds why_takes_the_same grep -q '^g1 writer waited in RWMutex lock .*: 37 ns, from 20 ns' got
"$weft" why both.db --top 2 >got 2>err
equal why_takes_the_longest_whatever_the_reason \
	"$(grep -o '^g[0-9] [a-z]* waited' got | tr '\n' ' ')" 'g1 writer waited g2 reader waited '
"$weft" stat ended.db >got 2>err
holds stat_tells_who_never_came_from_what_the_runtime_ended \
	grep -q '^Because of whom  *nobody ended the wait (75%), or the runtime did (25%)$' got
# What was not recorded is not said not to have been.
sed 's/run_start/& sets=sched/' "$here/ended.trace" >in_part.trace
expect "load in_part.trace" 0 '' "$weft" load -q -f -o in_part.db in_part.trace
for plot in channels locks counters; do
	"$weft" plot $plot in_part.db --script >got 2>err
	lacks "$plot of a run recorded in part" got '[^0-9]0 operations|was used|had given'
done
holds counters_of_a_run_recorded_in_part grep -q 'the program.s counters were not recorded' got
expect report_of_a_run_recorded_in_part 0 '' "$weft" report in_part.db -o in_part.html
holds report_of_a_run_recorded_in_part grep -q "Operations on channels were not recorded" in_part.html
lacks report_of_a_run_recorded_in_part in_part.html 'The program (made no channel|used no mutex)'
# unknown.trace: where the event is lost that told why
expect stat_of_a_wait_without_a_reason 0 '' "$weft" stat unknown.db
holds stat_of_a_wait_without_a_reason grep -q 'still waited at the end: .* in a wait of unknown reason$' out
expect report_of_a_wait_without_a_reason 0 '' "$weft" report unknown.db -o unknown.html
expect why_of_a_wait_without_a_reason 0 '' "$weft" why unknown.db g2
holds why_of_a_wait_without_a_reason grep -q '^g2 stays waits in a wait of unknown reason, and nobody ended it' out
for format in folded chrome perfetto 'pprof goroutine'; do
	expect "export $format of a wait without a reason" 0 '' "$weft" export $format unknown.db -o got
	lacks "export $format of a wait without a reason" got '"name": *null'
done
# ended_by.trace: where the event is lost that told who ended a wait
"$weft" stat ended_by.db >got 2>err
holds stat_does_not_tell_who_ended_a_wait_if_that_is_lost grep -q '^Because of whom  *who ended the wait is not recorded$' got
for plot in blame wakers; do
	"$weft" plot $plot ended_by.db --script >got 2>err
	holds "$plot of a wait whose end is lost" grep -q '"not recorded"' got
	lacks "$plot of a wait whose end is lost" got 'nobody'
done
expect stat_top 0 '' "$weft" stat small.db --top 1
holds stat_top sh -c '[ "$(grep -c teller out)" -lt "$(grep -c teller "$1")" ]' - "$here/small.stat"
expect stat_bad_top 2 'not a number from 1' "$weft" stat small.db --top 0
expect stat_which_database 2 'which database' "$weft" stat
expect stat_two_databases 2 'one database' "$weft" stat small.db small.db

# ---- weft steps: NAME.steps is the answer

for name in small names empty circle; do
	"$weft" steps $name.db >got 2>err || not_ok "$name.steps" "no answer"
	[ -z "${UPDATE-}" ] || cp got "$here/$name.steps"
	holds "$name.steps" diff "$here/$name.steps" got
done
# From a time on they are the same lines, with who is runnable then.
"$weft" steps small.db --from 3us --to 10us >got
holds steps_of_a_time diff <(sed -n '/^ *3.000000 us/,/^ *9.600000 us/p' "$here/small.steps") got
"$weft" steps small.db --goroutine g2 >got
lacks steps_of_a_goroutine got 'us +w[01] +g3 teller waits'
holds steps_of_a_goroutine grep -q 'g2 teller locks mutex the vault' got
{ sed '/^-- query/,$d' "$here/../traces/processes.trace"
	echo '14 pid=20 m=20 run_fatal g=1 message="it panics"'; } >two.trace
"$weft" load -q -f -o two.db two.trace
"$weft" stat two.db >got
holds stat_says_that_a_process_was_ended grep -q 'the runtime ended a process of it: it panics$' got
"$weft" steps two.db >got
holds steps_of_a_process_are_with_its_own_objects grep -q 'g1000000001 run locks mutex at b.c:4 at b.c:4' got
holds steps_of_the_other_too grep -q 'g1 main locks mutex 0xa0$' got
holds steps_tell_a_gap_that_began_before sh -c '"$1" steps small.db --from 11us --to 12us | head -1 | grep -q "9 events of thread 2 are missing"' - "$weft"
expect steps_of_nobody 1 'there is no goroutine g99' "$weft" steps small.db --goroutine g99
expect steps_outside 1 'outside the run' "$weft" steps small.db --from 30us
expect steps_bad_time 2 'not a time like' "$weft" steps small.db --from soon
expect steps_which_database 2 'which database' "$weft" steps

# ---- Pictures: each of them in each format

picture() { # name, plot, ending
	expect "$1.$2.$3" 0 '' "$weft" plot $2 $1.db -o "$1.$2.$3"
	holds "$1.$2.$3" test -s "$1.$2.$3"
}

for plot in $plots; do
	for ending in svg png pdf; do
		picture small $plot $ending
	done
	picture names $plot svg
	# What is asked of the database is said, and can be asked.
	"$weft" plot $plot small.db --sql >asked.sql 2>err
	holds "$plot says its sql" sh -c "grep -q '^SELECT\|^WITH' asked.sql && sqlite3 small.db <asked.sql >/dev/null"
	lacks "$plot has no parameters in its sql" asked.sql ' :[a-z]'
done
for ending in svg png pdf; do
	cp small.timeline.$ending again
	picture small timeline $ending
	holds "$ending has the same bytes again" cmp small.timeline.$ending again
done
# What has 12 pixels in the others: 9 points, once pdfcairo has made 4/3 of it.
"$weft" plot timeline small.db --script -o a.pdf >got 2>err
holds pdf_has_words_as_large grep -q 'pdfcairo size 16.667in,.* font ".*,9" .* fontscale 0.75 ' got
for name in small names empty; do
	expect "$name report" 0 "wrote $name.html" "$weft" report $name.db
done
mv small.html again
expect "report again" 0 '' "$weft" report small.db
holds "report has the same bytes again" cmp small.html again
cpu=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
expect "report by one process" 0 '' taskset -c "$cpu" "$weft" report small.db
holds "report has the same bytes without helpers" cmp small.html again
expect a_script_makes_the_picture 0 '' sh -c "'$weft' timeline small.db --script | gnuplot -d >piped.svg"
holds a_script_makes_the_picture grep -q 'the vault\|teller' piped.svg
if command -v xmllint >/dev/null; then
	for file in *.svg; do
		holds "$file is well-formed" xmllint --noout --nonet "$file"
	done
fi

# ---- The report

holds report_says_what_was_waited_for grep -q 'for jobs (chan at bank.c:7)' small.html
holds report_says_who grep -q 'late: g2 teller' small.html
holds report_says_what_is_lost grep -q 'with care' small.html
holds report_has_the_sql grep -q 'SELECT g, ts, dur, state' small.html
for plot in $plots; do
	holds "report has $plot" grep -q "<h2 id=\"plot-$plot\"" small.html
done
holds report_has_the_script grep -q 'set terminal svg' small.html
lacks report_needs_no_network small.html '(src|href)="?(https?:)?//|@import|url\((https?:)?//'
lacks report_runs_no_script_of_the_program names.html '<script>alert|<img|onerror=[^a]|javascript:'
holds report_shows_such_names grep -q '&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;' names.html
holds nothing_was_executed test ! -e hacked

# ---- Bad input

pic='timeline small.db'
expect no_output 2 'where to' "$weft" contention small.db
expect no_database 2 'which database' "$weft" timeline -o a.svg
expect two_databases 2 'one database' "$weft" $pic small.db -o a.svg
expect unknown_ending 2 '\.svg, \.png or \.pdf' "$weft" $pic -o a.gif
expect name_like_a_command 2 'must not begin with' "$weft" $pic -o '|sh.svg'
expect name_like_an_input 2 'must not begin with' "$weft" $pic -o '<sh.svg'
expect bad_time 2 'not a time like' "$weft" $pic -o a.svg --from 1x
expect bad_lanes 2 'workers and goroutines' "$weft" $pic -o a.svg --lanes threads
expect bad_width 2 'pixels from' "$weft" $pic -o a.svg --width 0
expect bad_option 2 'no option --oops' "$weft" $pic -o a.svg --oops
expect outside_the_run 1 'outside the run, which lasted from 0 to 20' "$weft" $pic -o a.svg --from 30us --to 40us
expect ends_outside_the_run 1 'outside the run' "$weft" $pic -o a.svg --to 30us
expect backwards 1 'is not before' "$weft" $pic -o a.svg --from 9us --to 8us
expect missing_database 1 'no.db' "$weft" timeline no.db -o a.svg
echo 'not a database, but long enough to look at it twice' >text.db
expect not_a_database 1 'text.db' "$weft" report text.db
expect no_such_directory 1 'cannot write no/such/a.svg: No such file' "$weft" $pic -o no/such/a.svg
mkdir dir.svg
expect a_directory 1 'it is a directory' "$weft" $pic -o dir.svg
ln -s /dev/full full.svg
expect full_disk 1 'cannot write full.svg: No space left' "$weft" $pic -o full.svg
ln -s nowhere nothing.svg
expect a_link_to_nothing 1 'cannot write nothing.svg: it is a link to what is not there' "$weft" $pic -o nothing.svg
holds a_link_to_nothing_is_left test -L nothing.svg
# As /dev/stdout, which a pipe must not take the place of.
ln -s /proc/self/fd/1 stdout.svg
holds a_link_to_a_pipe sh -c '"$@" | grep -q "<svg"' - "$weft" $pic -o stdout.svg
holds a_link_to_a_pipe_is_left test -L stdout.svg
# What is read is not written over, by whatever name: beside its own, a link and one that looks like a picture.
cp small.db self.svg
ln -s self.svg link.html
ln self.svg hard.png
for order in 'report self.svg -o self.svg' 'report self.svg -o link.html' 'plot states self.svg -o self.svg' \
	'timeline ./self.svg -o hard.png' 'export csv run self.svg -o self.svg' 'export perfetto self.svg -o link.html'; do
	expect "$order" 1 "cannot write ${order##* }: it is the database that is read" "$weft" $order
	holds "$order leaves the database" cmp small.db self.svg
done
mkdir tables
cp small.db tables/run.csv
expect 'export csv all into the directory of the database' 1 'tables/run.csv: it is the database' \
	"$weft" export csv all tables/run.csv -o tables
holds 'export csv all leaves the database' cmp small.db tables/run.csv
rm -r self.svg link.html hard.png tables
for command in timeline contention plot report why stat steps export; do
	expect "$command --help" 0 '' "$weft" $command --help
	holds "$command --help" grep -q "^Usage: weft $command" out
done

expect which_plot 2 'which plot' "$weft" plot
expect no_such_plot 2 'no plot pie; weft plot --list' "$weft" plot pie small.db -o a.svg
expect which_database_of_a_plot 2 'which database' "$weft" plot states
expect plot_where_to 2 'where to' "$weft" plot states small.db
# A run of a hundred thousand goroutines, each with a name of its own, one goroutine, and no gnuplot.
awk 'BEGIN {
	print "0 m=1 run_start workers=2\n1 m=1 g_create g=1 name=main\n2 m=1 g_start g=1 p=0"
	for (i = 2; i <= 100000; i++)
		print 10 + i, "m=1 g_create g=" i " parent=" (i % 3 ? 1 : int(i / 3)) " name=conn-" i
	for (i = 2; i <= 100000; i++)
		print 100100 + 2 * i, "m=2 g_start g=" i " p=1\n" 100101 + 2 * i, "m=2 g_park g=" i " why=mutex_lock obj=0x" i % 50 + 10
}' >many.trace
head -2 many.trace >one.trace
expect load_many 0 '' "$weft" load -q -f -o many.db many.trace
expect load_one 0 '' "$weft" load -q -f -o one.db one.trace
for plot in $plots; do
	expect "$plot of many" 0 '' "$weft" plot $plot many.db --script
	holds "$plot of many is a picture of a size that people look at" sh -c "grep -qE '^set terminal svg size 1600,([1-9][0-9]{2}|1[0-9]{3}) ' out"
	expect "$plot of one" 0 '' "$weft" plot $plot one.db --script
	expect "$plot without gnuplot" 1 'apt install gnuplot-nox' env PATH="$T/none" "$weft" plot $plot one.db -o a.svg
done

for plot in $plots; do
	expect "$plot full_disk" 1 'cannot write full.svg: No space left' "$weft" plot $plot small.db -o full.svg
	"$weft" plot $plot small.db --from 4us --to 10us -o a.svg >out 2>err
	status=$?
	if grep -q 'is of the whole run' err; then
		holds "$plot has no window" test $status = 2
	else
		holds "$plot has a window" test $status = 0
		"$weft" plot $plot small.db --script >whole
		"$weft" plot $plot small.db --script --from 4us --to 10us >part
		lacks "$plot shows its window" <(cmp whole part && echo same) same
		case $plot in
		contention | blame | offcpu | wakers)
			holds "$plot says that waits are not cut" grep -q '"Waits that reach beyond this time count in full' part
			lacks "$plot of the whole run has nothing to cut" whole 'count in full'
			;;
		esac
	fi
	rm -f a.svg
	"$weft" plot $plot small.db --script --height 777 >out 2>err
	status=$?
	if grep -q 'it has no --height' err; then
		holds "$plot has no height" test $status = 2
	else
		holds "$plot is as high as it shall be" grep -q '^set terminal svg size 1600,777 ' out
	fi
done

# The commands that draw have the same options, with the same words.
for command in timeline contention; do
	holds "$command has the options of plot" diff <("$weft" plot --help | sed -n '/--from/,$p') \
		<("$weft" $command --help | sed -n '/--from/,$p')
	for args in '--from soon' '--to 1x' '--width 9000' '--height -1' '--oops' '-o a.gif' '--from 30us' '--from 9us --to 8us'; do
		"$weft" plot $command small.db --script $args 2>&1 | sed "s/weft plot/weft $command/" >should
		"$weft" $command small.db --script $args >got 2>&1
		holds "$command $args is judged as plot does" diff should got
	done
	"$weft" plot $command small.db --sql >should
	"$weft" $command small.db --sql >got
	holds "$command --sql" diff should got
done
holds contention_of_a_time sh -c '"$1" contention small.db --from 9us --to 20us --script | grep -q "9.00 us to 20.0 us of a run"' - "$weft"
expect least_width 2 'states needs a number of pixels from 1200 to 8000' "$weft" plot states small.db --script --width 1199
expect least_height 2 'timeline needs a number of pixels from 300 to 8000' "$weft" timeline small.db --script --height 299
expect a_terminal_has_no_pixels 2 'a terminal.s width is in COLUMNS' "$weft" timeline small.db --width 500

# gnuplot that fails, hangs up or is not there; what was there before stays.
mkdir bin none
printf '#!/bin/sh\necho "half a picture"\necho "no such terminal" >&2\nexit 1\n' >bin/gnuplot
chmod +x bin/gnuplot
echo mine >old.svg
expect gnuplot_fails 1 'no such terminal' env PATH="$T/bin:$PATH" "$weft" $pic -o old.svg
holds what_was_there_stays grep -q mine old.svg
printf '#!/bin/sh\nkill -9 $$\n' >bin/gnuplot
expect gnuplot_dies 1 'ended by signal 9' env PATH="$T/bin:$PATH" "$weft" $pic -o old.svg
printf '#!/bin/sh\necho "<svg>"\n' >bin/gnuplot
expect gnuplot_unknown 1 'a picture of a kind' env PATH="$T/bin:$PATH" "$weft" report small.db -o old.svg
expect gnuplot_missing 1 'apt install gnuplot-nox' env PATH="$T/none" "$weft" $pic -o old.svg
expect report_without_gnuplot 1 'apt install gnuplot-nox' env PATH="$T/none" "$weft" report small.db -o old.svg
equal report_fails_with_one_message "$(wc -l <err)" 1
expect report_of_nothing 1 '^weft: no.db: No such file' "$weft" report no.db -o old.svg
equal report_of_nothing_is_one_message "$(wc -l <err)" 1
holds what_was_there_stays grep -q mine old.svg

# What a report has begun ends with it: helpers, and what draws for them.
lives() { # file of process ids
	local p
	for p in $(cat "$1"); do
		grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$p/status" && return
	done
	return 1
}
printf '#!/bin/sh\necho $$ >>drawing\nexec sleep 1000\n' >bin/gnuplot
PATH="$T/bin:$PATH" "$weft" report small.db -o old.svg 2>err &
report=$!
for ((i = 0; i < 1000; i++)); do
	[ -s drawing ] && break
	sleep 0.01
done
holds report_draws test -s drawing
kill $report
wait $report 2>/dev/null
for ((i = 0; i < 1000; i++)); do
	lives drawing || break
	sleep 0.01
done
if lives drawing; then
	not_ok report_ends_what_it_began "gnuplot lives on"
	kill $(cat drawing)
else
	ok
fi

expect an_existing_picture_is_replaced 0 '' "$weft" $pic -o old.svg
lacks an_existing_picture_is_replaced old.svg mine
printf 'set terminal dumb\nsystem("touch hacked")\n' >.gnuplot
expect home_is_ignored 0 '' env HOME="$T" "$weft" $pic -o old.svg
holds home_is_ignored test ! -e hacked
holds nothing_is_left_behind sh -c '! ls *.??????  a.svg 2>/dev/null | grep .'

echo "$passed passed, $failed failed"
[ $failed = 0 ]
