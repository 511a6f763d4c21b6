#!/bin/sh
# SPDX-License-Identifier: MIT
# Install what weft needs and the machine lacks: `make deps` calls this.
#
#     deps.sh           what the build and the demo need
#     deps.sh check     also what the tests need
#     deps.sh missing   install nothing; fail, and say how, if the build lacks something
#
# Each thing is looked for itself, not its package, so that what came another way counts too.  The
# names of the packages are Debian's.
set -eu

missing=

command_() { # command, package
	command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
library() { # name for pkg-config, package
	pkg-config --exists "$1" 2>/dev/null || missing="$missing $2"
}
compiles() { # compiler, options, package
	command -v "$1" >/dev/null 2>&1 &&
		echo 'int main(void) { return 0; }' | "$1" $2 -x c - -o /dev/null 2>/dev/null ||
		missing="$missing $3"
}

look() {
	missing=
	compiles "${CC:-gcc}" "-include stdio.h" "gcc libc6-dev"
	command_ pkg-config pkg-config
	library babeltrace2 libbabeltrace2-dev
	library sqlite3 libsqlite3-dev
	library libelf libelf-dev
	library lttng-ctl liblttng-ctl-dev
	library lttng-ust liblttng-ust-dev
	command_ lttng-sessiond lttng-tools
	command_ lttng-crash lttng-tools
	command_ gnuplot gnuplot-nox
	if [ "$1" = check ]; then
		command_ babeltrace2 babeltrace2
		compiles clang "-fsanitize=thread" "clang libclang-rt-14-dev"
		compiles aarch64-linux-gnu-gcc "-include stdio.h" \
			"gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
		command_ qemu-aarch64 qemu-user
	fi
	missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
	missing=${missing% }
}

what=${1:-build}
look "$what"
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends $missing"
if [ "$what" = missing ]; then
	echo "weft: this machine lacks what the build needs: make deps installs it, or" >&2
	echo "    sudo $install" >&2
	exit 1
elif ! command -v apt-get >/dev/null; then
	echo "weft: install what the packages $missing have on Debian" >&2
	exit 1
elif [ "$(id -u)" = 0 ]; then
	sudo=
elif sudo -n true 2>/dev/null; then
	sudo="sudo -n"
else
	echo "weft: packages are missing, and this user may not install them; run" >&2
	echo "    sudo $install" >&2
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive
echo "weft: installing $missing"
wait="-o DPkg::Lock::Timeout=300 -qq"
# The lists of packages may be missing or old.
if ! $sudo env DEBIAN_FRONTEND=$DEBIAN_FRONTEND $install $wait >/dev/null 2>&1; then
	$sudo apt-get update $wait
	$sudo env DEBIAN_FRONTEND=$DEBIAN_FRONTEND $install $wait >/dev/null
fi
look "$what"
if [ -n "$missing" ]; then
	echo "weft: still missing after the installation: $missing" >&2
	exit 1
fi
