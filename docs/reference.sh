#!/bin/sh
# SPDX-License-Identifier: MIT
# Write the generated half of the documentation into a directory:
#     docs/reference.sh BUILD-DIRECTORY OUTPUT-DIRECTORY
set -eu
"$1/weft" events --markdown >"$2/events.md"
awk -v schema="$(sed -n 's/.*DB_SCHEMA = \([0-9]*\).*/\1/p' tracer/db.h)" \
	-f docs/schema.awk tracer/schema.sql tracer/views.sql >"$2/schema.md"
