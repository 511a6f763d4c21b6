#!/bin/bash
# SPDX-License-Identifier: MIT
# What the interactive timeline costs: benchmarks/web.sh BUILD-DIRECTORY, or make bench-web, which writes
# benchmarks/WEB.md.  From the environment:
#
#     EVENTS  "10000 1000000 10000000": a report of each is opened
#     ROUNDS  3: how often; medians count
set -euo pipefail

build=$1
here=$(dirname "$0")
rounds=${ROUNDS-3}
said=$(mktemp)
trap 'rm -f "$said"' EXIT

ROUNDS=$rounds "$here/../tests/web/big.sh" "$build" ${EVENTS-10000 1000000 10000000} | tee "$said" >&2
cat <<END
<!-- Written by \`make bench-web\`. -->
# What the report of a run costs in a browser

By \`make bench-web\`:

- measured: $(date -u +%F), commit $(git -C "$here" rev-parse --short HEAD)
- rounds: $rounds; medians
- system: $(uname -sr); $(. /etc/os-release && echo "$PRETTY_NAME")
- cpus: $(getconf _NPROCESSORS_ONLN)
- browser: $(chromium --version 2>/dev/null), headless, without a GPU; a window of 1400 x 1000
- load: $(cut -d' ' -f1-3 /proc/loadavg) at the end

The run is tests/web/rings.awk's: 21 goroutines that hand a mutex and values on, on 2 workers.  First paint
and *timeline drawn* are since the page was asked for; until the timeline is drawn, the page can be read and
shows an overview.  Memory is that of the process that draws the page.  The frames zoom in and out again by
12% each, from the whole run on, and pan.

END
awk -f "$here/web.awk" "$said"
