/* SPDX-License-Identifier: MIT */
/* SIGQUIT of more goroutines than anybody reads: those that do the same once, the most first, with
 * how many they are, a few of their numbers, for what they wait, and a stack.  (A few, one for each
 * thread at most, may not wait yet, and "went on meanwhile".)
 *
 * not under: thread
 * env: ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0
 * status: 2
 * says: ^weft: 12001 goroutines, [128] workers, [0-9]+ threads, process [0-9]+$
 * once: ^goroutine [0-9]+ \(worker\): waiting in chan receive at .*quit_of_many.c:3[0-9] for
 * once: ^    99[0-9][0-9] more goroutines wait like this one, but for other objects: ([0-9]+ \(worker\), ){4}\.\.\.; the longest is [0-9]+, for
 * once: ^        (9000|89[0-9][0-9]) for channel "urgent" \(0 of 0 buffered\)$
 * once: ^        (1000|9[0-9][0-9]) for channel "later" \(0 of 0 buffered\)$
 * once: ^goroutine [0-9]+ \(locker\): waiting in mutex lock at .*quit_of_many.c:[34][0-9] for
 * once: ^    for mutex "door", locked by goroutine 1 at
 * once: ^    19[0-9][0-9] more goroutines wait like this one: 
 * once: ^goroutine 1 \(app\): running
 * says: ^ +/[^ ]+/quit_of_many\+0x[0-9a-f]+$
 * never: ended meanwhile
 * says: ^weft: end of the dump$
 */
#include <signal.h>
#include <stddef.h>
#include <unistd.h>
#include <weft.h>

static weft_mutex door;
static int started; /* atomic */

static void worker(void *arg)
{
	__atomic_fetch_add(&started, 1, __ATOMIC_RELAXED);
	weft_chan_recv(arg, NULL);
}

static void locker(void *arg)
{
	(void)arg;
	__atomic_fetch_add(&started, 1, __ATOMIC_RELAXED);
	weft_mutex_lock(&door);
}

static int app(void *arg)
{
	weft_chan *urgent = weft_chan_make(1, 0), *later = weft_chan_make(1, 0);

	(void)arg;
	weft_name(urgent, "urgent");
	weft_name(later, "later");
	weft_name(&door, "door");
	weft_mutex_lock(&door);
	for (int i = 0; i < 10000; i++)
		weft_go_with(worker, i % 10 ? urgent : later, .stack = 16 << 10);
	for (int i = 0; i < 2000; i++)
		weft_go_with(locker, NULL, .stack = 16 << 10);
	while (__atomic_load_n(&started, __ATOMIC_RELAXED) < 12000)
		weft_yield();
	kill(getpid(), SIGQUIT);
	for (;;)
		;
	return 0;
}

int main(void)
{
	signal(SIGQUIT, SIG_DFL);
	return weft_run(app, NULL);
}
