#!/bin/sh
# SPDX-License-Identifier: MIT
# A program outside the tree is compiled with the one line of the README, against the build and
# against an installation, and recorded.
. "$(dirname "$0")/lib.sh"
root=$(realpath "$here/../..")

cat >hello.c <<'C'
#include <stdio.h>
#include <weft.h>

typedef weft_chan_of(const char *) text_chan;

static void greet(void *arg)
{
	text_chan words = {arg};

	weft_send(words, "hello from a goroutine");
}

static int app(void *arg)
{
	text_chan words = weft_make(text_chan, 0);
	const char *text;

	(void)arg;
	weft_go(greet, words.chan);
	weft_recv(words, &text);
	puts(text);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
C

try() { # name, pkg-config path, weft
	rm -f hello
	PKG_CONFIG_PATH=$2 sh -c 'cc hello.c $(pkg-config --cflags --libs weft) -o hello' 2>err
	check "$1_compiles" [ -x hello ]
	run ./hello
	equal "$1_runs" "$(cat out)" "hello from a goroutine"
	run "$3" record -f --keep="$1.trace" ./hello # there to be looked at, should it be damaged
	expect "$1_records" 0 'of 2 goroutines'
}

try build "$build/pkgconfig" "$weft"
check pkg_config_knows_the_version [ "$(PKG_CONFIG_PATH=$build/pkgconfig pkg-config --modversion weft)" \
	= "$("$weft" --version | cut -d' ' -f2)" ]

make -s -C "$root" install B="${build#"$root"/}" prefix="$T/usr" >out 2>err ||
	not_ok installs "make install failed"
try installed "$T/usr/lib/pkgconfig" "$T/usr/bin/weft"
make -s -C "$root" install B="${build#"$root"/}" DESTDIR="$T/image" prefix=/usr >out 2>err
equal installs_below_destdir "$(cd image && find . -type f -o -type l | LC_ALL=C sort | tr '\n' ' ')" \
	"./usr/bin/weft ./usr/include/weft.h ./usr/lib/libweft.a ./usr/lib/libweft.so\
 ./usr/lib/libweft.so.0 ./usr/lib/pkgconfig/weft.pc ./usr/lib/weft/libweft-fds.so\
 ./usr/lib/weft/libweft-trace.so\
 ./usr/share/weft/weft-gdb.py "
equal installed_names_no_build_directory "$(grep -c image image/usr/lib/pkgconfig/weft.pc)" 0

# What only protects LTTng's descriptors may be missing.
rm "$T/usr/lib/weft/libweft-fds.so"
run "$T/usr/bin/weft" record -f ./hello
expect without_what_is_preloaded 0 'of 2 goroutines'
equal without_what_is_preloaded_nothing_is_said "$(grep -c preload err)" 0

# Where the probes are missing, weft says so.
rm "$T/usr/lib/weft/libweft-trace.so"
run "$T/usr/bin/weft" record -f ./hello
expect without_probes 125 'libweft-trace.so is not in .*/usr/bin, beside weft,'
