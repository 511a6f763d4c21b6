/* SPDX-License-Identifier: MIT */
/* Contexts: a stack and where to go on on it; and what sanitizers must be told about them.
 *
 * What must be kept is kept on the stack that is left, below it the frame pointer and the address
 * to go on at, which look like the frame of a call to whoever walks the stack.  The floating-point
 * control registers are not kept: they stay with the thread.
 */
#ifndef RT_SWITCH_H
#define RT_SWITCH_H

#include <stdbool.h>
#include <stddef.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif

/* WEFT_TSAN 1: race detection in users' code; the runtime is not instrumented, a switch is no
 * edge, and the runtime declares the edges that it promises.  2: in the runtime itself. */
#ifndef WEFT_TSAN
#define WEFT_TSAN 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define WEFT_ASAN 1
#else
#define WEFT_ASAN 0
#endif

#if WEFT_TSAN
#include <setjmp.h>
#include <signal.h>
#endif

/* Where the frame pointer and the return address of a context that was left are, from its sp. */
#if defined(__x86_64__)
#define RT_SAVED_FRAME 0
#else
#define RT_SAVED_FRAME 80
#endif

/* Where a context begins that has not been switched to yet. */
extern const char rt_switch_entry[];

struct context {
	void *sp; /* atomic: reports read it */
#if WEFT_ASAN
	void *fake_stack;
	const void *lo;
	size_t size;
#endif
#if WEFT_TSAN
	void *fiber;
#endif
};

/* Save the caller's stack in *from, go on on the stack `to`.
 *
 * On x86-64 inline: the compiler saves what is live, and the jump at the end goes, from any one place
 * in the code, nearly always to that same place on another stack, so that it is predicted.  A call
 * and a return would be mispredicted each time, for the cpu pairs them (measured: 1.2 ns beside
 * 9.7).  What is pushed would fall into a leaf function's red zone: the runtime is compiled without,
 * for to skip it costs a cache line a goroutine. */
#if defined(__x86_64__)
#ifdef __AVX512F__
#define RT_SWITCH_VECTORS                                                                          \
	, "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24",         \
		"xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2", "k3",   \
		"k4", "k5", "k6", "k7"
#else
#define RT_SWITCH_VECTORS
#endif
static inline __attribute__((always_inline)) void rt_switch(void **from, void *to)
{
	__asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "pushq %%rbp\n\t"
			 "movq %%rsp, (%%rdi)\n\t"
			 "movq %%rsi, %%rsp\n\t"
			 "popq %%rbp\n\t"
			 "popq %%rax\n\t"
			 "jmp *%%rax\n"
			 "1:"
			 : "+D"(from), "+S"(to)
			 :
			 : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13",
			   "r14", "r15", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
			   "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
			   "xmm13", "xmm14", "xmm15" RT_SWITCH_VECTORS);
}
#else
void rt_switch(void **from, void *to);
#endif

/* Make a context that calls entry(arg), which must not return, on the stack [lo, top).  Only a
 * sanitizer wants to know lo. */
void rt_context_make(struct context *ctx, void *lo, void *top, void (*entry)(void *), void *arg);
/* What reports of the thread sanitizer call it. */
void rt_context_name(struct context *ctx, const char *name);
/* Make the calling thread's own context, to come back to. */
void rt_context_here(struct context *ctx);
/* rt_context_switch: save the caller in `from`, go on in `to`; returns when someone switches to
 * `from`.  rt_context_end and rt_context_free: the context will not be switched to again; the one is
 * called on it, before the last switch away, the other after that, on another stack. */
#if WEFT_ASAN || WEFT_TSAN
void rt_context_switch(struct context *from, struct context *to);
void rt_context_end(struct context *ctx);
void rt_context_free(struct context *ctx, void *lo, void *top);
#else
static inline __attribute__((always_inline)) void rt_context_switch(struct context *from,
								    struct context *to)
{
	rt_switch(&from->sp, to->sp);
}
#define rt_context_end(ctx) ((void)(ctx))
#define rt_context_free(ctx, lo, top) ((void)(ctx), (void)(lo), (void)(top))
#endif
/* To be called first on a new stack, and after rt_context_switch returned (which does it). */
void rt_context_arrived(struct context *self);

/* A place on the running stack to cut it back to. */
struct rt_trap {
	void *sp;
#if WEFT_TSAN
	jmp_buf env;
#endif
};

/* Call fn(arg): false when it returned, true when rt_trap_cut(t) came back here from a function
 * that it called, on the same stack.  A C++ exception that would leave fn ends the program. */
bool rt_trap_call(struct rt_trap *t, void (*fn)(void *arg), void *arg);
_Noreturn void rt_trap_cut(struct rt_trap *t);

/* An edge of the memory model that the runtime promises to users, for the thread sanitizer:
 * what came before rt_release(p) happens before what comes after a later rt_acquire(p). */
#if WEFT_TSAN == 1
void __tsan_acquire(void *p);
void __tsan_release(void *p);
#define rt_acquire(p) __tsan_acquire((void *)(p))
#define rt_release(p) __tsan_release((void *)(p))
#else
#define rt_acquire(p) ((void)(p))
#define rt_release(p) ((void)(p))
#endif

/* What a function of the API reads or writes of its caller's, for the thread sanitizer: for use in
 * that function itself, since it is its caller who is reported.  Objects are read by those who use
 * them as they may, and written where that must not happen at the same time: a close by senders,
 * an overwritten lock by lockers. */
#if WEFT_TSAN == 1
void __tsan_read_range_pc(void *p, unsigned long n, void *pc);
void __tsan_write_range_pc(void *p, unsigned long n, void *pc);
#define rt_reads(p, n) __tsan_read_range_pc((void *)(p), (n), __builtin_return_address(0))
#define rt_writes(p, n) __tsan_write_range_pc((void *)(p), (n), __builtin_return_address(0))
#else
#define rt_reads(p, n) ((void)(p), (void)(n))
#define rt_writes(p, n) ((void)(p), (void)(n))
#endif

/* Between these the thread sanitizer, in users' code, watches no accesses: around system calls on
 * the runtime's descriptors, which it watches like memory and takes for used without an order. */
#if WEFT_TSAN == 1
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);
#define rt_quiet_begin()                                                                           \
	(AnnotateIgnoreReadsBegin(__FILE__, __LINE__),                                             \
	 AnnotateIgnoreWritesBegin(__FILE__, __LINE__))
#define rt_quiet_end()                                                                             \
	(AnnotateIgnoreWritesEnd(__FILE__, __LINE__), AnnotateIgnoreReadsEnd(__FILE__, __LINE__))
#else
#define rt_quiet_begin() ((void)0)
#define rt_quiet_end() ((void)0)
#endif

/* The thread sanitizer keeps a signal back until the thread calls a function that it intercepts: one
 * that does nothing. */
#if WEFT_TSAN
#define rt_take_signals() ((void)pthread_sigmask(SIG_BLOCK, NULL, NULL))
#else
#define rt_take_signals() ((void)0)
#endif

/* To be called by a thread before signals are to come to it; rt_context_here does. */
void rt_expect_signals(void);

/* Between these the caller's reads are not watched by the thread sanitizer. */
#if WEFT_TSAN
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
#define rt_ignore_begin() AnnotateIgnoreReadsBegin(__FILE__, __LINE__)
#define rt_ignore_end() AnnotateIgnoreReadsEnd(__FILE__, __LINE__)
#else
#define rt_ignore_begin() ((void)0)
#define rt_ignore_end() ((void)0)
#endif

#endif
