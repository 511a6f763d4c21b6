/* SPDX-License-Identifier: MIT */
/* Tests of the runtime.  A test is the main goroutine of a process of its own, which tests/check.c
 * runs with 1, 2 and 8 workers and ends after a time limit. */
#ifndef TEST_H
#define TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <weft.h>

struct test {
	const char *name, *file;
	void (*run)(void);
	struct test *next;
};

void test_add(struct test *t);

/* A name is a sentence that can be false. */
#define TEST(id)                                                                                   \
	static void id(void);                                                                      \
	__attribute__((constructor)) static void id##_add(void)                                    \
	{                                                                                          \
		static struct test t = {#id, __FILE__, id, NULL};                                  \
		test_add(&t);                                                                      \
	}                                                                                          \
	static void id(void)

/* From any goroutine; the process ends at the first that fails. */
#define EXPECT(cond)                                                                               \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond);         \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

#define EXPECT_EQ(a, b)                                                                            \
	do {                                                                                       \
		long long a_ = (long long)(a), b_ = (long long)(b);                                \
		if (a_ != b_) {                                                                    \
			fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #a,   \
				a_, b_);                                                           \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* How often to do a thing: fewer under sanitizers and emulators (TEST_SCALE, a divisor), but ten if
 * n is no less. */
int test_scaled(int n);

/* How many workers this run of the test has. */
int test_workers(void);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t test_now(void);

#endif
