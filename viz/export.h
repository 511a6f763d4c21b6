/* SPDX-License-Identifier: MIT */
/* A run in the formats of other tools.  Functions return -1 after a message; whether what they
 * wrote got there is for their caller to see. */
#ifndef VIZ_EXPORT_H
#define VIZ_EXPORT_H

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>

struct export
{
	sqlite3 *db;
	const char *what; /* the kind of profile, or the table */
	int64_t at;	  /* when; -1: at the end */
};

struct export_format {
	const char *name, *what, *doc; /* what: the argument that says which, or NULL */
	int (*write)(FILE *f, const struct export *x);
};

/* Perfetto's trace: a protobuf message of packets, one for each beginning and end of a slice. */
int export_perfetto(FILE *f, const struct export *x);
/* A profile of x->what, as `go tool pprof` reads it: protobuf, compressed. */
int export_pprof(FILE *f, const struct export *x);
/* A table or view, as comma-separated values (RFC 4180). */
int export_csv(FILE *f, const struct export *x);
/* All tables and views, each as NAME.csv in a directory, which is made. */
int export_csv_all(const struct export *x, const char *directory);
/* Rows of text that SQL makes. */
int export_chrome(FILE *f, const struct export *x);
int export_folded(FILE *f, const struct export *x);
int export_dot(FILE *f, const struct export *x);

#endif
