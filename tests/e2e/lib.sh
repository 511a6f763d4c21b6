# SPDX-License-Identifier: MIT
# What the scripts here share; each begins with `. "$(dirname "$0")/lib.sh"`.
#
# A script has a directory of its own, T, which is also its working directory, and TMPDIR inside it,
# so what weft leaves behind is seen there and other recordings on this machine are not.  After a
# failure it is kept, as BUILD-DIRECTORY/e2e/SCRIPT.
set -u

build=$(realpath "${1:?usage: $0 BUILD-DIRECTORY}")
here=$(realpath "$(dirname "$0")")
weft=$build/weft
T=$(mktemp -d /tmp/we2e-XXXXXX)
TMPDIR=$T/tmp
export TMPDIR
mkdir "$TMPDIR"
chmod 755 "$T"
chmod 1777 "$TMPDIR"
kept=$build/e2e/$(basename "$0" .sh)
rm -rf "$kept"
trap leave EXIT
trap 'exit 1' INT TERM
cd "$T" || exit 1

leave() {
	if [ $? != 0 ] || [ -e "$T.failed" ]; then
		mkdir -p "${kept%/*}" && cp -a "$T" "$kept"
		rm -f "$T.failed"
	fi
	rm -rf "$T"
}

ok() { # name
	echo "ok $1"
}

not_ok() { # name, why
	echo "not ok $1 - $2 (in $kept)"
	: >"$T.failed" # a file: this may be a subshell
	sed 's/^/    /' err 2>/dev/null | tail -5
}

skip() { # name, why
	echo "skipped $1 - $2"
}

check() { # name, command...
	name=$1
	shift
	if "$@" >out 2>err; then
		ok "$name"
	else
		not_ok "$name" "failed: $*"
	fi
}

equal() { # name, what it is, what it must be
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "it is '$2', not '$3'"
	fi
}

# Run a command; its output is in the files out and err, its status in $status.
run() {
	timeout -k 5 120 "$@" >out 2>err </dev/null
	status=$?
}

# After run: the exit status, a regular expression for a line of err, and nothing left behind.
expect() { # name, status, pattern
	if [ "$status" != "$2" ]; then
		not_ok "$1" "exit status $status, not $2"
	elif [ -n "$3" ] && ! grep -qE -- "$3" err; then
		not_ok "$1" "no message like '$3'"
	elif left=$(left_behind) && [ -n "$left" ]; then
		not_ok "$1" "left behind: $left"
	else
		ok "$1"
	fi
}

# Processes of LTTng that were started from here, and files in TMPDIR.  (It is asked often: only what
# is LTTng's costs a process here.)
left_behind() {
	for p in /proc/[0-9]*; do
		read -r comm <"$p/comm" || continue
		case $comm in
		lttng-*) tr '\0' '\n' <"$p/environ" | grep -q "^LTTNG_HOME=$T" &&
			echo "$comm(${p#/proc/})" ;;
		esac
	done 2>/dev/null
	ls "$TMPDIR"
}

# Wait until a command succeeds, at most ten seconds.
await() {
	for _ in $(seq 200); do
		if "$@" 2>/dev/null; then
			return 0
		fi
		sleep 0.05
	done
	return 1
}

# Compile a program of this directory, or of the file given, against the build: compile NAME [FILE]
# Many scripts want the same: what one compiled is there for others.
compile() {
	source=${2:-$here/$1.c}
	made=$build/tests/e2e/$(echo "${CC:-cc} $source" | md5sum | cut -c 1-32)
	mkdir -p "${made%/*}"
	if ! [ "$made" -nt "$source" ] || ! [ "$made" -nt "$build/libweft.a" ]; then
		${CC:-cc} -O2 -g -I"$build/include" "$source" "$build/libweft.a" -pthread -o "$made.$$" &&
			mv "$made.$$" "$made" || return
	fi
	cp "$made" "$1"
}

# The number of a cpu that we may run on.
a_cpu() {
	taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/'
}

# The result of a query, a row a line, values separated by |.
query() { # database, query
	"$weft" sql --list "$1" "$2"
}

# The database NAME.db is consistent, whatever is missing in it.
sound() { # name
	equal "$1_is_consistent" "$(sqlite3 "$1.db" 'pragma integrity_check; pragma foreign_key_check;
		select count(*) from goroutine join (select g, sum(dur) as s from g_state group by g) using (g)
		where s <> dur; select count(*) from g_state where dur < 0')" "$(printf 'ok\n0\n0')"
}

# The numbers in the database NAME.db add up.
adds_up() { # name
	equal "the numbers of $1 add up" "$("$here/../export/sums.sh" "$weft" "$1.db")" ""
}

# Change a database, as weft itself never does.
change() { # database, statement
	sqlite3 "$1" "$2"
}

# The metadata of a trace, as text.  It is in packets of 4096 bytes, which may end in the middle of a word; each
# begins with 37 bytes that say how many of its bits count.
metadata_text() { # file
	perl -0777 -ne 'for (unpack "(a4096)*") { print substr($_, 37, unpack("x24 V", $_) / 8 - 37) }' "$1"
}

# What runs a command as an ordinary user, also when we are root; user_weft is one that he may run.
as_user=
user_weft=$weft
if [ "$(id -u)" = 0 ]; then
	as_user="setpriv --reuid 65533 --regid 65533 --clear-groups env HOME=/nonexistent"
	if ! $as_user test -x "$weft"; then
		mkdir "$T/bin"
		cp "$weft" "$build"/libweft-*.so "$T/bin"
		user_weft=$T/bin/weft
	fi
fi
