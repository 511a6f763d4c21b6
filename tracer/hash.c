/* SPDX-License-Identifier: MIT */
/* A map from 64-bit numbers to pointers: open addressing, linear probing.
 *
 * Invariant: no free slot lies between a key's home and the slot it is in; removal moves what
 * follows back, so there are no tombstones and a lookup never slows down with age.
 */
#include "hash.h"
#include "error.h"

#include <stdlib.h>
#include <string.h>

void *need(size_t bytes)
{
	void *p = calloc(1, bytes);

	if (!p)
		die("no memory: %zu bytes more were needed", bytes);
	return p;
}

char *need_text(const char *text)
{
	size_t n = strlen(text) + 1;

	return memcpy(need(n), text, n);
}

static void grow(struct hash *h)
{
	struct hash old = *h;

	h->size = old.size ? 2 * old.size : 16;
	h->slots = need(h->size * sizeof *h->slots);
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].value)
			*hash_find(h, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

void hash_put(struct hash *h, uint64_t key, void *value)
{
	struct hash_slot *s;

	if (4 * (h->count + 1) > 3 * h->size)
		grow(h);
	s = hash_find(h, key);
	h->count += !s->value;
	*s = (struct hash_slot){key, value};
}

void *hash_remove(struct hash *h, uint64_t key)
{
	struct hash_slot *s = h->size ? hash_find(h, key) : NULL;
	size_t hole, i, mask = h->size - 1;
	void *value;

	if (!s || !s->value)
		return NULL;
	value = s->value;
	hole = i = s - h->slots;
	for (;;) {
		i = (i + 1) & mask;
		if (!h->slots[i].value)
			break;
		/* move back what may live in the hole: its home is not after the hole */
		if (((i - hash_home(h, h->slots[i].key)) & mask) >= ((i - hole) & mask)) {
			h->slots[hole] = h->slots[i];
			hole = i;
		}
	}
	h->slots[hole].value = NULL;
	h->count--;
	return value;
}

struct hash_slot *hash_next(const struct hash *h, const struct hash_slot *after)
{
	size_t i = after ? after - h->slots + 1 : 0;

	while (i < h->size && !h->slots[i].value)
		i++;
	return i < h->size ? &h->slots[i] : NULL;
}

void hash_free(struct hash *h)
{
	free(h->slots);
	*h = (struct hash){0};
}

bool bits_has(const struct hash *h, uint64_t n)
{
	const uint64_t *page = hash_get(h, n >> 12);

	return page && page[n >> 6 & 63] >> (n & 63) & 1;
}

void bits_add(struct hash *h, uint64_t n)
{
	uint64_t *page = hash_get(h, n >> 12);

	if (!page) {
		page = need(512);
		hash_put(h, n >> 12, page);
	}
	page[n >> 6 & 63] |= (uint64_t)1 << (n & 63);
}
