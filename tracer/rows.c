/* SPDX-License-Identifier: MIT */
/* The interface is in rows.h.
 *
 * Rows of large tables go in bundles to another thread, the encoder, where each is put into its page, or
 * sorted.  Of a small table rows are gathered in a batch, which is copied with one statement: INSERT ... SELECT
 * from a virtual table that reads it.
 */
#define _GNU_SOURCE
#include "rows.h"
#include "db.h"
#include "error.h"
#include "hash.h"
#include "pages.h"
#include "queue.h"
#include "sort.h"
#include "utf8.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH_ROWS = 256, BATCH_TEXT = 1 << 16, MAX_COLUMNS = 24, INDEXES = 2 };
enum { WAITING = 4 /* for the writer */ };
enum { BUNDLE = 4 << 10 /* cells */, BUNDLES = 16 /* that wait for the encoder */ };

/* Rows that are gathered. */
struct batch {
	int n;
	char *texts;
	size_t used, room; /* of texts */
	int64_t cells[];   /* BATCH_ROWS rows; a text is its place in texts */
};

/* Rows on their way to the encoder, each behind the number of its table. */
struct bundle {
	struct rows *rows;
	size_t used;
	int64_t cells[BUNDLE];
};

/* By what columns an index is sorted, or a table. */
struct order {
	int n, columns[SORT_KEYS];
	uint32_t root;
	struct tree *tree;
	struct sort *sort;
};

/* Nothing of it changes while rows are put: that would cost the threads that look at it a miss each time. */
struct table {
	const char *name;
	int ncols;
	enum column columns[MAX_COLUMNS];
	struct batch *batch;  /* of a small one */
	sqlite3_stmt *insert; /* NULL: it is not small, */
	struct tree *tree;    /* and this is its tree */
	bool has_rowid;
	int key;       /* the column that is the row id, or -1 */
	int nintegers; /* all columns, but the last if it is the row id; 0 if others are no integers */
	uint32_t root; /* its first page */
	bool sorted;
	struct order order; /* if it is sorted */
	int nindexes;
	struct order index[INDEXES];
};

struct rows {
	sqlite3 *file, *rest;
	const char *dir;
	struct queue *writer;  /* of full pages and of sorted runs */
	struct queue *encoder; /* of rows: until it has nothing to do pages, trees and sorts are its own */
	struct pool bundles;
	struct bundle *bundle; /* that is being filled, or NULL */
	struct pages *pages;
	int fd;
	atomic_int failed, failed_errno;
	int ntables;
	struct table *tables;
};

static void fail(struct rows *rows, int rc, int err)
{
	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE || rows->failed)
		return;
	rows->failed = rc;
	rows->failed_errno = err;
}

int rows_failed(const struct rows *rows, int *err)
{
	int failed = rows->failed;
	int pages_err = failed || !rows->pages ? 0 : pages_error(rows->pages);

	if (err)
		*err = pages_err ? pages_err : rows->failed_errno;
	return pages_err ? SQLITE_IOERR : failed;
}

/* ---- A virtual table that reads a batch -------------------------------------------------- */

struct cursor {
	sqlite3_vtab_cursor base;
	int row;
};

struct vtab {
	sqlite3_vtab base;
	struct table *t;
};

static int vtab_connect(sqlite3 *sql, void *aux, int argc, const char *const *argv,
			sqlite3_vtab **out, char **why)
{
	struct table *t = aux;
	char decl[32 + 8 * MAX_COLUMNS];
	int n = snprintf(decl, sizeof decl, "CREATE TABLE x(");
	struct vtab *v = sqlite3_malloc(sizeof *v);

	(void)argc, (void)argv, (void)why;
	if (!v)
		return SQLITE_NOMEM;
	for (int i = 0; i < t->ncols; i++)
		n += snprintf(decl + n, sizeof decl - n, "%sc%d", i ? "," : "", i);
	snprintf(decl + n, sizeof decl - n, ")");
	*v = (struct vtab){.t = t};
	*out = &v->base;
	return sqlite3_declare_vtab(sql, decl);
}

static int vtab_disconnect(sqlite3_vtab *v)
{
	sqlite3_free(v);
	return SQLITE_OK;
}

static int vtab_best_index(sqlite3_vtab *v, sqlite3_index_info *info)
{
	(void)v;
	info->estimatedCost = BATCH_ROWS;
	return SQLITE_OK;
}

static int vtab_open(sqlite3_vtab *v, sqlite3_vtab_cursor **out)
{
	struct cursor *c = sqlite3_malloc(sizeof *c);

	(void)v;
	if (!c)
		return SQLITE_NOMEM;
	*c = (struct cursor){0};
	*out = &c->base;
	return SQLITE_OK;
}

static int vtab_close(sqlite3_vtab_cursor *c)
{
	sqlite3_free(c);
	return SQLITE_OK;
}

static int vtab_filter(sqlite3_vtab_cursor *c, int num, const char *str, int argc,
		       sqlite3_value **argv)
{
	(void)num, (void)str, (void)argc, (void)argv;
	((struct cursor *)c)->row = 0;
	return SQLITE_OK;
}

static int vtab_next(sqlite3_vtab_cursor *c)
{
	((struct cursor *)c)->row++;
	return SQLITE_OK;
}

static int vtab_eof(sqlite3_vtab_cursor *c)
{
	return ((struct cursor *)c)->row >= ((struct vtab *)c->pVtab)->t->batch->n;
}

static int vtab_column(sqlite3_vtab_cursor *c, sqlite3_context *out, int col)
{
	const struct table *t = ((struct vtab *)c->pVtab)->t;
	const struct batch *b = t->batch;
	int64_t cell = b->cells[((struct cursor *)c)->row * t->ncols + col];

	if (cell == NONE && t->columns[col] != COLUMN_NOT_NULL && t->columns[col] != COLUMN_ROWID)
		return SQLITE_OK; /* NULL */
	if (t->columns[col] == COLUMN_TEXT)
		sqlite3_result_text(out, b->texts + cell, -1, SQLITE_STATIC);
	else
		sqlite3_result_int64(out, cell);
	return SQLITE_OK;
}

static int vtab_rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *rowid)
{
	*rowid = ((struct cursor *)c)->row;
	return SQLITE_OK;
}

static const sqlite3_module batch_module = {
	.xConnect = vtab_connect,
	.xBestIndex = vtab_best_index,
	.xDisconnect = vtab_disconnect,
	.xOpen = vtab_open,
	.xClose = vtab_close,
	.xFilter = vtab_filter,
	.xNext = vtab_next,
	.xEof = vtab_eof,
	.xColumn = vtab_column,
	.xRowid = vtab_rowid,
};

/* ---- Writing ----------------------------------------------------------------------------- */

static void take_keys(int64_t *keys, const struct order *o, const int64_t *cells)
{
	for (int i = 0; i < o->n; i++)
		keys[i] = cells[o->columns[i]];
}

static void put_entries(const struct table *t, const int64_t *cells)
{
	static const enum column columns[SORT_KEYS] = {COLUMN_NOT_NULL, COLUMN_NOT_NULL,
						       COLUMN_NOT_NULL, COLUMN_NOT_NULL};

	for (const struct order *x = t->index; x < t->index + t->nindexes; x++) {
		int64_t keys[SORT_KEYS] = {0};

		take_keys(keys, x, cells);
		if (keys[0] != NONE)
			sort_add(x->sort, keys,
				 record_encode_integers(sort_room(x->sort), keys, columns, x->n));
	}
}

static inline size_t encode(const struct table *t, uint8_t *to, const int64_t *cells)
{
	return t->nintegers ? record_encode_integers(to, cells, t->columns, t->nintegers)
			    : record_encode(to, cells, t->columns, t->ncols);
}

static void put_sorted(struct table *t, const int64_t *cells)
{
	int64_t keys[SORT_KEYS] = {0};
	size_t size;

	assert(t->order.sort); // rows_end_sorted: none follow
	size = encode(t, sort_room(t->order.sort), cells);
	take_keys(keys, &t->order, cells);
	sort_add(t->order.sort, keys, size);
	put_entries(t, cells);
}

static void put_in_order(struct table *t, const int64_t *cells)
{
	uint8_t record[RECORD_MAX];
	size_t size = encode(t, record, cells);

	if (!t->has_rowid) {
		tree_add_entry(t->tree, record, size);
		return;
	}
	tree_add_row(t->tree, t->key >= 0 ? cells[t->key] : tree_last(t->tree) + 1, record, size);
}

static void write_batch(struct rows *rows, struct table *t)
{
	int rc;

	if (!rows->failed) {
		sqlite3_step(t->insert);
		rc = sqlite3_reset(t->insert);
		fail(rows, rc, sqlite3_system_errno(rows->rest));
	}
	t->batch->n = 0;
	t->batch->used = 0;
}

static int64_t keep_text(struct batch *b, const char *text)
{
	size_t most = 3 * strlen(text) + 1;
	int64_t at = (int64_t)b->used;

	if (b->used + most > b->room) {
		b->room = 2 * (b->used + most);
		b->texts = realloc(b->texts, b->room);
		if (!b->texts)
			die("no memory");
	}
	b->used += utf8_copy(b->texts + at, text);
	return at;
}

static void put_small(struct rows *rows, struct table *t, const int64_t *row)
{
	struct batch *b = t->batch;
	int64_t *cells = b->cells + b->n * t->ncols;

	for (int i = 0; i < t->ncols; i++) {
		if (t->columns[i] != COLUMN_TEXT)
			cells[i] = row[i];
		else
			cells[i] = row[i] ? keep_text(b, (const char *)(intptr_t)row[i]) : NONE;
	}
	if (++b->n == BATCH_ROWS || b->used > BATCH_TEXT)
		write_batch(rows, t);
}

/* In the encoder's thread. */
static void open_bundle(void *arg)
{
	struct bundle *b = arg;
	struct table *t;

	for (size_t at = 0; at < b->used; at += (size_t)t->ncols) {
		t = &b->rows->tables[b->cells[at++]];
		if (t->sorted)
			put_sorted(t, b->cells + at);
		else
			put_in_order(t, b->cells + at);
	}
	pool_put(&b->rows->bundles, b);
}

static void send_bundle(struct rows *rows)
{
	if (rows->bundle)
		queue_put(rows->encoder, open_bundle, rows->bundle);
	rows->bundle = NULL;
}

static void put_large(struct rows *rows, int i, const int64_t *row)
{
	size_t ncols = (size_t)rows->tables[i].ncols;
	struct bundle *b = rows->bundle;
	int64_t *to;

	if (b && b->used + 1 + ncols > BUNDLE)
		send_bundle(rows); // so that there is none
	if (!rows->bundle) {
		rows->bundle = pool_get(&rows->bundles);
		rows->bundle->rows = rows;
		rows->bundle->used = 0;
	}
	b = rows->bundle;
	to = b->cells + b->used;
	b->used += 1 + ncols;
	*to++ = i;
	/* Cell by cell, as they were just written: wider loads would have to wait until the cache has them. */
	for (size_t k = 0; k < ncols; k++) {
		to[k] = row[k];
		__asm__ volatile("" ::: "memory"); // or this becomes memcpy()
	}
}

void rows_put(struct rows *rows, int i, const void *row)
{
	struct table *t = &rows->tables[i];

	if (t->insert)
		put_small(rows, t, row);
	else if (rows->encoder)
		put_large(rows, i, row);
}

/* ---- Beginning and end ------------------------------------------------------------------- */

struct rows *rows_new(sqlite3 *file, sqlite3 *rest, const char *dir, int ntables)
{
	struct rows *rows = need(sizeof *rows);

	*rows = (struct rows){.file = file, .rest = rest, .dir = dir, .fd = -1, .ntables = ntables,
			      .bundles = POOL_INIT(sizeof(struct bundle))};
	rows->tables = need((size_t)ntables * sizeof *rows->tables);
	return rows;
}

/* Each row of a query about the schema of `file`. */
static void ask(struct rows *rows, const char *query, const char *name,
		void (*row)(struct table *t, sqlite3_stmt *stmt), struct table *t)
{
	char *sql = sqlite3_mprintf(query, name);
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(rows->file, sql, -1, &stmt, NULL);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(stmt);
		if (rc == SQLITE_ROW)
			row(t, stmt);
	}
	fail(rows, rc, sqlite3_system_errno(rows->file));
	sqlite3_finalize(stmt);
	sqlite3_free(sql);
}

static void learn_column(struct table *t, sqlite3_stmt *stmt)
{
	bool text = !strcmp((const char *)sqlite3_column_text(stmt, 0), "TEXT");
	bool not_null = sqlite3_column_int(stmt, 1), key = sqlite3_column_int(stmt, 2);

	assert(t->ncols < MAX_COLUMNS);
	if (key && !not_null)
		t->key = t->ncols;
	t->columns[t->ncols++] = text		    ? COLUMN_TEXT
				 : key && !not_null ? COLUMN_ROWID
				 : not_null	    ? COLUMN_NOT_NULL
						    : COLUMN_INTEGER;
}

static int count_integers(const struct table *t)
{
	int n = t->key >= 0 && t->key == t->ncols - 1 ? t->ncols - 1 : t->ncols;

	for (int i = 0; i < n; i++)
		if (t->columns[i] > COLUMN_NOT_NULL)
			return 0;
	return n;
}

static void learn_root(struct table *t, sqlite3_stmt *stmt)
{
	t->has_rowid = !sqlite3_column_int(stmt, 1);
	t->root = (uint32_t)sqlite3_column_int64(stmt, 0);
}

static void add_column(struct order *o, int column)
{
	assert(o->n < SORT_KEYS && column >= 0);
	o->columns[o->n++] = column;
}

static void learn_order(struct table *t, sqlite3_stmt *stmt)
{
	add_column(&t->order, sqlite3_column_int(stmt, 0));
}

/* Another column of an index: those of the primary key come last. */
static void learn_index(struct table *t, sqlite3_stmt *stmt)
{
	if (sqlite3_column_int(stmt, 1) == 0)
		t->index[t->nindexes++].root = (uint32_t)sqlite3_column_int64(stmt, 0);
	assert(t->nindexes <= INDEXES);
	add_column(&t->index[t->nindexes - 1], sqlite3_column_int(stmt, 2));
}

void rows_table(struct rows *rows, int i, const char *name, size_t row_size,
		enum rows_kind kind)
{
	struct table *t = &rows->tables[i];
	char sql[128];

	t->name = name;
	t->key = -1;
	ask(rows, "SELECT type, \"notnull\", pk FROM pragma_table_info(%Q)", name, learn_column, t);
	assert(rows->failed || (size_t)t->ncols * sizeof(int64_t) == row_size);
	if (kind != ROWS_SMALL) {
		t->nintegers = count_integers(t);
		t->sorted = kind == ROWS_SORTED;
		ask(rows,
		    "SELECT s.rootpage, l.wr FROM sqlite_schema AS s JOIN pragma_table_list AS l "
		    "USING (name) WHERE s.type = 'table' AND s.name = %Q",
		    name, learn_root, t);
		if (t->sorted)
			ask(rows, "SELECT cid FROM pragma_table_info(%Q) WHERE pk > 0 ORDER BY pk",
			    name, learn_order, t);
		ask(rows,
		    "SELECT s.rootpage, x.seqno, x.cid FROM sqlite_schema AS s, "
		    "pragma_index_xinfo(s.name) AS x WHERE s.type = 'index' AND s.sql IS NOT NULL "
		    "AND s.tbl_name = %Q ORDER BY s.rowid, x.seqno",
		    name, learn_index, t);
		return;
	}
	t->batch = need(sizeof *t->batch + BATCH_ROWS * (size_t)t->ncols * sizeof(int64_t));
	snprintf(sql, sizeof sql, "batch_%s", name);
	fail(rows, sqlite3_create_module(rows->rest, sql, &batch_module, t), 0);
	snprintf(sql, sizeof sql, "INSERT INTO %s SELECT * FROM batch_%s", name, name);
	fail(rows, sqlite3_prepare_v2(rows->rest, sql, -1, &t->insert, NULL), 0);
}

static int64_t number(struct rows *rows, const char *query)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(rows->file, query, -1, &stmt, NULL);
	int64_t n = 0;

	if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	fail(rows, rc, sqlite3_system_errno(rows->file));
	sqlite3_finalize(stmt);
	return n;
}

void rows_begin(struct rows *rows, const char *path)
{
	int64_t size = number(rows, "PRAGMA page_size"), count = number(rows, "PRAGMA page_count");

	rows->file = NULL;
	rows->fd = open(path, O_RDWR | O_CLOEXEC);
	if (rows->fd < 0)
		fail(rows, SQLITE_CANTOPEN, errno);
	if (rows->failed)
		return;
	rows->writer = queue_new(WAITING);
	rows->pages = pages_new(rows->fd, (uint32_t)size, (uint32_t)count, rows->writer);
	for (struct table *t = rows->tables; t < rows->tables + rows->ntables; t++) {
		if (t->insert)
			continue;
		t->tree = tree_new(rows->pages, t->root);
		if (t->sorted)
			t->order.sort = sort_new(rows->dir, t->order.n, rows->writer);
		for (struct order *x = t->index; x < t->index + t->nindexes; x++) {
			x->tree = tree_new(rows->pages, x->root);
			x->sort = sort_new(rows->dir, x->n, rows->writer);
		}
	}
	rows->encoder = queue_new(BUNDLES);
}

/* All rows of large tables are in their pages and sorts, which are ours then. */
static void end_encoder(struct rows *rows)
{
	if (!rows->encoder)
		return;
	send_bundle(rows);
	queue_free(rows->encoder);
	rows->encoder = NULL;
}

static void end_sort(struct rows *rows, struct order *o, struct tree *tree)
{
	int err = o->sort ? sort_finish(o->sort, tree) : 0;

	o->sort = NULL;
	if (err)
		fail(rows, SQLITE_IOERR, err);
}

static void end_sorts(struct rows *rows, bool write)
{
	for (struct table *t = rows->tables; t < rows->tables + rows->ntables; t++) {
		end_sort(rows, &t->order, write ? t->tree : NULL);
		for (struct order *x = t->index; x < t->index + t->nindexes; x++)
			end_sort(rows, x, write ? x->tree : NULL);
	}
}

/* In the encoder's thread. */
static void write_sorted(void *arg)
{
	struct rows *rows = arg;

	end_sorts(rows, !rows->failed);
}

void rows_end_sorted(struct rows *rows)
{
	if (!rows->encoder)
		return;
	send_bundle(rows);
	queue_put(rows->encoder, write_sorted, rows);
}

void rows_finish(struct rows *rows)
{
	int err;

	for (struct table *t = rows->tables; t < rows->tables + rows->ntables; t++)
		if (t->insert)
			write_batch(rows, t);
	end_encoder(rows);
	end_sorts(rows, !rows->failed);
	if (!rows->pages)
		return;
	err = pages_finish(rows->pages);
	rows->pages = NULL;
	if (err)
		fail(rows, SQLITE_IOERR, err);
}

void rows_free(struct rows *rows)
{
	end_encoder(rows);
	pool_free(&rows->bundles);
	end_sorts(rows, false);
	if (rows->pages)
		pages_finish(rows->pages);
	if (rows->writer)
		queue_free(rows->writer);
	if (rows->fd >= 0)
		close(rows->fd);
	for (struct table *t = rows->tables; t < rows->tables + rows->ntables; t++) {
		sqlite3_finalize(t->insert);
		if (t->batch)
			free(t->batch->texts);
		free(t->batch);
	}
	free(rows->tables);
	free(rows);
}
