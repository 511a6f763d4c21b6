/* SPDX-License-Identifier: MIT */
/* Messages in protobuf's wire format, built in memory: a field is its number and type, then its
 * value; a message in a message is a field of bytes. */
#ifndef VIZ_PROTO_H
#define VIZ_PROTO_H

#include <stddef.h>
#include <stdint.h>

struct proto {
	char *data;
	size_t len, cap;
};

/* int32, int64, uint64, bool and enum. */
void proto_int(struct proto *p, int field, int64_t v);
void proto_fixed64(struct proto *p, int field, uint64_t v);
/* A text; nothing if it is NULL. */
void proto_text(struct proto *p, int field, const char *text);
/* repeated int64 or uint64, packed. */
void proto_ints(struct proto *p, int field, const int64_t *v, size_t n);
/* A message, which is empty afterwards. */
void proto_message(struct proto *p, int field, struct proto *message);
void proto_free(struct proto *p);

#endif
