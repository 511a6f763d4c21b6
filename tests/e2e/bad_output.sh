#!/bin/sh
# SPDX-License-Identifier: MIT
# An output that cannot be written is known before the program runs, and nothing there is harmed.
. "$(dirname "$0")/lib.sh"
compile victim
echo mine >run.db

run "$weft" record ./victim play 3
expect exists 125 'run.db exists: -f overwrites it'
equal exists_is_untouched "$(cat run.db)" mine
run "$weft" record -f ./victim play 3
expect exists_and_force 0 recorded
check forced_is_a_database "$weft" check run.db

run "$weft" record -f -o "$TMPDIR" ./victim play 3
expect is_a_directory 125 'it is not a file'
ln -s nowhere link
run "$weft" record -f -o link ./victim play 3
expect is_a_link_to_nothing 125 'cannot write link: it is a link to what is not there'
run "$weft" record -o no/such/run.db ./victim play 3
expect directory_not_there 125 'directory no/such: No such file or directory'

mkdir -m 555 locked
run $as_user env --chdir=locked "$user_weft" record ../victim play 3
expect directory_not_writable 125 'cannot write run.db: directory .: Permission denied; -o FILE'

mkdir full_dir
touch full_dir/file
run "$weft" record -o kept.db --keep full_dir ./victim play 3
expect keep_exists 125 'full_dir exists: --keep needs a new directory'
run "$weft" record -o kept.db --keep no/such ./victim play 3
expect keep_cannot_be_made 125 'cannot create no/such'
run "$weft" record -o kept.db --keep new ./nothing
expect keep_with_a_bad_program 127 ''
run "$weft" record -o kept.db --keep new true
expect keep_without_events 125 'no weft events'
check nothing_was_made sh -c '! ls -d kept.db* new 2>/dev/null'

run sh -c 'ulimit -f 200; exec "$1" record -o no.db ./victim play 3' - "$weft"
expect limit_of_file_size 125 'cannot use .*: File too large'
# The program has the signal of that limit as it would without us.
run "$weft" record -o limit.db sh -c 'grep SigIgn /proc/self/status; exec ./victim play 3'
equal program_has_the_signal_of_that_limit "$(grep SigIgn out)" "$(grep SigIgn /proc/self/status)"

run "$weft" record
expect no_program 2 'which program'
run "$weft" record --oops ./victim
expect no_such_option 2 "there is no option --oops"
run "$weft" record -o
expect no_argument 2 'needs an argument'
run "$weft" record --help
expect help 0 ''

# Disks that are full.  What is mounted here is gone with the process that did.
if unshare -m true 2>/dev/null; then
	mkdir small
	run unshare -m sh -c 'mount -t tmpfs -o size=1m none small || exit 99
		"$1" record --lossless -o small/run.db ./victim play 50000
		status=$?
		ls small >listing
		exit $status' - "$weft"
	equal output_disk_full_is_said "$status $(grep -c 'no space left' err)" '125 1'
	equal output_disk_full_leaves_nothing_there "$(cat listing)" ""
	saved=$(sed -n 's/.*to try again: weft load -o FILE //p' err)
	run "$weft" load -q -o saved.db "$saved"
	rm -r "$saved"
	expect trace_is_kept_for_another_try 0 ''
	equal what_was_recorded_is_kept "$(query saved.db "select lost, (select count(*) from chan_op where op = 'send') from run")" '0|100000'
	cat >on_small_disk <<-'EOF'
		mount --bind . /mnt && mount --bind "$1" /media &&
		mount -t tmpfs -o size=24m,mode=1777 none /tmp &&
		mount --bind /tmp /var/tmp && cd /mnt || exit 99
		shift
		TMPDIR=/tmp /media/weft record -f -o small.db "$@"
		status=$?
		ls /tmp >listing
		exit $status
	EOF
	run unshare -m sh on_small_disk "$build" ./victim play 400000
	cp err said
	expect trace_disk_full 0 'little room in /tmp'
	check trace_disk_full_is_said grep -q "the file system of /tmp/.* \(is nearly\|was\) full" said
	check trace_disk_full_has_what_fitted [ "$(query small.db 'select events > 1000 from run')" = 1 ]
	equal trace_disk_full_leaves_nothing "$(cat listing)" ""
	# Who watches the room comes too late: what is written ends in the middle of a packet.
	cat >unwatched <<-'EOF'
		for keeper in $(cat /proc/$PPID/task/$PPID/children); do
			[ $keeper = $$ ] || break
		done
		kill -STOP $keeper
		./victim play 400000
		kill -CONT $keeper
	EOF
	run unshare -m sh on_small_disk "$build" sh unwatched
	cp err said
	expect trace_disk_over_full 0 'bytes at the end of the trace are missing'
	equal trace_disk_over_full_counts_all "$(query small.db 'select events > 1000, lost > 1000000,
		events + lost > 4000000 from run')" "1|1|1"
	equal trace_disk_over_full_is_in_the_database "$(query small.db "select count(*) from anomaly
		where what like '%bytes at the end of the trace are missing%'")" 1
	check trace_disk_over_full_is_not_said_to_have_been_seen sh -c '! grep "before the program did" said'
	equal trace_disk_over_full_leaves_nothing "$(cat listing)" ""
	# Lossless, where nobody empties the buffers any more and who watches stays stopped: the program waits
	# once, and not for each of its events.
	sed /CONT/d unwatched >unwatched_lossless
	sed 's/play 400000/log 800000/' unwatched_lossless >unwatched_logs
	run unshare -m sh on_small_disk "$build" --lossless -e sched,mark sh unwatched_logs
	cp err said
	expect lossless_texts_over_full_end 0 'the file system of .* was full'
	check lossless_texts_over_full_count_all [ "$(query small.db 'select lost > 100000 and events + lost >= 800000
		from run')" = 1 ]
	for form in '' --packed; do
		run unshare -m sh on_small_disk "$build" --lossless $form sh unwatched_lossless
		cp err said
		expect "lossless${form}_over_full_ends" 0 'the file system of .* was full'
		equal "lossless${form}_over_full_counts_all" "$(query small.db 'select events > 1000,
			lost > 1000000, events + lost > 4000000 from run')" "1|1|1"
		equal "lossless${form}_over_full_leaves_nothing" "$(cat listing)" ""
	done
else
	skip disk_full "no right to mount a file system"
fi
