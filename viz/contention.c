/* SPDX-License-Identifier: MIT */
/* What was waited for, how long, and because of whom. */
#define _GNU_SOURCE
#include "contention.h"
#include "alike.h"
#include "latency.h"
#include "sums.h"

#include <string.h>

/* By object, then by the crew of who is to blame, then by who. */
static int by_key(const void *a, const void *b)
{
	const struct sum *x = a, *y = b;

	for (int i = 0; i < 3; i++)
		if (x->key[i] != y->key[i])
			return x->key[i] < y->key[i] ? -1 : 1;
	return 0;
}

static int by_name(const void *a, const void *b, void *arg)
{
	const struct contention *c = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = strcmp(c->goroutines.v[x].name, c->goroutines.v[y].name);

	return order ? order : (x > y) - (x < y);
}

static void find_crews(struct contention *c)
{
	size_t n = c->goroutines.n;
	uint32_t *order = array_zeroed(n, sizeof *order);

	c->crew = array_zeroed(n, sizeof *c->crew);
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, n, sizeof *order, by_name, c);
	for (size_t i = 0, first = 0; i < n; i++) {
		if (strcmp(c->goroutines.v[order[i]].name, c->goroutines.v[order[first]].name) != 0)
			first = i;
		c->crew[order[i]] = order[first];
	}
	free(order);
}

bool contention_idle(const struct contention *c, const struct contended *row)
{
	static const char *const kinds[] = {"waitgroup", "group", "conn"};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(c->objects.v[row->obj].kind, kinds[i]) == 0)
			return true;
	return false;
}

static int by_total(const void *a, const void *b, void *arg)
{
	const struct contended *x = a, *y = b;
	int ix = contention_idle(arg, x), iy = contention_idle(arg, y);

	if (ix != iy)
		return ix - iy;
	if (x->total != y->total)
		return x->total < y->total ? 1 : -1;
	return (x->obj > y->obj) - (x->obj < y->obj);
}

/* Put a culprit among the worst three. */
static void accuse(struct contended *row, struct culprit who)
{
	int at = 3;

	if (who.lead == NOBODY || who.total == 0)
		return;
	row->nwho++;
	row->blamed += who.total;
	while (at > 0 && row->who[at - 1].total < who.total)
		at--;
	for (int i = 2; i > at; i--)
		row->who[i] = row->who[i - 1];
	if (at < 3)
		row->who[at] = who;
}

/* Who is to blame for the waits for one object: n sums, those of one crew together. */
static void find_culprits(struct contended *row, const struct sum *s, size_t n)
{
	struct culprit who = {NOBODY, 0, 0};

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || s[i].key[1] != s[i - 1].key[1]) {
			accuse(row, who);
			who = (struct culprit){(uint32_t)s[i].key[2], 0, 0};
		}
		who.n++;
		who.total += s[i].total;
	}
	accuse(row, who);
}

void contention_clip(struct contention *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->waits.n; i++) {
		const struct wait *w = &c->waits.v[i];

		if (w->ts < c->to && w->ts + w->dur >= c->from)
			c->waits.v[n++] = *w;
	}
	c->waits.n = n;
}

/* The first of those that are one stands for all. */
static void be_many(struct contention *c, struct object *first, const char *name, size_t worst,
		    int64_t total)
{
	const struct object *o = &c->objects.v[worst];
	const char *number = o->label + format_stem(o->label);
	char buf[FORMAT_MAX], *most = format_text("%s, %s", *number ? number + 1 : "#1",
						  format_ns(buf, (double)total, 3));
	char *where = o->where ? format_text("%s", o->where) : NULL;

	free(first->label);
	free(first->where);
	first->label = format_text("%s", name);
	first->where = where;
	first->most = most;
}

void contention_merge(struct contention *c)
{
	size_t n = c->objects.n;
	char **labels = array_zeroed(n, sizeof *labels);
	int64_t *total = array_zeroed(n, sizeof *total);
	size_t *first, *worst; /* of each group: the index of an object, and one */
	struct alike a;

	for (size_t i = 0; i < n; i++)
		labels[i] = c->objects.v[i].label;
	alike_find(labels, n, &a);
	first = array_zeroed(a.v.n, sizeof *first);
	worst = array_zeroed(a.v.n, sizeof *worst);
	for (size_t i = 0; i < c->waits.n; i++)
		total[c->waits.v[i].obj] += c->waits.v[i].dur;
	for (size_t i = 0; i < n; i++) {
		int group = a.group[i];

		first[group] = first[group] ? first[group] : i + 1;
		if (!worst[group] || total[i] > total[worst[group] - 1])
			worst[group] = i + 1;
	}
	for (size_t i = 0; i < a.v.n; i++)
		if (a.v.v[i].n > 1)
			be_many(c, &c->objects.v[first[i] - 1], a.v.v[i].name, worst[i] - 1,
				total[worst[i] - 1]);
	for (size_t i = 0; i < c->waits.n; i++)
		c->waits.v[i].obj = (uint32_t)first[a.group[c->waits.v[i].obj]] - 1;
	alike_free(&a);
	free(labels);
	free(total);
	free(first);
	free(worst);
}

/* A row for each object, whether it was waited for or not; all but how long and because of whom. */
static struct contended *count(const struct contention *c, struct sums *blame)
{
	struct contended *rows = array_zeroed(c->objects.n, sizeof *rows);

	for (size_t i = 0; i < c->waits.n; i++) {
		const struct wait *w = &c->waits.v[i];
		struct contended *row = &rows[w->obj];

		row->obj = w->obj;
		row->waits++;
		row->total += w->dur;
		row->open += w->open;
		row->lost += w->lost;
		row->open_total += w->open ? w->dur : 0;
		row->by_color[w->color] += w->dur;
		if (w->blame != NOBODY)
			sums_add(blame, w->obj, c->crew[w->blame], w->blame, w->dur);
	}
	return rows;
}

/* How long the waits for each object took. */
static void find_percentiles(const struct contention *c, struct contended *rows)
{
	int64_t *v = array_zeroed(c->waits.n, sizeof *v);
	size_t *at = array_zeroed(c->objects.n, sizeof *at), n = 0;

	for (size_t i = 0; i < c->objects.n; i++) {
		at[i] = n;
		n += (size_t)rows[i].waits;
	}
	for (size_t i = 0; i < c->waits.n; i++)
		v[at[c->waits.v[i].obj]++] = c->waits.v[i].dur;
	for (size_t i = 0; i < c->objects.n; i++) {
		size_t waits = (size_t)rows[i].waits;
		int64_t *first = v + at[i] - waits;

		if (waits == 0)
			continue;
		latency_sort(first, waits);
		rows[i].median = latency_percentile(first, waits, 50);
		rows[i].p99 = latency_percentile(first, waits, 99);
		rows[i].longest = first[waits - 1];
	}
	free(v);
	free(at);
}

void contention_sum(struct contention *c)
{
	struct sums blame = {0};
	struct contended *rows;

	if (c->waits.n == 0)
		return;
	find_crews(c);
	rows = count(c, &blame);
	find_percentiles(c, rows);
	if (blame.n)
		qsort(blame.v, blame.n, sizeof *blame.v, by_key);
	for (size_t i = 0, end; i < blame.n; i = end) {
		for (end = i; end < blame.n && blame.v[end].key[0] == blame.v[i].key[0]; end++)
			;
		find_culprits(&rows[blame.v[i].key[0]], blame.v + i, end - i);
	}
	for (size_t i = 0; i < c->objects.n; i++)
		if (rows[i].waits) {
			*(contention_idle(c, &rows[i]) ? &c->idle : &c->total) += rows[i].total;
			array_add(&c->rows, rows[i]);
		}
	qsort_r(c->rows.v, c->rows.n, sizeof *c->rows.v, by_total, c);
	sums_free(&blame);
	free(rows);
}

/* Who is to blame for a part of the waiting. */
static char *accusation(const struct contention *c, const struct culprit *who, double part)
{
	const struct goroutine *g = &c->goroutines.v[who->lead];
	const char *about = part > 0 && part < 0.005 ? "<" : "";
	double percent = *about ? 1 : 100 * part;
	char n[FORMAT_MAX];

	if (who->n > 1)
		return format_text("%s (%s%.0f%%, %s goroutines)", g->name, about, percent,
				   format_count(n, who->n));
	return format_text("g%llu %s (%s%.0f%%)", (unsigned long long)g->g, g->name, about,
			   percent);
}

/* Of waits that no goroutine ended. */
static char *who_else(const struct contended *row)
{
	double open = row->total ? (double)row->open_total / (double)row->total : 0;
	char a[FORMAT_MAX], b[FORMAT_MAX];

	if (row->lost)
		return format_text("who ended the wait is not recorded");
	if (row->open == 0)
		return format_text("the runtime ended the wait");
	if (row->open == row->waits)
		return format_text("nobody ended the wait");
	return format_text("nobody ended the wait (%s), or the runtime did (%s)",
			   format_percent(a, open), format_percent(b, 1 - open));
}

char *contention_who(const struct contention *c, const struct contended *row)
{
	const char *verb = strcmp(c->objects.v[row->obj].kind, "mutex") == 0 ? "held by" : "late:";
	char *text = NULL, *one, *more;
	double part;

	for (int i = 0; i < 3 && row->who[i].total; i++) {
		one = accusation(c, &row->who[i], (double)row->who[i].total / (double)row->total);
		more = format_text("%s%s%s", text ? text : verb, text ? ", " : " ", one);
		free(one);
		free(text);
		text = more;
	}
	if (!text)
		return who_else(row);
	if (row->nwho > 3) {
		more = format_text("%s, %lld other%s", text, (long long)(row->nwho - 3),
				   row->nwho == 4 ? "" : "s");
		free(text);
		text = more;
	}
	part = 1 - (double)row->blamed / (double)row->total;
	if (part >= 0.005) { /* not to make much of the few that somebody ended */
		more = format_text("%s, %s (%.0f%%)", text, row->lost ? "not recorded" : "no goroutine",
				   100 * part);
		free(text);
		text = more;
	}
	return text;
}

void contention_free(struct contention *c)
{
	for (size_t i = 0; i < c->objects.n; i++) {
		free(c->objects.v[i].label);
		free(c->objects.v[i].kind);
		free(c->objects.v[i].where);
		free(c->objects.v[i].most);
	}
	for (size_t i = 0; i < c->notes.n; i++)
		free(c->notes.v[i]);
	free(c->notes.v);
	free(c->when);
	free(c->gaps.v);
	for (size_t i = 0; i < c->goroutines.n; i++)
		free(c->goroutines.v[i].name);
	free(c->objects.v);
	free(c->goroutines.v);
	free(c->waits.v);
	free(c->rows.v);
	free(c->crew);
	free(c->title);
}
