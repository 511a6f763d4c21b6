/* SPDX-License-Identifier: MIT */
/* A tiny benchmark harness that prints Go's format.
 *
 * A benchmark is a function that does n operations and checks its result: a runtime that loses or
 * repeats work ends the program with status 1 instead of a good figure.  benchmarks/go has the
 * same algorithms under the same names.  A benchmark whose name ends in `=` has a size, which
 * whoever runs it writes behind: `bench_sched Yield/goroutines=16 Spawn/batch=1000`.
 *
 * n grows until a run takes BENCHTIME (environment, as go's -benchtime: "300ms", "1s", "100000x"
 * for exactly so many, after one alone; 500ms by default), and only the last run is printed.
 * benchmarks/rows.txt has the names that are measured.
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
	void (*run)(uint64_t n, uint64_t size);
};

/* What the command line and the environment ask for. */
struct bench_job {
	const char *name; /* with the size */
	const struct bench *bench;
	uint64_t size;
	double goal_ns; /* 0: exactly n operations */
	uint64_t n;
};

/* What a benchmark says of itself: see bench_report. */
enum { BENCH_METRICS = 4 };
static struct bench_metric {
	const char *unit;
	double value;
} bench_metrics[BENCH_METRICS + 1]; /* ends with a unit of NULL */

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

/* Another figure of the run, as Go's ReportMetric; in "ns/op" in place of the time that it took. */
__attribute__((unused)) static void bench_report(double value, const char *unit)
{
	struct bench_metric *m = bench_metrics;

	while (m->unit && strcmp(m->unit, unit) != 0)
		bench_check(++m < bench_metrics + BENCH_METRICS);
	*m = (struct bench_metric){unit, value};
}

/* The part of n that is the i-th of k's. */
__attribute__((unused)) static uint64_t bench_share(uint64_t n, uint64_t k, uint64_t i)
{
	return n / k + (i < n % k);
}

/* Where goroutines wait until all are there, so that what is measured is not how they came. */
struct bench_gate {
	weft_chan *c;
	uint64_t waiting; /* atomic */
	weft_waitgroup wg;
	double opened;
};

__attribute__((unused)) static struct bench_gate bench_gate(uint64_t goroutines)
{
	struct bench_gate g = {.c = weft_chan_make(1, 0)};

	weft_waitgroup_add(&g.wg, (int64_t)goroutines);
	return g;
}

/* A goroutine arrives, and goes on when the gate is opened... */
__attribute__((unused)) static void bench_arrive(struct bench_gate *g)
{
	__atomic_fetch_add(&g->waiting, 1, __ATOMIC_RELAXED);
	weft_chan_recv(g->c, NULL);
}

/* ... which is when all have come; report what each of n operations took from then on until all
 * have called weft_waitgroup_done(&g->wg). */
__attribute__((unused)) static void bench_measure(struct bench_gate *g, uint64_t goroutines,
						  uint64_t n)
{
	while (__atomic_load_n(&g->waiting, __ATOMIC_RELAXED) < goroutines)
		weft_yield();
	g->opened = bench_now();
	weft_chan_close(g->c);
	weft_waitgroup_wait(&g->wg);
	bench_report((bench_now() - g->opened) / n, "ns/op");
	weft_chan_unref(g->c);
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

/* Where insn.sh has callgrind say how much it has counted. */
__attribute__((noinline)) static void bench_mark(void)
{
	__asm__ volatile("");
}

static double bench_run(const struct bench_job *job, uint64_t n)
{
	double start, ns;

	memset(bench_metrics, 0, sizeof bench_metrics);
	bench_mark();
	start = bench_now();
	job->bench->run(n, job->size);
	ns = bench_now() - start;
	bench_mark();
	return ns;
}

static void bench_print(double value, const char *unit)
{
	double v = value < 0 ? -value : value;

	printf("\t%10.*f %s", v < 10 ? 3 : v < 100 ? 2 : v < 1000 ? 1 : 0, value, unit);
}

static void bench_one(const struct bench_job *job)
{
	const struct bench_metric *m;
	uint64_t n = 1;
	double ns = bench_run(job, n);

	while (job->goal_ns > 0 ? ns < job->goal_ns && n < 1000000000 : n < job->n) {
		n = job->goal_ns > 0 ? bench_next_n(n, ns, job->goal_ns) : job->n;
		ns = bench_run(job, n);
	}
	for (m = bench_metrics; m->unit && strcmp(m->unit, "ns/op") != 0; m++)
		;
	if (!m->unit)
		bench_report(ns / n, "ns/op");
	printf("Benchmark%s%s\t%8" PRIu64, job->name, bench_suffix(), n);
	for (m = bench_metrics; m->unit; m++)
		bench_print(m->value, m->unit);
	putchar('\n');
	fflush(stdout);
}

/* The jobs end with one that has no benchmark. */
static int bench_app(void *arg)
{
	for (const struct bench_job *job = arg; job->bench; job++)
		bench_one(job);
	return 0;
}

/* Read "300ms", "1s" or "1000x" into the job; false if it is none of these. */
static bool bench_time(struct bench_job *job, const char *text)
{
	char *unit;
	double value = strtod(text, &unit);

	if (!(value > 0))
		return false;
	job->n = strcmp(unit, "x") == 0 ? (uint64_t)value : 0;
	job->goal_ns = strcmp(unit, "s") == 0	 ? value * 1e9
		       : strcmp(unit, "ms") == 0 ? value * 1e6
						 : 0;
	return job->n > 0 || job->goal_ns > 0;
}

/* Is it b, or b with a size? */
static bool bench_is(struct bench_job *job, const struct bench *b)
{
	size_t len = strlen(b->name);
	char *end;

	if (b->name[len - 1] != '=')
		return strcmp(b->name, job->name) == 0;
	if (strncmp(b->name, job->name, len) != 0)
		return false;
	job->size = strtoull(job->name + len, &end, 10);
	return job->size > 0 && !*end;
}

static bool bench_find(struct bench_job *job, const struct bench *benches, size_t count)
{
	for (size_t i = 0; i < count && !job->bench; i++) {
		if (bench_is(job, &benches[i]))
			job->bench = &benches[i];
	}
	return job->bench;
}

static int bench_usage(const char *program, const struct bench *benches, size_t count)
{
	fprintf(stderr, "usage: %s NAME..., of these, with a number behind `=`:\n", program);
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "    %s\n", benches[i].name);
	return 2;
}

static int bench_main(int argc, char **argv, const struct bench *benches, size_t count)
{
	struct bench_job jobs[16] = {0};
	const char *text = getenv("BENCHTIME");

	if (argc < 2 || argc > 16)
		return bench_usage(argv[0], benches, count);
	for (int i = 0; i < argc - 1; i++) {
		jobs[i].name = argv[i + 1];
		if (!bench_find(&jobs[i], benches, count))
			return bench_usage(argv[0], benches, count);
		if (!bench_time(&jobs[i], text ? text : "500ms")) {
			fprintf(stderr, "BENCHTIME='%s' is not like 300ms, 1s or 1000x\n", text);
			return 2;
		}
	}
	return weft_run(bench_app, jobs);
}

#define BENCH_MAIN(benches)                                                                        \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		return bench_main(argc, argv, benches, sizeof benches / sizeof *benches);          \
	}

#endif
