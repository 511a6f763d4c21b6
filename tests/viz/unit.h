/* SPDX-License-Identifier: MIT */
/* Tests of what viz decides: pure functions, no database, no gnuplot. */
#ifndef VIZ_UNIT_H
#define VIZ_UNIT_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name;
	void (*run)(void);
	struct unit *next;
};

void unit_add(struct unit *u);
void unit_fail(const char *file, int line, const char *what);

/* A name is a sentence that can be false. */
#define TEST(id)                                                                                   \
	static void id(void);                                                                      \
	__attribute__((constructor)) static void id##_add(void)                                    \
	{                                                                                          \
		static struct unit u = {#id, id, NULL};                                            \
		unit_add(&u);                                                                      \
	}                                                                                          \
	static void id(void)

#define EXPECT(cond)                                                                               \
	do {                                                                                       \
		if (!(cond))                                                                       \
			unit_fail(__FILE__, __LINE__, #cond);                                      \
	} while (0)

#define EXPECT_TEXT(is, should)                                                                    \
	do {                                                                                       \
		const char *is_ = (is);                                                            \
		if (strcmp(is_, should) != 0) {                                                    \
			fprintf(stderr, "it is '%s', not '%s'\n", is_, should);                    \
			unit_fail(__FILE__, __LINE__, #is);                                        \
		}                                                                                  \
	} while (0)

#endif
