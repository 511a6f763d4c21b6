/* SPDX-License-Identifier: MIT */
/* Waits that a context may end, for what is not a channel: who gives up takes nothing with him. */
#include "stress.h"

#include <errno.h>

/* ---- Semaphores ------------------------------------------------------------------------- */

struct rooms {
	weft_semaphore s;
	weft_ctx *night;
	int taken, steps, given_up; /* taken, given_up: atomic */
	weft_waitgroup wg;
};

static void stay(void *arg)
{
	struct rooms *r = arg;
	unsigned rng = rng_new();

	for (int i = 0; i < r->steps; i++) {
		weft_ctx *ctx =
			pick(&rng, 2) ? weft_ctx_with_cancel(r->night)
				      : weft_ctx_with_timeout(r->night, pick(&rng, 500) * WEFT_US);
		int n = 1 + (int)pick(&rng, 3), err = weft_semaphore_acquire_ctx(&r->s, n, ctx);

		if (err) {
			MUST(err == -ECANCELED || err == -ETIMEDOUT);
			MUST(weft_ctx_err(ctx) == -err);
			__atomic_fetch_add(&r->given_up, 1, __ATOMIC_RELAXED);
		} else {
			MUST(__atomic_add_fetch(&r->taken, n, __ATOMIC_RELAXED) <= r->s.size);
			dawdle(&rng);
			__atomic_fetch_sub(&r->taken, n, __ATOMIC_RELAXED);
			weft_semaphore_release(&r->s, n);
		}
		weft_ctx_unref(ctx);
	}
	weft_waitgroup_done(&r->wg);
}

void run_semaphore(unsigned *rng)
{
	struct rooms r = {.s.size = 3 + (int)pick(rng, 3), .steps = 1 + (int)pick(rng, 30)};
	int n = 2 + (int)pick(rng, 8);

	r.night = weft_ctx_with_cancel(weft_ctx_background());
	weft_waitgroup_add(&r.wg, n);
	for (int i = 0; i < n; i++)
		weft_go(stay, &r);
	if (pick(rng, 4) == 0) {
		weft_sleep(pick(rng, 1000) * WEFT_US);
		weft_ctx_cancel(r.night, 1);
	}
	weft_waitgroup_wait(&r.wg);
	MUST(r.s.held == 0 && r.taken == 0 && r.s.q.head == NULL);
	MUST(weft_semaphore_try_acquire(&r.s, r.s.size));
	weft_semaphore_release(&r.s, r.s.size);
	weft_ctx_unref(r.night);
}

/* ---- Conditions ------------------------------------------------------------------------- */

/* One signal for each coin.  Some wait for it with no end: they would wait for ever if one who gave
 * up had used up their signal. */
struct counter {
	weft_mutex mu;
	weft_cond there;
	int coins, given_up, each; /* under mu */
	weft_waitgroup wg;
};

static void take_coins(void *arg)
{
	struct counter *c = arg;
	unsigned rng = rng_new();
	bool patient = pick(&rng, 2);

	for (int i = 0; i < c->each; i++) {
		weft_mutex_lock(&c->mu);
		while (!c->coins) {
			weft_ctx *ctx;
			int err;

			if (patient) {
				weft_cond_wait(&c->there, &c->mu);
				continue;
			}
			ctx = weft_ctx_with_timeout(weft_ctx_background(),
						    pick(&rng, 500) * WEFT_US);
			err = weft_cond_wait_ctx(&c->there, &c->mu, ctx);
			MUST(err == 0 || (err == -ETIMEDOUT && weft_ctx_err(ctx) == ETIMEDOUT));
			c->given_up += err != 0;
			weft_ctx_unref(ctx);
		}
		MUST(c->coins > 0);
		c->coins--;
		weft_mutex_unlock(&c->mu);
		dawdle(&rng);
	}
	weft_waitgroup_done(&c->wg);
}

void run_cond(unsigned *rng)
{
	struct counter c = {.each = 1 + (int)pick(rng, 20)};
	int n = 1 + (int)pick(rng, 8);

	weft_waitgroup_add(&c.wg, n);
	for (int i = 0; i < n; i++)
		weft_go(take_coins, &c);
	for (int i = 0; i < n * c.each; i++) {
		weft_mutex_lock(&c.mu);
		c.coins++;
		if (pick(rng, 2))
			weft_cond_signal(&c.there);
		else
			weft_cond_broadcast(&c.there);
		weft_mutex_unlock(&c.mu);
		dawdle(rng);
	}
	weft_waitgroup_wait(&c.wg);
	MUST(c.coins == 0 && c.there.q.head == NULL);
}
