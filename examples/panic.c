/* SPDX-License-Identifier: MIT */
/* A server that outlives its requests: each is handled within a trap, and what it holds is given
 * back by a deferred function, whichever way it ends.
 *
 * Run:   build/weft record -o p.db -- build/examples/panic
 *        build/weft sql p.db "select g, message, how, dur from panic"
 * Look:  two requests are refused, the others answered; the mutex was unlocked each time.
 */
#include <stdio.h>
#include <weft.h>

typedef weft_chan_of(int) int_chan;

static weft_mutex table;
static int answers;

static void unlock(void *arg)
{
	weft_mutex_unlock((weft_mutex *)arg);
}

static void handle(void *arg)
{
	int request = *(int *)arg;

	weft_mutex_lock(&table);
	weft_defer(unlock, &table);
	if (request % 4 == 3)
		weft_panic("request %d makes no sense", request);
	answers++;
}

static void client(void *arg)
{
	int_chan requests = {arg};

	for (int i = 1; i <= 8; i++)
		weft_send(requests, i);
	weft_close(requests);
}

static int app(void *arg)
{
	int_chan requests = weft_make(int_chan, 0);

	(void)arg;
	weft_go(client, requests.chan);
	weft_range(requests, request) {
		weft_caught caught;

		if (!weft_try(handle, &request, &caught))
			printf("refused: %s (%s:%u)\n", caught.message, caught.site->file,
			       caught.site->line);
	}
	printf("%d answers\n", answers);
	weft_chan_unref(requests.chan);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
