/* SPDX-License-Identifier: MIT */
#include "proto.h"
#include "error.h"

#include <stdlib.h>
#include <string.h>

enum wire { VARINT = 0, FIXED64 = 1, BYTES = 2 };

static void bytes(struct proto *p, const void *data, size_t n)
{
	if (p->len + n > p->cap) {
		p->cap = 2 * (p->len + n);
		p->data = realloc(p->data, p->cap);
		if (!p->data)
			die("out of memory");
	}
	if (n)
		memcpy(p->data + p->len, data, n);
	p->len += n;
}

/* Seven bits a byte, the lowest first; the highest bit says that there are more. */
static void varint(struct proto *p, uint64_t v)
{
	unsigned char b[10];
	size_t n = 0;

	do {
		b[n] = (v & 0x7f) | (v > 0x7f ? 0x80 : 0);
		v >>= 7;
		n++;
	} while (v);
	bytes(p, b, n);
}

static void key(struct proto *p, int field, enum wire wire)
{
	varint(p, (uint64_t)field << 3 | wire);
}

void proto_int(struct proto *p, int field, int64_t v)
{
	key(p, field, VARINT);
	varint(p, (uint64_t)v);
}

void proto_fixed64(struct proto *p, int field, uint64_t v)
{
	unsigned char b[8];

	for (int i = 0; i < 8; i++)
		b[i] = (v >> 8 * i) & 0xff;
	key(p, field, FIXED64);
	bytes(p, b, sizeof b);
}

void proto_text(struct proto *p, int field, const char *text)
{
	if (!text)
		return;
	key(p, field, BYTES);
	varint(p, strlen(text));
	bytes(p, text, strlen(text));
}

void proto_message(struct proto *p, int field, struct proto *message)
{
	key(p, field, BYTES);
	varint(p, message->len);
	bytes(p, message->data, message->len);
	message->len = 0;
}

void proto_ints(struct proto *p, int field, const int64_t *v, size_t n)
{
	struct proto packed = {0};

	for (size_t i = 0; i < n; i++)
		varint(&packed, (uint64_t)v[i]);
	proto_message(p, field, &packed);
	proto_free(&packed);
}

void proto_free(struct proto *p)
{
	free(p->data);
}
