/* SPDX-License-Identifier: MIT */
/* Write a file whole, or not at all; never over the database that is read. */
#ifndef VIZ_SAVE_H
#define VIZ_SAVE_H

#include <stdbool.h>
#include <stdio.h>

/* A file under a temporary name beside its place; a device or a pipe is written to directly. */
struct save {
	FILE *f;
	const char *path;
	char *real, *temporary; /* NULL: it is f itself */
};

/* -1 after a message. */
int save_begin(struct save *s, const char *path);
/* Move it to its place if all was written, else (-1, after a message) remove it; if it is not
 * `good` remove it without a word. */
int save_end(struct save *s, bool good);

#endif
