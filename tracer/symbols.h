/* SPDX-License-Identifier: MIT */
/* From a module and an offset in it to functions and lines, by the module's debug information, or
 * that in a separate file where libdw finds one, or else its symbols. */
#ifndef TRACER_SYMBOLS_H
#define TRACER_SYMBOLS_H

#include <stdint.h>
#include <sys/types.h>

struct symbols;
struct symbols_module;

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

/* Look for files in this directory, too: for debug information as in /usr/lib/debug, and for modules
 * that are no longer where they were, by their path below it, their name or their build.  -1 after a
 * message. */
int symbols_debug_dir(struct symbols *s, const char *dir);

/* A module, by its file; the number of its build in hexadecimal must be the same ("": it has none),
 * unless that is NULL. */
struct symbols_module *symbols_module(struct symbols *s, const char *path, const char *build_id);
/* Why nothing is known of it, as the end of a sentence; or NULL. */
const char *symbols_why_not(const struct symbols_module *m);

/* Say of each module that was asked about why nothing is known of it. */
void symbols_complain(const struct symbols *s);

/* What is at an address; NULL if nothing is known.  Lives as long as s. */
const struct symbol *symbols_at(struct symbols_module *m, uint64_t offset);
/* The same, in the file of this name, whatever its build. */
const struct symbol *symbols_find(struct symbols *s, const char *module, uint64_t offset);

#endif
