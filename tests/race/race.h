/* SPDX-License-Identifier: MIT */
/* Cases for the thread sanitizer, after Go's own for its race detector (src/runtime/race/testdata),
 * whose names they have: race_... has a race that must be reported in whatever order its goroutines
 * run, no_race_... has none.  Each is the main goroutine of a process of its own.
 *
 * Where the order matters for what is to be seen, it is made with what the sanitizer takes for no
 * order at all: await() and step(). */
#ifndef RACE_H
#define RACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weft.h>

struct race_case {
	const char *name, *file;
	void (*run)(void);
	struct race_case *next;
};

void race_add(struct race_case *c);

#define CASE(id)                                                                                   \
	static void id(void);                                                                      \
	__attribute__((constructor)) static void id##_add(void)                                    \
	{                                                                                          \
		static struct race_case c = {#id, __FILE__, id, NULL};                             \
		race_add(&c);                                                                      \
	}                                                                                          \
	static void id(void)

/* The body of a goroutine. */
#define BODY(id) static void id(void *arg __attribute__((unused)))

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond);         \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

typedef weft_chan_of(int) ints;
typedef weft_chan_of(void *) ptrs;

static inline int recv_int(ints c)
{
	int v = 0;

	weft_recv(c, &v);
	return v;
}

/* So many steps have been made.  Relaxed: no edge. */
static int steps __attribute__((unused));

/* How many there were before. */
static inline int step(void)
{
	return __atomic_fetch_add(&steps, 1, __ATOMIC_RELAXED);
}

static inline void await(int n)
{
	while (__atomic_load_n(&steps, __ATOMIC_RELAXED) < n)
		weft_yield();
}

/* A goroutine waits for the WaitGroup. */
static inline void await_waiter(weft_waitgroup *wg)
{
	while (!__atomic_load_n(&wg->q.head, __ATOMIC_RELAXED))
		weft_yield();
}

#endif
