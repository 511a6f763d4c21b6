/* SPDX-License-Identifier: MIT */
/* A program with stacks: goroutines that are spawned, wait and are woken in functions of its own, in a
 * library (stacks_lib.c), and in one that the compiler inlines.
 */
#include <weft.h>

void library_call(void (*f)(void *), void *arg);

#define NOINLINE __attribute__((noinline, noclone))
#define STAY() __asm__ volatile("") /* after a call, or that is a jump */

static NOINLINE void receive(void *c)
{
	int v;

	weft_chan_recv(c, &v);
	STAY();
}

static void receiver(void *c)
{
	library_call(receive, c);
	STAY();
}

static inline __attribute__((always_inline)) void send_inlined(void *c)
{
	weft_chan_send(c, &(int){1});
}

static void sender(void *c)
{
	send_inlined(c);
	STAY();
}

static NOINLINE void spawn(void (*f)(void *), void *c)
{
	weft_go(f, c);
	STAY();
}

static int app(void *arg)
{
	weft_chan *c = weft_chan_make(sizeof(int), 0);

	(void)arg;
	for (int i = 0; i < 10; i++) {
		spawn(receiver, c);
		weft_sleep(WEFT_MS);
		spawn(sender, c);
		weft_sleep(WEFT_MS);
	}
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
