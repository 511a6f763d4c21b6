#!/bin/sh
# SPDX-License-Identifier: MIT
# What README.md and docs/tour.md tell a person to type works: the program is compiled with the line
# that is printed there, against the build and installed, and the commands of both are run in order.
#
#     tests/docs/run.sh [BUILD-DIRECTORY]
set -u

cd "$(dirname "$0")/../.."
build=$(cd "${1:-build}" && pwd)
tmp=$(mktemp -d /tmp/weft-docs-XXXXXX)
trap 'rm -rf "$tmp"' EXIT

# block LANGUAGE FILE: the code between ```LANGUAGE and ```
block()
{
	awk -v start="\`\`\`$1" '$0 == "```" { on = 0 } on { print } $0 == start { on = 1 }' "$2"
}

# readme_program PKG_CONFIG_PATH: compile and run the README's program, outside this tree.
readme_program()
{
	(
		cd "$tmp"
		export PKG_CONFIG_PATH="$1"
		rm -f hello
		eval "$compile"
		[ "$(./hello | tr '\n' ' ')" = "1 4 9 " ]
	)
}

installed()
{
	make -s install prefix="$tmp/prefix" && readme_program "$tmp/prefix/lib/pkgconfig"
}

# The commands of "Record it", in order, in a directory where nothing is yet but the build.
readme_commands()
{
	sed -n '/^## Record it/,/^## Read/s/^    \(weft .*\)/\1/p' README.md >"$tmp/readme.sh"
	[ "$(wc -l <"$tmp/readme.sh")" -ge 10 ] && mkdir "$tmp/readme" && ln -s "$build" "$tmp/readme/build" &&
		(cd "$tmp/readme" && PATH="$build:$PATH" sh -eux "$tmp/readme.sh")
}

tour()
{
	block sh docs/tour.md >"$tmp/tour.sh"
	sh -eux "$tmp/tour.sh"
}

# The program that the tour shows is the one that it runs: each line of it, in that order.
tour_program()
{
	block c docs/tour.md >"$tmp/tour.c"
	[ "$(wc -l <"$tmp/tour.c")" -ge 20 ] && awk '
		NR == FNR { shown[++n] = $0; next }
		at < n && $0 == shown[at + 1] { at++ }
		END { if (at != n) { print "not in the program: " shown[at + 1]; exit 1 } }
	' "$tmp/tour.c" examples/pipeline.c
}

# The commands behind "Run:" in the opening comments of the examples.
example_commands()
{
	mkdir "$tmp/run" && ln -s "$build" "$tmp/run/build" || return 1
	for example in examples/*.c; do
		sed -n 's/^ \* Run:/        /; s/^ \*  *\(build\/weft.*\)/\1/p; s/^   *\(build\/weft.*\)/\1/p' "$example" |
			sed 's/ *(and press Enter)$//' >"$tmp/commands"
		[ "$(wc -l <"$tmp/commands")" -ge 1 ] || return 1
		while read -r command; do
			echo "$example: $command"
			echo | (cd "$tmp/run" && eval "$command")
			status=$?
			[ $status = 0 ] || [ "$status $example" = "2 examples/philosophers_deadlock.c" ] ||
				return 1
		done <"$tmp/commands"
	done
}

# The fix must be one: nobody waits for a mutex any more.  (That the run is shorter is true, and not
# tested: the machine may have other things to do.)
tour_fixes()
{
	waits="select count(*) > 0 from contention where kind = 'mutex'"
	[ "$("$build/weft" sql build/tour/slow.db "$waits")" = 1 ] &&
		[ "$("$build/weft" sql build/tour/fast.db "$waits")" = 0 ]
}

tour_why()
{
	"$build/weft" why build/tour/slow.db |
		grep 'query waited in sleep at examples/pipeline.c:[0-9]*, while others waited for mutex db'
}

# The pictures of the documents are those that docs/pictures.sh draws, and each is shown somewhere.
pictures()
{
	mkdir "$tmp/pictures" &&
		docs/pictures.sh "$build" "$tmp/pictures" &&
		ls "$tmp/pictures" >"$tmp/drawn" &&
		(cd docs && ls ./*.png) | sed 's|./||' | diff "$tmp/drawn" - &&
		sed -nE 's/^!\[.*\]\((docs\/)?([^)]*)\).*/\2/p' README.md docs/*.md | sort -u | diff "$tmp/drawn" -
}

passed=0
failed=0

check() # name, command...
{
	name=$1
	shift
	if "$@" >"$tmp/log" 2>&1; then
		echo "ok docs: $name"
		passed=$((passed + 1))
	else
		echo "not ok docs: $name"
		cat "$tmp/log"
		failed=$((failed + 1))
	fi
}

compile=$(sed -n 's/^    \(cc hello\.c .*\)/\1/p' README.md | head -n 1)
block c README.md >"$tmp/hello.c"
check "the README's program is compiled against the build" readme_program "$build/pkgconfig"
check "the README's program is compiled against an installed weft" installed
check "every command of the README works" readme_commands
check "the commands in the examples' comments work" example_commands
check "every command of the tour works" tour
check "the tour shows the program that it runs" tour_program
check "the tour's fix is one" tour_fixes
check "weft why tells the tour's cause" tour_why
check "the pictures are those that make docs draws" pictures
echo "$passed passed, $failed failed"
[ $failed = 0 ]
