/* SPDX-License-Identifier: MIT */
/* The interface is in parcels.h.
 *
 * A parcel holds so many records that to send it takes little beside them, and so few that all
 * parcels on their way stay in a cache.
 */
#define _GNU_SOURCE
#include "parcels.h"
#include "hash.h"
#include "queue.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { PARCEL = 24 << 10, PARCELS = 16 };

/* Records, each as far as its kind has fields, then the texts that these point to. */
struct parcel {
	struct parcels *all;
	size_t used;
	_Alignas(struct record) char data[PARCEL + sizeof(struct record)];
};

struct parcels {
	int (*take)(void *arg, const struct record *r);
	void *arg;
	struct queue *queue;
	struct pool pool;
	struct parcel *parcel; /* that is being filled, or NULL */
	atomic_bool stopped;
};

static size_t texts_size(const struct record *r)
{
	const struct event_desc *d = &event_desc[r->kind];
	size_t size = 0;

	for (int i = 0; i < d->nfields; i++)
		if (d->field[i].type == FIELD_str)
			size += strlen(r->a[i].str) + 1;
	return size;
}

/* What a record takes in a parcel. */
static size_t record_size(const struct record *r)
{
	const struct event_desc *d = &event_desc[r->kind];
	size_t size = offsetof(struct record, a) + (size_t)d->nfields * sizeof(union value);

	return d->ntexts ? (size + texts_size(r) + 7) & ~(size_t)7 : size;
}

/* A copy of a record, and of its texts behind it. */
static void copy_record(struct record *to, const struct record *r)
{
	const struct event_desc *d = &event_desc[r->kind];
	char *texts = (char *)&to->a[d->nfields];

	*to = *r;
	for (int i = 0; d->ntexts && i < d->nfields; i++) {
		if (d->field[i].type != FIELD_str)
			continue;
		to->a[i].str = texts;
		texts = stpcpy(texts, r->a[i].str) + 1;
	}
}

static void take(struct parcels *ps, const struct record *r)
{
	if (!ps->stopped && ps->take(ps->arg, r) != 0)
		ps->stopped = true;
}

static void open_parcel(void *arg)
{
	struct parcel *p = arg;
	struct parcels *ps = p->all;

	for (size_t at = 0; at < p->used;) {
		const struct record *r = (const struct record *)(p->data + at);

		at += record_size(r);
		take(ps, r);
	}
	pool_put(&ps->pool, p);
}

static void send(struct parcels *ps)
{
	if (ps->parcel)
		queue_put(ps->queue, open_parcel, ps->parcel);
	ps->parcel = NULL;
}

struct parcels *parcels_new(void (*begin)(void *arg), int (*take)(void *arg, const struct record *r), void *arg)
{
	struct parcels *ps = need(sizeof *ps);

	*ps = (struct parcels){.take = take, .arg = arg, .pool = POOL_INIT(sizeof(struct parcel))};
	ps->queue = queue_new(PARCELS);
	queue_put(ps->queue, begin, arg);
	queue_hurry(ps->queue);
	return ps;
}

int parcels_put(struct parcels *ps, const struct record *r)
{
	size_t size = record_size(r);

	if (size > PARCEL) {
		send(ps);
		queue_wait(ps->queue);
		take(ps, r);
		return ps->stopped;
	}
	if (ps->parcel && ps->parcel->used + size > PARCEL)
		send(ps);
	if (!ps->parcel) {
		ps->parcel = pool_get(&ps->pool);
		ps->parcel->all = ps;
		ps->parcel->used = 0;
	}
	copy_record((struct record *)(ps->parcel->data + ps->parcel->used), r);
	ps->parcel->used += size;
	return ps->stopped;
}

void parcels_call(struct parcels *ps, void (*fn)(void *arg), void *arg)
{
	send(ps);
	queue_put(ps->queue, fn, arg);
}

void parcels_free(struct parcels *ps)
{
	send(ps);
	queue_free(ps->queue);
	pool_free(&ps->pool);
	free(ps);
}
