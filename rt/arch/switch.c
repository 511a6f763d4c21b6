/* SPDX-License-Identifier: MIT */
/* Never instrumented by the thread sanitizer: a function that is pops the wrong shadow stack when
 * it returns on another fiber. */
#define _GNU_SOURCE
#include "arch/switch.h"

#include <pthread.h>
#include <stdint.h>

#if WEFT_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if WEFT_TSAN
#include <sanitizer/tsan_interface.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

int rt_call(void **sp, void (*fn)(void *arg), void *arg);
_Noreturn void rt_cut(void *sp);

#if defined(__x86_64__)
/* rbp, where to go on, and what rt_switch_entry pops, which calls ENTRY with ARG; then the stack is
 * aligned */
enum { WORDS = 4, RETURN = 1, ARG = 2, ENTRY = 3 };
#elif defined(__aarch64__)
/* x19..x28 x29 x30 d8..d15 */
enum { WORDS = 22, ARG = 0, ENTRY = 1, RETURN = 11 };
#else
#error "weft runs on x86-64 and aarch64; add rt/arch/switch_<machine>.S for others"
#endif

#if WEFT_TSAN
/* While the sanitizer changes fibers, which it also does to make one and to destroy one. */
static uint64_t block_signals(void)
{
	uint64_t all = UINT64_MAX, mask;

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &mask, sizeof mask);
	return mask;
}

static void unblock_signals(uint64_t mask)
{
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
}
#endif

void rt_context_make(struct context *ctx, void *lo, void *top, void (*entry)(void *), void *arg)
{
	void **frame = (void **)((uintptr_t)top & ~(uintptr_t)15) - WORDS;

#if WEFT_ASAN || WEFT_TSAN
	size_t size = (size_t)((char *)top - (char *)lo);
#else
	(void)lo;
#endif
#if WEFT_TSAN
	/* Mapping the stack anew makes the sanitizer forget the accesses of the goroutine that had
	 * it before.  (An edge from that one's end would do too, but it would hide races.) */
	mmap(lo, size, PROT_READ | PROT_WRITE,
	     MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t mask = block_signals();

	ctx->fiber = __tsan_create_fiber(0);
	unblock_signals(mask);
#endif
#if WEFT_ASAN
	ctx->fake_stack = NULL;
	ctx->lo = lo;
	ctx->size = size;
	__asan_unpoison_memory_region(lo, size);
#endif
	for (int i = 0; i < WORDS; i++)
		frame[i] = NULL;
	frame[ARG] = arg;
	frame[ENTRY] = (void *)entry;
	frame[RETURN] = (void *)rt_switch_entry;
	ctx->sp = frame;
}

void rt_context_name(struct context *ctx, const char *name)
{
#if WEFT_TSAN
	__tsan_set_fiber_name(ctx->fiber, name);
#else
	(void)ctx;
	(void)name;
#endif
}

void rt_context_here(struct context *ctx)
{
	ctx->sp = NULL;
#if WEFT_ASAN
	pthread_attr_t attr;
	void *lo;

	ctx->fake_stack = NULL;
	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstack(&attr, &lo, &ctx->size);
	ctx->lo = lo;
	pthread_attr_destroy(&attr);
#endif
#if WEFT_TSAN
	ctx->fiber = __tsan_get_current_fiber();
	rt_expect_signals();
#endif
}

void rt_context_arrived(struct context *self)
{
#if WEFT_ASAN
	__sanitizer_finish_switch_fiber(self->fake_stack, NULL, NULL);
#else
	(void)self;
#endif
}

#if WEFT_TSAN
/* The sanitizer keeps a signal with the fiber that it interrupted.  It would be lost there until
 * that fiber runs again: none may come after the last that were taken. */
static void switch_fiber(void *to)
{
	uint64_t mask = block_signals();

	rt_take_signals();
	__tsan_switch_to_fiber(to, WEFT_TSAN == 1 ? __tsan_switch_to_fiber_no_sync : 0);
	unblock_signals(mask);
}
#endif

/* The sanitizer makes what it keeps signals in when a thread first blocks in a call that it knows,
 * and loses one that comes while it does. */
void rt_expect_signals(void)
{
#if WEFT_TSAN
	uint64_t mask = block_signals();

	usleep(0);
	unblock_signals(mask);
#endif
}

#if WEFT_ASAN || WEFT_TSAN
void rt_context_switch(struct context *from, struct context *to)
{
#if WEFT_ASAN
	/* lo is NULL after rt_context_end: the fake stack dies with the context. */
	__sanitizer_start_switch_fiber(from->lo ? &from->fake_stack : NULL, to->lo, to->size);
#endif
#if WEFT_TSAN
	switch_fiber(to->fiber);
#endif
	rt_switch(&from->sp, to->sp);
	rt_context_arrived(from);
}

void rt_context_end(struct context *ctx)
{
#if WEFT_ASAN
	ctx->lo = NULL;
#else
	(void)ctx;
#endif
}

void rt_context_free(struct context *ctx, void *lo, void *top)
{
#if WEFT_ASAN
	__asan_unpoison_memory_region(lo, (size_t)((char *)top - (char *)lo));
#endif
#if WEFT_TSAN
	uint64_t mask = block_signals();

	__tsan_destroy_fiber(ctx->fiber);
	unblock_signals(mask);
#endif
	(void)ctx;
	(void)lo;
	(void)top;
}
#endif

/* The thread sanitizer keeps a stack of calls of its own.  It knows how to cut that back at a
 * longjmp, and at nothing else. */
bool rt_trap_call(struct rt_trap *t, void (*fn)(void *arg), void *arg)
{
#if WEFT_TSAN
	if (_setjmp(t->env))
		return true;
#endif
	return rt_call(&t->sp, fn, arg);
}

void rt_trap_cut(struct rt_trap *t)
{
#if WEFT_ASAN
	__asan_handle_no_return(); // what is cut off is no frame any more
#endif
#if WEFT_TSAN
	longjmp(t->env, 1);
#else
	rt_cut(t->sp);
#endif
}
