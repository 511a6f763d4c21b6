/* SPDX-License-Identifier: MIT */
/* What handlers may call: questions that need no lock.  It interrupts the goroutine at any place,
 * the runtime included, on its own stack and on the alternate one.
 *
 * not under: thread
 * status: 0
 * prints: ^asked$
 * silent
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <weft.h>

enum { SIGNALS = 200 };

static pthread_t thread;
static int handled, wrong;

static void on_signal(int sig)
{
	(void)sig; // weft_id is 0 between two goroutines
	if (weft_now() <= 0 || (weft_id() != 0 && weft_id() != 2) || weft_count() != 2)
		wrong++;
	__atomic_fetch_add(&handled, 1, __ATOMIC_RELEASE);
}

/* Not a goroutine: a thread that goes on whatever they do. */
static void *send_signals(void *arg)
{
	(void)arg;
	for (int i = 0; i < SIGNALS; i++) {
		struct sigaction sa = {.sa_handler = on_signal, .sa_flags = i % 2 ? SA_ONSTACK : 0};

		sigaction(SIGUSR1, &sa, NULL);
		pthread_kill(thread, SIGUSR1);
		while (__atomic_load_n(&handled, __ATOMIC_ACQUIRE) == i)
			;
	}
	return NULL;
}

static void use_runtime(void *arg)
{
	weft_mutex mu = {0};
	pthread_t sender;

	(void)arg;
	weft_pin();
	thread = pthread_self();
	pthread_create(&sender, NULL, send_signals, NULL);
	while (__atomic_load_n(&handled, __ATOMIC_ACQUIRE) < SIGNALS) {
		weft_mutex_lock(&mu);
		weft_mutex_unlock(&mu);
	}
	pthread_join(sender, NULL);
	weft_unpin();
}

static int app(void *arg)
{
	(void)arg;
	weft_go(use_runtime, NULL);
	while (weft_count() > 1)
		weft_sleep(WEFT_MS);
	if (!wrong)
		puts("asked");
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
