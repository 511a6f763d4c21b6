/* SPDX-License-Identifier: MIT */
/* Five philosophers have a fork each, and want another.
 *
 * status: 2
 * once: ^    order cycle: goroutine ([0-9] -> ){5}[0-9]$
 * says: ^        goroutine 2 \(philosopher\) waits for the mutex "fork 1", locked by goroutine 3 \(philosopher\)
 * says: ^        goroutine 3 \(philosopher\) waits for the mutex "fork 2", locked by goroutine 4 \(philosopher\)
 * says: ^        goroutine 4 \(philosopher\) waits for the mutex "fork 3", locked by goroutine 5 \(philosopher\)
 * says: ^        goroutine 5 \(philosopher\) waits for the mutex "fork 4", locked by goroutine 6 \(philosopher\)
 * says: ^        goroutine 6 \(philosopher\) waits for the mutex "fork 0", locked by goroutine 2 \(philosopher\)
 * once: ^    no peer left: goroutine 1 \(app\) waits in waitgroup wait at .*, counter 5, and nobody is left who could call done$
 */
#include <stdint.h>
#include <stdio.h>
#include <weft.h>

static weft_mutex fork_of[5];
static weft_barrier table = {.parties = 5};
static weft_waitgroup dinner;

static void philosopher(void *arg)
{
	intptr_t i = (intptr_t)arg;

	weft_mutex_lock(&fork_of[i]);
	weft_barrier_wait(&table);
	weft_mutex_lock(&fork_of[(i + 1) % 5]);
	weft_waitgroup_done(&dinner);
}

static int app(void *arg)
{
	(void)arg;
	weft_waitgroup_add(&dinner, 5);
	for (intptr_t i = 0; i < 5; i++) {
		char name[16];

		snprintf(name, sizeof name, "fork %d", (int)i);
		weft_name(&fork_of[i], name);
		weft_go(philosopher, (void *)i);
	}
	weft_waitgroup_wait(&dinner);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
