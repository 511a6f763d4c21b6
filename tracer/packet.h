/* SPDX-License-Identifier: MIT */
/* The packets of LTTng's stream files.
 *
 * A stream file is packets one after the other, each a multiple of 4096 bytes, or less if its end
 * was never written and lttng-crash got it out.  Each begins with
 * magic u32, uuid, stream u32, instance u64, then time of begin, time of end, bits of content,
 * bits of the packet: u64 each, in the byte order of the machine that was traced.
 */
#ifndef TRACER_PACKET_H
#define TRACER_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKET_PAGE = 4096, PACKET_HEADER = 84 };

/* Where they are in a header. */
enum packet_field { PACKET_BEGIN = 32, PACKET_END = 40, PACKET_CONTENT = 48, PACKET_SIZE = 56 };

/* A file in memory; what is written there stays there. */
struct bytes {
	char *at;
	size_t n;
};

/* -1 after a message. */
int map_file(struct bytes *b, const char *path);
void unmap_file(struct bytes *b);

/* Whether a header is at this offset. */
bool packet_begins(const struct bytes *b, size_t off);

/* A field of the header that is there. */
uint64_t packet_get(const struct bytes *b, size_t off, enum packet_field field);
void packet_set(struct bytes *b, size_t off, enum packet_field field, uint64_t value);

/* The packet at an offset: its length in bytes, or 0 if there is none, or its header is not right. */
size_t packet_at(const struct bytes *b, size_t off);

/* Where the next packet after a damaged place is, or the end of the file. */
size_t packet_after(const struct bytes *b, size_t off);

/* Whether nothing but packets is there, one after the other in time, too.  *last becomes the time that they
 * end at, if that is later. */
bool packets_right(const struct bytes *b, uint64_t *last);

/* Give packets the times that they lack, as far as others tell them.  One whose time of begin is not known
 * has none (0) then.  True if something was not right. */
bool packets_mend_times(struct bytes *b);

/* Where the packets of a file end that are there as long as they say, if the rest is the beginning of one
 * that is not; else its end. */
size_t packets_whole_end(const struct bytes *b);

#endif
