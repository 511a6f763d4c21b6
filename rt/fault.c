/* SPDX-License-Identifier: MIT */
/* A fatal signal: which, where, in which goroutine, its stack; then what the signal does by itself,
 * so that the exit status and the core dump are what they would be without us.
 *
 * This runs in signal handlers, on a thread whose state may be anything: no locks, no memory.  What
 * is known is written before the stack is walked.
 */
#define _GNU_SOURCE
#include "fault.h"
#include "report.h"
#include "sched.h"
#include "throw.h"
#include "walk.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* SIGSEGV and SIGBUS are always ours, because a stack overflow is one of them; the others only if
 * the program leaves them alone. */
static struct {
	int sig;
	const char *name;
	struct sigaction before;
} fatal[] = {
	{.sig = SIGSEGV, .name = "SIGSEGV"}, {.sig = SIGBUS, .name = "SIGBUS"},
	{.sig = SIGFPE, .name = "SIGFPE"},   {.sig = SIGILL, .name = "SIGILL"},
	{.sig = SIGABRT, .name = "SIGABRT"},
};

enum { NFATAL = sizeof fatal / sizeof *fatal };

/* ---- Stack overflow --------------------------------------------------------------------- */

enum { TOP = 16 }; /* calls that are shown of a stack that overflowed, or is a handler's */

static void print_top(struct rt_out *o, struct rt_walk *w)
{
	w->more |= w->n > TOP;
	w->n = w->n > TOP ? TOP : w->n;
	rt_print_walk(o, w);
	rt_flush(o);
}

static _Noreturn void overflowed(const struct g *gp, size_t size, const void *ucontext)
{
	struct rt_walk w;
	struct rt_out o;
	char message[256];

	rt_end_once();
	rt_ignore_begin();
	rt_out_init(&o, STDERR_FILENO);
	snprintf(message, sizeof message,
		 "goroutine %lu (%s, %s at %s:%u) overflowed its %zu KiB stack",
		 (unsigned long)gp->id, rt_g_label(gp), gp->parent ? "spawned" : "started",
		 gp->site ? gp->site->file : "?", gp->site ? gp->site->line : 0, size >> 10);
	rt_out(&o,
	       "weft: fatal: %s\n    give it a larger one with weft_go_with(..., .stack = ...), "
	       "or all with WEFT_STACK=%zuK\n",
	       message, 2 * size >> 10);
	rt_flush(&o);
	rt_print_g(&o, gp);
	rt_walk_interrupted(&w, ucontext);
	print_top(&o, &w);
	rt_trace(run_fatal, gp->id, message);
	rt_ignore_end();
	_exit(2);
}

static void check_overflow(const siginfo_t *info, const void *ucontext)
{
	const struct g *gp = rt_self() ? rt_curg() : NULL;
	size_t size;
	char *lo = rt_stack_guarded_by(info->si_addr, &size);

	if (lo && gp && gp->stack && gp->stack->lo == lo)
		overflowed(gp, size, ucontext);
}

/* ---- Handlers that call the runtime ------------------------------------------------------ */

/* The stack that this runs on, as far as it is known to be one. */
static void walk_handler(struct rt_walk *w, const void *fp, const struct g *gp)
{
	const char *lo = fp,
		   *hi = lo + 1024; // less than what the kernel puts before a handler's frame
	stack_t ss;

	if (sigaltstack(NULL, &ss) == 0 && ss.ss_flags & SS_ONSTACK) {
		lo = ss.ss_sp;
		hi = lo + ss.ss_size;
	} else if (gp && rt_on_stack(gp, lo)) {
		hi = rt_stack_top(gp->stack);
	}
	rt_walk(w, fp, lo, hi);
}

/* The runtime is in the middle of something, perhaps with a lock, and so may be the C library: as
 * little as possible, and no exit handlers. */
void rt_refuse_handler(const char *what, const char *why)
{
	const struct m *mp = rt_self();
	const struct g *gp = mp ? mp->curg : NULL;
	struct rt_walk w;
	struct rt_out o;
	char message[400];

	rt_end_once();
	rt_ignore_begin();
	rt_out_init(&o, STDERR_FILENO);
	snprintf(message, sizeof message, "%s was called in a signal handler, %s", what, why);
	rt_out(&o,
	       "weft: fatal: %s\n    a handler may call nothing of weft's: let a goroutine receive "
	       "the signal from a channel, see weft_signal_notify\n",
	       message);
	if (gp)
		rt_print_g(&o, gp);
	rt_flush(&o);
	walk_handler(&w, __builtin_frame_address(0), gp);
	print_top(&o, &w);
	rt_trace(run_fatal, gp ? gp->id : 0, message);
	rt_ignore_end();
	_exit(2);
}

#ifdef WEFT_DEBUG_BUILD
void rt_debug_entry(const char *what)
{
	stack_t ss;

	if (sigaltstack(NULL, &ss) == 0 && ss.ss_flags & SS_ONSTACK && !rt_detour(DETOUR_END))
		rt_refuse_handler(what, "on the alternate stack");
}
#endif

/* ---- The report ------------------------------------------------------------------------- */

static const char *cause(int sig, int code)
{
	if (sig == SIGSEGV)
		return code == SEGV_MAPERR   ? " (nothing is there)"
		       : code == SEGV_ACCERR ? " (access that is not allowed there)"
					     : "";
	if (sig == SIGFPE)
		return code == FPE_INTDIV ? " (division by zero)" : "";
	return "";
}

static void print_signal(struct rt_out *o, int i, const siginfo_t *info)
{
	rt_out(o, "weft: fatal: %s", fatal[i].name);
	if (info->si_code > 0 && info->si_code != SI_KERNEL)
		rt_out(o, " at address 0x%lx%s", (unsigned long)info->si_addr,
		       cause(fatal[i].sig, info->si_code));
	else if (info->si_code > 0)
		rt_out(o, " at an address that cannot be one");
	else if (info->si_pid != getpid())
		rt_out(o, " sent by process %d", (int)info->si_pid);
}

static void print_where(struct rt_out *o, const struct m *mp, const struct g *gp, const void *sp)
{
	if (!mp) {
		rt_out(o, " in thread %d, which runs no goroutines\n", (int)gettid());
		return;
	}
	if (gp && rt_on_stack(gp, sp))
		rt_out(o, " in goroutine %lu (%s)%s\n", (unsigned long)gp->id, rt_g_label(gp),
		       mp->inside ? ", inside the runtime" : "");
	else if (gp && !mp->inside)
		rt_out(o, " in goroutine %lu (%s), on a stack of its own making\n",
		       (unsigned long)gp->id, rt_g_label(gp));
	else
		rt_out(o, " in the runtime, on the stack of thread %u\n", mp->tid);
}

static void report(int i, const siginfo_t *info, const void *ucontext)
{
	const struct m *mp = rt_self();
	const struct g *gp = mp ? mp->curg : NULL;
	struct rt_walk w;
	struct rt_out o;

	rt_out_init(&o, STDERR_FILENO);
	print_signal(&o, i, info);
	print_where(&o, mp, gp, rt_interrupted_sp(ucontext));
	if (gp)
		rt_print_g(&o, gp);
	rt_flush(&o);
	rt_walk_interrupted(&w, ucontext);
	rt_print_walk(&o, &w);
	rt_flush(&o);
	rt_trace(run_fatal, gp ? gp->id : 0, fatal[i].name);
}

static struct {
	pid_t thread; /* that probes, or 0 */
	sigjmp_buf back;
} probe;

bool rt_probe(void (*fn)(void *arg), void *arg)
{
	bool ok = sigsetjmp(probe.back, 1) == 0;

	if (ok) {
		probe.thread = gettid();
		fn(arg);
	}
	probe.thread = 0;
	return ok;
}

static void on_fatal(int sig, siginfo_t *info, void *ucontext)
{
	static int reporting;
	const struct sigaction *old;
	int i = 0;

	while (fatal[i].sig != sig)
		i++;
	if (i < 2 && probe.thread && probe.thread == gettid())
		siglongjmp(probe.back, 1);
	old = &fatal[i].before;
	if (sig == SIGSEGV || sig == SIGBUS)
		check_overflow(info, ucontext);
	if (old->sa_flags & SA_SIGINFO) {
		old->sa_sigaction(sig, info, ucontext);
		return;
	}
	if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN) {
		old->sa_handler(sig);
		return;
	}
	/* Of threads that fault at the same time the first reports, and ends the program. */
	if (__atomic_exchange_n(&reporting, 1, __ATOMIC_RELAXED))
		for (;;)
			pause();
	rt_ignore_begin(); // a report reads what belongs to others
	report(i, info, ucontext);
	rt_ignore_end();
	sigaction(sig, old, NULL); // the instruction faults again, and kills
	if (info->si_code <= 0)
		raise(sig); // it was sent: no instruction to fault again
}

bool rt_signal_unset(int sig)
{
	struct sigaction now;

	return sigaction(sig, NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) &&
	       now.sa_handler == SIG_DFL;
}

void rt_catch_faults(void)
{
	struct sigaction sa = {.sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	for (int i = 0; i < NFATAL; i++)
		if (i < 2 || rt_signal_unset(fatal[i].sig))
			sigaction(fatal[i].sig, &sa, &fatal[i].before);
}

void rt_signal_stack(void)
{
	stack_t ss = {.ss_size = RT_SIGNAL_STACK};
	void *mem;

	rt_quiet_begin(); // handlers run on it in goroutines, which this thread has not made
	mem = mmap(NULL, ss.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	rt_quiet_end();
	ss.ss_sp = mem;
	if (mem == MAP_FAILED)
		rt_fatal(NULL, "no memory for the signal stack of a thread (see ulimit -v, and "
			       "/proc/sys/vm/max_map_count)");
	if (sigaltstack(&ss, NULL) < 0)
		rt_fatal(NULL, "cannot set the signal stack of a thread: %s", strerror(errno));
	rt_self()->signal_stack = mem;
}
