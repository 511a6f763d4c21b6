/* SPDX-License-Identifier: MIT */
/* Makes databases.  The interface is in db.h. */
#define _GNU_SOURCE
#include "db.h"
#include "cleanup.h"
#include "error.h"
#include "files.h"
#include "grouped.h"
#include "hash.h"
#include "record.h"
#include "rows.h"
#include "sets.h"
#include "utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char schema_sql[] =
#include "schema.sql.h"
	;
static const char views_sql[] =
#include "views.sql.h"
	;

enum { CACHE = 1 << 14 };

struct db {
	sqlite3 *sql; /* of what is not written to the file at once; in the end, the file's */
	struct rows *rows;
	char *path, *dir, *temp;
	bool force;
	int failed; /* the first SQLite error, or 0 */
	int failed_errno;
	sqlite3_stmt *find_string, *add_string;
	int64_t strings;
	struct cached {
		uint64_t hash;
		int64_t id;
		char *text;
	} cache[CACHE]; /* strings seen lately, by hash */
};

/* ---- Errors ----------------------------------------------------------------------------- */

static void fail(struct db *db, int rc)
{
	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE || db->failed)
		return;
	db->failed = rc;
	db->failed_errno = sqlite3_system_errno(db->sql);
}

bool db_failed(const struct db *db)
{
	return db->failed || (db->rows && rows_failed(db->rows, NULL)) || cleanup_interrupted();
}

void db_fail(struct db *db, int err)
{
	if (db->failed)
		return;
	db->failed = SQLITE_IOERR;
	db->failed_errno = err;
}

int db_temporary(struct db *db)
{
	int fd = temporary_file(db->dir);

	if (fd < 0)
		db_fail(db, errno);
	return fd;
}

static int say_failure(struct db *db)
{
	if (cleanup_interrupted())
		return error("%s was not written: interrupted by a signal", db->path);
	if (db->rows && !db->failed)
		db->failed = rows_failed(db->rows, &db->failed_errno);
	if ((db->failed & 0xff) == SQLITE_FULL || db->failed_errno == ENOSPC ||
	    db->failed_errno == EDQUOT)
		return error("cannot write %s: no space left on the disk of %s", db->path, db->dir);
	if ((db->failed & 0xff) == SQLITE_IOERR && db->failed_errno)
		return error("cannot write %s: %s", db->path, strerror(db->failed_errno));
	return error("cannot write %s: %s (%s)", db->path, sqlite3_errstr(db->failed),
		     sqlite3_errmsg(db->sql));
}

static void run(struct db *db, sqlite3 *sql, const char *text)
{
	if (!db->failed)
		fail(db, sqlite3_exec(sql, text, NULL, NULL, NULL));
}

/* ---- Rows -------------------------------------------------------------------------------- */

void db_put_row(struct db *db, enum db_table table, const void *row)
{
	rows_put(db->rows, table, row);
}

void db_end_sorted(struct db *db)
{
	rows_end_sorted(db->rows);
}

static int64_t find_string(struct db *db, const char *text)
{
	int64_t id = 0;
	int rc;

	sqlite3_bind_text(db->find_string, 1, text, -1, SQLITE_STATIC);
	rc = sqlite3_step(db->find_string);
	fail(db, rc);
	if (rc == SQLITE_ROW)
		id = sqlite3_column_int64(db->find_string, 0);
	sqlite3_reset(db->find_string);
	if (id || db->failed)
		return id;
	sqlite3_bind_int64(db->add_string, 1, ++db->strings);
	sqlite3_bind_text(db->add_string, 2, text, -1, SQLITE_STATIC);
	fail(db, sqlite3_step(db->add_string));
	sqlite3_reset(db->add_string);
	return db->strings;
}

int64_t db_string(struct db *db, const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;
	struct cached *c;

	for (const char *s = text; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 0x100000001b3u;
	c = &db->cache[hash % CACHE];
	if (c->text && c->hash == hash && !strcmp(c->text, text))
		return c->id;
	free(c->text);
	c->text = need_text(text);
	c->hash = hash;
	if (utf8_copy(NULL, text) != strlen(text) + 1) {
		char *valid = need(utf8_copy(NULL, text));

		utf8_copy(valid, text);
		c->id = find_string(db, valid);
		free(valid);
	} else {
		c->id = find_string(db, text);
	}
	return c->id;
}

/* ---- Making one -------------------------------------------------------------------------- */

static void fill_reasons(struct db *db)
{
	static const char *const names[WHYS - WHY_unknown] = {
		"unknown", "create", "ready", "yield", "attach", "stop",
	};

	for (int i = 1; i < WAITS; i++)
		db_put(db, reason, .why = i, .name = wait_desc[i].name);
	for (int i = WHY_unknown; i < WHYS; i++)
		db_put(db, reason, .why = i, .name = names[i - WHY_unknown]);
}

static void fill_event_kinds(struct db *db)
{
	for (int i = 0; i < EVENTS; i++)
		db_put(db, event_kind, .kind = i, .name = event_desc[i].name,
		       .event_set = set_of(i)->name,
		       .doc = event_desc[i].doc);
}

/* No journal and no syncing: until it is whole nobody has it. */
static const char pragmas[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
			      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536;"
			      "PRAGMA ignore_check_constraints = ON;"; /* weft check looks at them */

/* A database with the schema, which is `*sql` then. */
static void make_schema(struct db *db, const char *path, sqlite3 **sql)
{
	char *id = sqlite3_mprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN",
				   DB_APPLICATION, DB_SCHEMA);
	const char *const steps[] = {pragmas, id, schema_sql, "COMMIT"};
	int rc = sqlite3_open_v2(path, sql, SQLITE_OPEN_READWRITE, NULL);

	for (int i = 0; i < 4 && rc == SQLITE_OK; i++)
		rc = sqlite3_exec(*sql, steps[i], NULL, NULL, NULL);
	if (rc != SQLITE_OK && !db->failed) {
		db->failed = rc;
		db->failed_errno = errno; // sqlite3_system_errno() has none of a COMMIT
	}
	sqlite3_free(id);
}

/* A view for each kind of event, with its fields by name. */
static void make_event_views(struct db *db, sqlite3 *sql)
{
	for (int k = 0; k < EVENTS; k++) {
		const struct event_desc *d = &event_desc[k];
		sqlite3_str *s = sqlite3_str_new(sql);
		char *view;

		sqlite3_str_appendf(s, "CREATE VIEW ev_%s AS -- %s\nSELECT id, ts, pid, m, p",
				    d->name, d->doc);
		for (int i = 0; i < d->nfields; i++)
			sqlite3_str_appendf(s,
					    d->field[i].type == FIELD_str
						    ? ",\n\t(SELECT text FROM string WHERE "
						      "string.id = a%d) AS \"%w\""
						    : ",\n\ta%d AS \"%w\"",
					    i, d->field[i].name);
		sqlite3_str_appendf(s, "\nFROM event WHERE kind = %d", k);
		view = sqlite3_str_finish(s);
		run(db, sql, view);
		sqlite3_free(view);
	}
}

/* The file has the schema and the views; what is not written to it at once waits in a database without a name. */
void db_begin(struct db *db)
{
	sqlite3 *file;

	make_schema(db, db->temp, &file);
	make_schema(db, "", &db->sql);
	db->rows = rows_new(file, db->sql, db->dir, DB_NTABLES);
#define X(name) rows_table(db->rows, DB_##name, #name, sizeof(struct row_##name), ROWS_IN_ORDER);
	DB_IN_ORDER(X)
#undef X
#define X(name) rows_table(db->rows, DB_##name, #name, sizeof(struct row_##name), ROWS_SORTED);
	DB_SORTED(X)
#undef X
#define X(name) rows_table(db->rows, DB_##name, #name, sizeof(struct row_##name), ROWS_SMALL);
	DB_SMALL(X)
#undef X
	run(db, file, "BEGIN");
	run(db, file, views_sql);
	make_event_views(db, file);
	run(db, file, "COMMIT");
	rows_begin(db->rows, db->temp);
	sqlite3_close(file);
	run(db, db->sql, "BEGIN");
	if (db_failed(db))
		return;
	fail(db, sqlite3_prepare_v2(db->sql, "SELECT id FROM string WHERE text = ?", -1,
				    &db->find_string, NULL));
	fail(db, sqlite3_prepare_v2(db->sql, "INSERT INTO string (id, text) VALUES (?, ?)", -1,
				    &db->add_string, NULL));
	fill_event_kinds(db);
	fill_reasons(db);
}

/* Set db->path, db->dir and db->temp, an empty file. */
static int make_place(struct db *db, const char *path)
{
	mode_t mask = umask(0);
	struct stat st;
	char *copy;
	int fd;

	umask(mask);
	if (stat(path, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			return error("%s exists and is not a file", path);
		if (!db->force)
			return error("%s exists; with -f it is overwritten", path);
		db->path = realpath(path, NULL);
	} else if (lstat(path, &st) == 0) {
		return error("%s is a link to what is not there", path);
	}
	if (!db->path)
		db->path = need_text(path);
	copy = need_text(db->path);
	db->dir = need_text(dirname(copy));
	free(copy);
	if (asprintf(&db->temp, "%s/.weft-XXXXXX", db->dir) < 0)
		die("no memory");
	fd = mkstemp(db->temp);
	if (fd < 0) {
		int err = errno;

		free(db->temp);
		db->temp = NULL;
		return error("cannot write %s: a file cannot be made in %s: %s", path, db->dir,
			     strerror(err));
	}
	cleanup_add(db->temp);
	/* SQLite's own temporary files too: the trace may have filled the disk of /tmp. */
	setenv("SQLITE_TMPDIR", db->dir, 0);
	fchmod(fd, 0666 & ~mask);
	close(fd);
	return 0;
}

static void free_db(struct db *db)
{
	if (db->rows)
		rows_free(db->rows);
	for (int i = 0; i < CACHE; i++)
		free(db->cache[i].text);
	sqlite3_finalize(db->find_string);
	sqlite3_finalize(db->add_string);
	sqlite3_close(db->sql);
	free(db->temp);
	free(db->path);
	free(db->dir);
	free(db);
}

void db_abandon(struct db *db)
{
	if (db->temp)
		cleanup_done(db->temp, false);
	free_db(db);
}

struct db *db_create(const char *path, bool force)
{
	struct db *db = need(sizeof *db);

	db->force = force;
	if (make_place(db, path) < 0) {
		db_abandon(db);
		return NULL;
	}
	return db;
}

/* ---- Finishing it ------------------------------------------------------------------------ */

static int sync_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return err == EINVAL ? 0 : err; /* some file systems sync no directories */
}

/* Move the file to its place; unless force, not over one that came to be meanwhile. */
static int move(const struct db *db)
{
	if (db->force)
		return rename(db->temp, db->path) < 0 ? errno : 0;
	if (renameat2(AT_FDCWD, db->temp, AT_FDCWD, db->path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	if (link(db->temp, db->path) < 0)
		return errno;
	unlink(db->temp);
	return 0;
}

/* Copy the tables that are not in the file yet. */
static void copy_rest(struct db *db)
{
	static const char *const tables[] = {
#define X(name) #name,
		DB_SMALL(X)
#undef X
	};
	char *sql = sqlite3_mprintf("ATTACH %Q AS run; PRAGMA run.journal_mode = OFF; "
				    "PRAGMA run.synchronous = OFF; BEGIN", db->temp);

	run(db, db->sql, "COMMIT");
	run(db, db->sql, sql);
	sqlite3_free(sql);
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		sql = sqlite3_mprintf("INSERT INTO run.%s SELECT * FROM main.%s", tables[i],
				      tables[i]);
		run(db, db->sql, sql);
		sqlite3_free(sql);
	}
	run(db, db->sql, "COMMIT; DETACH run");
}

int db_finish(struct db *db)
{
	int err;

	rows_finish(db->rows);
	if (!db_failed(db))
		copy_rest(db);
	if (!db_failed(db)) {
		err = sync_path(db->temp);
		if (!err)
			err = move(db);
		if (!err)
			err = sync_path(db->dir);
		if (!err) {
			cleanup_done(db->temp, true);
			free_db(db);
			return 0;
		}
		db->failed = SQLITE_IOERR;
		db->failed_errno = err;
	}
	say_failure(db);
	db_abandon(db);
	return -1;
}

/* ---- Reading one ------------------------------------------------------------------------- */

static int64_t pragma(sqlite3 *sql, const char *query, int *rc)
{
	sqlite3_stmt *stmt;
	int64_t v = 0;

	*rc = sqlite3_prepare_v2(sql, query, -1, &stmt, NULL);
	if (*rc != SQLITE_OK)
		return 0;
	*rc = sqlite3_step(stmt);
	if (*rc == SQLITE_ROW)
		v = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return v;
}

/* Whether what was opened is a database of ours, whole, and of this version. */
static int examine(sqlite3 *sql, const char *path)
{
	int rc;
	int64_t application, version;

	application = pragma(sql, "PRAGMA application_id", &rc);
	if (rc == SQLITE_ROW)
		version = pragma(sql, "PRAGMA user_version", &rc);
	if (rc == SQLITE_NOTADB)
		return error("%s is not a database", path);
	if (rc != SQLITE_ROW)
		return error("cannot read %s: %s", path, sqlite3_errmsg(sql));
	if (application != DB_APPLICATION)
		return error("%s is a database, but none that weft made", path);
	if (version != DB_SCHEMA)
		return error("%s has schema %d; this weft reads %d: load the trace again", path,
			     (int)version, DB_SCHEMA);
	if (pragma(sql, "SELECT count(*) FROM run", &rc) != 1)
		return error("%s is damaged: %s", path,
			     rc == SQLITE_ROW ? "it describes no run" : sqlite3_errmsg(sql));
	return 0;
}

/* What takes more than a second says so. */
static int show_time(void *path)
{
	static time_t began, said;
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	if (!began)
		began = t.tv_sec;
	if (t.tv_sec > began + 1 && t.tv_sec != said)
		progress("reading %s: %lld s", (const char *)path, (long long)(t.tv_sec - began));
	said = t.tv_sec;
	return 0;
}

static struct stat reading; /* the file that was opened last to be read */

bool db_is_read(const struct stat *file)
{
	return file->st_dev == reading.st_dev && file->st_ino == reading.st_ino;
}

sqlite3 *db_open_read(const char *path)
{
	enum { OFTEN = 1000000 }; /* instructions of SQLite's machine: some 50 ms */
	sqlite3 *sql = NULL;
	int rc;

	if (stat(path, &reading) < 0) {
		error("%s: %s", path, strerror(errno));
		return NULL;
	}
	if (!S_ISREG(reading.st_mode)) {
		error("%s is not a file; weft load makes a database of a trace", path);
		return NULL;
	}
	rc = access(path, R_OK) < 0
		     ? SQLITE_CANTOPEN
		     : sqlite3_open_v2(path, &sql, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		error("cannot read %s: %s", path, strerror(errno));
	else if (examine(sql, path) == 0 && grouped_register(sql) == SQLITE_OK) {
		sqlite3_db_config(sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		sqlite3_exec(sql, "PRAGMA cache_size = -65536", NULL, NULL, NULL); /* KiB; sorts in it */
		sqlite3_progress_handler(sql, OFTEN, show_time, (void *)path);
		return sql;
	}
	sqlite3_close(sql);
	return NULL;
}

/* ---- What it says of itself -------------------------------------------------------------- */

/* Where "CREATE TABLE name " or "CREATE VIEW name " is in our SQL, or NULL. */
static const char *find_create(const char *sql, const char *name)
{
	static const char *const kinds[] = {"TABLE", "VIEW"};
	const char *at = NULL;
	char create[128];

	for (int i = 0; i < 2 && !at; i++) {
		snprintf(create, sizeof create, "\nCREATE %s %s ", kinds[i], name);
		at = strstr(sql, create);
	}
	return at;
}

char *db_comment(const char *name)
{
	const char *sql = find_create(schema_sql, name) ? schema_sql : views_sql;
	const char *end = find_create(sql, name), *line = end;
	char *doc, *to;

	if (!end)
		return need(1);
	/* back to the blank line before the comment; the comment begins after its "-- " */
	while (line > sql && !(line[-1] == '\n' && line[0] == '\n'))
		line--;
	doc = to = need((size_t)(end - line) + 1);
	for (line++; line < end; line++) {
		if (!strncmp(line, "-- ", 3) && line[-1] == '\n')
			line += 3;
		*to++ = *line == '\n' ? ' ' : *line;
		if (*line == '.' && (line[1] == ' ' || line[1] == '\n'))
			break;
	}
	return doc;
}
