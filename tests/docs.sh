#!/bin/sh
# SPDX-License-Identifier: MIT
# What README.md and docs/tour.md tell a person to type works: the program is compiled with the line
# that is printed there, against the build and installed, and the tour's commands are run in order.
#
#     tests/docs.sh [BUILD-DIRECTORY]
set -eu

cd "$(dirname "$0")/.."
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
	) || {
		echo "docs: the README's program fails with PKG_CONFIG_PATH=$1"
		exit 1
	}
}

compile=$(sed -n 's/^    \(cc hello\.c .*\)/\1/p' README.md | head -n 1)
block c README.md >"$tmp/hello.c"
readme_program "$build/pkgconfig"
make -s install prefix="$tmp/prefix" >/dev/null
readme_program "$tmp/prefix/lib/pkgconfig"
echo "docs: the README's program works against the build and installed"

block sh docs/tour.md >"$tmp/tour.sh"
sh -eu "$tmp/tour.sh" >"$tmp/tour.out" 2>&1 || {
	cat "$tmp/tour.out"
	echo "docs: a command of the tour fails"
	exit 1
}
echo "docs: the tour's commands work"
