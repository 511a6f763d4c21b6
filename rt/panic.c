/* SPDX-License-Identifier: MIT */
/* Panics, traps and deferred functions.
 *
 * gp->stack->deferred lists what is to happen when the goroutine leaves the functions that it is in, the
 * innermost first: deferred functions, and traps (with fn NULL).  Each record lives in the frame
 * of its scope, and only its goroutine touches the list.
 *
 * A panic, and weft_exit, run what is in the list, on top of the frames that are being left: so
 * those are still there for the deferred functions, and for a debugger when nothing traps the
 * panic. A trap cuts the stack back to itself.  What was deferred in the frames cut off has been
 * run and is out of the list.
 *
 * A deferred function may panic in turn, or have traps of its own.  A goroutine is therefore in any
 * number of panics, each in a frame deeper than the one before; a trap ends those that began within
 * it, and remembers for that which was the last before.  weft_exit drops the panics that it is
 * called in: with their frames nothing will come back.  If a panic of a deferred function is
 * trapped outside of where weft_exit was called, weft_exit goes on from there, as in Go.
 */
#include "local.h"
#include "panic.h"
#include "report.h"
#include "sched.h"
#include "throw.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <unwind.h>

struct rt_panic {
	struct rt_panic *outer; /* the one in whose deferred functions this one began */
	weft_caught what;
};

struct trap {
	weft_deferred d; /* first; its fn is NULL */
	struct rt_trap place;
	struct rt_panic *panic; /* the goroutine's as the trap was set, */
	bool exiting;		/* and whether it was in weft_exit */
	struct rt_exceptions exceptions; /* and, in C++, what it was in the midst of */
	weft_caught *caught;
	weft_site *site;
};

/* The caller's goroutine, whose own this is: that the thread may lose its worker does not matter.
 */
static struct g *curg(const char *what)
{
	struct m *mp = rt_self();

	return __builtin_expect(rt_outside(mp), 1) ? mp->curg : rt_enter(what)->curg;
}

/* ---- Unwinding -------------------------------------------------------------------------- */

/* A trap has been reached: it ends the panics that began within it. */
static void spring(struct g *gp, struct trap *t)
{
	bool exits = gp->stack->exiting && !t->exiting; // weft_exit was called within the trap
	uint32_t ended = 0;

	for (struct rt_panic *p = gp->stack->panic; p && p != t->panic; p = p->outer)
		ended++;
	rt_enter("");
	rt_trace(panic_trap, gp->id, ended, rt_trace_site(t->site));
	rt_leave();
	if (exits) {
		gp->stack->panic = NULL;
		return;
	}
	if (t->caught)
		*t->caught = gp->stack->panic->what;
	gp->stack->panic = t->panic;
	if (__cxa_get_globals)
		*__cxa_get_globals() = t->exceptions;
	rt_trap_cut(&t->place);
}

static size_t add(char *text, size_t at, size_t size, const weft_caught *what, uint64_t g)
{
	int n = snprintf(text + at, size - at, "%s", what->message);

	at += (size_t)n < size - at ? (size_t)n : 0;
	if (what->g != g) {
		n = snprintf(text + at, size - at, " (in goroutine %lu)", (unsigned long)what->g);
		at += (size_t)n < size - at ? (size_t)n : 0;
	}
	return at;
}

/* Nothing has trapped it. */
static _Noreturn void end_program(struct g *gp)
{
	const weft_site *site = gp->stack->panic->what.site;
	char text[480];
	size_t at = add(text, 0, sizeof text, &gp->stack->panic->what, gp->id);

	for (struct rt_panic *p = gp->stack->panic->outer; p; p = p->outer) {
		int n = snprintf(text + at, sizeof text - at, "; in a function deferred when ");

		at += (size_t)n < sizeof text - at ? (size_t)n : 0;
		at = add(text, at, sizeof text, &p->what, gp->id);
		if (p->what.site) {
			n = snprintf(text + at, sizeof text - at, " at %s:%u", p->what.site->file,
				     p->what.site->line);
			at += (size_t)n < sizeof text - at ? (size_t)n : 0;
		}
	}
	rt_enter("");
	rt_untrapped(site, "%s", text);
}

/* Leave all that the goroutine is in, until a trap stops it. */
static _Noreturn void unwind(struct g *gp)
{
	struct rt_trap unused;
	weft_deferred *d;

	while ((d = gp->stack->deferred)) {
		gp->stack->deferred = d->outer;
		if (d->fn)
			rt_trap_call(&unused, d->fn, d->arg);
		else if (gp->stack->panic)
			spring(gp, (struct trap *)d);
	}
	if (gp->stack->panic)
		end_program(gp);
	rt_locals_end(gp);
	gp->stack->exiting = false; // for the next one that has this record
	rt_g_end();
}

void rt_panic_exit(struct g *gp)
{
	gp->stack->exiting = true;
	gp->stack->panic = NULL;
	unwind(gp);
}

/* The message is in p. */
static _Noreturn void begin(struct rt_panic *p, const weft_site *site, uint64_t g)
{
	struct m *mp = rt_self();
	struct g *gp = mp ? mp->curg : NULL;

	p->what.site = site;
	if (!gp || !rt_on_stack(gp, __builtin_frame_address(0)))
		rt_untrapped(site, "%s", p->what.message);
	p->what.g = g ? g : gp->id;
	p->outer = gp->stack->panic;
	gp->stack->panic = p;
	rt_enter("");
	/* a site is const only for reports */
	rt_trace(panic_begin, gp->id, p->what.message, rt_trace_site((weft_site *)site),
		 rt_trace_stack());
	rt_leave();
	unwind(gp);
}

void rt_panic(const weft_site *site, const char *fmt, ...)
{
	struct rt_panic p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p.what.message, sizeof p.what.message, fmt, ap);
	va_end(ap);
	begin(&p, site, 0);
}

/* ---- The API ---------------------------------------------------------------------------- */

void weft_panic_at(weft_site *site, const char *fmt, ...)
{
	struct rt_panic p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p.what.message, sizeof p.what.message, fmt, ap);
	va_end(ap);
	curg("weft_panic");
	begin(&p, site, 0);
}

void weft_repanic(const weft_caught *caught)
{
	struct rt_panic p = {.what = *caught};

	curg("weft_repanic");
	begin(&p, caught->site, caught->g);
}

static void push(struct g *gp, weft_deferred *d, void (*fn)(void *arg), void *arg)
{
	d->outer = gp->stack->deferred;
	d->fn = fn;
	d->arg = arg;
	gp->stack->deferred = d;
}

static void pop(struct g *gp, weft_deferred *d)
{
	if (gp->stack->deferred != d)
		rt_fatal(NULL, "a scope with deferred functions or traps was left by longjmp");
	gp->stack->deferred = d->outer;
}

bool weft_try_at(void (*fn)(void *arg), void *arg, weft_caught *caught, weft_site *site)
{
	struct g *gp = curg("weft_try");
	struct trap t = {
		.panic = gp->stack->panic, .exiting = gp->stack->exiting, .caught = caught, .site = site};

	if (!fn)
		rt_panic(site, "weft_try of a NULL function");
	if (__cxa_get_globals)
		t.exceptions = *__cxa_get_globals();
	push(gp, &t.d, NULL, NULL);
	if (rt_trap_call(&t.place, fn, arg))
		return false;
	pop(gp, &t.d);
	return true;
}

void weft_defer_at(weft_deferred *d, void (*fn)(void *arg), void *arg, weft_site *site)
{
	struct g *gp = curg("weft_defer");

	if (!fn)
		rt_panic(site, "weft_defer of a NULL function");
	push(gp, d, fn, arg);
}

void weft_defer_leave(weft_deferred *d)
{
	pop(curg("weft_defer"), d);
	d->fn(d->arg);
}

void rt_call_deferring(void (*fn)(void *arg), void *arg, void (*after)(void *arg), void *arg_after)
{
	struct g *gp = curg("");
	struct rt_trap unused;
	weft_deferred d;

	push(gp, &d, after, arg_after);
	rt_trap_call(&unused, fn, arg);
	pop(gp, &d);
	after(arg_after);
}

/* ---- C++ exceptions --------------------------------------------------------------------- */

/* The unwinder asks this where an exception would leave a function that weft has called.  It may
 * not: what it would unwind is the runtime's.  The program ends, with a message of C++'s too.
 * arch/switch_*.S refer to it. */
__attribute__((visibility("hidden"))) _Unwind_Reason_Code
rt_personality(int version, _Unwind_Action actions, _Unwind_Exception_Class kind,
	       struct _Unwind_Exception *e, struct _Unwind_Context *context);

_Unwind_Reason_Code rt_personality(int version, _Unwind_Action actions,
				   _Unwind_Exception_Class kind, struct _Unwind_Exception *e,
				   struct _Unwind_Context *context)
{
	struct m *mp = rt_self();
	struct g *gp = mp ? mp->curg : NULL;
	struct rt_out o;

	(void)version;
	(void)kind;
	(void)e;
	(void)context;
	if (!gp || !(actions & _UA_SEARCH_PHASE))
		return _URC_CONTINUE_UNWIND;
	rt_out_init(&o, STDERR_FILENO);
	rt_out(&o, "weft: fatal: an exception left a function that weft called\n");
	rt_print_g(&o, gp);
	rt_flush(&o);
	return _URC_FATAL_PHASE1_ERROR;
}
