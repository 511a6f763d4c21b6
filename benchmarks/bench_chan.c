/* SPDX-License-Identifier: MIT */
/* What messages cost: channels, select, and the prime sieve, which is made of them. */
#define _GNU_SOURCE
#include "bench.h"

typedef weft_chan_of(uint64_t) u64_chan;

/* Every goroutine has its own reference to a channel that it closes, because the receiver may drop
 * the other one before weft_close has returned. */
static u64_chan ref(u64_chan c)
{
	return (u64_chan){weft_chan_ref(c.chan)};
}

static void close_and_unref(u64_chan c)
{
	weft_close(c);
	weft_chan_unref(c.chan);
}

struct pair {
	u64_chan ping, pong;
};

static void ponger(void *arg)
{
	struct pair p = *(struct pair *)arg;

	weft_range(p.ping, v)
		weft_send(p.pong, v + 1);
	weft_chan_unref(p.ping.chan);
	close_and_unref(p.pong);
}

/* An operation is a round trip over two unbuffered channels. */
static void chan_sync(uint64_t n)
{
	struct pair p = {weft_make(u64_chan, 0), weft_make(u64_chan, 0)};
	struct pair theirs = {ref(p.ping), ref(p.pong)};
	uint64_t v = 0;

	weft_go(ponger, &theirs);
	for (uint64_t i = 0; i < n; i++) {
		weft_send(p.ping, v);
		weft_recv(p.pong, &v);
	}
	bench_check(v == n);
	close_and_unref(p.ping);
	bench_check(!weft_recv(p.pong, &v));
	weft_chan_unref(p.pong.chan);
}

struct producer {
	u64_chan out;
	uint64_t n;
};

static void producer(void *arg)
{
	struct producer p = *(struct producer *)arg;

	for (uint64_t i = 1; i <= p.n; i++)
		weft_send(p.out, i);
	close_and_unref(p.out);
}

/* An operation is one element from a producer to a consumer through a buffer of 100. */
static void chan_prod_cons(uint64_t n)
{
	u64_chan in = weft_make(u64_chan, 100);
	struct producer p = {ref(in), n};
	uint64_t sum = 0;

	weft_go(producer, &p);
	weft_range(in, v)
		sum += v;
	bench_check(sum == n * (n + 1) / 2);
	weft_chan_unref(in.chan);
}

/* An operation is a select of two receives, of which one is ready, and the send that makes the
 * other ready, as in Go's BenchmarkSelectUncontended. */
static void select_ready(uint64_t n)
{
	u64_chan a = weft_make(u64_chan, 1), b = weft_make(u64_chan, 1);
	uint64_t v = 0;

	weft_send(a, 0);
	for (uint64_t i = 0; i < n; i++) {
		switch (weft_select(weft_on_recv(a.chan, &v), weft_on_recv(b.chan, &v))) {
		case 0:
			weft_send(b, v + 1);
			break;
		case 1:
			weft_send(a, v + 1);
			break;
		}
	}
	if (n % 2)
		weft_recv(b, &v);
	else
		weft_recv(a, &v);
	bench_check(v == n);
	weft_chan_unref(a.chan);
	weft_chan_unref(b.chan);
}

enum { PRIMES = 500, LAST_PRIME = 3571 };

struct filter {
	u64_chan in, out;
	uint64_t prime;
	weft_waitgroup *wg;
};

static void generate(void *arg)
{
	u64_chan out = {arg};

	for (uint64_t i = 2; i <= LAST_PRIME; i++)
		weft_send(out, i);
	close_and_unref(out);
}

static void filter(void *arg)
{
	struct filter *f = arg;

	weft_range(f->in, v) {
		if (v % f->prime)
			weft_send(f->out, v);
	}
	close_and_unref(f->out);
	weft_chan_unref(f->in.chan);
	weft_waitgroup_done(f->wg);
}

/* An operation is the whole sieve: a goroutine and an unbuffered channel for each prime. */
static void prime_sieve(uint64_t n)
{
	static struct filter filters[PRIMES];

	while (n-- > 0) {
		u64_chan end = weft_make(u64_chan, 0);
		weft_waitgroup wg = {0};
		uint64_t prime;
		int found = 0;

		weft_go(generate, ref(end).chan);
		for (; weft_recv(end, &prime); found++) {
			struct filter *f = &filters[found];

			*f = (struct filter){end, weft_make(u64_chan, 0), prime, &wg};
			end = ref(f->out);
			weft_waitgroup_add(&wg, 1);
			weft_go(filter, f);
		}
		weft_waitgroup_wait(&wg);
		weft_chan_unref(end.chan);
		bench_check(found == PRIMES && filters[PRIMES - 1].prime == LAST_PRIME);
	}
}

static const struct bench benches[] = {
	{"ChanSync", chan_sync},
	{"ChanProdCons/cap=100", chan_prod_cons},
	{"SelectReady/cases=2", select_ready},
	{"PrimeSieve/primes=500", prime_sieve},
};
BENCH_MAIN(benches)
