/* SPDX-License-Identifier: MIT */
/* Stacks come by many at a time only where there are many: a few goroutines take a few pages.
 *
 * env: WEFT_PROCS=1
 * status: 0
 * silent
 * not under: address thread aarch64
 */
#include <weft.h>

#include <stdio.h>

enum { GOROUTINES = 8, MOST_KB = 96 };

/* Memory that is the process's own. */
static long anonymous_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	long kb = -1;

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "RssAnon: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

static void wait(void *arg)
{
	weft_chan_recv(arg, NULL);
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(0, 0);
	long before, more;

	(void)arg;
	before = anonymous_kb();
	for (int i = 0; i < GOROUTINES; i++)
		weft_go(wait, c);
	while (weft_count() <= GOROUTINES)
		weft_yield();
	weft_sleep(WEFT_MS);
	more = anonymous_kb() - before;
	if (before < 0 || more > MOST_KB)
		fprintf(stderr, "%d goroutines take %ld KB\n", GOROUTINES, more);
	weft_chan_close(c);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
