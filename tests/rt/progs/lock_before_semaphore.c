/* SPDX-License-Identifier: MIT */
/* A consumer that locks the buffer before it knows that there is something in it.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: for the mutex "buffer", which goroutine 2 \(consume\) holds while it waits itself, in semaphore acquire at
 */
#include <weft.h>

static weft_mutex buffer;
static weft_semaphore items = {.size = 1, .held = 1};
static weft_chan *locked;

static void consume(void *arg)
{
	(void)arg;
	weft_mutex_lock(&buffer);
	weft_chan_close(locked);
	weft_semaphore_acquire(&items, 1);
	weft_mutex_unlock(&buffer);
}

static int app(void *arg)
{
	(void)arg;
	weft_name(&buffer, "buffer");
	locked = weft_chan_make(0, 0);
	weft_go(consume, NULL);
	weft_chan_recv(locked, NULL);
	weft_mutex_lock(&buffer);
	weft_semaphore_release(&items, 1);
	weft_mutex_unlock(&buffer);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
