/* SPDX-License-Identifier: MIT */
/* What the tracepoints cost: one workload, unbuffered round trips between two goroutines, which
 * benchmarks/run.sh runs compiled without them (make TRACE=0), as usual, and under weft record.
 *
 * An operation is a round trip: four channel operations, and the goroutines' changes of state. */
#define _GNU_SOURCE
#include "bench.h"

typedef weft_chan_of(uint64_t) u64_chan;

static u64_chan ping, pong;

static void ponger(void *arg)
{
	(void)arg;
	for (uint64_t v;;) {
		weft_recv(ping, &v);
		weft_send(pong, v + 1);
	}
}

static void round_trips(uint64_t n)
{
	uint64_t v = 0;

	if (!ping.chan) {
		ping = weft_make(u64_chan, 0);
		pong = weft_make(u64_chan, 0);
		weft_go(ponger, NULL);
	}
	for (uint64_t i = 0; i < n; i++) {
		weft_send(ping, v);
		weft_recv(pong, &v);
	}
	bench_check(v == n);
}

static const struct bench benches[] = {{"Trace", round_trips}};
BENCH_MAIN(benches)
