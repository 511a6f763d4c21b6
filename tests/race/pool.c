/* SPDX-License-Identifier: MIT */
/* Pools.  A pool may miss what another worker has, so each case goes round a few times. */
#include "race.h"

enum { ROUNDS = 10 };

static weft_pool pool;
static ints done;

static void *make(void *arg)
{
	(void)arg;
	return calloc(1, 10);
}

BODY(get_write)
{
	volatile char *y = weft_pool_get(&pool);

	y[0] = 2;
	weft_send(done, 1);
}

/* Used after it was put back. */
CASE(race_pool)
{
	done = weft_make(ints, 0);
	for (int i = 0; i < ROUNDS; i++) {
		volatile char *x;

		pool = (weft_pool){.make = make};
		x = weft_pool_get(&pool);
		x[0] = 1;
		weft_pool_put(&pool, (void *)x);
		weft_go(get_write, NULL);
		x[0] = 3;
		recv_int(done);
	}
}

BODY(get_write_put)
{
	volatile char *y = weft_pool_get(&pool);

	y[0] = 2;
	weft_pool_put(&pool, (void *)y);
	step();
}

CASE(no_race_pool)
{
	pool = (weft_pool){.make = make};
	for (int i = 0; i < ROUNDS; i++) {
		volatile char *x = weft_pool_get(&pool);

		x[0] = 1;
		weft_pool_put(&pool, (void *)x);
		weft_go(get_write_put, NULL);
		await(i + 1);
		x = weft_pool_get(&pool);
		x[0] = 3;
		weft_pool_put(&pool, (void *)x);
	}
}
