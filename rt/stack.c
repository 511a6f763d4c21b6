/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "stack.h"
#include "arch/switch.h"
#include "env.h"
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#if WEFT_ASAN
#include <sanitizer/lsan_interface.h>
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13 */
#endif

#define SLAB_BYTES ((size_t)32 << 20)

/* A run of slots of one size, in one mapping.  `used` only grows; slabs are never removed. */
struct slab {
	struct slab *next;
	char *base;
	size_t size, stride, slots, used;
};

/* Protects growth; readers follow the pointers without it (release/acquire on `slabs`, `used`). */
static struct rt_lock slabs_lock;
static struct slab *slabs;
static struct slab *current[64]; /* by log2 of the size: the slab with room, or NULL */

size_t rt_stack_round(size_t size)
{
	size_t n = RT_STACK_MIN;

	while (n < size && n < RT_STACK_MAX)
		n *= 2;
	return n;
}

/* Whether the kernel has guards that cost no mapping of their own.  The call's result is not
 * enough: emulators accept any advice and do nothing. */
static bool has_guard_install(void)
{
	static int has = -1;
	int saved = errno;
	int fds[2];
	char *page;

	if (has >= 0)
		return has;
	has = 0;
	if (WEFT_ASAN || !rt_env_debug("guard", 0, 1, 1)) // the leak checker reads whole mappings
		return has;
	page = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return false;
	if (madvise(page, 65536, MADV_GUARD_INSTALL) == 0 && pipe2(fds, O_CLOEXEC) == 0) {
		has = write(fds[1], page, 1) < 0 && errno == EFAULT;
		close(fds[0]);
		close(fds[1]);
	}
	munmap(page, 65536);
	errno = saved;
	return has;
}

static bool guard(char *base)
{
	if (has_guard_install())
		return madvise(base, RT_STACK_GUARD, MADV_GUARD_INSTALL) == 0;
	return mprotect(base, RT_STACK_GUARD, PROT_NONE) == 0;
}

static struct slab *slab_new(size_t size)
{
	size_t stride = size + RT_STACK_GUARD;
	size_t slots = SLAB_BYTES / stride ? SLAB_BYTES / stride : 1;
	struct slab *s;
	char *base;

	/* The header has a page of its own before the first guard. */
	base = mmap(NULL, 4096 + slots * stride, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (base == MAP_FAILED)
		return NULL;
	/* Huge pages would commit a stack's neighbours with it. */
	madvise(base, 4096 + slots * stride, MADV_NOHUGEPAGE);
	s = (struct slab *)base;
	*s = (struct slab){slabs, base + 4096, size, stride, slots, 0};
	__atomic_store_n(&slabs, s, __ATOMIC_RELEASE); // pairs with rt_stack_each
	return s;
}

static void *slot_new(size_t size, const char **why)
{
	struct slab **cur = &current[__builtin_ctzl(size)];
	struct slab *s = *cur;
	char *slot;

	if (!s || s->used == s->slots)
		s = *cur = slab_new(size);
	if (!s) {
		*why = "no memory can be mapped (see ulimit -v, and /proc/sys/vm/max_map_count)";
		return NULL;
	}
	slot = s->base + s->used * s->stride;
	if (!guard(slot)) {
		*why = "its guard page cannot be made: the kernel allows only so many mappings; "
		       "raise /proc/sys/vm/max_map_count, or use Linux 6.13 or later, where guards "
		       "need none";
		return NULL;
	}
	__atomic_store_n(&s->used, s->used + 1, __ATOMIC_RELEASE); // pairs with rt_stack_each
	return slot + RT_STACK_GUARD;
}

void *rt_stack_new(size_t size, const char **why)
{
	int saved = errno;
	void *lo;

	rt_lock(&slabs_lock);
	lo = slot_new(size, why);
	rt_unlock(&slabs_lock);
#if WEFT_ASAN
	if (lo)
		__lsan_register_root_region(lo, size);
#endif
	errno = saved;
	return lo;
}

void rt_stack_each(bool (*f)(void *top, void *arg), void *arg)
{
	struct slab *s = __atomic_load_n(&slabs, __ATOMIC_ACQUIRE);

	for (; s; s = s->next)
		for (size_t i = 0; i < __atomic_load_n(&s->used, __ATOMIC_ACQUIRE); i++)
			if (!f(s->base + (i + 1) * s->stride, arg))
				return;
}

void *rt_stack_guarded_by(const void *addr, size_t *size)
{
	const char *a = addr;
	struct slab *s = __atomic_load_n(&slabs, __ATOMIC_ACQUIRE);

	for (; s; s = s->next) {
		size_t at = (size_t)(a - s->base);

		if (a < s->base || at >= s->slots * s->stride)
			continue;
		if (at % s->stride >= RT_STACK_GUARD)
			return NULL;
		*size = s->size;
		return s->base + at / s->stride * s->stride + RT_STACK_GUARD;
	}
	return NULL;
}
