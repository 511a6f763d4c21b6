/* SPDX-License-Identifier: MIT */
/* The main goroutine waits in a shared library (dump_lib.c), the runtime being one too. */
#include <stdio.h>
#include <weft.h>

void library_waits(void *chan);

static void ticker(void *arg)
{
	(void)arg;
	weft_sleep(60 * WEFT_S);
}

static int app(void *arg)
{
	(void)arg;
	weft_go(ticker, NULL);
	printf("ready\n");
	fflush(stdout);
	library_waits(weft_chan_make(1, 0));
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
