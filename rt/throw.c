/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "throw.h"
#include "report.h"
#include "sched.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void rt_end_once(void)
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
	__atomic_fetch_or(&rt.detour, DETOUR_END, __ATOMIC_RELAXED);
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
	void (*detail)(struct rt_out *o, const void *arg); /* or NULL */
	const void *detail_arg;
	char message[512];
} last;

/* In a forked child: of the parent's locks, buffers and exit handlers none may be touched. */
static _Noreturn void end_forked(const char *kind, const char *message)
{
	dprintf(STDERR_FILENO, "weft: %s: %s\n", kind, message);
	_exit(2);
}

/* On the thread's own stack: a goroutine's may be too small for stdio and exit handlers. */
static bool report(struct g *gp, void *arg)
{
	struct rt_out o;

	(void)arg;
	rt_out_init(&o, STDERR_FILENO);
	rt_ignore_begin(); // a report reads what belongs to others
	flush_stdout();
	rt_out(&o, "weft: %s: %s\n", last.kind, last.message);
	if (last.detail)
		last.detail(&o, last.detail_arg);
	if (gp) {
		rt_out(&o, "\ngoroutine %lu (%s): running", (unsigned long)gp->id, rt_g_label(gp));
		rt_print_site(&o, " at ", last.site);
		rt_print_site(&o, gp->parent ? "\n    spawned at " : "\n    started at ", gp->site);
		rt_out(&o, "\n");
		rt_print_goroutines(&o, gp->id);
	} else {
		rt_print_site(&o, "    at ", last.site);
		if (last.site)
			rt_out(&o, "\n");
	}
	rt_flush(&o);
	rt_trace(run_fatal, gp ? gp->id : 0, last.message);
	rt_ignore_end();
	exit(2);
}

static _Noreturn void end(const char *kind, const weft_site *site, const char *fmt, va_list ap)
{
	struct m *mp = rt_self();
	struct g *gp = mp ? mp->curg : NULL;
	char *here = __builtin_frame_address(0);

	if (rt_is_forked()) { // and another thread of the parent's may have been in here
		vsnprintf(last.message, sizeof last.message, fmt, ap);
		end_forked(kind, last.message);
	}
	rt_end_once();
	last.kind = kind;
	last.site = site;
	vsnprintf(last.message, sizeof last.message, fmt, ap);
	if (gp && rt_on_stack(gp, here)) {
		mp->left = gp;
		mp->commit = report;
		rt_context_switch(&gp->ctx, &mp->ctx);
	}
	report(gp, NULL); // does not return
	abort();
}

void rt_untrapped(const weft_site *site, const char *fmt, ...)
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

void rt_fatal_with(const weft_site *site, void (*detail)(struct rt_out *o, const void *arg),
		   const void *arg, const char *fmt, ...)
{
	va_list ap;

	last.detail = detail;
	last.detail_arg = arg;
	va_start(ap, fmt);
	end("fatal", site, fmt, ap);
}

void rt_deadlock(bool main_exited)
{
	struct rt_out o;
	const char *what = weft_count() ? "all goroutines are asleep - deadlock!"
					: "no goroutines (main called weft_exit) - deadlock!";

	rt_end_once();
	rt_out_init(&o, STDERR_FILENO);
	rt_ignore_begin();
	flush_stdout();
	rt_out(&o, "weft: fatal: %s\n", what);
	if (main_exited && weft_count())
		rt_out(&o, "(the main goroutine called weft_exit)\n");
	rt_print_deadlock(&o);
	rt_flush(&o);
	rt_trace(run_fatal, 0, what);
	rt_ignore_end();
	exit(2);
}
