/* SPDX-License-Identifier: MIT */
/* A slow consumer: orders come faster than one goroutine ships them.
 *
 * Run:   build/weft record -o run.db -- build/examples/bottlenecks/slow_consumer && build/weft why
 * run.db Look:  the channel orders is full all the time, and its senders wait for ship, which
 * sleeps. Mend:  start a second ship.  A larger buffer only makes the queue longer.
 */
#include <stdio.h>
#include <weft.h>

enum { SHOPS = 3, ORDERS = 15 };
typedef weft_chan_of(int) order_chan;
static order_chan orders;
static weft_waitgroup shops;
static int shipped;

static void shop(void *arg)
{
	(void)arg;
	for (int i = 0; i < ORDERS; i++)
		weft_send(orders, i);
	weft_waitgroup_done(&shops);
}

static void ship(void *done)
{
	weft_range(orders, order) {
		weft_sleep(5 * WEFT_MS); // the bottleneck
		shipped += order >= 0;
	}
	weft_waitgroup_done(done);
}

static int app(void *arg)
{
	static weft_waitgroup done;

	(void)arg;
	orders = weft_make(order_chan, 4);
	weft_name(orders.chan, "orders");
	weft_waitgroup_add(&shops, SHOPS);
	weft_waitgroup_add(&done, 1);
	for (int i = 0; i < SHOPS; i++)
		weft_go(shop, NULL);
	weft_go(ship, &done);
	weft_waitgroup_wait(&shops);
	weft_close(orders);
	weft_waitgroup_wait(&done);
	return printf("%d orders\n", shipped) < 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
