/* SPDX-License-Identifier: MIT */
/* A map from 64-bit numbers to pointers, and memory that is always there. */
#ifndef TRACER_HASH_H
#define TRACER_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash {
	struct hash_slot {
		uint64_t key;
		void *value; /* NULL: the slot is free */
	} *slots;
	size_t count, size; /* size is 0 or a power of two, at least 4/3 of count */
};

/* Zeroed memory, or the end of the program. */
void *need(size_t bytes);
char *need_text(const char *text);

static inline size_t hash_home(const struct hash *h, uint64_t key)
{
	return (key * 0x9e3779b97f4a7c15u >> 20) & (h->size - 1);
}

/* Where the key is, or where it would be; there are slots. */
static inline struct hash_slot *hash_find(const struct hash *h, uint64_t key)
{
	size_t i = hash_home(h, key);

	while (h->slots[i].value && h->slots[i].key != key)
		i = (i + 1) & (h->size - 1);
	return &h->slots[i];
}

static inline void *hash_get(const struct hash *h, uint64_t key)
{
	return h->size ? hash_find(h, key)->value : NULL;
}

/* The value is not NULL; one that the key had is replaced. */
void hash_put(struct hash *h, uint64_t key, void *value);
void *hash_remove(struct hash *h, uint64_t key);
void hash_free(struct hash *h);

/* A set of numbers, most of them near each other: a map of their bits, 4096 at a time. */
bool bits_has(const struct hash *h, uint64_t n);
void bits_add(struct hash *h, uint64_t n);

/* for (struct hash_slot *s = NULL; (s = hash_next(h, s));): in no particular order; the map must
 * not change meanwhile. */
struct hash_slot *hash_next(const struct hash *h, const struct hash_slot *after);

#endif
