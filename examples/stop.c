/* SPDX-License-Identifier: MIT */
/* A clean stop: Ctrl-C cancels a context, which stops the workers, and main says how far they came.
 * A second Ctrl-C, while they finish, ends the program at once.
 *
 * Run:   build/weft record -f -o stop.db -- timeout --foreground --preserve-status -s INT 1 build/examples/stop
 *        or without timeout and what belongs to it, and press Ctrl-C.
 * Look:  in build/weft report stop.db for the moment in which all workers of the timeline stop: they
 *        wait in selects, and signal_recv, ctx_cancel and their g_ready follow each other.
 */
#include <signal.h>
#include <stdio.h>
#include <weft.h>

static weft_ctx *ctx;
static weft_waitgroup workers;
static int steps;

static void work(void *arg)
{
	(void)arg;
	while (weft_select(weft_on_recv(weft_ctx_done(ctx), NULL), weft_on_timeout(WEFT_MS)) == 1)
		__atomic_fetch_add(&steps, 1, __ATOMIC_RELAXED);
	weft_waitgroup_done(&workers);
}

static int app(void *arg)
{
	(void)arg;
	ctx = weft_ctx_with_signals(weft_ctx_background(), SIGINT, SIGTERM);
	weft_waitgroup_add(&workers, 4);
	for (int i = 0; i < 4; i++)
		weft_go(work, NULL);
	printf("press Ctrl-C\n");
	fflush(stdout);
	weft_waitgroup_wait(&workers);
	printf("stopped by signal %d after %d steps\n", weft_ctx_cause(ctx), steps);
	weft_ctx_unref(ctx);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
