/* SPDX-License-Identifier: MIT */
/* What messages cost: channels, select, and two programs that are made of channels. */
#define _GNU_SOURCE
#include "bench.h"

typedef weft_chan_of(uint64_t) u64_chan;

/* ---- Channels ---------------------------------------------------------------------------- */

struct pair {
	u64_chan ping, pong;
	uint64_t n, v;
	struct bench_gate *gate;
};

static void pinger(void *arg)
{
	struct pair *p = arg;
	uint64_t v = 0;

	bench_arrive(p->gate);
	for (uint64_t i = 0; i < p->n; i++) {
		weft_send(p->ping, v);
		weft_recv(p->pong, &v);
	}
	p->v = v;
	weft_waitgroup_done(&p->gate->wg);
}

static void ponger(void *arg)
{
	struct pair *p = arg;
	uint64_t n = p->n, v;

	bench_arrive(p->gate);
	for (uint64_t i = 0; i < n; i++) {
		weft_recv(p->ping, &v);
		weft_send(p->pong, v + 1);
	}
	weft_waitgroup_done(&p->gate->wg);
}

/* An operation is a round trip over two unbuffered channels, by one of so many pairs. */
static void chan_sync(uint64_t n, uint64_t pairs)
{
	struct pair *p = malloc(pairs * sizeof *p);
	struct bench_gate gate = bench_gate(2 * pairs);
	uint64_t sum = 0;

	bench_check(p);
	for (uint64_t i = 0; i < pairs; i++) {
		p[i] = (struct pair){weft_make(u64_chan, 0), weft_make(u64_chan, 0),
				     bench_share(n, pairs, i), 0, &gate};
		weft_go(ponger, &p[i]);
		weft_go(pinger, &p[i]);
	}
	bench_measure(&gate, 2 * pairs, n);
	for (uint64_t i = 0; i < pairs; i++) {
		bench_check(p[i].v == p[i].n);
		sum += p[i].v;
		weft_chan_unref(p[i].ping.chan);
		weft_chan_unref(p[i].pong.chan);
	}
	bench_check(sum == n);
	free(p);
}

/* Some work that no compiler does without, for about so many microseconds. */
enum { STEPS_PER_US = 600 };

static uint64_t work(uint64_t x, uint64_t us)
{
	for (uint64_t i = 0; i < us * STEPS_PER_US; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	return x;
}

struct worker {
	u64_chan in, out;
	uint64_t n, us, sum;
	struct bench_gate *gate;
};

static void worker(void *arg)
{
	struct worker *w = arg;
	uint64_t v = 0;

	bench_arrive(w->gate);
	for (uint64_t i = 0; i < w->n; i++) {
		weft_recv(w->in, &v);
		w->sum += work(v, w->us);
		weft_send(w->out, v + 1);
	}
	weft_waitgroup_done(&w->gate->wg);
}

/* An operation is a wake-up, and so many microseconds of work; in turn by two goroutines. */
static void chan_work(uint64_t n, uint64_t us)
{
	struct bench_gate gate = bench_gate(2);
	u64_chan c[2] = {weft_make(u64_chan, 1), weft_make(u64_chan, 1)};
	struct worker w[2] = {{c[0], c[1], bench_share(n, 2, 0), us, 0, &gate},
			      {c[1], c[0], bench_share(n, 2, 1), us, 0, &gate}};
	uint64_t v = 1;

	weft_send(c[0], v);
	weft_go(worker, &w[0]);
	weft_go(worker, &w[1]);
	bench_measure(&gate, 2, n);
	weft_recv(c[n % 2], &v);
	bench_check(v == n + 1 && w[0].sum + w[1].sum != 0);
	weft_chan_unref(c[0].chan);
	weft_chan_unref(c[1].chan);
}

struct flow {
	u64_chan c;
	uint64_t n, sum;
	uint64_t *left; /* of the producers; atomic */
	struct bench_gate *gate;
} __attribute__((aligned(64)));

/* The last producer closes the channel. */
static void producer(void *arg)
{
	struct flow *f = arg;
	uint64_t n = f->n;

	bench_arrive(f->gate);
	for (uint64_t i = 1; i <= n; i++)
		weft_send(f->c, i);
	if (__atomic_sub_fetch(f->left, 1, __ATOMIC_ACQ_REL) == 0)
		weft_close(f->c);
	weft_waitgroup_done(&f->gate->wg);
}

static void consumer(void *arg)
{
	struct flow *f = arg;
	uint64_t sum = 0;

	bench_arrive(f->gate);
	weft_range(f->c, v)
		sum += v;
	f->sum = sum;
	weft_waitgroup_done(&f->gate->wg);
}

/* An operation is one element from a producer to a consumer, of which there are so many each,
 * through one buffer of 128. */
static void chan_prod_cons(uint64_t n, uint64_t each)
{
	struct flow *in = aligned_alloc(64, 2 * each * sizeof *in), *out = in + each;
	struct bench_gate gate = bench_gate(2 * each);
	u64_chan c = weft_make(u64_chan, 128);
	uint64_t sum = 0, left = each;

	bench_check(in);
	for (uint64_t i = 0; i < each; i++) {
		in[i] = (struct flow){c, bench_share(n, each, i), 0, &left, &gate};
		out[i] = (struct flow){c, 0, 0, NULL, &gate};
		weft_go(producer, &in[i]);
		weft_go(consumer, &out[i]);
	}
	bench_measure(&gate, 2 * each, n);
	for (uint64_t i = 0; i < each; i++)
		sum += out[i].sum - in[i].n * (in[i].n + 1) / 2;
	bench_check(sum == 0);
	weft_chan_unref(c.chan);
	free(in);
}

/* ---- Select ------------------------------------------------------------------------------ */

#define RECV_2(c, v) weft_on_recv((c)[0].chan, (v)), weft_on_recv((c)[1].chan, (v))
#define RECV_8(c, v)                                                                               \
	RECV_2((c), (v)), RECV_2((c) + 2, (v)), RECV_2((c) + 4, (v)), RECV_2((c) + 6, (v))

static void make_all(u64_chan *c, int n, size_t cap)
{
	for (int i = 0; i < n; i++)
		c[i] = weft_make(u64_chan, cap);
}

static void unref_all(u64_chan *c, int n)
{
	for (int i = 0; i < n; i++)
		weft_chan_unref(c[i].chan);
}

/* An operation is a select of receives, of which one is ready, and the send that makes the next
 * one ready. */
static void select_ready_2(uint64_t n, uint64_t unused)
{
	u64_chan c[2];
	uint64_t v = 0;

	(void)unused;
	make_all(c, 2, 1);
	weft_send(c[0], 0);
	for (uint64_t i = 0; i < n; i++) {
		int ready = weft_select(RECV_2(c, &v));

		bench_check(ready == (int)(i % 2));
		weft_send(c[(ready + 1) % 2], v + 1);
	}
	weft_recv(c[n % 2], &v);
	bench_check(v == n);
	unref_all(c, 2);
}

static void select_ready_8(uint64_t n, uint64_t unused)
{
	u64_chan c[8];
	uint64_t v = 0;

	(void)unused;
	make_all(c, 8, 1);
	weft_send(c[0], 0);
	for (uint64_t i = 0; i < n; i++) {
		int ready = weft_select(RECV_8(c, &v));

		bench_check(ready == (int)(i % 8));
		weft_send(c[(ready + 1) % 8], v + 1);
	}
	weft_recv(c[n % 8], &v);
	bench_check(v == n);
	unref_all(c, 8);
}

struct answerer {
	u64_chan ask, *answers;
	uint64_t n, cases;
	weft_waitgroup *wg;
};

/* Answers are on the channels in turn. */
static void answerer(void *arg)
{
	struct answerer *a = arg;
	uint64_t v;

	for (uint64_t i = 0; i < a->n; i++) {
		weft_recv(a->ask, &v);
		weft_send(a->answers[i % a->cases], v + 1);
	}
	weft_waitgroup_done(a->wg);
}

/* An operation is a round trip, with a select of receives that has to wait for the answer. */
static void select_blocking_2(uint64_t n, uint64_t unused)
{
	weft_waitgroup wg = {0};
	u64_chan c[2];
	struct answerer a = {weft_make(u64_chan, 0), c, n, 2, &wg};
	uint64_t v = 0;

	(void)unused;
	make_all(c, 2, 0);
	weft_waitgroup_add(&wg, 1);
	weft_go(answerer, &a);
	weft_yield(); // until it waits to be asked, or each select would find its answer
	for (uint64_t i = 0; i < n; i++) {
		weft_send(a.ask, v);
		bench_check(weft_select(RECV_2(c, &v)) == (int)(i % 2));
	}
	weft_waitgroup_wait(&wg);
	bench_check(v == n);
	unref_all(c, 2);
	unref_all(&a.ask, 1);
}

static void select_blocking_8(uint64_t n, uint64_t unused)
{
	weft_waitgroup wg = {0};
	u64_chan c[8];
	struct answerer a = {weft_make(u64_chan, 0), c, n, 8, &wg};
	uint64_t v = 0;

	(void)unused;
	make_all(c, 8, 0);
	weft_waitgroup_add(&wg, 1);
	weft_go(answerer, &a);
	weft_yield(); // until it waits to be asked, or each select would find its answer
	for (uint64_t i = 0; i < n; i++) {
		weft_send(a.ask, v);
		bench_check(weft_select(RECV_8(c, &v)) == (int)(i % 8));
	}
	weft_waitgroup_wait(&wg);
	bench_check(v == n);
	unref_all(c, 8);
	unref_all(&a.ask, 1);
}

/* ---- Programs ---------------------------------------------------------------------------- */

struct sky {
	u64_chan out;
	uint64_t first, leaves;
};

static void sky(void *arg)
{
	struct sky s = *(struct sky *)arg, kids[10];
	uint64_t sum = 0, v;
	u64_chan c;

	if (s.leaves == 1) {
		weft_send(s.out, s.first);
		return;
	}
	c = weft_make(u64_chan, 0);
	for (int i = 0; i < 10; i++) {
		kids[i] = (struct sky){c, s.first + s.leaves / 10 * i, s.leaves / 10};
		weft_go(sky, &kids[i]);
	}
	for (int i = 0; i < 10; i++) {
		weft_recv(c, &v);
		sum += v;
	}
	weft_chan_unref(c.chan);
	weft_send(s.out, sum);
}

/* An operation is a tree of goroutines, ten below each, with so many leaves, a power of ten; each
 * sends the sum of its numbers to the one above. */
static void skynet(uint64_t n, uint64_t leaves)
{
	for (uint64_t power = leaves; power > 1; power /= 10)
		bench_check(power % 10 == 0);
	while (n-- > 0) {
		struct sky root = {weft_make(u64_chan, 0), 0, leaves};
		uint64_t sum;

		weft_go(sky, &root);
		weft_recv(root.out, &sum);
		bench_check(sum == leaves * (leaves - 1) / 2);
		weft_chan_unref(root.out.chan);
	}
}

enum { PRIMES = 2000, LAST_PRIME = 17389 };

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
	weft_close(out);
	weft_chan_unref(arg);
}

/* Its reference to `out` is its own: the receiver may drop the other before weft_close returns. */
static void filter(void *arg)
{
	struct filter *f = arg;

	weft_range(f->in, v) {
		if (v % f->prime)
			weft_send(f->out, v);
	}
	weft_close(f->out);
	weft_chan_unref(f->out.chan);
	weft_chan_unref(f->in.chan);
	weft_waitgroup_done(f->wg);
}

/* An operation is the whole sieve: a goroutine and an unbuffered channel for each prime. */
static void prime_sieve(uint64_t n, uint64_t unused)
{
	static struct filter filters[PRIMES];

	(void)unused;
	while (n-- > 0) {
		u64_chan end = weft_make(u64_chan, 0);
		weft_waitgroup wg = {0};
		uint64_t prime;
		int found = 0;

		weft_go(generate, weft_chan_ref(end.chan));
		for (; weft_recv(end, &prime); found++) {
			struct filter *f = &filters[found];

			*f = (struct filter){end, weft_make(u64_chan, 0), prime, &wg};
			end.chan = weft_chan_ref(f->out.chan);
			weft_waitgroup_add(&wg, 1);
			weft_go(filter, f);
		}
		weft_waitgroup_wait(&wg);
		weft_chan_unref(end.chan);
		bench_check(found == PRIMES && filters[PRIMES - 1].prime == LAST_PRIME);
	}
}

static const struct bench benches[] = {
	{"ChanSync/pairs=", chan_sync},
	{"ChanWork/us=", chan_work},
	{"ChanProdCons/each=", chan_prod_cons},
	{"SelectReady/cases=2", select_ready_2},
	{"SelectReady/cases=8", select_ready_8},
	{"SelectBlocking/cases=2", select_blocking_2},
	{"SelectBlocking/cases=8", select_blocking_8},
	{"Skynet/leaves=", skynet},
	{"PrimeSieve/primes=2000", prime_sieve},
};
BENCH_MAIN(benches)
