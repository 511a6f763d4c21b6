/* SPDX-License-Identifier: MIT */
/* A tiny benchmark harness that prints Go's format.
 *
 * A benchmark is a function that does n operations and checks its result: a runtime that loses or
 * repeats work ends the program with status 1 instead of a good figure.  benchmarks/go has the
 * same algorithms under the same names.
 *
 * n grows until a run takes BENCHTIME (environment, as go's -benchtime: "300ms", "1s", "100000x"
 * for exactly so many; 500ms by default), and only the last run is printed.  An argument is the
 * name of the one benchmark to run; --list prints the names.
 */
#ifndef BENCH_H
#define BENCH_H

#ifndef _GNU_SOURCE
#error "define _GNU_SOURCE before the first #include"
#endif

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <weft.h>

struct bench {
	const char *name;
	void (*run)(uint64_t n);
};

/* One program's benchmarks, and what its command line asked for. */
struct bench_set {
	const struct bench *benches;
	size_t count;
	const char *only;
	double goal_ns; /* 0: exactly n operations */
	uint64_t n;
};

#define bench_check(cond)                                                                          \
	do {                                                                                       \
		if (!(cond))                                                                       \
			bench_wrong(__FILE__, __LINE__, #cond);                                    \
	} while (0)

__attribute__((noreturn, unused)) static void bench_wrong(const char *file, int line,
							  const char *cond)
{
	fprintf(stderr, "%s:%d: wrong result: not (%s)\n", file, line, cond);
	exit(1);
}

static double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* The suffix that Go gives a name: nothing for one worker, else -workers. */
static const char *bench_suffix(void)
{
	static char suffix[16];
	const char *procs = getenv("WEFT_PROCS");
	cpu_set_t cpus;
	int workers = procs ? atoi(procs) : 0;

	if (workers <= 0 && sched_getaffinity(0, sizeof cpus, &cpus) == 0)
		workers = CPU_COUNT(&cpus);
	if (workers > 1)
		snprintf(suffix, sizeof suffix, "-%d", workers);
	return suffix;
}

/* As Go's testing package predicts n: a fifth more than enough, at most a hundred times as many. */
static uint64_t bench_next_n(uint64_t n, double ns, double goal_ns)
{
	double want = goal_ns * n / (ns > 1 ? ns : 1) * 1.2;

	if (want > n * 100.0)
		want = n * 100.0;
	return want > n + 1 ? (uint64_t)want : n + 1;
}

static void bench_one(const struct bench *b, const struct bench_set *set)
{
	uint64_t n = set->goal_ns > 0 ? 1 : set->n;
	double ns;

	for (;;) {
		double start = bench_now();

		b->run(n);
		ns = bench_now() - start;
		if (ns >= set->goal_ns || n >= 1000000000)
			break;
		n = bench_next_n(n, ns, set->goal_ns);
	}
	ns /= n;
	printf("Benchmark%s%s\t%8" PRIu64 "\t%10.*f ns/op\n", b->name, bench_suffix(), n,
	       ns < 10	   ? 3
	       : ns < 100  ? 2
	       : ns < 1000 ? 1
			   : 0,
	       ns);
	fflush(stdout);
}

static int bench_app(void *arg)
{
	const struct bench_set *set = arg;
	int ran = 0;

	for (size_t i = 0; i < set->count; i++) {
		if (set->only && strcmp(set->only, set->benches[i].name) != 0)
			continue;
		bench_one(&set->benches[i], set);
		ran++;
	}
	if (ran)
		return 0;
	fprintf(stderr, "no benchmark named '%s'; --list lists them\n", set->only);
	return 2;
}

/* Read "300ms", "1s" or "1000x" into the set; false if it is none of these. */
static bool bench_time(struct bench_set *set, const char *text)
{
	char *unit;
	double value = strtod(text, &unit);

	if (!(value > 0))
		return false;
	set->n = strcmp(unit, "x") == 0 ? (uint64_t)value : 0;
	set->goal_ns = strcmp(unit, "s") == 0	 ? value * 1e9
		       : strcmp(unit, "ms") == 0 ? value * 1e6
						 : 0;
	return set->n > 0 || set->goal_ns > 0;
}

static int bench_main(int argc, char **argv, const struct bench *benches, size_t count)
{
	struct bench_set set = {.benches = benches, .count = count, .only = argv[1]};
	const char *text = getenv("BENCHTIME");

	if (argc > 1 && strcmp(argv[1], "--list") == 0) {
		for (size_t i = 0; i < count; i++)
			puts(benches[i].name);
		return 0;
	}
	if (!bench_time(&set, text ? text : "500ms")) {
		fprintf(stderr, "BENCHTIME='%s' is not like 300ms, 1s or 1000x\n", text);
		return 2;
	}
	return weft_run(bench_app, &set);
}

#define BENCH_MAIN(benches)                                                                        \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		return bench_main(argc, argv, benches, sizeof benches / sizeof *benches);          \
	}

#endif
