/* SPDX-License-Identifier: MIT */
#include "pack.h"
#include "format.h"

#include <string.h>

void pack_byte(struct bytes *b, uint8_t byte)
{
	array_add(&b->v, byte);
}

void pack_number(struct bytes *b, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		pack_byte(b, (uint8_t)(n | 0x80));
	pack_byte(b, (uint8_t)n);
}

void pack_signed(struct bytes *b, int64_t n)
{
	pack_number(b, (uint64_t)n << 1 ^ (uint64_t)(n >> 63));
}

void pack_bytes(struct bytes *b, const struct bytes *more)
{
	if (b->v.cap - b->v.n < more->v.n) {
		b->v.cap = b->v.cap + more->v.n + b->v.cap / 2;
		b->v.v = realloc(b->v.v, b->v.cap);
		if (!b->v.v)
			die("out of memory");
	}
	if (more->v.n)
		memcpy(b->v.v + b->v.n, more->v.v, more->v.n);
	b->v.n += more->v.n;
}

/* ---- Texts ---- */

static uint64_t hash(const char *s)
{
	uint64_t h = 14695981039346656037u;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 1099511628211u;
	return h ^ h >> 32;
}

/* Where in the table a text is, or would be. */
static uint32_t *find(const struct texts *t, const char *text)
{
	size_t at = hash(text) & (t->places - 1);

	while (t->table[at] && strcmp(t->v.v[t->table[at] - 1], text) != 0)
		at = (at + 1) & (t->places - 1);
	return &t->table[at];
}

static void grow(struct texts *t)
{
	free(t->table);
	t->places = t->places ? 2 * t->places : 1024;
	t->table = array_zeroed(t->places, sizeof *t->table);
	for (size_t i = 0; i < t->v.n; i++)
		*find(t, t->v.v[i]) = (uint32_t)i + 1;
}

uint32_t texts_add(struct texts *t, const char *text)
{
	uint32_t *at;

	if (2 * t->v.n >= t->places)
		grow(t);
	at = find(t, text);
	if (!*at) {
		array_add(&t->v, format_text("%s", text));
		*at = (uint32_t)t->v.n;
	}
	return *at - 1;
}

void texts_free(struct texts *t)
{
	for (size_t i = 0; i < t->v.n; i++)
		free(t->v.v[i]);
	free(t->v.v);
	free(t->table);
}

/* ---- Text ---- */

void pack_json(FILE *f, const char *text)
{
	int len;

	fputc('"', f);
	for (; *text; text += len) {
		int32_t c = format_decode(text, &len);
		char buf[5] = {0};

		if (c < 0)
			c = 0xfffd;
		if (c == '"' || c == '\\') {
			fprintf(f, "\\%c", c);
		} else if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x7f ||
			   c == 0x2028 || c == 0x2029) {
			fprintf(f, "\\u%04x", (unsigned)c);
		} else {
			format_encode(buf, c);
			fputs(buf, f);
		}
	}
	fputc('"', f);
}

void pack_base64(FILE *f, const uint8_t *v, size_t n)
{
	static const char digit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t three = (uint32_t)v[i] << 16 | (i + 1 < n ? v[i + 1] << 8 : 0) |
				 (i + 2 < n ? v[i + 2] : 0);
		char four[4] = {digit[three >> 18], digit[three >> 12 & 63],
				i + 1 < n ? digit[three >> 6 & 63] : '=',
				i + 2 < n ? digit[three & 63] : '='};

		fwrite(four, 1, 4, f);
	}
}
