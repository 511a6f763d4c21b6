/* SPDX-License-Identifier: MIT */
/* Uses weft from the program, or the library, that it is loaded beside. */
#include <stdlib.h>
#include <weft.h>

typedef weft_chan_of(int) int_chan;

static weft_local squares = {.destroy = free};
static weft_once once;
static int made;

static void make(void *arg)
{
	(void)arg;
	made++;
}

static void square(void *arg)
{
	int_chan c = {arg};
	int *mine = malloc(sizeof *mine);

	weft_local_set(&squares, mine);
	weft_range(c, n) {
		*(int *)weft_local_get(&squares) = n * n;
		if (n < 0)
			weft_panic("%d of a plugin", n);
		weft_once_do(&once, make, NULL);
		weft_yield();
	}
}

/* The sum of 1 to n, by goroutines; what was caught in *caught. */
int plugin_sum(int n, weft_caught *caught);

int plugin_sum(int n, weft_caught *caught)
{
	int_chan c = weft_make(int_chan, 4);
	int sum = 0, minus = -1;

	weft_go(square, c.chan);
	for (int i = 1; i <= n; i++) {
		weft_send(c, i);
		sum += i;
	}
	weft_close(c);
	while (weft_count() > 1)
		weft_yield();
	weft_chan_unref(c.chan);
	c = weft_make(int_chan, 1);
	weft_send(c, minus);
	weft_try(square, c.chan, caught);
	weft_chan_unref(c.chan);
	return made == 1 ? sum : -1;
}
