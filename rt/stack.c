/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "stack.h"
#include "arch/switch.h"
#include "env.h"
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#if WEFT_ASAN
#include <sanitizer/lsan_interface.h>
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13 */
#endif
#ifndef PIDFD_SELF_THREAD_GROUP
#define PIDFD_SELF_THREAD_GROUP -10001 /* this process; Linux 6.14 */
#endif

#define PAGE ((size_t)4096)
#define SLAB_BYTES ((size_t)32 << 20)

enum { SLOTS_MAX = SLAB_BYTES / (RT_STACK_MIN + RT_STACK_GUARD) };

/* A run of slots of one size, in one mapping.  `used` only grows; slabs are never removed.  Of
 * those used, the ones with their bit in `free` were given back: they belong to nobody, and have no
 * memory but their guards. */
struct slab {
	struct slab *next;
	char *base;
	size_t size, stride, slots, used;
	uint64_t free[SLOTS_MAX / 64 + 1];
	uint32_t nfree;
	struct slab *next_free; /* in the list of its size, while nfree is not 0 */
};

/* Protects what changes; rt_stack_guarded_by follows the pointers without it. */
static struct rt_lock slabs_lock;
static struct slab *slabs;	   /* atomic */
static struct slab *current[64];   /* by log2 of the size: the slab with room, or NULL */
static struct slab *with_free[64]; /* those with slots that were given back */
static size_t had[64];		   /* how many there are, of all slabs */

void *rt_map_root(size_t bytes, bool huge)
{
	int saved = errno;
	char *mem =
		mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	errno = saved;
	if (mem == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)mem & (bytes - 1);
	if (before)
		munmap(mem, before);
	munmap(mem + before + bytes, bytes - before);
	mem += before;
	if (huge)
		madvise(mem, bytes, MADV_HUGEPAGE);
#if WEFT_ASAN
	__lsan_register_root_region(mem, bytes);
#endif
	errno = saved;
	return mem;
}

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

/* Advise the kernel of `bytes` of each of n stacks, from `at` on; false if it did not do all. */
static bool advise(char **lo, int n, ptrdiff_t at, size_t bytes, int advice)
{
	struct iovec ranges[RT_STACKS];

	for (int i = 0; i < n; i++)
		ranges[i] = (struct iovec){lo[i] + at, bytes};
	return syscall(SYS_process_madvise, PIDFD_SELF_THREAD_GROUP, ranges, n, advice, 0) ==
	       (long)(bytes * (size_t)n);
}

/* How many of n new stacks, from the first on, have their guard now. */
static int guard(char **lo, int n)
{
	int i = 0;

	if (!has_guard_install())
		return mprotect(lo[0] - RT_STACK_GUARD, RT_STACK_GUARD, PROT_NONE) == 0;
	if (n > 1 && advise(lo, n, -RT_STACK_GUARD, RT_STACK_GUARD, MADV_GUARD_INSTALL))
		return n;
	while (i < n && !madvise(lo[i] - RT_STACK_GUARD, RT_STACK_GUARD, MADV_GUARD_INSTALL))
		i++;
	return i;
}

static struct slab *slab_new(size_t size)
{
	size_t stride = size + RT_STACK_GUARD;
	size_t slots = SLAB_BYTES / stride ? SLAB_BYTES / stride : 1;
	struct slab *s;
	char *base;

	/* The header has a page of its own before the first guard. */
	base = mmap(NULL, PAGE + slots * stride, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (base == MAP_FAILED)
		return NULL;
	/* Huge pages would commit a stack's neighbours with it. */
	madvise(base, PAGE + slots * stride, MADV_NOHUGEPAGE);
	s = (struct slab *)base;
	*s = (struct slab){
		.next = slabs, .base = base + PAGE, .size = size, .stride = stride, .slots = slots};
	__atomic_store_n(&slabs, s, __ATOMIC_RELEASE); // pairs with rt_stack_guarded_by
	return s;
}

static void flip_free(struct slab *s, size_t slot)
{
	s->free[slot / 64] ^= (uint64_t)1 << slot % 64;
}

/* One that was given back, which has its guard; or NULL. */
static void *slot_again(size_t size)
{
	struct slab **first = &with_free[__builtin_ctzl(size)], *s = *first;
	size_t word = 0, slot;

	if (!s)
		return NULL;
	while (!s->free[word])
		word++;
	slot = 64 * word + (size_t)__builtin_ctzll(s->free[word]);
	flip_free(s, slot);
	if (!--s->nfree)
		*first = s->next_free;
	return s->base + slot * s->stride + RT_STACK_GUARD;
}

/* So many neighbours that nobody has had yet, or fewer; 0 if there is no memory. */
static int slots_new(size_t size, char **lo, int most)
{
	struct slab **cur = &current[__builtin_ctzl(size)], *s = *cur;
	int n = 0;

	if (!s || s->used == s->slots)
		s = *cur = slab_new(size);
	for (; s && n < most && s->used < s->slots; n++)
		lo[n] = s->base + s->used++ * s->stride + RT_STACK_GUARD;
	had[__builtin_ctzl(size)] += (size_t)n;
	return n;
}

/* How many to have at a time: of the first some hundred no more than an eighth of what there are,
 * since each takes a page. */
static int at_a_time(size_t size, int most)
{
	size_t part = 1 + had[__builtin_ctzl(size)] / 8;

	if (!has_guard_install())
		return 1;
	return part < (size_t)most ? (int)part : most;
}

int rt_stack_new(size_t size, char **lo, int most, const char **why)
{
	int saved = errno, again = 0, n;

	rt_lock(&slabs_lock);
	most = at_a_time(size, most);
	while (again < most && (lo[again] = slot_again(size)))
		again++;
	n = again ? again : slots_new(size, lo, most);
	rt_unlock(&slabs_lock);
	if (!n)
		*why = RT_NO_MAPPING;
	else if (!again && !(n = guard(lo, n)))
		*why = "its guard page cannot be made: the kernel allows only so many mappings; "
		       "raise /proc/sys/vm/max_map_count, or use Linux 6.13 or later, where guards "
		       "need none";
	/* Where a million wait, a call for each guard and a fault for each page take 1.8 us, two
	 * calls for many 1.5. */
	if (n > 1)
		advise(lo, n, (ptrdiff_t)(size - PAGE), PAGE, MADV_POPULATE_WRITE);
#if WEFT_ASAN
	for (int i = 0; i < n; i++)
		__lsan_register_root_region(lo[i], size);
#endif
	errno = saved;
	return n;
}

static struct slab *slab_of(const char *lo)
{
	static struct slab *last; /* under slabs_lock; neighbours come together */
	struct slab *s = last;

	if (!s || lo < s->base || lo >= s->base + s->slots * s->stride)
		for (s = slabs; lo < s->base || lo >= s->base + s->slots * s->stride;)
			s = s->next;
	return last = s;
}

static void sort(char **lo, int n)
{
	for (int i = 1; i < n; i++)
		for (int at = i; at > 0 && lo[at] < lo[at - 1]; at--) {
			char *p = lo[at];

			lo[at] = lo[at - 1];
			lo[at - 1] = p;
		}
}

/* Each call interrupts the cpus that run threads of ours, so one does for neighbours; it leaves the
 * guards between them.  If the kernel refuses, or only pretends, as emulators do, the stacks are as
 * they were when their goroutines ended, which is as good, but for the memory. */
static void zap(char **lo, int n, size_t size)
{
	for (int i = 0, first = 0; i < n; i++) {
		if (i + 1 < n && lo[i + 1] == lo[i] + size + RT_STACK_GUARD)
			continue;
		madvise(lo[first], (size_t)(lo[i] - lo[first]) + size, MADV_DONTNEED);
		first = i + 1;
	}
}

static void set_free(char *lo, size_t size)
{
	struct slab **first = &with_free[__builtin_ctzl(size)], *s = slab_of(lo);

	flip_free(s, (size_t)(lo - s->base) / s->stride);
	if (s->nfree++)
		return;
	s->next_free = *first;
	*first = s;
}

void rt_stack_give_back(char **lo, int n, size_t size)
{
	int saved = errno;

#if WEFT_ASAN
	for (int i = 0; i < n; i++)
		__lsan_unregister_root_region(lo[i], size);
#endif
	sort(lo, n);
	zap(lo, n, size);
	rt_lock(&slabs_lock);
	for (int i = 0; i < n; i++)
		set_free(lo[i], size);
	rt_unlock(&slabs_lock);
	errno = saved;
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
