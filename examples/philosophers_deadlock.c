/* SPDX-License-Identifier: MIT */
/* Dining philosophers who starve: each holds the left fork and waits for the right one.
 *
 * Run:   build/weft record -o starve.db -- build/examples/philosophers_deadlock
 *        build/weft timeline starve.db --lanes goroutines -o starve.svg
 * Look:  the report on the terminal (exit status 2): five goroutines wait for a mutex, each of them
 *        held by the next.  In the picture all lanes end in "waiting".
 *        philosophers.c is the same dinner with one thing changed.
 */
#include <stdio.h>
#include <weft.h>

enum { SEATS = 5 };

static weft_mutex forks[SEATS];
static weft_waitgroup left_taken, dinner;

static void philosopher(void *arg)
{
	weft_mutex *left = arg, *right = &forks[(left - forks + 1) % SEATS];

	weft_mutex_lock(left);
	/* Chance would bring them to this point some day; this brings them there now. */
	weft_waitgroup_done(&left_taken);
	weft_waitgroup_wait(&left_taken);
	weft_mutex_lock(right);
	printf("philosopher %d eats\n", (int)(left - forks));
	weft_mutex_unlock(right);
	weft_mutex_unlock(left);
	weft_waitgroup_done(&dinner);
}

static int app(void *arg)
{
	(void)arg;
	static const char *const names[SEATS] = {"Plato", "Hypatia", "Kant", "Arendt", "Zeno"};
	char fork[8];

	weft_name(&dinner, "dinner");
	weft_waitgroup_add(&left_taken, SEATS);
	weft_waitgroup_add(&dinner, SEATS);
	for (int i = 0; i < SEATS; i++) {
		snprintf(fork, sizeof fork, "fork %d", i);
		weft_name(&forks[i], fork);
		weft_go_with(philosopher, &forks[i], .name = names[i]);
	}
	weft_waitgroup_wait(&dinner);
	puts("dinner is over");
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
