#!/bin/sh
# SPDX-License-Identifier: MIT
# No fast path takes over a tenth more instructions than benchmarks/insn.txt says.
#
#     tests/insn/run.sh BUILD-DIRECTORY
cd "$(dirname "$0")/../.." || exit 1
# shellcheck disable=SC2046
make -s -j"$(nproc)" TRACE=0 CFLAGS=-g0 $(awk '!/^#/ { print "build/notrace/benchmarks/bench_" $1 }' \
	benchmarks/insn.txt | uniq) || exit 1
benchmarks/insn.sh "$1" check
