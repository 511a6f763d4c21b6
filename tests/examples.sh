#!/bin/sh
# SPDX-License-Identifier: MIT
# Every example is recorded; what it prints and what its database says must be as its opening
# comment promises.  tests/examples.sh BUILD-DIRECTORY
