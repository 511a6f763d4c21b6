/* SPDX-License-Identifier: MIT */
/* In a trace the text is in packets: magic u32, uuid, checksum u32, bits of content and of the packet:
 * u32 each, and five bytes more; then text.  Beside the buffers it is plain. */
#define _GNU_SOURCE
#include "metadata.h"
#include "error.h"

#include <byteswap.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONTENT_AT = 24, HEADER = 37 };
#define MAGIC 0x75d11d57u
#define PLAIN "/* CTF"
#define BLOCK_END "\n};\n\n" /* of an event, for example */

int64_t metadata_text(const char *at, size_t n)
{
	uint32_t magic, bits[2];
	size_t off = 0, text = 0;

	if (n > strlen(PLAIN) && !memcmp(at, PLAIN, strlen(PLAIN)))
		return (int64_t)n;
	for (; off < n; off += bits[1] / 8) {
		if (n - off < HEADER)
			return -1;
		memcpy(&magic, at + off, sizeof magic);
		memcpy(bits, at + off + CONTENT_AT, sizeof bits);
		if (magic == bswap_32(MAGIC)) {
			bits[0] = bswap_32(bits[0]);
			bits[1] = bswap_32(bits[1]);
		} else if (magic != MAGIC) {
			return -1;
		}
		if (bits[0] < HEADER * 8 || bits[0] > bits[1] || bits[1] / 8 > n - off)
			return -1;
		text += bits[0] / 8 - HEADER;
	}
	return (int64_t)text;
}

/* A file in memory, as long as it is now; NULL and 0 if it is empty or cannot be read. */
static char *map(const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st = {0};
	void *at = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
		at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd >= 0)
		close(fd);
	*n = at == MAP_FAILED ? 0 : (size_t)st.st_size;
	return at == MAP_FAILED ? NULL : at;
}

/* The daemon may have been ended in the middle of a block. */
static size_t whole_blocks(const char *at, size_t n)
{
	const char *end, *last = at;

	while ((end = memmem(last, n - (size_t)(last - at), BLOCK_END, strlen(BLOCK_END))))
		last = end + strlen(BLOCK_END);
	return (size_t)(last - at);
}

static void complete(const char *in_trace, const char *beside)
{
	size_t n, nplain;
	char *at = map(in_trace, &n), *plain = map(beside, &nplain);
	size_t whole = plain ? whole_blocks(plain, nplain) : 0;

	if ((int64_t)whole > metadata_text(at, n) && truncate(beside, (off_t)whole) == 0)
		rename(beside, in_trace);
	if (at)
		munmap(at, n);
	if (plain)
		munmap(plain, nplain);
}

void metadata_complete(const char *trace, const char *shm)
{
	char *const roots[] = {(char *)shm, NULL};
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;
	char *path;

	while (fts && (e = fts_read(fts))) {
		if (e->fts_info != FTS_F || strcmp(e->fts_name, "metadata") != 0)
			continue;
		if (asprintf(&path, "%s%s", trace, e->fts_path + strlen(shm)) < 0)
			die("no memory");
		complete(path, e->fts_path);
		free(path);
	}
	if (fts)
		fts_close(fts);
}
