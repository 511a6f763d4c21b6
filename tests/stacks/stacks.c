/* SPDX-License-Identifier: MIT */
/* A program whose stacks are recorded: stacks WHAT [N] */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <weft.h>

static int n;

#define NOINLINE __attribute__((noinline, noclone))
#define STAY() __asm__ volatile("") /* after a call, or that is a jump */

/* A call at one of two places. */
#define TWO_WAYS(way, call)                                                                        \
	do {                                                                                       \
		if ((way)&1) {                                                                     \
			call;                                                                      \
			__asm__ volatile("nop /* one */");                                             \
		} else {                                                                           \
			call;                                                                      \
			__asm__ volatile("nop /* the other */");                                       \
		}                                                                                  \
	} while (0)

static void nothing(void *arg)
{
	(void)arg;
}

/* n goroutines, one after the other. */
static void spawn(void)
{
	for (int i = 0; i < n; i++) {
		weft_go(nothing, NULL);
		weft_yield();
	}
}

/* Goroutines that all come to the same new places at once. */
static NOINLINE void meet(weft_chan *c, int depth, unsigned way)
{
	if (depth == 0)
		weft_chan_send(c, &way);
	else
		TWO_WAYS(way, meet(c, depth - 1, way >> 1));
	STAY();
}

static void sender(void *arg)
{
	for (unsigned i = 0; i < 1024; i++)
		meet(arg, 10, i);
}

static void crowd(void)
{
	weft_chan *c = weft_chan_make(sizeof(unsigned), 0);
	unsigned v;

	for (int i = 0; i < n; i++)
		weft_go(sender, c);
	for (int i = 0; i < n * 1024; i++)
		weft_chan_recv(c, &v);
	weft_chan_unref(c);
}

/* Ever other stacks: n ways through a tree of calls. */
static NOINLINE void ways(int depth, unsigned way)
{
	if (depth == 0)
		weft_go(nothing, NULL);
	else
		TWO_WAYS(way, ways(depth - 1, way >> 1));
	STAY();
}

static void many(void)
{
	for (int i = 0; i < n; i++) {
		ways(20, (unsigned)i);
		weft_yield();
	}
}

static NOINLINE void deep(int depth)
{
	if (depth)
		deep(depth - 1);
	else
		weft_sleep(1);
	STAY();
}

/* Call f() with a frame pointer that is none. */
void with_frame_pointer(uintptr_t fp, void (*f)(void));
#if defined(__x86_64__)
__asm__("with_frame_pointer:\n\t"
	"pushq %rbp\n\t"
	"movq %rdi, %rbp\n\t"
	"call *%rsi\n\t"
	"popq %rbp\n\t"
	"ret");
#else
__asm__("with_frame_pointer:\n\t"
	"stp x29, x30, [sp, #-16]!\n\t"
	"mov x29, x0\n\t"
	"blr x1\n\t"
	"ldp x29, x30, [sp], #16\n\t"
	"ret");
#endif

static NOINLINE void wait_a_moment(void)
{
	weft_sleep(1);
	STAY();
}

static void garbage(void)
{
	uintptr_t words[64], at = (uintptr_t)words;

	for (int i = 0; i < n; i++) {
		for (int k = 0; k < 64; k++)
			words[k] = k % 2 ? (uintptr_t)rand() << 12 ^ (uintptr_t)rand()
					 : at + 16 * (size_t)(k + 1);
		with_frame_pointer(i % 8 == 0	? 0
				   : i % 8 == 1 ? 8
				   : i % 8 == 2 ? UINTPTR_MAX & ~7ul
				   : i % 8 == 3 ? at + 1
				   : i % 8 == 4 ? (uintptr_t)rand()
						: at,
				   wait_a_moment);
	}
}

/* A library that is loaded, called from another directory, unloaded, again and again. */
static void load(void)
{
	char *here = get_current_dir_name();

	for (int i = 0; i < n; i++) {
		void *lib = dlopen("./libcallback.so", RTLD_NOW),
		     *f = lib ? dlsym(lib, "call") : NULL;

		if (!f) {
			printf("%s\n", dlerror());
			exit(1);
		}
		if (chdir("/") < 0)
			exit(1);
		((void (*)(void (*)(void)))f)(wait_a_moment);
		dlclose(lib);
		if (chdir(here) < 0)
			exit(1);
	}
	free(here);
}

static uint32_t (*replaced)(void);

/* Two libraries by turns, which are mapped to the same place and have the same calls. */
static void replace(void)
{
	void *probes = dlopen(getenv("WEFT_TRACE_LIB"), RTLD_NOW | RTLD_NOLOAD);
	void *first = NULL;

	*(void **)&replaced = dlsym(probes, "replaced");
	for (int i = 0; i < n; i++) {
		void *lib = dlopen(i % 2 ? "./libother.so" : "./libcallback.so", RTLD_NOW);
		void *f = dlsym(lib, "call");

		if (!first)
			first = f;
		if (f != first) {
			printf("another place\n");
			exit(77);
		}
		for (int k = 0; k < 10000 && replaced() < (uint32_t)i; k++)
			weft_sleep(WEFT_MS); // until the monitor has looked
		((void (*)(void (*)(void)))f)(wait_a_moment);
		((void (*)(void (*)(void)))f)(wait_a_moment);
		dlclose(lib);
	}
}

static int app(void *arg)
{
	struct rusage ru;

	if (!strcmp(arg, "spawn"))
		spawn();
	else if (!strcmp(arg, "crowd"))
		crowd();
	else if (!strcmp(arg, "many"))
		many();
	else if (!strcmp(arg, "deep"))
		deep(n);
	else if (!strcmp(arg, "garbage"))
		garbage();
	else if (!strcmp(arg, "load"))
		load();
	else if (!strcmp(arg, "replace"))
		replace();
	else
		return 9;
	getrusage(RUSAGE_SELF, &ru);
	printf("memory %ld\n", ru.ru_maxrss);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	n = argc > 2 ? atoi(argv[2]) : 1;
	return weft_run(app, argc > 1 ? argv[1] : "");
}
