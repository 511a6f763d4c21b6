/* SPDX-License-Identifier: MIT */
/* A goroutine in an endless loop without any call of weft, beside a ticker, a pair on channels, and
 * two that wait for each other. */
#include <stdio.h>
#include <weft.h>

typedef weft_chan_of(int) int_chan;

static int_chan there, back;
static weft_mutex a, b;

static void loop(void *arg)
{
	for (;;)
		__asm__ volatile("" : : "r"(arg));
}

static void echo(void *arg)
{
	(void)arg;
	weft_range(there, v)
		weft_send(back, v);
}

static void lock_b_then_a(void *arg)
{
	weft_mutex_lock(&b);
	weft_chan_send(arg, NULL);
	weft_mutex_lock(&a);
}

static void lock_a_then_b(void *arg)
{
	weft_mutex_lock(&a);
	weft_chan_recv(arg, NULL);
	weft_mutex_lock(&b);
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(0, 0);
	weft_timer *ticker;
	int v;

	(void)arg;
	there = weft_make(int_chan, 0);
	back = weft_make(int_chan, 0);
	weft_go(loop, NULL);
	weft_go(echo, NULL);
	weft_go(lock_a_then_b, c);
	weft_go(lock_b_then_a, c);
	ticker = weft_ticker_make(20 * WEFT_MS);
	for (int i = 0; i < 300; i++) {
		weft_chan_recv(weft_timer_chan(ticker), NULL);
		weft_send(there, i);
		weft_recv(back, &v);
		if (v != i)
			return 1;
	}
	printf("300 ticks\n");
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
