/* SPDX-License-Identifier: MIT */
/* Forty downloads, at most four at once; the first that fails stops the rest.
 *
 * Run:   build/weft record -o g.db -- build/examples/group
 *        build/weft sql g.db "select op, g, running, err from group_op"
 *        build/weft timeline g.db -o g.svg
 * Look:  never more than four are running; one ends with 7, and soon the group has ended, long
 *        before forty have been tried.
 */
#include <stdio.h>
#include <weft.h>

static int fetched;

static int fetch(weft_ctx *ctx, void *arg)
{
	int page = *(int *)arg;

	/* The page comes after a while, unless nobody wants it any more. */
	if (weft_select(weft_on_recv(weft_ctx_done(ctx), NULL),
			weft_on_timeout((2 + page % 3) * WEFT_MS)) == 0)
		return 0;
	if (page == 13)
		return 7;
	__atomic_add_fetch(&fetched, 1, __ATOMIC_RELAXED);
	return 0;
}

static int app(void *arg)
{
	int pages[40], err;

	(void)arg;
	weft_group_scope_with(downloads, .limit = 4);
	weft_name(&downloads, "downloads");
	for (int i = 0; i < 40; i++) {
		pages[i] = i;
		weft_group_go(&downloads, fetch, &pages[i]);
	}
	err = weft_group_wait(&downloads);
	printf("error %d, %s\n", err, fetched < 39 ? "and the rest was not fetched" : "at last");
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
