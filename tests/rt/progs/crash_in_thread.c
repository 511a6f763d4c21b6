/* SPDX-License-Identifier: MIT */
/* A crash in a thread that runs no goroutines.
 *
 * not under: address thread undefined
 * signal: 11
 * says: weft: fatal: SIGSEGV at address 0x8 .* in thread [0-9]+, which runs no goroutines$
 * says: ^ +/[^ ]+/crash_in_thread\+0x[0-9a-f]+$
 */
#include <pthread.h>
#include <weft.h>

static void *thread(void *arg)
{
	*(volatile int *)arg = 1;
	return NULL;
}

static int app(void *arg)
{
	pthread_t t;

	(void)arg;
	if (pthread_create(&t, NULL, thread, (void *)8))
		return 9;
	return pthread_join(t, NULL);
}

int main(void)
{
	return weft_run(app, NULL);
}
