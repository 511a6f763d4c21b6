/* SPDX-License-Identifier: MIT */
/* The interface is in grouped.h.
 *
 * Both are virtual tables, whose arguments are hidden columns.  Groups are kept by a hash of their
 * keys, so memory grows with the groups and not with the rows.
 */
#include "grouped.h"
#include "error.h"
#include "hash.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 5, SUMS = 8, COLUMNS = 8 };

/* The columns of grouped() and of lagged(), then the arguments. */
enum {
	GROUPED_N = KEYS,
	GROUPED_SUM,
	GROUPED_MAX = GROUPED_SUM + SUMS,
	GROUPED_RUNS,
	GROUPED_QUERY
};
enum { LAGGED_BEFORE = COLUMNS, LAGGED_QUERY = 2 * COLUMNS };

static const char grouped_columns[] =
	"CREATE TABLE x(k1, k2, k3, k4, k5, n, s1, s2, s3, s4, s5, s6, s7, s8,"
	" max, runs, query HIDDEN, keys HIDDEN)";
static const char lagged_columns[] = "CREATE TABLE x(c1, c2, c3, c4, c5, c6, c7, c8,"
				     " b1, b2, b3, b4, b5, b6, b7, b8, query HIDDEN)";

#define NO_VALUE INT64_MIN /* NULL */

struct group {
	int64_t keys[KEYS];
	int64_t n, sums[SUMS], max, last, runs; /* grouped */
	int64_t row[COLUMNS];			/* lagged: the last */
	struct group *same;			/* the next whose hash is the same */
};

struct vtab {
	sqlite3_vtab base;
	sqlite3 *sql;
	bool lagged;
};

struct cursor {
	sqlite3_vtab_cursor base;
	sqlite3_stmt *query;
	int columns, keys;
	struct hash at;		 /* of groups, by the hash of their keys */
	struct hash_slot *slot;	 /* grouped: where it is */
	struct group *group;	 /* of this row */
	int64_t before[COLUMNS]; /* lagged: than this row */
	int64_t rowid;
	bool end;
};

static int connect(sqlite3 *sql, void *lagged, int argc, const char *const *argv,
		   sqlite3_vtab **out, char **why)
{
	struct vtab *v = sqlite3_malloc(sizeof *v);

	(void)argc, (void)argv, (void)why;
	if (!v)
		return SQLITE_NOMEM;
	*v = (struct vtab){.sql = sql, .lagged = lagged != NULL};
	*out = &v->base;
	sqlite3_vtab_config(sql, SQLITE_VTAB_DIRECTONLY); /* it runs what it is given */
	return sqlite3_declare_vtab(sql, lagged ? lagged_columns : grouped_columns);
}

static int disconnect(sqlite3_vtab *v)
{
	sqlite3_free(v);
	return SQLITE_OK;
}

/* The arguments have to be known, in their order. */
static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	bool lagged = ((struct vtab *)base)->lagged;
	int first = lagged ? (int)LAGGED_QUERY : (int)GROUPED_QUERY, found = 0;

	for (int i = 0; i < info->nConstraint; i++) {
		const struct sqlite3_index_constraint *c = &info->aConstraint[i];

		if (c->iColumn < first || c->op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (!c->usable)
			return SQLITE_CONSTRAINT;
		info->aConstraintUsage[i].argvIndex = c->iColumn - first + 1;
		info->aConstraintUsage[i].omit = 1;
		found++;
	}
	if (found != (lagged ? 1 : 2)) {
		base->zErrMsg =
			sqlite3_mprintf("%s", lagged ? "lagged(query)" : "grouped(query, keys)");
		return SQLITE_ERROR;
	}
	info->estimatedCost = 1e7;
	info->estimatedRows = lagged ? 1000000 : 1000;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *v, sqlite3_vtab_cursor **out)
{
	struct cursor *c = sqlite3_malloc(sizeof *c);

	(void)v;
	if (!c)
		return SQLITE_NOMEM;
	*c = (struct cursor){0};
	*out = &c->base;
	return SQLITE_OK;
}

static void reset(struct cursor *c)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&c->at, s));)
		for (struct group *g = s->value, *same; g; g = same) {
			same = g->same;
			free(g);
		}
	hash_free(&c->at);
	sqlite3_finalize(c->query);
	*c = (struct cursor){.base = c->base};
}

static int close_cursor(sqlite3_vtab_cursor *c)
{
	reset((struct cursor *)c);
	sqlite3_free(c);
	return SQLITE_OK;
}

static int fail(struct cursor *c, const char *why)
{
	c->base.pVtab->zErrMsg = sqlite3_mprintf("%s", why);
	return SQLITE_ERROR;
}

/* ---- Groups ------------------------------------------------------------------------------ */

static int64_t value(sqlite3_stmt *query, int column)
{
	return sqlite3_column_type(query, column) == SQLITE_INTEGER
		       ? sqlite3_column_int64(query, column)
		       : NO_VALUE;
}

/* The group that the query's row is in, zeroed but for its keys if it is the first. */
static struct group *group_of(struct cursor *c)
{
	int64_t keys[KEYS] = {0};
	uint64_t h = 0;
	struct group *first, *g;

	for (int i = 0; i < c->keys; i++) {
		keys[i] = value(c->query, i);
		h = (h ^ (uint64_t)keys[i]) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	first = hash_get(&c->at, h);
	for (g = first; g; g = g->same)
		if (memcmp(g->keys, keys, sizeof keys) == 0)
			return g;
	g = need(sizeof *g);
	memcpy(g->keys, keys, sizeof keys);
	g->same = first;
	hash_put(&c->at, h, g);
	return g;
}

static void add_row(struct cursor *c)
{
	struct group *g = group_of(c);
	int64_t last = 0;

	for (int i = c->keys; i < c->columns; i++) {
		last = sqlite3_column_int64(c->query, i);
		g->sums[i - c->keys] += last;
	}
	if (!g->n || last > g->max)
		g->max = last;
	g->runs += !g->n || last != g->last;
	g->last = last;
	g->n++;
}

static void next_group(struct cursor *c)
{
	if (c->group && c->group->same) {
		c->group = c->group->same;
		return;
	}
	c->slot = hash_next(&c->at, c->slot);
	c->group = c->slot ? c->slot->value : NULL;
	c->end = !c->slot;
}

static int gather(struct cursor *c)
{
	int rc;

	while ((rc = sqlite3_step(c->query)) == SQLITE_ROW)
		add_row(c);
	next_group(c);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* ---- Rows -------------------------------------------------------------------------------- */

static int next_row(struct cursor *c)
{
	int rc = sqlite3_step(c->query);
	struct group *g;

	c->end = rc != SQLITE_ROW;
	if (c->end)
		return rc == SQLITE_DONE ? SQLITE_OK : rc;
	g = group_of(c);
	for (int i = 0; i < c->columns; i++) {
		c->before[i] = g->n ? g->row[i] : NO_VALUE;
		g->row[i] = value(c->query, i);
	}
	g->n++;
	c->group = g;
	return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *base)
{
	struct cursor *c = (struct cursor *)base;

	c->rowid++;
	if (((struct vtab *)base->pVtab)->lagged)
		return next_row(c);
	next_group(c);
	return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int num, const char *str, int argc,
		  sqlite3_value **argv)
{
	struct cursor *c = (struct cursor *)base;
	struct vtab *v = (struct vtab *)base->pVtab;
	const char *query = (const char *)sqlite3_value_text(argv[0]);
	int rc;

	(void)num, (void)str;
	reset(c);
	if (!query)
		return fail(c, "the query is NULL");
	rc = sqlite3_prepare_v2(v->sql, query, -1, &c->query, NULL);
	if (rc != SQLITE_OK)
		return fail(c, sqlite3_errmsg(v->sql));
	c->columns = sqlite3_column_count(c->query);
	c->keys = argc > 1 ? sqlite3_value_int(argv[1]) : 1;
	if (c->keys < 1 || c->keys > KEYS || c->columns < c->keys ||
	    c->columns > (v->lagged ? COLUMNS : c->keys + SUMS))
		return fail(c, "too many columns, or none");
	rc = v->lagged ? next_row(c) : gather(c);
	return rc == SQLITE_OK ? rc : fail(c, sqlite3_errmsg(v->sql));
}

static int at_end(sqlite3_vtab_cursor *c)
{
	return ((struct cursor *)c)->end;
}

static int64_t grouped_value(const struct cursor *c, int column)
{
	const struct group *g = c->group;

	if (column < KEYS)
		return column < c->keys ? g->keys[column] : NO_VALUE;
	if (column == GROUPED_N)
		return g->n;
	if (column == GROUPED_MAX)
		return g->max;
	if (column == GROUPED_RUNS)
		return g->runs;
	column -= GROUPED_SUM;
	return column < c->columns - c->keys ? g->sums[column] : NO_VALUE;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *out, int i)
{
	const struct cursor *c = (const struct cursor *)base;
	int64_t v;

	if (((const struct vtab *)base->pVtab)->lagged) {
		if (i < LAGGED_BEFORE)
			v = i < c->columns ? c->group->row[i] : NO_VALUE;
		else
			v = i - LAGGED_BEFORE < c->columns ? c->before[i - LAGGED_BEFORE]
							   : NO_VALUE;
	} else {
		v = i < GROUPED_QUERY ? grouped_value(c, i) : NO_VALUE;
	}
	if (v != NO_VALUE)
		sqlite3_result_int64(out, v);
	return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *rowid)
{
	*rowid = ((struct cursor *)c)->rowid;
	return SQLITE_OK;
}

static const sqlite3_module module = {
	.xConnect = connect,
	.xBestIndex = best_index,
	.xDisconnect = disconnect,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = filter,
	.xNext = next,
	.xEof = at_end,
	.xColumn = column,
	.xRowid = rowid,
};

int grouped_register(sqlite3 *sql)
{
	int rc = sqlite3_create_module(sql, "grouped", &module, NULL);

	return rc == SQLITE_OK ? sqlite3_create_module(sql, "lagged", &module, sql) : rc;
}
