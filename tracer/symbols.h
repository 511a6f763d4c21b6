/* SPDX-License-Identifier: MIT */
/* From a module and an offset in it to functions and lines, by the module's debug information, or
 * that in a separate file where libdw finds one, or else its symbols. */
#ifndef TRACER_SYMBOLS_H
#define TRACER_SYMBOLS_H

#include <stdint.h>
#include <sys/types.h>

struct symbols;

/* One function; those that were inlined at an address are one after the other, innermost first. */
struct symbol {
	const char *function; /* or NULL */
	const char *file;     /* or NULL */
	int line;
	struct symbol *outer; /* into which it was inlined, or NULL */
};

struct symbols *symbols_new(void);
void symbols_free(struct symbols *s);

/* The modules are those of a process that runs, which may have another root than we; and a name may
 * be relative to where it works. */
void symbols_of_process(struct symbols *s, pid_t pid);

/* What is at an address; NULL if nothing is known.  Lives as long as s. */
const struct symbol *symbols_find(struct symbols *s, const char *module, uint64_t offset);

#endif
