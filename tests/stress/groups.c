/* SPDX-License-Identifier: MIT */
/* Groups and flights: goroutines that work on one thing, and calls that share what comes out. */
#include "stress.h"

#include <errno.h>
#include <string.h>

/* ---- Groups ----------------------------------------------------------------------------- */

struct team {
	weft_group g;
	int begun, ended, running; /* atomic */
	int most;		   /* at once; 0: any number */
	int failed;		   /* how many returned an error; atomic */
	bool panics;		   /* one may */
};

static void member_begin(struct team *t)
{
	int running = __atomic_add_fetch(&t->running, 1, __ATOMIC_RELAXED);

	MUST(!t->most || running <= t->most);
	__atomic_fetch_add(&t->begun, 1, __ATOMIC_RELAXED);
}

static void member_end(void *arg)
{
	struct team *t = arg;

	__atomic_fetch_sub(&t->running, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&t->ended, 1, __ATOMIC_RELAXED);
}

static int member(weft_ctx *ctx, void *arg)
{
	struct team *t = arg;
	unsigned rng = rng_new();

	weft_defer(member_end, t);
	member_begin(t);
	dawdle(&rng);
	switch (pick(&rng, 12)) {
	case 0: // a failure stops the others
		__atomic_fetch_add(&t->failed, 1, __ATOMIC_RELAXED);
		return 1 + (int)pick(&rng, 100);
	case 1: // wait to be stopped, for a while
		weft_select(weft_on_recv(weft_ctx_done(ctx), NULL),
			    weft_on_timeout(pick(&rng, 2000) * WEFT_US));
		return 0;
	case 2:
		if (t->panics)
			weft_panic("on purpose in a group");
		return 0;
	case 3:
		weft_exit();
	case 4:
	case 5: // whoever is a member keeps the group from ending, and may add to it
		weft_group_try_go(&t->g, member, t);
		return 0;
	default:
		return 0;
	}
}

static void fill(struct team *t, unsigned *rng)
{
	int n = 1 + (int)pick(rng, 12);

	for (int i = 0; i < n; i++) {
		if (pick(rng, 4))
			weft_group_go(&t->g, member, t);
		else
			weft_group_try_go(&t->g, member, t);
		dawdle(rng);
	}
}

static void wait_for_team(void *arg)
{
	struct team *t = arg;
	int err = weft_group_wait(&t->g);

	MUST(err >= 0 && err <= 100);
	MUST((err != 0) == (t->failed != 0));
}

void run_groups(unsigned *rng)
{
	weft_ctx *parent = weft_ctx_with_cancel(weft_ctx_background());
	struct team t = {.most = (int)pick(rng, 4), .panics = pick(rng, 3) == 0};
	weft_caught caught;

	t.g.limit = t.most;
	t.g.parent = parent;
	for (int times = 0; times < 3; times++) { // when it has ended it is as before
		t.failed = 0;
		fill(&t, rng);
		if (pick(rng, 8) == 0)
			weft_ctx_cancel(parent, ECANCELED);
		if (!weft_try(wait_for_team, &t, &caught))
			MUST(t.panics && strstr(caught.message, "on purpose in a group"));
		MUST(t.running == 0 && t.begun == t.ended);
	}
	weft_ctx_unref(parent);
}

/* Leave the block of a group with goroutines in it, in one of several ways. */
static void leave_scope(void *arg)
{
	struct team *t = arg;
	unsigned rng = rng_new();
	weft_group_scope(inner);

	for (int i = 0; i < 4; i++)
		weft_group_go(&inner, member, t);
	dawdle(&rng);
	if (pick(&rng, 3) == 0)
		weft_panic("on purpose in a scope");
}

void run_scopes(unsigned *rng)
{
	struct team t = {.panics = false};
	weft_caught caught;

	for (int i = 1 + (int)pick(rng, 5); i > 0; i--) {
		bool ok = weft_try(leave_scope, &t, &caught);

		MUST(ok || strstr(caught.message, "on purpose in a scope"));
		weft_group_wait(&t.g); // those that members added
		MUST(t.running == 0 && t.begun == t.ended);
	}
}

/* ---- Flights ---------------------------------------------------------------------------- */

enum { KEYS = 3 };

/* What a call gives all that share it: who needs it last frees it. */
struct parcel {
	int key, err;
	uint32_t gotten; /* atomic */
};

struct travel {
	weft_flight f;
	int under_way[KEYS], calls, runs; /* atomic */
	bool forgets;			  /* so that two calls with one key may run */
	int steps;
	weft_waitgroup wg;
};

struct ticket {
	struct travel *t;
	int key, err;
	weft_flight_result result;
};

static int fly(void *arg, void **value)
{
	struct ticket *k = arg;
	struct parcel *p = calloc(1, sizeof *p);
	unsigned rng = rng_new();
	int n = __atomic_add_fetch(&k->t->under_way[k->key], 1, __ATOMIC_RELAXED);
	bool panics = pick(&rng, 6) == 0;

	MUST(p && (n == 1 || k->t->forgets));
	__atomic_fetch_add(&k->t->runs, 1, __ATOMIC_RELAXED);
	dawdle(&rng);
	weft_sleep(pick(&rng, 3) * 100 * WEFT_US);
	__atomic_fetch_sub(&k->t->under_way[k->key], 1, __ATOMIC_RELAXED);
	if (panics) {
		free(p);
		weft_panic("on purpose in flight %d", k->key);
	}
	*p = (struct parcel){k->key, (int)pick(&rng, 3), 0};
	*value = p;
	return p->err;
}

static void board(void *arg)
{
	struct ticket *k = arg;

	k->err = weft_flight_do(&k->t->f, weft_key_int((uint64_t)k->key), fly, k, &k->result);
}

static void travel(void *arg)
{
	struct travel *t = arg;
	unsigned rng = rng_new();

	for (int i = 0; i < t->steps; i++) {
		struct ticket k = {.t = t, .key = (int)pick(&rng, KEYS)};
		struct parcel *p;
		weft_caught caught;
		char text[32];

		if (t->forgets && pick(&rng, 10) == 0)
			weft_flight_forget(&t->f, weft_key_int((uint64_t)k.key));
		__atomic_fetch_add(&t->calls, 1, __ATOMIC_RELAXED);
		snprintf(text, sizeof text, "on purpose in flight %d", k.key);
		if (!weft_try(board, &k, &caught)) {
			MUST(strcmp(caught.message, text) == 0);
			continue;
		}
		p = k.result.value;
		MUST(p && p->key == k.key && p->err == k.err);
		if (__atomic_add_fetch(&p->gotten, 1, __ATOMIC_ACQ_REL) == k.result.shared + 1)
			free(p);
		dawdle(&rng);
	}
	weft_waitgroup_done(&t->wg);
}

void run_flights(unsigned *rng)
{
	struct travel t = {.forgets = pick(rng, 2), .steps = 1 + (int)pick(rng, 20)};
	int n = 2 + (int)pick(rng, 8);

	weft_waitgroup_add(&t.wg, n);
	for (int i = 0; i < n; i++)
		weft_go(travel, &t);
	weft_waitgroup_wait(&t.wg);
	MUST(t.calls == n * t.steps && t.runs <= t.calls && t.runs > 0 && t.f.waiting == 0);
	for (int i = 0; i < KEYS; i++)
		MUST(t.under_way[i] == 0);
}
