/* SPDX-License-Identifier: MIT */
/* Floors: what the machine and the kernel take for what operations are made of, without the
 * runtime. Nothing that needs one of these can cost less. */
#define _GNU_SOURCE
#include "bench.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* Linux 6.13 */
#endif
#ifndef PIDFD_SELF_THREAD_GROUP
#define PIDFD_SELF_THREAD_GROUP -10001 /* Linux 6.14 */
#endif

static uint64_t counter(void)
{
#if defined __x86_64__
	return __builtin_ia32_rdtsc();
#elif defined __aarch64__
	uint64_t v;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(v)::"memory");
	return v;
#else
	return 0;
#endif
}

static void fence(void)
{
#if defined __x86_64__
	__builtin_ia32_lfence();
#elif defined __aarch64__
	__asm__ volatile("isb" ::: "memory");
#endif
}

static void read_counter(uint64_t n, uint64_t size)
{
	uint64_t first = counter(), last = first;

	(void)size;
	for (uint64_t i = 0; i < n; i++)
		last = counter();
	bench_check(last >= first);
}

/* With what keeps an effect from getting an earlier time than its cause: see rt/packed.c. */
static void read_fenced(uint64_t n, uint64_t size)
{
	uint64_t first = counter(), last = first;

	(void)size;
	for (uint64_t i = 0; i < n; i++) {
		fence();
		last = counter();
	}
	bench_check(last >= first);
}

/* As LTTng reads it, once for an event. */
static void read_monotonic(uint64_t n, uint64_t size)
{
	struct timespec t = {0};

	(void)size;
	for (uint64_t i = 0; i < n; i++)
		clock_gettime(CLOCK_MONOTONIC, &t);
	bench_check(!n || t.tv_sec || t.tv_nsec);
}

/* As LTTng makes room with, and tells that it has been used: two for an event. */
static void locked(uint64_t n, uint64_t size)
{
	static uint64_t sum;
	uint64_t before = sum;

	(void)size;
	for (uint64_t i = 0; i < n; i++)
		__atomic_fetch_add(&sum, 1, __ATOMIC_SEQ_CST);
	bench_check(sum == before + n);
}

/* A state that others can change is changed, and then it is asked when that was; in order with the others. */
static void locked_read(uint64_t n, uint64_t size)
{
	static uint64_t sum;
	uint64_t first = counter(), last = first;

	(void)size;
	for (uint64_t i = 0; i < n; i++) {
		__atomic_fetch_add(&sum, 1, __ATOMIC_SEQ_CST);
		last = counter();
	}
	bench_check(last >= first);
}

static void locked_fenced(uint64_t n, uint64_t size)
{
	static uint64_t sum;
	uint64_t first = counter(), last = first;

	(void)size;
	for (uint64_t i = 0; i < n; i++) {
		__atomic_fetch_add(&sum, 1, __ATOMIC_SEQ_CST);
		fence();
		last = counter();
	}
	bench_check(last >= first);
}

/* A mutex that is nothing but a word: a compare-and-swap and a store, each a function. */
__attribute__((noinline)) static bool swap(uint32_t *word)
{
	uint32_t free = 0;

	return __atomic_compare_exchange_n(word, &free, 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

__attribute__((noinline)) static void store(uint32_t *word)
{
	__atomic_store_n(word, 0, __ATOMIC_RELEASE);
}

static void swap_store(uint64_t n, uint64_t size)
{
	static uint32_t word;
	uint64_t got = 0;

	(void)size;
	for (uint64_t i = 0; i < n; i++) {
		got += swap(&word);
		store(&word);
	}
	bench_check(got == n);
}

/* What a goroutine has of its own: a record, and a stack, of which it needs one page. */
enum { RECORD = 128, PAGE = 4096, GUARD = 65536, STACK = 65536, STRIDE = GUARD + STACK };

static char *map(uint64_t bytes)
{
	char *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	bench_check(mem != MAP_FAILED);
	madvise(mem, bytes, MADV_NOHUGEPAGE);
	return mem;
}

/* Advise the kernel of a part of each stack, of 32 by one call. */
static void advise(char *stacks, uint64_t n, uint64_t at, uint64_t bytes, int advice)
{
	struct iovec v[32];

	for (uint64_t i = 0; i < n; i += 32) {
		uint64_t k = n - i < 32 ? n - i : 32;

		for (uint64_t j = 0; j < k; j++)
			v[j] = (struct iovec){stacks + (i + j) * STRIDE + at, bytes};
		bench_check(syscall(SYS_process_madvise, PIDFD_SELF_THREAD_GROUP, v, k, advice,
				    0) == (long)(k * bytes));
	}
}

/* So many stacks: a guard, and the page at the top. */
static char *make_stacks(uint64_t n)
{
	char *stacks = map(n * STRIDE);

	advise(stacks, n, 0, GUARD, MADV_GUARD_INSTALL);
	advise(stacks, n, STRIDE - PAGE, PAGE, MADV_POPULATE_WRITE);
	return stacks;
}

static void stacks(uint64_t n, uint64_t size)
{
	double start = bench_now();
	char *mem = make_stacks(n);

	(void)size;
	bench_report((bench_now() - start) / n, "ns/op");
	for (uint64_t i = 0; i < n; i++)
		bench_check(!mem[i * STRIDE + STRIDE - 1]);
	munmap(mem, n * STRIDE);
}

/* The first look at the top of a stack that is in no cache, once for each of so many; where the
 * next is is known when the one before has been read, as in a queue of waiters. */
static void far(uint64_t n, uint64_t size)
{
	char *mem = make_stacks(size);
	uint64_t at = 0, seen = 0;
	double start;

	bench_check(n == 1);
	for (uint64_t i = 0; i < size; i++) // next to each other, but in lines of different sets
		*(uint64_t *)(mem + i * STRIDE + STRIDE - 64 * (1 + i % 32)) = i + 1;
	start = bench_now();
	for (; at < size; seen++)
		at = *(uint64_t *)(mem + at * STRIDE + STRIDE - 64 * (1 + at % 32));
	bench_report((bench_now() - start) / size, "ns/op");
	bench_check(seen == size);
	munmap(mem, size * STRIDE);
}

/* So many records, written by one thread and then by another, and so on: the first has the even
 * turns. */
struct handover {
	char *records;
	uint64_t size, turns;
	uint64_t turn; /* atomic */
};

static void take_turns(struct handover *h, uint64_t first)
{
	for (uint64_t turn = first; turn < h->turns; turn += 2) {
		while (__atomic_load_n(&h->turn, __ATOMIC_ACQUIRE) != turn)
			;
		for (uint64_t i = 0; i < h->size; i++) {
			bench_check(*(uint64_t *)(h->records + i * RECORD) == turn);
			*(uint64_t *)(h->records + i * RECORD) = turn + 1;
			*(uint64_t *)(h->records + i * RECORD + 64) = turn;
		}
		__atomic_store_n(&h->turn, turn + 1, __ATOMIC_RELEASE);
	}
}

static void *other(void *arg)
{
	take_turns(arg, 1);
	return NULL;
}

/* A record there and back again: two lines, twice. */
static void handover(uint64_t n, uint64_t size)
{
	struct handover h = {map(size * RECORD), size, 2 * (n / size + 1), 0};
	pthread_t thread;
	double start = bench_now();

	bench_check(pthread_create(&thread, NULL, other, &h) == 0);
	take_turns(&h, 0);
	pthread_join(thread, NULL);
	bench_report((bench_now() - start) / (h.turns / 2 * size), "ns/op");
	munmap(h.records, size * RECORD);
}

static double cpu_now(void)
{
	struct timespec t;

	bench_check(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* n sleeps that end 5 us after each other, and of which nothing is to be done; who waits for them
 * sleeps in the kernel until the next is due, and for so many microseconds at least. */
static void wakes(uint64_t n, uint64_t us)
{
	double *late = malloc(n * sizeof *late), cpu = cpu_now(), due = bench_now();
	uint64_t ended = 0;

	bench_check(late && prctl(PR_SET_TIMERSLACK, 1) == 0);
	while (ended < n) {
		double now = bench_now(), until = now + us * 1e3;

		until = due > until ? due : until;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME,
				&(struct timespec){(time_t)(until / 1e9), (long)until % 1000000000},
				NULL);
		for (now = bench_now(); ended < n && due <= now; due += 5000)
			late[ended++] = now - due;
	}
	bench_report((cpu_now() - cpu) / n, "cpu-ns/sleep");
	qsort(late, n, sizeof *late, compare);
	bench_report(late[n / 2], "p50-ns");
	free(late);
}

static const struct bench benches[] = {
	{"Clock/counter", read_counter},
	{"Clock/counter,fenced", read_fenced},
	{"Clock/monotonic", read_monotonic},
	{"Locked", locked},
	{"Locked,counter", locked_read},
	{"Locked,counter,fenced", locked_fenced},
	{"SwapStore", swap_store},
	{"Stacks", stacks},
	{"Far/stacks=", far},
	{"Handover/records=", handover},
	{"Wakes/us=", wakes},
};
BENCH_MAIN(benches)
