/* SPDX-License-Identifier: MIT */
/* Text to a descriptor, without stdio, its locks and its memory: for reports, which are also
 * written in signal handlers and while another thread blocks in a write to standard error. */
#ifndef RT_OUT_H
#define RT_OUT_H

#include <stdbool.h>
#include <stddef.h>

struct rt_out {
	int fd;
	bool failed; /* nobody reads it any more; what follows is dropped */
	size_t n;
	char buf[2000];
};

static inline void rt_out_init(struct rt_out *o, int fd)
{
	o->fd = fd;
	o->failed = false;
	o->n = 0;
}

/* printf-style; a single text of more than 1000 bytes may be cut.  Formats must need no memory: no
 * floating point, no wide characters. */
__attribute__((format(printf, 2, 3))) void rt_out(struct rt_out *o, const char *fmt, ...);
void rt_flush(struct rt_out *o);

#endif
