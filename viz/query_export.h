/* SPDX-License-Identifier: MIT */
/* The formats of weft export: what SQL makes of a run, a row a line. */
#ifndef VIZ_QUERY_EXPORT_H
#define VIZ_QUERY_EXPORT_H

struct export_format {
	const char *name, *doc;
	const char *head, *separator, *tail; /* before, between and after the rows */
	const char *sql[8];		     /* one after the other, to the first NULL */
	const char *none;		     /* what is wrong if there is no row */
};
enum { EXPORT_FORMATS = 3 };
extern const struct export_format export_formats[EXPORT_FORMATS];

#endif
