/* SPDX-License-Identifier: MIT */
/* Dining philosophers who eat: all take the fork with the smaller number first.
 *
 * Run:   build/weft record -o dinner.db -- build/examples/philosophers
 *        build/weft timeline dinner.db --lanes goroutines -o dinner.svg
 * Look:  waits for forks, but never all at once: whoever holds fork 4 needs no other.  Compare
 *        philosophers_deadlock.c, where Zeno takes fork 4 before fork 0.
 */
#include <stdio.h>
#include <weft.h>

enum { SEATS = 5, MEALS = 20 };

static weft_mutex forks[SEATS];
static weft_waitgroup dinner;
static int meals[SEATS];

static void philosopher(void *arg)
{
	int seat = (int)((int *)arg - meals), next = (seat + 1) % SEATS;
	weft_mutex *first = &forks[seat < next ? seat : next];
	weft_mutex *second = &forks[seat < next ? next : seat];

	for (int i = 0; i < MEALS; i++) {
		weft_mutex_lock(first);
		weft_mutex_lock(second);
		meals[seat]++;
		weft_sleep(200 * WEFT_US); /* eats */
		weft_mutex_unlock(second);
		weft_mutex_unlock(first);
	}
	weft_waitgroup_done(&dinner);
}

static int app(void *arg)
{
	(void)arg;
	static const char *const names[SEATS] = {"Plato", "Hypatia", "Kant", "Arendt", "Zeno"};
	char fork[8];

	weft_name(&dinner, "dinner");
	weft_waitgroup_add(&dinner, SEATS);
	for (int i = 0; i < SEATS; i++) {
		snprintf(fork, sizeof fork, "fork %d", i);
		weft_name(&forks[i], fork);
		weft_go_with(philosopher, &meals[i], .name = names[i]);
	}
	weft_waitgroup_wait(&dinner);
	for (int i = 0; i < SEATS; i++)
		printf("%s ate %d times\n", names[i], meals[i]);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
