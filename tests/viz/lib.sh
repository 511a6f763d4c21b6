# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# For scripts that run weft on small databases and look at what it writes: sourced with $build set, it
# goes to a directory of its own, and counts in $passed and $failed.
weft=$build/weft
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1
passed=0 failed=0

ok() {
	passed=$((passed + 1))
}

not_ok() { # name, why
	failed=$((failed + 1))
	echo "not ok $1 - $2"
	[ -s err ] && sed 's/^/    /' err | tail -5
}

# Run a command, which must end with a status, and say something on stderr that matches.
expect() { # name, status, pattern, command...
	local name=$1 want=$2 pattern=$3 status
	shift 3
	"$@" >out 2>err </dev/null
	status=$?
	if [ $status != "$want" ]; then
		not_ok "$name" "exit status $status, not $want"
	elif [ -n "$pattern" ] && ! grep -qE -- "$pattern" err; then
		not_ok "$name" "no message like '$pattern'"
	else
		ok
	fi
}

holds() { # name, command...
	local name=$1
	shift
	if "$@" >said 2>err; then
		ok
	else
		not_ok "$name" "failed: $*"
	fi
}

lacks() { # name, file, pattern
	: >err
	if grep -qE -- "$3" "$2"; then
		not_ok "$1" "$2 has '$3'"
	else
		ok
	fi
}

equal() { # name, what it is, what it must be
	: >err
	if [ "$2" = "$3" ]; then
		ok
	else
		not_ok "$1" "it is '$2', not '$3'"
	fi
}
