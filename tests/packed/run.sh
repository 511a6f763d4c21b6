#!/bin/sh
# SPDX-License-Identifier: MIT
# Unit tests of the packed form: tests/packed/run.sh BUILD-DIRECTORY
cd "$(dirname "$0")/../.." || exit 1
make -s "$1/tests/packed/check" || exit 1
exec "$1/tests/packed/check"
