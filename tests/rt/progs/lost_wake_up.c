/* SPDX-License-Identifier: MIT */
/* A barber who looks for customers, and unlocks before he goes to sleep: the one who comes in between
 * rings a bell that nobody hears.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: goroutine 2 \(barber\): waiting in cond wait at .*lost_wake_up.c:32
 * says: goroutine 1 \(app\): waiting in chan receive at .*lost_wake_up.c:50
 */
#include <weft.h>

static weft_mutex shop;
static weft_cond bell;
static weft_chan *looked, *rung, *served;
static int waiting;

static void barber(void *arg)
{
	int there;

	(void)arg;
	weft_mutex_lock(&shop);
	there = waiting;
	weft_mutex_unlock(&shop);

	/* The customer comes now. */
	weft_chan_close(looked);
	weft_chan_recv(rung, NULL);

	weft_mutex_lock(&shop);
	if (!there)
		weft_cond_wait(&bell, &shop);
	weft_mutex_unlock(&shop);
	weft_chan_close(served);
}

static int app(void *arg)
{
	(void)arg;
	looked = weft_chan_make(0, 0);
	rung = weft_chan_make(0, 0);
	served = weft_chan_make(0, 0);
	weft_go(barber, NULL);
	weft_chan_recv(looked, NULL);
	weft_mutex_lock(&shop);
	waiting++;
	weft_cond_signal(&bell);
	weft_mutex_unlock(&shop);
	weft_chan_close(rung);
	weft_chan_recv(served, NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
