/* SPDX-License-Identifier: MIT */
/* Restartable sequences (rseq(2)): a look and a store that are one step for who asks for it,
 * without a locked instruction.
 *
 *     owner:   if (!*shared && *word == from) *word = to;
 *     another: *shared = 1; rt_restart_others(); look at *word, and change it
 *
 * A thread that the kernel stops between the look and the store goes on elsewhere, with nothing
 * stored; rt_restart_others stops all threads.  So each owner has either stored before it returned,
 * or sees `shared`.  What it saves: 13 to 7.3 ns for a lock and an unlock, of which a locked
 * instruction takes 6.  What it costs the other: 14 us while another thread is on a cpu (fence.h).
 *
 * Where there are none (other machines, kernels before 5.10, valgrind, qemu) areas are NULL, and
 * the owner has to do it by a locked instruction.
 */
#ifndef RT_RESTART_H
#define RT_RESTART_H

#include <stdbool.h>
#include <stdint.h>

struct rseq;

#if defined(__x86_64__) && __has_include(<sys/rseq.h>) && !WEFT_TSAN
#include <sys/rseq.h>
#define RT_RESTART 1
#else
#define RT_RESTART 0
#endif

/* Once, before there are threads. */
void rt_restart_init(void);
/* The calling thread's area, for as long as it lives; or NULL. */
struct rseq *rt_restart_area(void);
/* Returns when no thread is within a sequence that it began before the call. */
void rt_restart_others(void);

#if RT_RESTART
/* The sequence: the look at the word, `compare`, and the store, `move`.  `shared` is read before,
 * for another may set it, change the word and clear it again. */
#define RT_SEQUENCE(compare, move)                                                                 \
	".pushsection .data.rel.ro.restart, \"aw\"\n\t"                                            \
	".balign 32\n"                                                                             \
	"1:\t.long 0, 0\n\t" /* struct rseq_cs */                                                  \
	".quad 2f, 3f - 2f, 4f\n\t"                                                                \
	".popsection\n\t"                                                                          \
	".pushsection .text.unlikely, \"ax\"\n\t"                                                  \
	".byte 0x0f, 0xb9, 0x3d\n\t" /* an instruction that is none, before RSEQ_SIG */            \
	".long %c[signature]\n"                                                                    \
	"4:\tjmp %l[no]\n\t"                                                                       \
	".popsection\n\t"                                                                          \
	"leaq 1b(%%rip), %%rax\n\t"                                                                \
	"movq %%rax, %c[sequence](%[area])\n"                                                      \
	"2:\tcmpl $0, (%[shared])\n\t"                                                             \
	"jne %l[no]\n\t" compare "\n\t"                                                            \
	"jne %l[no]\n\t" move "\n"                                                                 \
	"3:"
#define RT_SEQUENCE_IN(area)                                                                       \
	[area] "r"(area), [signature] "i"(RSEQ_SIG), [sequence] "i"(offsetof(struct rseq, rseq_cs))
#endif

/* See above, with 0 for `to`; false if nothing was stored. */
static inline bool rt_restart_clear(struct rseq *area, uint32_t *word, uint32_t from,
				    const uint32_t *shared)
{
#if RT_RESTART
	__asm__ goto(
		RT_SEQUENCE("cmpl %[from], (%[word])", "movl $0, (%[word])")
		:
		: RT_SEQUENCE_IN(area), [word] "r"(word), [from] "ri"(from), [shared] "r"(shared)
		: "rax", "memory", "cc"
		: no);
	return true;
no:
#endif
	(void)area;
	(void)word;
	(void)from;
	(void)shared;
	return false;
}

/* The same for a pointer. */
static inline bool rt_restart_swap(struct rseq *area, void *word, const void *from, const void *to,
				   const uint32_t *shared)
{
#if RT_RESTART
	__asm__ goto(RT_SEQUENCE("cmpq %[from], (%[word])", "movq %[to], (%[word])")
		     :
		     : RT_SEQUENCE_IN(area), [word] "r"(word), [from] "r"(from), [to] "r"(to),
		       [shared] "r"(shared)
		     : "rax", "memory", "cc"
		     : no);
	return true;
no:
#endif
	(void)area;
	(void)word;
	(void)from;
	(void)to;
	(void)shared;
	return false;
}

#endif
