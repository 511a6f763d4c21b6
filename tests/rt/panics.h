/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RT_PANICS_H
#define TESTS_RT_PANICS_H

#include "../test.h"

#include <string.h>

/* Whether fn(arg) panics, with these words. */
static inline bool panics(void (*fn)(void *), void *arg, const char *with)
{
	weft_caught caught;

	return !weft_try(fn, arg, &caught) && strcmp(caught.message, with) == 0;
}

#endif
