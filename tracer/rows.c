/* SPDX-License-Identifier: MIT */
/* The interface is in rows.h.
 *
 * Rows are gathered in a batch for each table.  A full one goes into a queue, at whose other end a
 * thread writes it.  Of a table that is not large one statement copies a batch: INSERT ... SELECT
 * from a virtual table that reads it.
 */
#define _GNU_SOURCE
#include "rows.h"
#include "db.h"
#include "error.h"
#include "hash.h"
#include "pages.h"
#include "sort.h"
#include "utf8.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH_ROWS = 1024, BATCH_TEXT = 1 << 18, QUEUED = 32, MAX_COLUMNS = 24, INDEXES = 2 };

struct batch {
	struct table *table;
	struct batch *next; /* in the queue, or of those that are free */
	int n;
	int64_t *cells; /* BATCH_ROWS rows; a text is its place in texts, of a large table a pointer
			 */
	char *texts;
	size_t used, room; /* of texts */
};

struct table {
	const char *name;
	int ncols;
	enum column columns[MAX_COLUMNS];
	bool texts;	       /* it has some */
	struct batch *batch;   /* that is being filled, or NULL */
	struct batch *free;    /* that are written */
	struct batch *writing; /* for the virtual table */
	sqlite3_stmt *insert;  /* NULL: it is large, */
	struct tree *tree;     /* and this is its tree */
	bool has_rowid;
	int64_t rowid; /* the last, if no column is it */
	uint32_t root; /* its first page */
	int nindexes;
	struct index {
		int key, ts; /* columns */
		uint32_t root;
		struct tree *tree;
		struct sort *sort;
	} index[INDEXES];
};

struct rows {
	sqlite3 *file, *rest;
	const char *dir;
	struct pages *pages;
	int fd;
	atomic_int failed, failed_errno;
	int ntables;
	struct table *tables;
	pthread_t thread;
	bool threaded;
	pthread_mutex_t lock; /* of what follows, and the free batches */
	pthread_cond_t filled, emptied;
	struct batch *first, **last; /* the queue */
	int queued;		     /* in it, or being written */
	bool closed;		     /* nothing more comes */
};

static void fail(struct rows *rows, int rc, int err)
{
	int none = 0;

	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
		return;
	if (!atomic_load(&rows->failed))
		atomic_store(&rows->failed_errno, err);
	atomic_compare_exchange_strong(&rows->failed, &none, rc);
}

int rows_failed(const struct rows *rows, int *err)
{
	if (err)
		*err = atomic_load(&rows->failed_errno);
	return atomic_load(&rows->failed);
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
	return ((struct cursor *)c)->row >= ((struct vtab *)c->pVtab)->t->writing->n;
}

static int vtab_column(sqlite3_vtab_cursor *c, sqlite3_context *out, int col)
{
	const struct table *t = ((struct vtab *)c->pVtab)->t;
	const struct batch *b = t->writing;
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

static void write_large(struct rows *rows, struct table *t, const struct batch *b)
{
	uint8_t record[RECORD_MAX];

	for (int i = 0; i < b->n; i++) {
		const int64_t *cells = b->cells + i * t->ncols;
		size_t size = record_encode(record, cells, t->columns, t->ncols);

		if (!t->has_rowid) {
			tree_add_entry(t->tree, record, size);
			continue;
		}
		t->rowid = t->columns[0] == COLUMN_ROWID ? cells[0] : t->rowid + 1;
		tree_add_row(t->tree, t->rowid, record, size);
		for (int j = 0; j < t->nindexes; j++)
			if (cells[t->index[j].key] != NONE)
				sort_add(t->index[j].sort, cells[t->index[j].key],
					 cells[t->index[j].ts], t->rowid);
	}
	if (pages_error(rows->pages))
		fail(rows, SQLITE_IOERR, pages_error(rows->pages));
}

static void write_batch(struct rows *rows, struct batch *b)
{
	struct table *t = b->table;

	if (!atomic_load(&rows->failed) && !t->insert) {
		write_large(rows, t, b);
	} else if (!atomic_load(&rows->failed)) {
		int rc;

		t->writing = b;
		sqlite3_step(t->insert);
		rc = sqlite3_reset(t->insert);
		fail(rows, rc, sqlite3_system_errno(rows->rest));
	}
	b->n = 0;
	b->used = 0;
}

static void *writer(void *arg)
{
	struct rows *rows = arg;

	pthread_mutex_lock(&rows->lock);
	for (;;) {
		struct batch *b;

		while (!(b = rows->first) && !rows->closed)
			pthread_cond_wait(&rows->filled, &rows->lock);
		if (!b)
			break;
		rows->first = b->next;
		if (!rows->first)
			rows->last = &rows->first;
		pthread_mutex_unlock(&rows->lock);
		write_batch(rows, b);
		pthread_mutex_lock(&rows->lock);
		b->next = b->table->free;
		b->table->free = b;
		rows->queued--;
		pthread_cond_signal(&rows->emptied);
	}
	pthread_mutex_unlock(&rows->lock);
	return NULL;
}

/* Hand a batch over, waiting while too many are on their way. */
static void flush(struct rows *rows, struct table *t)
{
	struct batch *b = t->batch;

	if (!b || !b->n)
		return;
	if (!rows->threaded) {
		write_batch(rows, b);
		return;
	}
	t->batch = NULL;
	b->next = NULL;
	pthread_mutex_lock(&rows->lock);
	while (rows->queued >= QUEUED)
		pthread_cond_wait(&rows->emptied, &rows->lock);
	*rows->last = b;
	rows->last = &b->next;
	rows->queued++;
	pthread_cond_signal(&rows->filled);
	pthread_mutex_unlock(&rows->lock);
}

/* ---- Gathering --------------------------------------------------------------------------- */

static struct batch *batch_of(struct rows *rows, struct table *t)
{
	struct batch *b;

	pthread_mutex_lock(&rows->lock);
	b = t->free;
	if (b)
		t->free = b->next;
	pthread_mutex_unlock(&rows->lock);
	if (!b) {
		b = need(sizeof *b);
		b->table = t;
		b->cells = need(BATCH_ROWS * (size_t)t->ncols * sizeof *b->cells);
	}
	return t->batch = b;
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

void rows_put(struct rows *rows, int i, const void *row)
{
	struct table *t = &rows->tables[i];
	struct batch *b = t->batch ? t->batch : batch_of(rows, t);
	int64_t *cell = b->cells + b->n * t->ncols;

	memcpy(cell, row, (size_t)t->ncols * sizeof *cell);
	for (int j = 0; t->texts && j < t->ncols; j++) {
		if (t->columns[j] != COLUMN_TEXT)
			continue;
		if (!cell[j])
			cell[j] = NONE;
		else if (t->insert)
			cell[j] = keep_text(b, (const char *)(intptr_t)cell[j]);
	}
	if (++b->n == BATCH_ROWS || b->used > BATCH_TEXT)
		flush(rows, t);
}

/* ---- Beginning and end ------------------------------------------------------------------- */

struct rows *rows_new(sqlite3 *file, sqlite3 *rest, const char *dir, int ntables)
{
	struct rows *rows = need(sizeof *rows);

	*rows = (struct rows){.file = file, .rest = rest, .dir = dir, .fd = -1, .ntables = ntables};
	rows->tables = need((size_t)ntables * sizeof *rows->tables);
	rows->last = &rows->first;
	pthread_mutex_init(&rows->lock, NULL);
	pthread_cond_init(&rows->filled, NULL);
	pthread_cond_init(&rows->emptied, NULL);
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
	t->texts |= text;
	t->columns[t->ncols++] = text		    ? COLUMN_TEXT
				 : key && !not_null ? COLUMN_ROWID
				 : not_null	    ? COLUMN_NOT_NULL
						    : COLUMN_INTEGER;
}

static void learn_root(struct table *t, sqlite3_stmt *stmt)
{
	t->has_rowid = !sqlite3_column_int(stmt, 1);
	t->root = (uint32_t)sqlite3_column_int64(stmt, 0);
}

static void learn_index(struct table *t, sqlite3_stmt *stmt)
{
	assert(t->nindexes < INDEXES);
	t->index[t->nindexes++] = (struct index){.root = (uint32_t)sqlite3_column_int64(stmt, 0),
						 .key = sqlite3_column_int(stmt, 1),
						 .ts = sqlite3_column_int(stmt, 2)};
}

void rows_table(struct rows *rows, int i, const char *name, size_t row_size, bool large)
{
	struct table *t = &rows->tables[i];
	char sql[128];

	t->name = name;
	ask(rows, "SELECT type, \"notnull\", pk FROM pragma_table_info(%Q)", name, learn_column, t);
	assert(rows->failed || (size_t)t->ncols * sizeof(int64_t) == row_size);
	if (large) {
		ask(rows,
		    "SELECT s.rootpage, l.wr FROM sqlite_schema AS s JOIN pragma_table_list AS l "
		    "USING (name) WHERE s.type = 'table' AND s.name = %Q",
		    name, learn_root, t);
		ask(rows,
		    "SELECT rootpage, (SELECT cid FROM pragma_index_info(s.name) WHERE seqno = 0), "
		    "(SELECT cid FROM pragma_index_info(s.name) WHERE seqno = 1) FROM "
		    "sqlite_schema "
		    "AS s WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %Q",
		    name, learn_index, t);
		return;
	}
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
	rows->pages = pages_new(rows->fd, (uint32_t)size, (uint32_t)count);
	for (struct table *t = rows->tables; t < rows->tables + rows->ntables; t++) {
		if (t->insert)
			continue;
		t->tree = tree_new(rows->pages, t->root);
		for (int i = 0; i < t->nindexes; i++) {
			t->index[i].tree = tree_new(rows->pages, t->index[i].root);
			t->index[i].sort = sort_new(rows->dir);
		}
	}
	rows->threaded = pthread_create(&rows->thread, NULL, writer, rows) == 0;
}

/* End the thread, when it has written what it was given. */
static void close_queue(struct rows *rows)
{
	if (!rows->threaded)
		return;
	pthread_mutex_lock(&rows->lock);
	rows->closed = true;
	pthread_cond_signal(&rows->filled);
	pthread_mutex_unlock(&rows->lock);
	pthread_join(rows->thread, NULL);
	rows->threaded = false;
}

static void end_sorts(struct rows *rows, bool write)
{
	for (struct table *t = rows->tables; t < rows->tables + rows->ntables; t++) {
		for (int i = 0; i < t->nindexes; i++) {
			struct index *x = &t->index[i];
			int err = x->sort ? sort_finish(x->sort, write ? x->tree : NULL) : 0;

			x->sort = NULL;
			if (err)
				fail(rows, SQLITE_IOERR, err);
		}
	}
}

void rows_finish(struct rows *rows)
{
	int err;

	for (int i = 0; i < rows->ntables; i++)
		flush(rows, &rows->tables[i]);
	close_queue(rows);
	end_sorts(rows, !rows->failed);
	if (!rows->pages)
		return;
	err = pages_finish(rows->pages);
	rows->pages = NULL;
	if (err)
		fail(rows, SQLITE_IOERR, err);
}

static void free_batch(struct batch *b)
{
	if (b) {
		free(b->cells);
		free(b->texts);
		free(b);
	}
}

void rows_free(struct rows *rows)
{
	close_queue(rows);
	end_sorts(rows, false);
	if (rows->pages)
		pages_finish(rows->pages);
	if (rows->fd >= 0)
		close(rows->fd);
	for (struct table *t = rows->tables; t < rows->tables + rows->ntables; t++) {
		sqlite3_finalize(t->insert);
		free_batch(t->batch);
		for (struct batch *b = t->free, *next; b; b = next) {
			next = b->next;
			free_batch(b);
		}
	}
	pthread_mutex_destroy(&rows->lock);
	pthread_cond_destroy(&rows->filled);
	pthread_cond_destroy(&rows->emptied);
	free(rows->tables);
	free(rows);
}
