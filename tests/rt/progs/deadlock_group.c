/* SPDX-License-Identifier: MIT */
/* A goroutine of a group waits for ever, another for room in the group, and main for both.
 *
 * status: 2
 * says: goroutine 1 \(app\): waiting in group wait at .*deadlock_group.c:36
 * says: for group "fetches", 2 running
 * says: waiting in group go at .*deadlock_group.c:24
 * says: for group "small", 1 of 1 running
 */
#include <weft.h>

static int stuck(weft_ctx *ctx, void *arg)
{
	(void)ctx;
	return weft_chan_recv(arg, NULL);
}

static int crowd(weft_ctx *ctx, void *arg)
{
	weft_group small = {.limit = 1, .parent = ctx};

	weft_name(&small, "small");
	weft_group_go(&small, stuck, arg);
	weft_group_go(&small, stuck, arg);
	return weft_group_wait(&small);
}

static int app(void *arg)
{
	weft_group fetches = {0};

	(void)arg;
	weft_name(&fetches, "fetches");
	weft_group_go(&fetches, stuck, weft_chan_make(0, 0));
	weft_group_go(&fetches, crowd, weft_chan_make(0, 0));
	return weft_group_wait(&fetches);
}

int main(void)
{
	return weft_run(app, NULL);
}
