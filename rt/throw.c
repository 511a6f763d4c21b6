/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "throw.h"
#include "sched.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SHOWN = 100 }; /* goroutines in a report; of more it says how many */

/* ---- Reports of goroutines -------------------------------------------------------------- */

struct tally {
	uint64_t except;
	size_t shown, more;
};

static void print_duration(int64_t ns)
{
	if (ns < 10 * WEFT_MS)
		fputs("less than 10 ms", stderr); // the monitor's clock is no finer
	else if (ns < 10 * WEFT_S)
		fprintf(stderr, "%ld ms", (long)(ns / WEFT_MS));
	else
		fprintf(stderr, "%ld s", (long)(ns / WEFT_S));
}

static void print_site(const char *before, const weft_site *site)
{
	if (site)
		fprintf(stderr, "%s%s:%u", before, site->file, site->line);
}

static void print_wait(const struct g *gp)
{
	char about[256];

	fprintf(stderr, "waiting in %s", rt_wait_phrase(gp->why));
	print_site(" at ", gp->wait_site);
	fputs(" for ", stderr);
	print_duration(rt_now() - gp->since);
	if (gp->obj && rt_describe(gp->why, gp->obj, about, sizeof about))
		fprintf(stderr, ",\n    for %s", about);
}

static bool print_g(void *top, void *arg)
{
	static const char *const states[] = {"", "runnable", "running", "running without a worker"};
	const struct g *gp = rt_g_at(top);
	uint32_t status = __atomic_load_n(&gp->status, __ATOMIC_RELAXED);
	struct tally *t = arg;

	if (status == G_DEAD || gp->id == t->except)
		return true;
	if (t->shown == SHOWN) {
		t->more++;
		return true;
	}
	t->shown++;
	fprintf(stderr, "\ngoroutine %lu (%s): ", gp->id, rt_g_label(gp));
	if (status == G_WAITING)
		print_wait(gp);
	else
		fputs(states[status], stderr);
	if (gp->parent)
		fprintf(stderr, "\n    spawned by goroutine %lu", gp->parent);
	else
		fputs("\n    started", stderr);
	print_site(" at ", gp->site);
	fputc('\n', stderr);
	return true;
}

/* Every goroutine but `except`. */
static void print_goroutines(uint64_t except)
{
	struct tally t = {except, 0, 0};

	rt_stack_each(print_g, &t);
	if (t.more)
		fprintf(stderr, "\n... and %zu more goroutines\n", t.more);
}

/* ---- Ends ------------------------------------------------------------------------------- */

/* Another thread may come to an end at the same time: the first one prints.  The first may itself
 * come to another, in its report or in an exit handler: that one is not reported. */
static void only_once(void)
{
	static int ending;
	static __thread bool mine;

	if (mine)
		_exit(2);
	if (__atomic_exchange_n(&ending, 1, __ATOMIC_RELAXED))
		for (;;)
			pause();
	mine = true;
	__atomic_store_n(&rt.stopping, true, __ATOMIC_RELAXED);
}

/* Unless its lock is held, perhaps by a goroutine that blocks in a write. */
static void flush_stdout(void)
{
	if (ftrylockfile(stdout))
		return;
	fflush_unlocked(stdout);
	funlockfile(stdout);
}

/* What ended the program. */
static struct {
	const char *kind;
	const weft_site *site;
	char message[512];
} last;

/* On the thread's own stack: a goroutine's may be too small for stdio and exit handlers. */
static bool report(struct g *gp, void *arg)
{
	(void)arg;
	rt_ignore_begin(); // a report reads what belongs to others
	flush_stdout();
	fprintf(stderr, "weft: %s: %s\n", last.kind, last.message);
	if (gp) {
		fprintf(stderr, "\ngoroutine %lu (%s): running", gp->id, rt_g_label(gp));
		print_site(" at ", last.site);
		print_site(gp->parent ? "\n    spawned at " : "\n    started at ", gp->site);
		fputc('\n', stderr);
		print_goroutines(gp->id);
	} else {
		print_site("    at ", last.site);
		if (last.site)
			fputc('\n', stderr);
	}
	rt_trace_run_fatal(gp ? gp->id : 0, last.message);
	rt_ignore_end();
	exit(2);
}

static _Noreturn void end(const char *kind, const weft_site *site, const char *fmt, va_list ap)
{
	struct m *mp = rt_self();
	struct g *gp = mp ? mp->curg : NULL;
	char *here = __builtin_frame_address(0);

	only_once();
	last.kind = kind;
	last.site = site;
	vsnprintf(last.message, sizeof last.message, fmt, ap);
	if (gp && here >= gp->lo && here < (char *)gp) {
		mp->commit = report;
		rt_context_switch(&gp->ctx, &mp->ctx);
	}
	report(gp, NULL); // does not return
	abort();
}

void rt_panic(const weft_site *site, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	end("panic", site, fmt, ap);
}

void rt_fatal(const weft_site *site, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	end("fatal", site, fmt, ap);
}

void rt_deadlock(bool main_exited)
{
	const char *what = weft_count() ? "all goroutines are asleep - deadlock!"
					: "no goroutines (main called weft_exit) - deadlock!";

	only_once();
	rt_ignore_begin();
	flush_stdout();
	fprintf(stderr, "weft: fatal: %s\n", what);
	if (main_exited && weft_count())
		fputs("(the main goroutine called weft_exit)\n", stderr);
	print_goroutines(0);
	rt_trace_run_fatal(0, what);
	rt_ignore_end();
	exit(2);
}

/* ---- Stack overflow --------------------------------------------------------------------- */

static struct sigaction before[2]; /* what handled SIGSEGV and SIGBUS */

/* fprintf is not safe in a signal handler in general; here the faulting instruction is a push onto
 * a goroutine's stack, and the process ends. */
static _Noreturn void overflowed(const struct g *gp, size_t size)
{
	char message[256];
	int n;

	only_once();
	rt_ignore_begin();
	n = snprintf(message, sizeof message,
		     "goroutine %lu (%s, %s at %s:%u) overflowed its %zu KiB stack", gp->id,
		     rt_g_label(gp), gp->parent ? "spawned" : "started",
		     gp->site ? gp->site->file : "?", gp->site ? gp->site->line : 0, size >> 10);
	dprintf(STDERR_FILENO,
		"weft: fatal: %.*s\n    give it a larger one with weft_go_with(..., .stack = ...), "
		"or all with WEFT_STACK=%zuK\n",
		n, message, 2 * size >> 10);
	rt_trace_run_fatal(gp->id, message);
	rt_ignore_end();
	_exit(2);
}

static void on_fault(int sig, siginfo_t *info, void *ctx)
{
	const struct sigaction *old = &before[sig == SIGBUS];
	size_t size;
	char *lo = rt_stack_guarded_by(info->si_addr, &size);

	if (lo && rt_self() && rt_curg() == rt_g_at(lo + size))
		overflowed(rt_curg(), size);
	if (old->sa_flags & SA_SIGINFO) {
		old->sa_sigaction(sig, info, ctx);
	} else if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN) {
		old->sa_handler(sig);
	} else {
		struct g *gp = rt_self() ? rt_curg() : NULL;

		rt_trace_run_fatal(gp ? gp->id : 0, sig == SIGBUS ? "SIGBUS" : "SIGSEGV");
		sigaction(sig, old, NULL); // the instruction faults again, and kills
		if (info->si_code <= 0)
			raise(sig); // it was sent: no instruction to fault again
	}
}

void rt_catch_overflows(void)
{
	struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	sigaction(SIGSEGV, &sa, &before[0]);
	sigaction(SIGBUS, &sa, &before[1]);
}

void rt_signal_stack(void)
{
	size_t size = 64 << 10;
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t ss = {.ss_sp = mem, .ss_size = size};

	if (mem == MAP_FAILED)
		rt_fatal(NULL, "no memory for another thread");
	sigaltstack(&ss, NULL);
}
