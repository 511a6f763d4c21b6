/* SPDX-License-Identifier: MIT */
#ifndef RT_RING_H
#define RT_RING_H

/* Make the memory of this process's rings, whose files are below WEFT_TRACE_RING, ready. */
void ring_touch(void);

#endif
