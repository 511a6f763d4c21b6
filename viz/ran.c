/* SPDX-License-Identifier: MIT */
#include "ran.h"
#include "format.h"
#include "hash.h"

struct stretch {
	int64_t g, fn, from, to;
};

struct ran {
	sqlite3 *db;
	ARRAY(struct stretch) v;
};

/* The goroutines of one function. */
struct crew {
	int64_t fn, total, lead, n; /* lead: one of them; n: how many */
};

struct ran *ran_new(sqlite3 *db, int64_t from, int64_t to)
{
	static const char sql[] =
		"SELECT p.g, g.fn, p.ts, coalesce(p.ts + p.dur, ?2) FROM p_interval AS p "
		"JOIN goroutine AS g USING (g) WHERE p.state = 1 AND p.ts < ?2 AND "
		"coalesce(p.ts + p.dur, ?2) > ?1";
	struct ran *r = array_zeroed(1, sizeof *r);
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	r->db = db;
	if (rc == SQLITE_OK) {
		sqlite3_bind_int64(st, 1, from);
		sqlite3_bind_int64(st, 2, to);
		while (sqlite3_step(st) == SQLITE_ROW)
			array_add(&r->v, (struct stretch){sqlite3_column_int64(st, 0),
							  sqlite3_column_int64(st, 1),
							  sqlite3_column_int64(st, 2),
							  sqlite3_column_int64(st, 3)});
		rc = sqlite3_finalize(st);
	}
	if (rc == SQLITE_OK)
		return r;
	error("cannot read the database: %s", sqlite3_errmsg(db));
	ran_free(r);
	return NULL;
}

void ran_free(struct ran *r)
{
	if (r)
		free(r->v.v);
	free(r);
}

/* How much of a stretch is in the windows. */
static int64_t within(const struct stretch *s, const struct window *w, size_t n)
{
	size_t lo = 0, hi = n;
	int64_t sum = 0;

	while (lo < hi) { /* the first window that ends after it begins */
		size_t mid = (lo + hi) / 2;

		if (w[mid].to <= s->from)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < n && w[lo].from < s->to; lo++)
		sum += (w[lo].to < s->to ? w[lo].to : s->to) -
		       (w[lo].from > s->from ? w[lo].from : s->from);
	return sum;
}

static struct crew *crew_of(struct hash *crews, const struct stretch *s)
{
	struct crew *c = hash_get(crews, (uint64_t)s->fn);

	if (!c) {
		c = need(sizeof *c);
		*c = (struct crew){.fn = s->fn, .lead = s->g};
		hash_put(crews, (uint64_t)s->fn, c);
	}
	return c;
}

static char *name(const struct ran *r, const struct crew *c)
{
	char *func, *text;

	if (c->n == 1)
		return query_name(r->db, c->lead);
	func = query_func(r->db, c->lead);
	text = format_text("%lld goroutines of %s", (long long)c->n, func);
	free(func);
	return text;
}

char *ran_most(const struct ran *r, const struct window *w, size_t n, double *share, char **place)
{
	struct hash crews = {0}, known = {0};
	const struct crew *most = NULL;
	int64_t all = 0;
	char *text = NULL;

	for (size_t i = 0; i < r->v.n; i++) {
		int64_t part = within(&r->v.v[i], w, n);
		struct crew *c = part ? crew_of(&crews, &r->v.v[i]) : NULL;

		if (!c)
			continue;
		c->total += part;
		c->n += !bits_has(&known, (uint64_t)r->v.v[i].g);
		bits_add(&known, (uint64_t)r->v.v[i].g);
		all += part;
		if (!most || c->total > most->total ||
		    (c->total == most->total && c->fn < most->fn))
			most = c;
	}
	if (most) {
		*share = 100.0 * (double)most->total / (double)all;
		*place = query_spawn_place(r->db, most->lead);
		text = name(r, most);
	}
	for (struct hash_slot *s = NULL; (s = hash_next(&crews, s));)
		free(s->value);
	for (struct hash_slot *s = NULL; (s = hash_next(&known, s));)
		free(s->value);
	hash_free(&crews);
	hash_free(&known);
	return text;
}
