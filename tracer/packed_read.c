/* SPDX-License-Identifier: MIT */
/* What blocks hold. */
#define _GNU_SOURCE
#include "packed_block.h"
#include "packed_form.h"

#include <stdlib.h>
#include <string.h>

/* ---- Tables of kinds --------------------------------------------------------------------- */

struct table *table_own(void)
{
	struct table *t = need(sizeof *t);

	t->n = EVENTS;
	for (int i = 0; i < EVENTS; i++) {
		t->kind[i].event = i;
		t->kind[i].nfields = event_desc[i].nfields;
		for (int j = 0; j < event_desc[i].nfields; j++) {
			t->kind[i].field[j].type = event_desc[i].field[j].type;
			t->kind[i].field[j].to = j;
		}
	}
	return t;
}

/* The types as they are written in a table, by number. */
static int find_type(const char *name)
{
	static const char *const names[] = {"u64", "u32", "i64", "ptr", "str"};

	for (int i = 0; i < 5; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

/* A word "name:type"; -1 if it is none, or one field too many. */
static int read_field(struct kind *k, char *word)
{
	char *type = strchr(word, ':');
	int t = type ? find_type(type + 1) : -1, to = -1;

	if (t < 0 || k->nfields == MAX_FIELDS)
		return -1;
	*type = 0;
	if (k->event >= 0)
		to = event_field((enum event)k->event, word);
	if (to >= 0 && (event_desc[k->event].field[to].type == FIELD_str) != (t == FIELD_str))
		to = -1;
	k->field[k->nfields].type = (enum field_type)t;
	k->field[k->nfields++].to = to;
	return 0;
}

/* Whether fields that the event has are not in it. */
static bool lacks(const struct kind *k)
{
	unsigned have = 0;

	for (int i = 0; i < k->nfields; i++)
		if (k->field[i].to >= 0)
			have |= 1u << k->field[i].to;
	return have != (1u << event_desc[k->event].nfields) - 1;
}

struct table *table_read(const char *text)
{
	struct table *t = need(sizeof *t);
	char *copy = need_text(text), *lines = copy, *line;
	int err = 0;

	while (!err && (line = strsep(&lines, "\n")) && *line) {
		char *word = strsep(&line, " ");
		struct kind *k = &t->kind[t->n];

		if (++t->n > 256)
			err = -1;
		else
			k->event = event_find(word);
		while (!err && (word = strsep(&line, " ")))
			err = read_field(k, word);
		k->lacks = !err && k->event >= 0 && lacks(k);
	}
	free(copy);
	if (!err)
		return t;
	free(t);
	return NULL;
}

/* ---- Records ----------------------------------------------------------------------------- */

/* What is read, and where that ends. */
struct cursor {
	const uint8_t *at, *end;
};

static bool take_long_number(struct cursor *c, uint64_t *v)
{
	*v = 0;
	for (int shift = 0; shift < 64; shift += 7) {
		uint8_t byte;

		if (c->at == c->end)
			return false;
		byte = *c->at++;
		*v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

static inline bool take_number(struct cursor *c, uint64_t *v)
{
	if (c->at == c->end || *c->at >= 0x80)
		return take_long_number(c, v);
	*v = *c->at++;
	return true;
}

static int64_t unfold(uint64_t v)
{
	return (int64_t)(v >> 1 ^ -(v & 1));
}

static inline bool take_time(struct block *b, struct cursor *c)
{
	uint64_t ticks, more = 0;

	if (c->end - c->at < 2)
		return false;
	ticks = c->at[0] | (uint64_t)c->at[1] << 8;
	c->at += 2;
	if (ticks & PACKED_LONG) {
		if (!take_number(c, &more) || more >> (63 - PACKED_TIME_BITS))
			return false;
		ticks = (ticks & (PACKED_LONG - 1)) | more << PACKED_TIME_BITS;
	}
	if (b->raw + ticks < b->raw)
		return false;
	b->raw += ticks;
	return true;
}

/* A text goes to `texts`, which has room for what is left of the block. */
static inline bool take_value(struct block *b, struct cursor *c, enum field_type type, union value *v,
			      char **texts)
{
	uint64_t n;

	if (!take_number(c, &n))
		return false;
	switch (type) {
	case FIELD_u64:
		v->u = n;
		return true;
	case FIELD_u32:
		v->u = n;
		return n <= UINT32_MAX;
	case FIELD_i64:
		v->i = unfold(n);
		return true;
	case FIELD_ptr:
		b->ptr += (uint64_t)unfold(n);
		v->u = b->ptr;
		return true;
	case FIELD_str:
		if (n > (uint64_t)(c->end - c->at))
			return false;
		memcpy(*texts, c->at, n);
		(*texts)[n] = 0;
		v->str = *texts;
		*texts += n + 1;
		c->at += n;
		return true;
	}
	return false;
}

static void clear_fields(struct record *r)
{
	for (int i = 0; i < event_desc[r->kind].nfields; i++) {
		if (event_desc[r->kind].field[i].type == FIELD_str)
			r->a[i].str = "";
		else
			r->a[i].u = 0;
	}
}

static void need_room(struct thread *t, size_t n)
{
	if (t->room >= n)
		return;
	free(t->texts);
	t->texts = need(n);
	t->room = n;
}

/* All but what every record has; false if it cannot be read. */
static bool take_kind(struct thread *t, struct block *b, struct cursor *c, const struct kind **kind)
{
	const struct kind *k;
	union value v;
	char *texts;

	if (c->at == c->end)
		return false;
	if (*c->at >= b->table->n)
		return false;
	*kind = k = &b->table->kind[*c->at++];
	if (!take_time(b, c))
		return false;
	need_room(t, (size_t)(c->end - c->at) + MAX_FIELDS + 1);
	texts = t->texts;
	if (k->event >= 0)
		t->record.kind = (enum event)k->event;
	if (k->lacks)
		clear_fields(&t->record);
	for (int i = 0; i < k->nfields; i++) {
		if (!take_value(b, c, k->field[i].type, &v, &texts))
			return false;
		if (k->field[i].to >= 0)
			t->record.a[k->field[i].to] = v;
	}
	return true;
}

int take_record(struct thread *t, struct block *b)
{
	struct cursor c = {b->data + b->at, b->data + b->size};
	const struct kind *k;

	if (!take_kind(t, b, &c, &k))
		return -1;
	b->at = (size_t)(c.at - b->data);
	t->record.pid = t->proc->pid;
	t->record.m = t->m;
	t->record.seq = b->seq++;
	b->count--;
	t->raw = b->raw;
	return k->event >= 0;
}
