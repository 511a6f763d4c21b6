/* SPDX-License-Identifier: MIT */
/* Profiles in pprof's format: samples, each a list of locations, the innermost first, with a value
 * for each type, and labels.  Everything else refers to texts by their number in one table.  The
 * numbers of fields are the format's. */
#include "array.h"
#include "error.h"
#include "export.h"
#include "hash.h"
#include "proto.h"
#include "query_export.h"

#include <string.h>
#include <zlib.h>

enum {
	PROFILE_TYPE = 1,
	PROFILE_SAMPLE = 2,
	PROFILE_MAPPING = 3,
	PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5,
	PROFILE_STRING = 6,
	PROFILE_TIME = 9,
	PROFILE_DURATION = 10,
	PROFILE_COMMENT = 13
};
enum { TYPE_NAME = 1, TYPE_UNIT = 2 };
enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE = 2, SAMPLE_LABEL = 3 };
enum { LABEL_KEY = 1, LABEL_TEXT = 2 };
enum {
	MAPPING_ID = 1,
	MAPPING_START = 2,
	MAPPING_LIMIT = 3,
	MAPPING_OFFSET = 4,
	MAPPING_FILE = 5,
	MAPPING_BUILD_ID = 6,
	MAPPING_HAS_FUNCTIONS = 7,
	MAPPING_HAS_FILES = 8,
	MAPPING_HAS_LINES = 9,
	MAPPING_HAS_INLINED = 10
};
enum { LOCATION_ID = 1, LOCATION_MAPPING = 2, LOCATION_ADDRESS = 3, LOCATION_LINE = 4 };
enum { LINE_FUNCTION = 1, LINE_NUMBER = 2 };
enum { FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_SYSTEM_NAME = 3, FUNCTION_FILE = 4 };

/* Texts, each with a number: from 1 in the order in which they came. */
struct texts {
	struct hash by_hash; /* of struct text */
	int64_t n;
};
struct text {
	int64_t id;
	char text[];
};

struct profile {
	sqlite3 *db;
	sqlite3_stmt *call, *site;
	struct proto out, part, line;
	struct texts strings, functions, locations;
};

/* The number of a text; *new if it is the first time.  Two texts with one hash are neighbours. */
static int64_t number(struct texts *t, const char *text, bool *new)
{
	uint64_t key = 14695981039346656037U; // FNV-1a
	struct text *found;

	for (const char *c = text; *c; c++)
		key = (key ^ (unsigned char)*c) * 1099511628211U;
	while ((found = hash_get(&t->by_hash, key)) && strcmp(found->text, text) != 0)
		key++;
	*new = !found;
	if (!found) {
		found = need(sizeof *found + strlen(text) + 1);
		found->id = ++t->n;
		strcpy(found->text, text);
		hash_put(&t->by_hash, key, found);
	}
	return found->id;
}

static void texts_free(struct texts *t)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&t->by_hash, s));)
		free(s->value);
	hash_free(&t->by_hash);
}

/* Its place in the profile's table of texts, where the empty one is 0. */
static int64_t string(struct profile *p, const char *text)
{
	int64_t id;
	bool new;

	if (!text || !*text)
		return 0;
	id = number(&p->strings, text, &new);
	if (new)
		proto_text(&p->out, PROFILE_STRING, text);
	return id;
}

static int64_t function(struct profile *p, const char *name, const char *file)
{
	char *key = sqlite3_mprintf("%s\n%s", name, file ? file : "");
	int64_t id;
	bool new;

	id = number(&p->functions, key, &new);
	sqlite3_free(key);
	if (new) {
		int64_t n = string(p, name), in = string(p, file);

		proto_int(&p->part, FUNCTION_ID, id);
		proto_int(&p->part, FUNCTION_NAME, n);
		proto_int(&p->part, FUNCTION_SYSTEM_NAME, n);
		proto_int(&p->part, FUNCTION_FILE, in);
		proto_message(&p->out, PROFILE_FUNCTION, &p->part);
	}
	return id;
}

struct place {
	const char *func, *file;
	int64_t line, address, mapping;
};

static int64_t location(struct profile *p, struct place at)
{
	char *key = sqlite3_mprintf("%s\n%s\n%lld %lld", at.func, at.file ? at.file : "", at.line,
				    at.address);
	int64_t id, in;
	bool new;

	id = number(&p->locations, key, &new);
	sqlite3_free(key);
	if (new) {
		in = function(p, at.func, at.file);
		proto_int(&p->part, LOCATION_ID, id);
		proto_int(&p->part, LOCATION_MAPPING, at.mapping);
		proto_int(&p->part, LOCATION_ADDRESS, at.address);
		proto_int(&p->line, LINE_FUNCTION, in);
		proto_int(&p->line, LINE_NUMBER, at.line);
		proto_message(&p->part, LOCATION_LINE, &p->line);
		proto_message(&p->out, PROFILE_LOCATION, &p->part);
	}
	return id;
}

static const char *text_of(sqlite3_stmt *row, int col)
{
	return (const char *)sqlite3_column_text(row, col);
}

struct locations {
	ARRAY(int64_t) v;
};

/* From the innermost call outwards. */
static void add_stack(struct profile *p, struct locations *l, int64_t stack)
{
	enum { CALLER, FUNC, FILE_NAME, LINE, ADDRESS, MODULE };

	while (stack) {
		sqlite3_reset(p->call);
		sqlite3_bind_int64(p->call, 1, stack);
		if (sqlite3_step(p->call) != SQLITE_ROW)
			break;
		array_add(&l->v,
			  location(p, (struct place){text_of(p->call, FUNC),
						     text_of(p->call, FILE_NAME),
						     sqlite3_column_int64(p->call, LINE),
						     sqlite3_column_int64(p->call, ADDRESS),
						     sqlite3_column_int64(p->call, MODULE)}));
		stack = sqlite3_column_int64(p->call, CALLER);
	}
}

/* Without stacks: the place, if it is known, in the goroutine's function. */
static void add_site(struct profile *p, struct locations *l, int64_t site, const char *func)
{
	enum { FUNC, FILE_NAME, LINE };
	bool same = false;

	sqlite3_reset(p->site);
	sqlite3_bind_int64(p->site, 1, site);
	if (sqlite3_step(p->site) == SQLITE_ROW) {
		same = strcmp(text_of(p->site, FUNC), func) == 0;
		array_add(&l->v,
			  location(p, (struct place){text_of(p->site, FUNC),
						     text_of(p->site, FILE_NAME),
						     sqlite3_column_int64(p->site, LINE), 0, 1}));
	}
	if (!same)
		array_add(&l->v, location(p, (struct place){func, NULL, 0, 0, 1}));
}

static void add_sample(struct profile *p, const struct pprof_kind *kind, sqlite3_stmt *row)
{
	enum { STACK, SITE, FUNC, COUNT, VALUE, LABELS };
	const int64_t values[] = {sqlite3_column_int64(row, COUNT),
				  sqlite3_column_int64(row, VALUE)};
	struct locations l = {0};
	struct proto sample = {0};

	if (sqlite3_column_int64(row, STACK))
		add_stack(p, &l, sqlite3_column_int64(row, STACK));
	else
		add_site(p, &l, sqlite3_column_int64(row, SITE), text_of(row, FUNC));
	proto_ints(&sample, SAMPLE_LOCATION, l.v.v, l.v.n);
	proto_ints(&sample, SAMPLE_VALUE, values, kind->value ? 2 : 1);
	for (int i = LABELS; i < sqlite3_column_count(row); i++) {
		if (sqlite3_column_type(row, i) == SQLITE_NULL)
			continue;
		proto_int(&p->part, LABEL_KEY, string(p, sqlite3_column_name(row, i)));
		proto_int(&p->part, LABEL_TEXT, string(p, text_of(row, i)));
		proto_message(&sample, SAMPLE_LABEL, &p->part);
	}
	proto_message(&p->out, PROFILE_SAMPLE, &sample);
	proto_free(&sample);
	free(l.v.v);
}

static void add_type(struct profile *p, const char *name, const char *unit)
{
	int64_t n = string(p, name), u = string(p, unit);

	proto_int(&p->part, TYPE_NAME, n);
	proto_int(&p->part, TYPE_UNIT, u);
	proto_message(&p->out, PROFILE_TYPE, &p->part);
}

/* The program and its libraries, or else the program's name alone. */
static void add_mapping(struct profile *p, sqlite3_stmt *row)
{
	enum { ID, START, LIMIT, OFFSET, PATH, BUILD_ID, KNOWN };
	int64_t path = string(p, text_of(row, PATH)), build = string(p, text_of(row, BUILD_ID));

	for (int i = ID; i <= OFFSET; i++)
		proto_int(&p->part, MAPPING_ID + i, sqlite3_column_int64(row, i));
	proto_int(&p->part, MAPPING_FILE, path);
	proto_int(&p->part, MAPPING_BUILD_ID, build);
	for (int field = MAPPING_HAS_FUNCTIONS; field <= MAPPING_HAS_INLINED; field++)
		proto_int(&p->part, field, sqlite3_column_int(row, KNOWN));
	proto_message(&p->out, PROFILE_MAPPING, &p->part);
}

static void add_time(struct profile *p, sqlite3_stmt *row)
{
	proto_int(&p->out, PROFILE_TIME, sqlite3_column_int64(row, 0));
	proto_int(&p->out, PROFILE_DURATION, sqlite3_column_int64(row, 1));
}

static void add_comment(struct profile *p, sqlite3_stmt *row)
{
	int64_t comment = string(p, text_of(row, 0));

	proto_int(&p->out, PROFILE_COMMENT, comment);
}

/* Prepare a query, with the time that is asked for; NULL after a message. */
static sqlite3_stmt *prepare(const struct export *x, const char *sql)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(x->db, sql, -1, &st, NULL) != SQLITE_OK) {
		error("cannot read the database: %s", sqlite3_errmsg(x->db));
		return NULL;
	}
	if (x->at >= 0 && sqlite3_bind_parameter_count(st))
		sqlite3_bind_int64(st, 1, x->at);
	return st;
}

static int add_each(struct profile *p, const struct export *x, const char *sql,
		    void (*add)(struct profile *, sqlite3_stmt *))
{
	sqlite3_stmt *st = prepare(x, sql);

	if (!st)
		return -1;
	while (sqlite3_step(st) == SQLITE_ROW)
		add(p, st);
	return sqlite3_finalize(st) == SQLITE_OK
		       ? 0
		       : error("cannot read the database: %s", sqlite3_errmsg(x->db));
}

static int add_samples(struct profile *p, const struct export *x, const struct pprof_kind *kind)
{
	sqlite3_stmt *st = prepare(x, kind->sql);
	int n = 0;

	if (!st)
		return -1;
	for (; sqlite3_step(st) == SQLITE_ROW; n++)
		add_sample(p, kind, st);
	if (sqlite3_finalize(st) != SQLITE_OK)
		return error("cannot read the database: %s", sqlite3_errmsg(x->db));
	return n ? 0 : error("%s: there is nothing to write as pprof %s", kind->none, kind->name);
}

/* The format's files are compressed with gzip. */
static int compressed(FILE *f, struct proto *p)
{
	enum { WITH_GZIP_HEADER = 15 + 16 };
	z_stream z = {.next_in = (unsigned char *)p->data, .avail_in = (unsigned)p->len};
	unsigned char buf[1 << 16];
	int rc;

	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WITH_GZIP_HEADER, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		die("out of memory");
	do {
		z.next_out = buf;
		z.avail_out = sizeof buf;
		rc = deflate(&z, Z_FINISH);
		fwrite(buf, 1, sizeof buf - z.avail_out, f);
	} while (rc == Z_OK);
	deflateEnd(&z);
	return 0;
}

static const struct pprof_kind *find(const char *name)
{
	for (const struct pprof_kind *k = pprof_kinds; k->name; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

static int build(struct profile *p, const struct export *x, const struct pprof_kind *kind)
{
	p->call = prepare(x, pprof_call_sql);
	p->site = p->call ? prepare(x, pprof_site_sql) : NULL;
	if (!p->site)
		return -1;
	proto_text(&p->out, PROFILE_STRING, "");
	add_type(p, kind->count, "count");
	if (kind->value)
		add_type(p, kind->value, "nanoseconds");
	if (add_each(p, x, pprof_time_sql, add_time) < 0 ||
	    add_each(p, x, pprof_lost_sql, add_comment) < 0 ||
	    add_each(p, x, pprof_mappings_sql, add_mapping) < 0)
		return -1;
	return add_samples(p, x, kind);
}

int export_pprof(FILE *f, const struct export *x)
{
	const struct pprof_kind *kind = find(x->what);
	struct profile p = {0};
	int ret = build(&p, x, kind);

	if (ret == 0)
		ret = compressed(f, &p.out);
	sqlite3_finalize(p.call);
	sqlite3_finalize(p.site);
	proto_free(&p.out);
	proto_free(&p.part);
	proto_free(&p.line);
	texts_free(&p.strings);
	texts_free(&p.functions);
	texts_free(&p.locations);
	return ret;
}
