/* SPDX-License-Identifier: MIT */
/* Data for a page, compact: numbers of seven bits a byte, texts each once, base64.  What reads it
 * is viz/web/data.js. */
#ifndef VIZ_PACK_H
#define VIZ_PACK_H

#include "array.h"

#include <stdint.h>
#include <stdio.h>

struct bytes {
	ARRAY(uint8_t) v;
};

void pack_byte(struct bytes *b, uint8_t byte);
/* A number from 0 on. */
void pack_number(struct bytes *b, uint64_t n);
/* Any number; small ones of either sign are short. */
void pack_signed(struct bytes *b, int64_t n);
void pack_bytes(struct bytes *b, const struct bytes *more);

/* Texts, each once. */
struct texts {
	ARRAY(char *) v;
	uint32_t *table; /* of size places: 0, or the index of a text + 1 */
	size_t places;
};
/* The index of a text, which is copied. */
uint32_t texts_add(struct texts *t, const char *text);
void texts_free(struct texts *t);

/* Write a text as a JSON string that is safe in a script element too. */
void pack_json(FILE *f, const char *text);
void pack_base64(FILE *f, const uint8_t *v, size_t n);

#endif
