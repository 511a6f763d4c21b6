/* SPDX-License-Identifier: MIT */
/* For benchmarks/pictures.sh: a run to draw.
 *
 *     bench_pictures GOROUTINES EVENTS     about so many of both
 *
 * Clients ask servers, each pair over channels of its own, and share a lock with other pairs; one
 * that is over sleeps.  A goroutine that is alone does the same with itself.
 */
#include <weft.h>

#include <stdlib.h>

enum {
	SHARE = 8,	/* pairs share a lock */
	PER_ROUND = 13, /* events, about */
	ALONE = 5,
	WORK = 200,
};

typedef weft_chan_of(uint64_t) number_chan;

static long rounds;
static weft_mutex *cache;
static weft_waitgroup done;

struct pair {
	number_chan question, answer;
	weft_mutex *cache;
};

static uint64_t compute(uint64_t x)
{
	for (int i = 0; i < WORK; i++)
		x = x * 6364136223846793005 + 1442695040888963407;
	return x;
}

static void server(void *arg)
{
	struct pair *p = arg;

	weft_range(p->question, x)
		weft_send(p->answer, compute(x));
	weft_waitgroup_done(&done);
}

static void client(void *arg)
{
	struct pair *p = arg;
	uint64_t x = 0;

	for (long i = 0; i < rounds; i++) {
		weft_send(p->question, x);
		weft_recv(p->answer, &x);
		weft_mutex_lock(p->cache);
		if (i % 16 == 0)
			weft_yield(); /* so that others wait for it */
		weft_mutex_unlock(p->cache);
	}
	weft_close(p->question);
	weft_waitgroup_done(&done);
}

static void ticker(void *arg)
{
	for (int i = 0; i < 100; i++)
		weft_sleep(10 * WEFT_MS);
	weft_waitgroup_done(arg);
}

static void alone(void)
{
	number_chan c = weft_make(number_chan, 8);
	uint64_t x = 0;

	for (long i = 0; i < rounds; i++) {
		weft_mutex_lock(cache);
		weft_send(c, compute(x));
		weft_recv(c, &x);
		weft_mutex_unlock(cache);
		if (i % 16 == 0)
			weft_yield();
	}
}

static int app(void *arg)
{
	long *n = arg, goroutines = n[0], pairs = (goroutines - 1) / 2;
	struct pair *p = calloc((size_t)pairs + 1, sizeof *p);

	cache = calloc((size_t)pairs / SHARE + 1, sizeof *cache);
	rounds = n[1] / (pairs ? pairs * PER_ROUND : ALONE);
	for (long i = 0; i < pairs; i++) {
		p[i] = (struct pair){weft_make(number_chan, i % 4), weft_make(number_chan, i % 4),
				     &cache[i / SHARE]};
		weft_waitgroup_add(&done, 2);
		weft_go(server, &p[i]);
		weft_go(client, &p[i]);
	}
	if (pairs && goroutines % 2 == 0) {
		weft_waitgroup_add(&done, 1);
		weft_go(ticker, &done);
	}
	if (!pairs)
		alone();
	weft_waitgroup_wait(&done);
	return 0;
}

int main(int argc, char **argv)
{
	long n[2] = {argc > 1 ? atol(argv[1]) : 8, argc > 2 ? atol(argv[2]) : 100000};

	return weft_run(app, n);
}
