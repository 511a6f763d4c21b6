/* SPDX-License-Identifier: MIT */
/* Files, and directories with all that is in them. */
#ifndef TRACER_FILES_H
#define TRACER_FILES_H

#include <stdbool.h>

/* Remove it; what cannot be removed is left. */
void remove_tree(const char *path);

/* Move it to where nothing is yet, also to another file system, and make it the caller's own; -1
 * after a message. */
int move_tree(const char *from, const char *to);

/* From here on it is an error of write() if a file grows beyond the limit of its size (ulimit -f), not the end
 * of us.  A program that we execute is to have that as it was, if it is not a daemon that works for us. */
void file_limit_fails(void);
void file_limit_restore(void);

/* Open a file to read it, or -1 with why not in *why.  What is none (a pipe, a device) is not waited for. */
int open_file(const char *path, const char **why);

/* A file without a name in that directory, or -1 with errno. */
int temporary_file(const char *dir);

/* Whether the file, which need not be there yet, is what `path` names, or below it. */
bool file_is_in(const char *file, const char *path);

/* The directory that a file is in, to be freed. */
char *directory_of(const char *path);

#endif
