#!/bin/sh
# SPDX-License-Identifier: MIT
# Ask the questions of docs/sql.md and print that file with the answers of now; it fails if one cannot
# be asked or has no answer:
#     docs/answers.sh BUILD-DIRECTORY
#
# The word behind ```sql is the example whose run is asked, pipeline if there is none.  The runs are in
# BUILD-DIRECTORY/sql, recorded when weft is newer.
set -eu
build=$1
runs=$build/sql
weft=$build/weft
query=$(mktemp)
said=$query.said
trap 'rm -f "$query" "$said" "$query.answer"' EXIT
mkdir -p "$runs"

run() { # example, command...
	out=$runs/$1.db
	shift
	"$weft" record --lossless ${options-} -f -o "$out" -- "$@" >"$said" 2>&1 || [ $? = 2 ] || cat "$said" >&2
}

# The server, for two seconds, and a client, for one.
run_echo() {
	run echo bash -c '"$0" 127.0.0.1:0 2 & until grep -q listening "$1"; do sleep 0.05; done
		exec 3<>"/dev/tcp/127.0.0.1/$(sed -n "s/^listening.*://p" "$1")"
		for word in one two three; do
			echo $word >&3
			read -r word <&3
			sleep 0.3
		done
		exec 3>&-
		wait $!' "$build/examples/echo" "$said"
}

# Until Ctrl-C is pressed.
run_stop() {
	run stop bash -c '"$0" & until grep -q "press Ctrl-C" "$1"; do sleep 0.05; done
		sleep 0.1
		kill -INT $!
		wait $!' "$build/examples/stop" "$said"
}

record() { # example
	case $1 in
	echo) run_echo ;;
	stop) run_stop ;;
	cpu) options=--cpu=250 && run cpu "$build/examples/pipeline" ;;
	starvation) run starvation "$build/examples/bottlenecks/starvation" ;;
	stacks) options=--stacks && run stacks "$build/examples/pipeline" ;;
	*) run "$1" "$build/examples/$1" ;;
	esac
	[ -e "$runs/$1.db" ]
}

ask() { # example
	[ "$runs/$1.db" -nt "$weft" ] || record "$1"
	"$weft" sql --table "$runs/$1.db" "$(cat "$query")" | sed 's/ *$//' >"$query.answer"
	if [ "$(wc -l <"$query.answer")" -lt 3 ]; then
		echo "no answer from $1 to: $(cat "$query")" >&2
		exit 1
	fi
	cat "$query.answer"
}

text=1
while IFS= read -r line; do
	case $text$line in
	1'```sql'*)
		text=0
		example=${line#???sql}
		example=${example# }
		: >"$query"
		;;
	1'```')
		text=2
		printf '```\n'
		ask "${example:-pipeline}"
		;;
	0'```') text=1 ;;
	0*) printf '%s\n' "$line" >>"$query" ;;
	2'```') text=1 ;;
	esac
	if [ $text != 2 ]; then
		printf '%s\n' "$line"
	fi
done <"$(dirname "$0")/sql.md"
