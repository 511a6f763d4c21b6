/* SPDX-License-Identifier: MIT */
/* A deadlock of a program that has used up its descriptors, of which reports use two.
 *
 * status: 2
 * says: ^weft: fatal: all goroutines are asleep - deadlock!$
 * says: ^goroutine 1 \(app\): waiting in chan receive at .*deadlock_without_descriptors.c:25
 * says: ^goroutine 2 \(wait\): waiting in waitgroup wait at .*deadlock_without_descriptors.c:16
 */
#include <sys/resource.h>
#include <weft.h>

static weft_waitgroup wg;

static void wait(void *arg)
{
	weft_waitgroup_wait(arg);
}

static int app(void *arg)
{
	(void)arg;
	weft_waitgroup_add(&wg, 1);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, 0});
	weft_go(wait, &wg);
	weft_chan_recv(weft_chan_make(1, 0), NULL);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
