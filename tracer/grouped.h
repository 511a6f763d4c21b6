/* SPDX-License-Identifier: MIT */
/* Two table-valued functions of a query, for what takes SQLite a sort of all its rows.  They take integers
 * only.
 *
 * grouped(query, keys) is as GROUP BY: a row for each different value of the query's first columns, as many as
 * `keys` says (k1, k2...), with the number of rows (n), the sum of each other column (s1, s2...) and, of the
 * last column, the greatest value (max) and how many runs of equal values it comes in (runs): as many as there
 * are different ones, if it is in order.
 *
 * lagged(query) is as lag() OVER (PARTITION BY the first column): each row of the query (c1, c2...) in the
 * query's order, with the columns of the one before it that has the same first column (b1, b2...), NULL if
 * there is none.
 */
#ifndef TRACER_GROUPED_H
#define TRACER_GROUPED_H

#include <sqlite3.h>

/* Make both known to a connection: an SQLite result code. */
int grouped_register(sqlite3 *sql);

#endif
