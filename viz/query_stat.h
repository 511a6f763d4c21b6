/* SPDX-License-Identifier: MIT */
/* The tables of weft stat. */
#ifndef VIZ_QUERY_STAT_H
#define VIZ_QUERY_STAT_H

/* sql has one parameter: how many rows at most.  Without a title, a table is for programs. */
struct stat_table {
	const char *name, *title, *sql;
};
enum { STAT_TABLES = 7 };
extern const struct stat_table stat_tables[STAT_TABLES];

#endif
