/* SPDX-License-Identifier: MIT */
/* What scenarios share; stress.c says how they are run. */
#ifndef STRESS_H
#define STRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <weft.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "stress: %s:%d: not so: %s\n", __FILE__, __LINE__, #cond); \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* One of n. */
unsigned pick(unsigned *rng, unsigned n);
/* For the running goroutine. */
unsigned rng_new(void);
/* What a goroutine does between two steps: mostly nothing. */
void dawdle(unsigned *rng);

/* A scenario starts goroutines, waits for them, and knows what must hold then. */
void run_groups(unsigned *rng);
void run_scopes(unsigned *rng);
void run_flights(unsigned *rng);
void run_pool(unsigned *rng);
void run_map(unsigned *rng);
void run_pins(unsigned *rng);
void run_semaphore(unsigned *rng);
void run_cond(unsigned *rng);
void run_stream(unsigned *rng);
void run_echo(unsigned *rng);

#endif
