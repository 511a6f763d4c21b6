/* SPDX-License-Identifier: MIT */
/* Events as sentences, one after the other, with who is runnable after each. */
#ifndef VIZ_STEPS_H
#define VIZ_STEPS_H

#include "array.h"
#include "record.h"

#include <stdbool.h>

/* One event; goroutines have the database's numbers. */
struct step {
	int64_t ts, p; /* p: the worker, or -1 */
	int64_t pid;
	enum event kind;
	int64_t a[MAX_FIELDS];
};

/* Events of a thread that are missing, between two that are there. */
struct step_gap {
	int64_t ts, end, m, lost;
};

/* How a sentence gets its names; each returns a text to be freed. */
struct step_names {
	char *(*goroutine)(void *arg, int64_t g); /* 0: the runtime */
	char *(*object)(void *arg, int64_t addr, const struct step *s); /* there, of its process, then */
	char *(*place)(void *arg, int64_t site); /* " at main.c:12", or nothing */
	char *(*string)(void *arg, int64_t id);
	void *arg;
};

/* What happened, to be freed; NULL if it is nothing to follow. */
char *step_sentence(const struct step *s, const struct step_names *names);

/* That events are missing, to be freed. */
char *step_gap_sentence(const struct step_gap *gap);

/* Whether the goroutine takes part in the event. */
bool step_involves(const struct step *s, int64_t g);

/* The value of a field of a step, by its name; false if it has none. */
bool step_field(const struct step *s, const char *name, int64_t *value);

/* Goroutines that could run, in the order in which they became so. */
struct runnable {
	ARRAY(int64_t) v;
	size_t head; /* they begin here */
};
size_t runnable_count(const struct runnable *r);
int64_t runnable_at(const struct runnable *r, size_t i);
/* True if the event changes them. */
bool runnable_step(struct runnable *r, const struct step *s);

#endif
