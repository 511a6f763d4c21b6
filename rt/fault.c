/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "fault.h"
#include "sched.h"
#include "throw.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct sigaction before[2]; /* what handled SIGSEGV and SIGBUS */

/* fprintf is not safe in a signal handler in general; here the faulting instruction is a push onto
 * a goroutine's stack, and the process ends. */
static _Noreturn void overflowed(const struct g *gp, size_t size)
{
	char message[256];
	int n;

	rt_end_once();
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
