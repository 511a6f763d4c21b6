/* SPDX-License-Identifier: MIT */
/* Stacks: mapped in slabs, committed lazily by the kernel, guarded below, reused.
 *
 * A slot is [guard][stack].  The guard is 64 KiB, so that one large frame does not step over it.
 * Slots are never unmapped, so a pointer into one stays readable for ever: reports
 * follow those to the top of a stack, where g.h keeps what belongs to its goroutine.  One whose memory
 * was given back reads as zeros.
 */
#ifndef RT_STACK_H
#define RT_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RT_STACK_MIN (16 << 10)
#define RT_STACK_MAX ((size_t)1 << 30)
#define RT_STACK_GUARD (64 << 10)

/* Why there is no memory. */
#define RT_NO_MAPPING "no memory can be mapped (see ulimit -v, and /proc/sys/vm/max_map_count)"

/* So many bytes, a power of two, of memory at a multiple of that, zeroed, in which the leak checker
 * looks for pointers; in huge pages, if the system has any and `huge`.  NULL if there is no memory. */
void *rt_map_root(size_t bytes, bool huge);

/* size up to the power of two that is served for it. */
size_t rt_stack_round(size_t size);

/* Stacks of a size that rt_stack_round returned, new or given back, zeroed: as many as seem right, at
 * most `most`.  Their lowest addresses in lo, and how many.  0 with *why set (a sentence's end) if
 * there are none. */
enum { RT_STACKS = 32 };
int rt_stack_new(size_t size, char **lo, int most, const char **why);

/* Nobody needs these n stacks for now: their memory goes back to the kernel.  Sorts them: neighbours
 * go together. */
void rt_stack_give_back(char **lo, int n, size_t size);

/* The lowest address of the stack in whose guard `addr` lies, or NULL; its size in *size.  Safe in
 * a signal handler. */
void *rt_stack_guarded_by(const void *addr, size_t *size);

#endif
