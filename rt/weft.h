/* SPDX-License-Identifier: MIT */
/* weft: Go-style concurrency for C whose every schedule can be seen and explained.
 *
 * A program starts with
 *
 *     int main(void) { return weft_run(app, NULL); }
 *
 * and is compiled with  cc prog.c $(pkg-config --cflags --libs weft).
 *
 * Goroutines are run by WEFT_PROCS workers (environment; by default as many as the cpus this
 * process may use), which weft_procs changes.  A function whose contract says "may wait" gives the worker to another
 * goroutine meanwhile; the others give way once in a while, so that a goroutine that never waits
 * starves nobody.  Any other C function may be called from a goroutine: one that blocks or computes
 * for long loses its worker to the others, and goes on.  A goroutine may go on on another thread
 * after any call of weft: do not keep the address of a thread-local variable, errno included, across
 * one.
 *
 * Misuse that Go makes a panic, and misuse that Go makes fatal, both print what happened, where,
 * and the goroutines, and end the program with exit status 2; but a panic can be trapped with
 * weft_try, and then what panicked has done nothing.
 *
 * When all goroutines wait for ever the program ends with a report of why, and the same status.
 * Some that wait so while others run are reported, too, and on request those that are left when the
 * main function returns: WEFT_DEADLOCK and WEFT_LEAKS (environment), see docs/diagnosis.md.
 *
 * A goroutine may start another process: by posix_spawn, by fork and exec, by vfork and exec.  Before
 * the exec the child may call what is safe in a signal handler, and _exit; exit, too, after fork.  It
 * has one thread and no workers: a function of weft that it calls after fork, or the end of its
 * goroutine, is refused with a message, and the child ends with exit status 2.  Its parent notices
 * none of that.  No descriptor of weft's is open after an exec.  A fork of the program that has not
 * called weft_run yet is a program like any other.
 *
 * A signal handler may call weft_now, weft_id and weft_count, and nothing else of weft's; let a goroutine
 * receive signals from a channel instead, see weft_signal_notify.  A call from a handler that has
 * interrupted the runtime, or that waits on the thread's alternate stack, ends the program with a
 * message and exit status 2.  One that came while the goroutine ran its own code cannot be told from a
 * call of the goroutine's, unless it is on the alternate stack and in the debug build.
 *
 * The header is C++17's too, for g++ and clang++; where C writes `= {0}` C++ writes `= {}`.  An
 * exception may be thrown and caught within a goroutine; one that leaves a function that weft has
 * called ends the program, as does one that leaves main.
 *
 * Times are nanoseconds.  Unless it says otherwise a function is called from a goroutine, and a
 * pointer argument is not NULL: one that is ends the program, with a panic or as the crash that it
 * is.
 */
#ifndef WEFT_H
#define WEFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The library exports what is declared here, and nothing else. */
#pragma GCC visibility push(default)

#define WEFT_VERSION "0.1.0"

#define WEFT_US 1000LL
#define WEFT_MS 1000000LL
#define WEFT_S 1000000000LL

/* A place in the source.  The functions below that end in _at take one, for reports and the
 * trace; the macros of the same name without _at pass the place they are written at. */
typedef struct weft_site {
	const char *file, *func;
	const char *what; /* for a spawn, the function as written; or "" */
	unsigned line;
	unsigned id; /* the runtime's: its number in the trace, 0 until it has one */
} weft_site;

#define WEFT_SITE(what)                                                                            \
	(__extension__({                                                                           \
		static weft_site weft_site_ = {__FILE__, __func__, what, __LINE__, 0};             \
		&weft_site_;                                                                       \
	}))
#define WEFT_HERE WEFT_SITE("")

/* ---- Goroutines ------------------------------------------------------------------------- */

/* Start the runtime, run fn(arg) as the main goroutine (its stack is at least 1 MiB), and return
 * what it returns, without waiting for other goroutines: one that waits or is runnable runs no
 * further, one that is running stops at its next call of weft.  So do not return while others use
 * the main function's local variables.  Called once, and not from a goroutine.  A program that
 * gives up system calls later (seccomp) keeps membarrier(2), if it had it: threads rely on it. */
#define weft_run(fn, arg) weft_run_at((fn), (arg), WEFT_SITE(#fn))
int weft_run_at(int (*fn)(void *arg), void *arg, weft_site *site);

/* Run fn(arg) in a new goroutine; the number of the goroutine (from 2; main is 1).  Never waits.
 * Fatal if there is no memory for it, here or, for its stack, when it first runs. */
#define weft_go(fn, arg) weft_go_at((fn), (arg), NULL, WEFT_SITE(#fn))

/* The same, with options: weft_go_with(fn, arg, .name = "parser", .stack = 256 << 10). */
#define weft_go_with(fn, arg, ...)                                                                 \
	(__extension__({                                                                           \
		const weft_go_opts weft_o_ = {__VA_ARGS__};                                        \
		weft_go_at((fn), (arg), &weft_o_, WEFT_SITE(#fn));                                 \
	}))

typedef struct weft_go_opts {
	const char *name; /* for reports and the trace, copied up to 31 bytes; NULL: none */
	size_t stack;	  /* bytes, at least 16 KiB, rounded up to a power of two; 0: WEFT_STACK
			   * (environment, 64K or 1M style), 64 KiB by default */
} weft_go_opts;

uint64_t weft_go_at(void (*fn)(void *arg), void *arg, const weft_go_opts *opts, weft_site *site);

/* Let the other runnable goroutines run first. */
void weft_yield(void);

/* End the calling goroutine.  Its deferred functions run; no trap stops it.  In the main goroutine:
 * the program goes on without it, until no goroutine is left, which is a deadlock. */
__attribute__((noreturn)) void weft_exit(void);

/* Pin the calling goroutine to the thread that it runs on: until it is unpinned as often it runs on
 * no other, also after it has waited, and the thread runs no other goroutine.  For what belongs to a
 * thread: thread-local variables, the current context of OpenGL, credentials, a scheduling policy.
 * Neither waits, and goroutines that it starts are not pinned.  Each wait or yield of a pinned
 * goroutine while others run costs switches between threads.  A pinned goroutine has a thread for
 * itself, besides those of WEFT_MAXTHREADS.  One that ends is unpinned: the thread goes on, as the
 * goroutine has left it, with others.  weft_unpin panics if it is not pinned. */
#define weft_pin() weft_pin_at(WEFT_HERE)
void weft_pin_at(weft_site *site);
#define weft_unpin() weft_unpin_at(WEFT_HERE)
void weft_unpin_at(weft_site *site);

/* Give the calling goroutine a name for reports and the trace, copied up to 31 bytes. */
void weft_name_goroutine(const char *name);

/* Wait for ns nanoseconds at least; not at all if ns <= 0.  Where nothing else runs, and sixteen
 * timers and sleeps or more are due within 0.8 ms, they wake together at its end. */
#define weft_sleep(ns) weft_sleep_at((ns), WEFT_HERE)
void weft_sleep_at(int64_t ns, weft_site *site);

/* The number of the calling goroutine; 0 if the caller is none.  From any thread. */
uint64_t weft_id(void);

/* How many goroutines there are, those that wait included.  From any thread. */
size_t weft_count(void);

/* How many workers run goroutines; from any thread if n is 0.  Else there are n from now on, at most
 * 256, and the result is how many there were to be before.  One that is too many goes as soon as its
 * goroutine waits, yields or ends.  Panics if n is out of range. */
#define weft_procs(n) weft_procs_at((n), WEFT_HERE)
int weft_procs_at(int n, weft_site *site);

/* ---- Panics and deferred functions ------------------------------------------------------ */

/* A panic unwinds the calling goroutine: its deferred functions run, the last first, until a
 * weft_try that it is in traps it.  If none does, the program prints the message, the place and all
 * goroutines, and ends with exit status 2, as it does when the runtime panics.  A deferred function
 * that panics itself replaces the panic.
 *
 * The functions that are left by a panic are cut off, not returned from: what they hold they must
 * have deferred to give back.  In C++ their destructors do not run. */

/* Panic with a message, printf-style, up to 255 bytes. */
#define weft_panic(...) weft_panic_at(WEFT_HERE, __VA_ARGS__)
__attribute__((format(printf, 2, 3), noreturn)) void weft_panic_at(weft_site *site, const char *fmt,
								   ...);

/* A panic that was trapped: a copy, which outlives it. */
typedef struct weft_caught {
	char message[256];
	const weft_site *site; /* where it panicked, or NULL */
	uint64_t g;	       /* in which goroutine */
} weft_caught;

/* Run fn(arg).  True when it returns.  False if it panicked: that ends here, and is described in
 * *caught, which may be NULL.  Fatal errors and deadlocks are not trapped, and neither is
 * weft_exit. */
#define weft_try(fn, arg, caught) weft_try_at((fn), (arg), (caught), WEFT_HERE)
bool weft_try_at(void (*fn)(void *arg), void *arg, weft_caught *caught, weft_site *site);

/* Panic with what was caught: the same message and place. */
__attribute__((noreturn)) void weft_repanic(const weft_caught *caught);

/* Run fn(arg) when the block that this is written in is left, by any way: its end, return, break,
 * goto, a panic, weft_exit (but not longjmp).  A declaration, so not to follow a label or an
 * `if (...)` directly.  Those of a block run in reverse order.  Costs no allocation.
 *
 *     weft_mutex_lock(&mu);
 *     weft_defer(unlock, &mu);
 */
#define weft_defer(fn, arg) WEFT_DEFER_1(__COUNTER__, fn, arg)
#define WEFT_DEFER_1(n, fn, arg) WEFT_DEFER_2(n, fn, arg)
#define WEFT_DEFER_2(n, fn, arg)                                                                   \
	__attribute__((cleanup(weft_defer_leave))) weft_deferred weft_deferred_##n;                \
	weft_defer_at(&weft_deferred_##n, (fn), (arg), WEFT_HERE)

typedef struct weft_deferred {
	struct weft_deferred *outer;
	void (*fn)(void *arg);
	void *arg;
} weft_deferred;

void weft_defer_at(weft_deferred *d, void (*fn)(void *arg), void *arg, weft_site *site);
void weft_defer_leave(weft_deferred *d);

/* ---- Channels --------------------------------------------------------------------------- */

/* A channel of elements of one size, safe for any number of senders and receivers.  It is
 * reference-counted: it is made with one reference, and its memory is freed with the last.  A
 * reference must be held while a call uses the channel (the debug build says who did not, see
 * docs/diagnosis.md); but whoever completes another's send or
 * receive may drop the last one at once, as may who locks a mutex or has waited for a WaitGroup
 * with the memory it is in.  A select needs its channels until it returns. */
typedef struct weft_chan weft_chan;

/* A channel for elements of `size` bytes, of which it buffers `cap`, at most 4294967294; with cap 0
 * a send waits for its receiver.  From any thread.  Fatal without memory. */
#define weft_chan_make(size, cap) weft_chan_make_at((size), (cap), WEFT_HERE)
weft_chan *weft_chan_make_at(size_t size, size_t cap, weft_site *site);

/* Take or drop a reference.  The channel may hold elements: they are dropped with it.
 * weft_chan_unref(NULL) does nothing.  From any thread. */
weft_chan *weft_chan_ref(weft_chan *c);
void weft_chan_unref(weft_chan *c);

/* Send *v, waiting while there is no room and no receiver.  Panics if the channel is closed, also
 * when it is closed during the wait.  On NULL: waits for ever. */
#define weft_chan_send(c, v) weft_chan_send_at((c), (v), WEFT_HERE)
void weft_chan_send_at(weft_chan *c, const void *v, weft_site *site);

/* Receive into *v, waiting if needed.  False, with *v zeroed, once the channel is closed and
 * empty.  v may be NULL: the value is dropped.  On a NULL channel: waits for ever. */
#define weft_chan_recv(c, v) weft_chan_recv_at((c), (v), WEFT_HERE)
bool weft_chan_recv_at(weft_chan *c, void *v, weft_site *site);

/* Send without waiting: false if there is no room and no receiver.  Panics if closed.  On NULL:
 * false. */
#define weft_chan_try_send(c, v) weft_chan_try_send_at((c), (v), WEFT_HERE)
bool weft_chan_try_send_at(weft_chan *c, const void *v, weft_site *site);

/* Receive without waiting: false if there was nothing.  Where ok is not NULL, *ok says whether a
 * value was received; the result true with *ok false means closed and empty.  On NULL: false, both.
 */
#define weft_chan_try_recv(c, v, ok) weft_chan_try_recv_at((c), (v), (ok), WEFT_HERE)
bool weft_chan_try_recv_at(weft_chan *c, void *v, bool *ok, weft_site *site);

/* Close: no more sends; receivers get what is buffered, then false.  Panics on NULL and on a
 * closed channel. */
#define weft_chan_close(c) weft_chan_close_at((c), WEFT_HERE)
void weft_chan_close_at(weft_chan *c, weft_site *site);

/* Elements buffered now, and room for how many; both 0 for NULL.  From any thread. */
size_t weft_chan_len(const weft_chan *c);
size_t weft_chan_cap(const weft_chan *c);

/* Typed channels, checked by the compiler:
 *
 *     typedef weft_chan_of(struct job) job_chan;
 *
 *     job_chan jobs = weft_make(job_chan, 16);
 *     weft_send(jobs, ((struct job){.id = 1}));
 *     struct job j;
 *     if (weft_recv(jobs, &j)) ...
 *     weft_range(jobs, j) { ... }               receives into a new j until jobs is closed
 *     weft_close(jobs);
 *     weft_go(worker, jobs.chan);               and in worker: job_chan jobs = {arg};
 *                                               or, in C++, {(weft_chan *)arg};
 *
 * A value of another type is converted as by assignment, or refused by the compiler. */
#define weft_chan_of(type)                                                                         \
	union {                                                                                    \
		weft_chan *chan;                                                                   \
		type *elem; /* never used, but for its type */                                     \
	}
#define weft_make(chan_type, cap)                                                                  \
	(__extension__({                                                                           \
		chan_type weft_c_ = {weft_chan_make(sizeof(*((chan_type *)0)->elem), (cap))};      \
		weft_c_;                                                                           \
	}))
#define weft_send(c, ...)                                                                          \
	(__extension__({                                                                           \
		weft_chan *weft_c_ = (c).chan;                                                     \
		__typeof__(*(c).elem) weft_v_ = (__VA_ARGS__);                                     \
		weft_chan_send(weft_c_, &weft_v_);                                                 \
	}))
#define weft_recv(c, ptr)                                                                          \
	(__extension__({                                                                           \
		weft_chan *weft_c_ = (c).chan;                                                     \
		__typeof__((c).elem) weft_p_ = (ptr);                                              \
		weft_chan_recv(weft_c_, weft_p_);                                                  \
	}))
#define weft_range(c, var)                                                                         \
	for (weft_chan *weft_c_ = (c).chan, *weft_once_ = (weft_chan *)1; weft_once_;              \
	     weft_once_ = NULL)                                                                    \
		for (__typeof__(*(c).elem) var; weft_chan_recv(weft_c_, &var);)
#define weft_close(c) weft_chan_close((c).chan)

/* ---- Select ----------------------------------------------------------------------------- */

enum weft_case_kind {
	WEFT_CASE_NONE = 0, /* never ready: a case switched off */
	WEFT_CASE_SEND,
	WEFT_CASE_RECV,
	WEFT_CASE_DEFAULT,
	WEFT_CASE_TIMEOUT,
};

typedef struct weft_case {
	enum weft_case_kind kind;
	weft_chan *chan; /* SEND, RECV; NULL is never ready */
	void *value;	 /* SEND: the value, only read; RECV: where to, or NULL */
	int64_t ns;	 /* TIMEOUT: how long to wait at most */
	bool ok;	 /* RECV, set when chosen: false if closed and empty */
} weft_case;

/* Wait until a case can go on, do it, and return its index.  Among several that are ready one is
 * chosen at random, each alike.  With a DEFAULT case never waits: it is chosen when no other is
 * ready.  A TIMEOUT case is chosen when its time has passed first.  Panics when a chosen send is
 * to a closed channel.  With no case that can ever be ready, waits for ever.
 *
 *     switch (weft_select(weft_on_recv(jobs.chan, &j), weft_on_send(out.chan, &r),
 *                         weft_on_timeout(10 * WEFT_MS))) {
 *     case 0: ...
 */
#define WEFT_CASE(...) (__extension__(weft_case){__VA_ARGS__})
#define weft_on_send(c, v) WEFT_CASE(WEFT_CASE_SEND, (c), (void *)(v), 0, false)
#define weft_on_recv(c, v) WEFT_CASE(WEFT_CASE_RECV, (c), (v), 0, false)
#define weft_on_default() WEFT_CASE(WEFT_CASE_DEFAULT, NULL, NULL, 0, false)
#define weft_on_timeout(d) WEFT_CASE(WEFT_CASE_TIMEOUT, NULL, NULL, (d), false)
#define weft_select(...)                                                                           \
	(__extension__({                                                                           \
		weft_case weft_cases_[] = {__VA_ARGS__};                                           \
		weft_select_cases(weft_cases_, sizeof weft_cases_ / sizeof *weft_cases_);          \
	}))
#define weft_select_cases(cases, n) weft_select_at((cases), (n), WEFT_HERE)
int weft_select_at(weft_case *cases, size_t n, weft_site *site);

/* ---- Timers ----------------------------------------------------------------------------- */

/* A timer sends a time on a channel of its own, once or, a ticker, again and again; or it runs a
 * function once.  It is reference-counted, and made with one reference.
 *
 * Its channel is only to be received from, alone or in a select: sending and closing panic.  It
 * gives an int64_t: when the timer was due, on the clock of weft_now.  At most one time is kept for
 * who comes late: a ticker drops ticks rather than wait for a slow receiver.  After weft_timer_stop
 * or weft_timer_reset has returned, no time can be received that was due before.  Its length and
 * capacity are 0.
 *
 * A deadlock is reported however many timers there are that no goroutine waits for.  A timer with a
 * function, and one that a goroutine waits for, keep the program going until they have fired. */
typedef struct weft_timer weft_timer;

/* Nanoseconds since some time in the past (CLOCK_MONOTONIC).  From any thread. */
int64_t weft_now(void);

/* A timer that sends after ns nanoseconds; at once if ns <= 0.  Fatal without memory. */
#define weft_timer_make(ns) weft_timer_make_at((ns), WEFT_HERE)
weft_timer *weft_timer_make_at(int64_t ns, weft_site *site);

/* A ticker: sends every ns nanoseconds until it is stopped.  Panics if ns <= 0. */
#define weft_ticker_make(ns) weft_ticker_make_at((ns), WEFT_HERE)
weft_timer *weft_ticker_make_at(int64_t ns, weft_site *site);

/* Run fn(arg) in a goroutine of its own, after ns nanoseconds.  It runs also if the last reference
 * to the timer is dropped before: unref the result at once if it will not be stopped or reset. */
#define weft_after_func(ns, fn, arg) weft_after_func_at((ns), (fn), (arg), WEFT_SITE(#fn))
weft_timer *weft_after_func_at(int64_t ns, void (*fn)(void *arg), void *arg, weft_site *site);

/* The timer's channel; NULL if it runs a function.  It is part of the timer: a reference to one
 * keeps both. */
weft_chan *weft_timer_chan(weft_timer *t);

/* The channel of a new timer alone.  To be freed with weft_chan_unref. */
#define weft_after(ns) weft_after_at((ns), WEFT_HERE)
weft_chan *weft_after_at(int64_t ns, weft_site *site);

/* Stop a timer or ticker.  True if it was running and has not fired, as far as anybody can tell: no
 * time from it was received, or its function will not run.  Does not wait for a function that
 * runs. */
#define weft_timer_stop(t) weft_timer_stop_at((t), WEFT_HERE)
bool weft_timer_stop_at(weft_timer *t, weft_site *site);

/* Stop, and start anew: to fire ns nanoseconds from now, and for a ticker with that period, which
 * must be positive or it panics.  Returns what stop would have.  A function may reset its own
 * timer. */
#define weft_timer_reset(t, ns) weft_timer_reset_at((t), (ns), WEFT_HERE)
bool weft_timer_reset_at(weft_timer *t, int64_t ns, weft_site *site);

/* Drop the reference that the timer was made with.  Nobody needs to stop a timer that sends
 * first.  weft_timer_unref(NULL) does nothing.  From any thread. */
void weft_timer_unref(weft_timer *t);

/* ---- Contexts --------------------------------------------------------------------------- */

/* A context tells the goroutines that work on one thing when to stop: it is cancelled by
 * weft_ctx_cancel, by its deadline, or with the context it was made of, its parent.  It carries
 * values.  Every context but the background can be cancelled, and that cancels no parent.
 *
 * It is reference-counted: each function that makes one returns a reference of the caller's, and a
 * context holds one to its parent.  One that is freed is not cancelled first: nobody can tell.
 * Any number of goroutines may use a context at once, each while a reference is held.
 *
 * A NULL context and a NULL key are a panic. */
typedef struct weft_ctx weft_ctx;

/* The context that all others descend from: never cancelled, without a deadline or values.  It is
 * not counted.  From any thread. */
weft_ctx *weft_ctx_background(void);

/* A new child of a context.  If that is cancelled the child is from the start. */
#define weft_ctx_with_cancel(parent) weft_ctx_with_cancel_at((parent), WEFT_HERE)
weft_ctx *weft_ctx_with_cancel_at(weft_ctx *parent, weft_site *site);

/* The same, cancelled at the time `when` (of weft_now) at the latest, or after ns nanoseconds. */
#define weft_ctx_with_deadline(parent, when)                                                       \
	weft_ctx_with_deadline_at((parent), (when), WEFT_SITE("deadline of a context"))
weft_ctx *weft_ctx_with_deadline_at(weft_ctx *parent, int64_t when, weft_site *site);
#define weft_ctx_with_timeout(parent, ns)                                                          \
	weft_ctx_with_timeout_at((parent), (ns), WEFT_SITE("deadline of a context"))
weft_ctx *weft_ctx_with_timeout_at(weft_ctx *parent, int64_t ns, weft_site *site);

/* The same, with a value.  Keys are told apart by their addresses: use that of a static variable.
 * What value points to must live as long as the context. */
#define weft_ctx_with_value(parent, key, value)                                                    \
	weft_ctx_with_value_at((parent), (key), (value), WEFT_HERE)
weft_ctx *weft_ctx_with_value_at(weft_ctx *parent, const void *key, void *value, weft_site *site);

/* Cancel a context and all that descend from it: when this returns their channels are closed.
 * cause is the program's own number for why, 0 for none.  False, and nothing changes, if it was
 * cancelled before; then too that is complete.  Panics for the background. */
#define weft_ctx_cancel(ctx, cause) weft_ctx_cancel_at((ctx), (cause), WEFT_HERE)
bool weft_ctx_cancel_at(weft_ctx *ctx, int cause, weft_site *site);

/* The channel that is closed when the context is cancelled; only to be received from: to send on it
 * or to close it panics.  It lives as long as the context unless it is referenced.  NULL for the
 * background.
 *
 *     weft_select(weft_on_recv(weft_ctx_done(ctx), NULL), weft_on_recv(work, &w))
 */
#define weft_ctx_done(ctx) weft_ctx_done_at((ctx), WEFT_HERE)
weft_chan *weft_ctx_done_at(weft_ctx *ctx, weft_site *site);

/* 0 until the context is cancelled; then ECANCELED, or ETIMEDOUT if that was by a deadline.  From
 * any thread. */
int weft_ctx_err(const weft_ctx *ctx);

/* 0 until the context is cancelled; then the cause given to the cancel that was first, its own or
 * of one it descends from, and what weft_ctx_err says if there was none.  From any thread. */
int weft_ctx_cause(const weft_ctx *ctx);

/* True, with *when set, if the context or one it descends from has a deadline.  From any thread. */
bool weft_ctx_deadline(const weft_ctx *ctx, int64_t *when);

/* The value for a key, of the context or the nearest it descends from; NULL if there is none.  From
 * any thread. */
void *weft_ctx_value(const weft_ctx *ctx, const void *key);

/* Run fn(arg) in a goroutine of its own when the context is cancelled; at once if it is already.
 * The result holds a reference to the context, and is to be given to weft_ctx_stop once. */
typedef struct weft_ctx_func weft_ctx_func;
#define weft_ctx_after_func(ctx, fn, arg) weft_ctx_after_func_at((ctx), (fn), (arg), WEFT_SITE(#fn))
weft_ctx_func *weft_ctx_after_func_at(weft_ctx *ctx, void (*fn)(void *arg), void *arg,
				      weft_site *site);

/* True if the function will not run; false if it has been started, which is not waited for.  Frees
 * f. */
bool weft_ctx_stop(weft_ctx_func *f);

/* Take or drop a reference.  weft_ctx_unref(NULL) does nothing. */
weft_ctx *weft_ctx_ref(weft_ctx *ctx);
void weft_ctx_unref(weft_ctx *ctx);

/* ---- Signals ---------------------------------------------------------------------------- */

/* Send the signals to a channel of int as they come, their numbers, instead of what they did
 * before: weft_signal_notify(c, SIGINT, SIGTERM).  Nothing waits for room in the channel: a signal
 * that finds none is dropped, so give it a buffer of one at least; and as the kernel does, of
 * several alike that come close together it may pass on one.  A channel may be notified of several
 * signals, in several calls, and a signal of several channels.  It works also while every worker
 * computes.  A goroutine that waits on such a channel is in no deadlock, and one that only might
 * hides none.
 *
 * 0; or -EINVAL, and nothing changes, if one of them is no signal, or one that cannot be caught or
 * that says what a program does wrong (SIGKILL, SIGSTOP; SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
 * SIGSYS, SIGABRT).  Panics if c is NULL or has other elements.  The channel is referenced until
 * weft_signal_stop.  At least one thread must not block the signals: do not block them before
 * weft_run.  A handler is installed with SA_RESTART; it calls nothing of the program's. */
#define weft_signal_notify(c, ...)                                                                 \
	(__extension__({                                                                           \
		const int weft_sigs_[] = {__VA_ARGS__};                                            \
		weft_signal_notify_at((c), weft_sigs_, sizeof weft_sigs_ / sizeof *weft_sigs_,     \
				      WEFT_HERE);                                                  \
	}))
int weft_signal_notify_at(weft_chan *c, const int *sigs, size_t n, weft_site *site);

/* Send no more signals to c: when this returns none is on its way.  Those that go to no channel any
 * more do what they did before weft_signal_notify.  Does nothing if c is notified of none.  Panics if
 * c is NULL. */
#define weft_signal_stop(c) weft_signal_stop_at((c), WEFT_HERE)
void weft_signal_stop_at(weft_chan *c, weft_site *site);

/* Ignore the signals, or let them do what they did before weft changed it; no channel and no context
 * hears of them any more.  0 or -EINVAL, as weft_signal_notify. */
#define weft_signal_ignore(...)                                                                    \
	(__extension__({                                                                           \
		const int weft_sigs_[] = {__VA_ARGS__};                                            \
		weft_signal_ignore_at(weft_sigs_, sizeof weft_sigs_ / sizeof *weft_sigs_);         \
	}))
int weft_signal_ignore_at(const int *sigs, size_t n);
#define weft_signal_reset(...)                                                                     \
	(__extension__({                                                                           \
		const int weft_sigs_[] = {__VA_ARGS__};                                            \
		weft_signal_reset_at(weft_sigs_, sizeof weft_sigs_ / sizeof *weft_sigs_);          \
	}))
int weft_signal_reset_at(const int *sigs, size_t n);

/* A new child of a context, cancelled by the first of the signals that comes, with its number as the
 * cause.  From the time that it is cancelled, for whatever reason, the signals do again what they
 * did before; so cancel it when it has served, and a second Ctrl-C ends the program as ever.  Panics
 * for signals that weft_signal_notify refuses. */
#define weft_ctx_with_signals(parent, ...)                                                         \
	(__extension__({                                                                           \
		const int weft_sigs_[] = {__VA_ARGS__};                                            \
		weft_ctx_with_signals_at((parent), weft_sigs_,                                     \
					 sizeof weft_sigs_ / sizeof *weft_sigs_,                   \
					 WEFT_SITE("signals of a context"));                       \
	}))
weft_ctx *weft_ctx_with_signals_at(weft_ctx *parent, const int *sigs, size_t n, weft_site *site);

/* ---- sync ------------------------------------------------------------------------------- */

/* Each of these is ready to use when zeroed, e.g. `weft_mutex mu = {0};`, and must not be copied
 * or moved once used.  The fields are the runtime's. */

struct weft_waiter;

typedef struct weft_waitq {
	struct weft_waiter *head, *tail;
} weft_waitq;

typedef struct weft_mutex {
	uint32_t state, shared;
	uint64_t owner;		/* the goroutine that locked it last; 0 when unlocked */
	const weft_site *where; /* where it did */
	weft_waitq q;
	uint32_t recorded_by; /* the thread whose event of it was the last that was recorded */
} weft_mutex;

/* Lock, waiting while another goroutine holds it.  Waiters are served in order when one has waited
 * more than 1 ms, else a running goroutine may go first. */
#define weft_mutex_lock(mu) weft_mutex_lock_at((mu), WEFT_HERE)
void weft_mutex_lock_at(weft_mutex *mu, weft_site *site);
/* Lock if it is free; never waits. */
#define weft_mutex_try_lock(mu) weft_mutex_try_lock_at((mu), WEFT_HERE)
bool weft_mutex_try_lock_at(weft_mutex *mu, weft_site *site);
/* Unlock; any goroutine may.  Fatal if it is not locked. */
#define weft_mutex_unlock(mu) weft_mutex_unlock_at((mu), WEFT_HERE)
void weft_mutex_unlock_at(weft_mutex *mu, weft_site *site);

/* A mutex that many may have for reading, or one for writing. */
typedef struct weft_rwmutex {
	uint32_t state;
	uint64_t owner;		/* the goroutine that last locked it for writing */
	const weft_site *where; /* where it did */
	weft_waitq readers, writers;
} weft_rwmutex;

/* Lock for writing, waiting while others read or write.  Writers are served in order. */
#define weft_rwmutex_lock(rw) weft_rwmutex_lock_at((rw), WEFT_HERE)
void weft_rwmutex_lock_at(weft_rwmutex *rw, weft_site *site);
/* Lock for reading, waiting while another writes or waits to write; when the one who writes
 * unlocks, the readers that wait go before the next writer.  So do not lock for reading what the
 * goroutine reads already: with a writer waiting in between, both wait for ever. */
#define weft_rwmutex_rlock(rw) weft_rwmutex_rlock_at((rw), WEFT_HERE)
void weft_rwmutex_rlock_at(weft_rwmutex *rw, weft_site *site);
/* The same if it can be done without waiting; never waits. */
#define weft_rwmutex_try_lock(rw) weft_rwmutex_try_lock_at((rw), WEFT_HERE)
bool weft_rwmutex_try_lock_at(weft_rwmutex *rw, weft_site *site);
#define weft_rwmutex_try_rlock(rw) weft_rwmutex_try_rlock_at((rw), WEFT_HERE)
bool weft_rwmutex_try_rlock_at(weft_rwmutex *rw, weft_site *site);
/* Unlock what was locked for writing, or for reading; any goroutine may.  Fatal if it is not. */
#define weft_rwmutex_unlock(rw) weft_rwmutex_unlock_at((rw), WEFT_HERE)
void weft_rwmutex_unlock_at(weft_rwmutex *rw, weft_site *site);
#define weft_rwmutex_runlock(rw) weft_rwmutex_runlock_at((rw), WEFT_HERE)
void weft_rwmutex_runlock_at(weft_rwmutex *rw, weft_site *site);

typedef struct weft_waitgroup {
	int64_t count;
	uint32_t lock, recorded_by; /* as a mutex is */
	weft_waitq q;
} weft_waitgroup;

/* Add delta to the counter; at zero, wake all who wait.  Panics when it would become negative. */
#define weft_waitgroup_add(wg, delta) weft_waitgroup_add_at((wg), (delta), WEFT_HERE)
#define weft_waitgroup_done(wg) weft_waitgroup_add_at((wg), -1, WEFT_HERE)
void weft_waitgroup_add_at(weft_waitgroup *wg, int64_t delta, weft_site *site);
/* Wait until the counter is zero. */
#define weft_waitgroup_wait(wg) weft_waitgroup_wait_at((wg), WEFT_HERE)
void weft_waitgroup_wait_at(weft_waitgroup *wg, weft_site *site);

typedef struct weft_once {
	uint32_t state;
	uint64_t owner;		/* the goroutine that runs, or ran, the function */
	const weft_site *where; /* where it called */
	weft_waitq q;
} weft_once;

/* Run fn(arg) if no call with this Once has before, else wait until the function that one runs has
 * returned.  Fatal if called from that function, which would wait for itself.  A function that
 * panics or calls weft_exit counts as returned. */
#define weft_once_do(once, fn, arg) weft_once_do_at((once), (fn), (arg), WEFT_HERE)
void weft_once_do_at(weft_once *once, void (*fn)(void *arg), void *arg, weft_site *site);

typedef struct weft_cond {
	uint32_t lock;
	weft_waitq q;
} weft_cond;

/* Unlock the mutex, wait until signalled, and lock the mutex.  It never wakes of itself, but
 * another goroutine may lock the mutex first, so:  while (!condition) weft_cond_wait(&c, &mu);
 * Fatal if the mutex is not locked. */
#define weft_cond_wait(c, mu) weft_cond_wait_at((c), (mu), WEFT_HERE)
void weft_cond_wait_at(weft_cond *c, weft_mutex *mu, weft_site *site);
/* The same with any lock, and a context: 0 when signalled; -ECANCELED or -ETIMEDOUT (as weft_ctx_err
 * says) when the context was cancelled first, and then no signal was used up.  The lock is locked
 * again in each case.
 *
 *     err = weft_cond_wait_ctx(&c, &mu, ctx);
 *     err = weft_cond_wait_locker(&c, weft_rwmutex_rlocker(&rw), weft_ctx_background());
 */
typedef struct weft_locker {
	void (*lock)(void *arg, weft_site *site);
	void (*unlock)(void *arg, weft_site *site);
	void *arg;
} weft_locker;
#define weft_cond_wait_ctx(c, mu, ctx) weft_cond_wait_locker((c), weft_mutex_locker(mu), (ctx))
#define weft_cond_wait_locker(c, l, ctx) weft_cond_wait_locker_at((c), (l), (ctx), WEFT_HERE)
int weft_cond_wait_locker_at(weft_cond *c, weft_locker l, weft_ctx *ctx, weft_site *site);
/* A lock as a weft_locker: a mutex, and an RWMutex that is locked for writing or for reading. */
weft_locker weft_mutex_locker(weft_mutex *mu);
weft_locker weft_rwmutex_locker(weft_rwmutex *rw);
weft_locker weft_rwmutex_rlocker(weft_rwmutex *rw);
/* Wake the goroutine that waits longest, or all that wait; those that come later do not take part.
 * With the mutex locked or without.  A cond for which nobody waits may be freed, also before the
 * woken have run. */
#define weft_cond_signal(c) weft_cond_signal_at((c), WEFT_HERE)
void weft_cond_signal_at(weft_cond *c, weft_site *site);
#define weft_cond_broadcast(c) weft_cond_broadcast_at((c), WEFT_HERE)
void weft_cond_broadcast_at(weft_cond *c, weft_site *site);

/* So many of something, e.g. `weft_semaphore connections = {.size = 10};`.  Of one that is zeroed
 * there is nothing to acquire. */
typedef struct weft_semaphore {
	int64_t size; /* how many there are; set before its first use */
	int64_t held;
	uint32_t lock;
	weft_waitq q;
} weft_semaphore;

/* Take n, waiting while fewer are there or others wait; served in order.  Panics if n is negative
 * or more than the size, for which it would wait for ever. */
#define weft_semaphore_acquire(s, n) weft_semaphore_acquire_at((s), (n), WEFT_HERE)
void weft_semaphore_acquire_at(weft_semaphore *s, int64_t n, weft_site *site);
/* The same, until the context is cancelled: 0 if n were taken, else -ECANCELED or -ETIMEDOUT (as
 * weft_ctx_err says) with none taken.  Who gives up lets those behind be served.  With a context
 * that is cancelled already nothing is taken. */
#define weft_semaphore_acquire_ctx(s, n, ctx)                                                      \
	weft_semaphore_acquire_ctx_at((s), (n), (ctx), WEFT_HERE)
int weft_semaphore_acquire_ctx_at(weft_semaphore *s, int64_t n, weft_ctx *ctx, weft_site *site);
/* Take n if that can be done without waiting; never waits. */
#define weft_semaphore_try_acquire(s, n) weft_semaphore_try_acquire_at((s), (n), WEFT_HERE)
bool weft_semaphore_try_acquire_at(weft_semaphore *s, int64_t n, weft_site *site);
/* Give n back; any goroutine may.  Panics if n is negative or more than are held. */
#define weft_semaphore_release(s, n) weft_semaphore_release_at((s), (n), WEFT_HERE)
void weft_semaphore_release_at(weft_semaphore *s, int64_t n, weft_site *site);

/* A place where so many goroutines meet, as often as they like, e.g.
 * `weft_barrier round = {.parties = 4};`. */
typedef struct weft_barrier {
	int64_t parties; /* how many meet; set before its first use */
	int64_t arrived;
	uint32_t lock;
	weft_waitq q;
} weft_barrier;

/* Wait until `parties` goroutines wait, this one included; then it is as before the first.  True
 * in one of them, the last.  Panics if `parties` is not above zero. */
#define weft_barrier_wait(b) weft_barrier_wait_at((b), WEFT_HERE)
bool weft_barrier_wait_at(weft_barrier *b, weft_site *site);

/* A place for objects that are no longer used, for who next needs one, e.g.
 * `weft_pool buffers = {.make = make_buffer};`.  Any number of goroutines may use it.  What is put
 * stays until it is taken, trimmed or drained. */
typedef struct weft_pool {
	void *(*make)(void *arg); /* how to make one, when there is none; NULL: get returns NULL */
	void *arg;		  /* for make */
	void (*drop)(void *obj);  /* how to free one; NULL: free() */
	struct weft_pool_state *state;
} weft_pool;

/* An object that was put, or a new one.  Which one is not defined, and one that was put may be
 * missed while another worker has it; but nobody else has what is returned. */
#define weft_pool_get(p) weft_pool_get_at((p), WEFT_HERE)
void *weft_pool_get_at(weft_pool *p, weft_site *site);
/* Let others have obj, which the caller must not use any more; NULL is ignored. */
#define weft_pool_put(p, obj) weft_pool_put_at((p), (obj), WEFT_HERE)
void weft_pool_put_at(weft_pool *p, void *obj, weft_site *site);
/* Free what was there when it was last trimmed and was not taken since, but one object for each
 * worker; how many.  Called now and then, by a ticker say, it keeps as much as is needed between
 * two calls. */
#define weft_pool_trim(p) weft_pool_trim_at((p), WEFT_HERE)
size_t weft_pool_trim_at(weft_pool *p, weft_site *site);
/* Free all that is there, and the pool's own memory; how many.  Nobody else may use the pool
 * meanwhile.  Afterwards it is as before its first use. */
#define weft_pool_drain(p) weft_pool_drain_at((p), WEFT_HERE)
size_t weft_pool_drain_at(weft_pool *p, weft_site *site);
/* ---- I/O -------------------------------------------------------------------------------- */

/* Sockets and other descriptors that do not block a worker.  Every function here returns -errno
 * where it fails, and never sets errno for its caller to read.
 *
 * A weft_conn is a handle: of a listener, a connection, or another descriptor.  No two are alike in
 * a run, and a function given one that is closed, or never was, returns -EBADF.  So any goroutine
 * may close any handle at any time: who waits with it gets -EBADF, and nobody ever reads from what
 * has the descriptor's number next.  It is 64 bits: pass it to a goroutine as
 * (void *)(intptr_t)conn.
 *
 * Any number of goroutines may use a handle at once.  Of those that read at the same time each gets
 * a piece of the stream, and of those that accept each a connection; writes at the same time may
 * be mixed where one has to wait, so lock a mutex around them.
 *
 * Writing to what nobody reads any more is -EPIPE and no signal.  A goroutine that waits here may
 * be woken by the world: while one does there is no deadlock. */
typedef int64_t weft_conn;

/* Addresses are "127.0.0.1:8080", "[::1]:8080", "unix:/path" or, in no directory, "unix:@name".
 * A host may be a name: it is looked up by the C library, which no deadline or context ends, and
 * each of its addresses is tried.  ":8080" listens on every address of the machine, and connects to
 * the machine itself.  Port 0 listens on a free one, which weft_conn_local_addr tells.  An address that
 * is none is -EINVAL, a name that is not known -ENOENT.  A NULL address is a panic. */

/* Listen; the handle.  -EADDRINUSE if another does, or if the path of a Unix socket is there; a
 * path made here is removed when the listener is closed. */
#define weft_listen(addr) weft_listen_at((addr), WEFT_HERE)
weft_conn weft_listen_at(const char *addr, weft_site *site);

/* Wait for the next connection; its handle.  -EMFILE or -ENFILE when no descriptor is free: the
 * connection stays in the queue, and the next call tries again at once, so make room or sleep
 * first.  A connection that was broken before it was accepted is passed over. */
#define weft_accept(listener) weft_accept_at((listener), WEFT_HERE)
weft_conn weft_accept_at(weft_conn listener, weft_site *site);

/* Connect, waiting until that is done; the handle.  -ECONNREFUSED and so on.  With a context:
 * -ECANCELED once it is cancelled, -ETIMEDOUT after its deadline; it has no part in what is done
 * with the connection.  (A Unix socket whose listener's queue is full: -EAGAIN.) */
#define weft_connect(addr) weft_connect_at(NULL, (addr), WEFT_HERE)
#define weft_connect_ctx(ctx, addr) weft_connect_at((ctx), (addr), WEFT_HERE)
weft_conn weft_connect_at(weft_ctx *ctx, const char *addr, weft_site *site);

/* The handle of a descriptor made elsewhere: a pipe, an eventfd, a socket.  It becomes non-blocking
 * (for all that share the open file), and weft_conn_close will close it.  One that is never waited for,
 * as a regular file, is read and written as if by read and write.  -EEXIST if it has a handle. */
#define weft_conn_open(fd) weft_conn_open_at((fd), WEFT_HERE)
weft_conn weft_conn_open_at(int fd, weft_site *site);

/* Read what is there, n bytes at most, waiting until there is something; how many.  0 at the end
 * of the stream. */
#define weft_read(conn, buf, n) weft_read_at((conn), (buf), (n), WEFT_HERE)
int64_t weft_read_at(weft_conn conn, void *buf, size_t n, weft_site *site);

/* Read n bytes; fewer only if the stream ends before.  On an error what was read is lost. */
#define weft_read_full(conn, buf, n) weft_read_full_at((conn), (buf), (n), WEFT_HERE)
int64_t weft_read_full_at(weft_conn conn, void *buf, size_t n, weft_site *site);

/* Write all n bytes, waiting while there is no room; n.  On an error some may have been written. */
#define weft_write(conn, buf, n) weft_write_at((conn), (buf), (n), WEFT_HERE)
int64_t weft_write_at(weft_conn conn, const void *buf, size_t n, weft_site *site);

/* Wait until reading or writing would not wait, be it that it would fail; for which of the two, of
 * those asked for. */
enum { WEFT_READABLE = 1, WEFT_WRITABLE = 2 };
#define weft_wait(conn, events) weft_wait_at((conn), (events), WEFT_HERE)
int weft_wait_at(weft_conn conn, int events, weft_site *site);

/* The same for a descriptor that has no handle, of another library for instance, and stays as it
 * is.  For ns nanoseconds at most, then -ETIMEDOUT; ns < 0: for ever.  The wait is for the open
 * file: closing the descriptor meanwhile neither ends it nor harms. */
#define weft_wait_fd(fd, events, ns) weft_wait_fd_at((fd), (events), (ns), WEFT_HERE)
int weft_wait_fd_at(int fd, int events, int64_t ns, weft_site *site);

/* From the time `when` on (of weft_now; 0: never) reading and accepting, or writing and connecting,
 * or both, is -ETIMEDOUT, also for who waits already.  Setting another ends that.  It costs next to
 * nothing to set one before each operation.  (A deadline that has been waited with may delay the
 * report of a deadlock until it has passed.) */
int weft_conn_set_deadline(weft_conn conn, int64_t when);
int weft_conn_set_read_deadline(weft_conn conn, int64_t when);
int weft_conn_set_write_deadline(weft_conn conn, int64_t when);

/* From when ctx is cancelled every operation that would use the connection is -ECANCELED, or
 * -ETIMEDOUT if that was by its deadline, also for who waits already.  Takes the place of an
 * earlier context; NULL: none.  The connection has a reference to it until it is closed. */
#define weft_conn_set_ctx(conn, ctx) weft_conn_set_ctx_at((conn), (ctx), WEFT_HERE)
int weft_conn_set_ctx_at(weft_conn conn, weft_ctx *ctx, weft_site *site);

/* Close.  The descriptor is closed when the last operation that uses it has returned. */
#define weft_conn_close(conn) weft_conn_close_at((conn), WEFT_HERE)
int weft_conn_close_at(weft_conn conn, weft_site *site);

/* Say that nothing more will be written, so that the peer reads an end; or read.  The other
 * direction goes on. */
int weft_conn_close_write(weft_conn conn);
int weft_conn_close_read(weft_conn conn);

/* The address of this end, or of the other, as text that weft_connect understands, cut to size
 * bytes. */
int weft_conn_local_addr(weft_conn conn, char *buf, size_t size);
int weft_conn_remote_addr(weft_conn conn, char *buf, size_t size);

/* The descriptor, for setsockopt and the like; not to be closed or made blocking. */
int weft_conn_fd(weft_conn conn);

/* weft_name for a connection; the name is its own until it is closed. */
int weft_conn_name(weft_conn conn, const char *name);

/* A map that any number of goroutines may use at once, ready when zeroed.  Who only reads takes no
 * lock.  Each operation but range and clear is one step; a store, and what came before it, happens
 * before a load that sees its value.
 *
 * The map copies its keys.  Values are the program's: the map does not look at what they point to,
 * and who deletes or replaces one must know that nobody who loaded it before uses it any more. */
typedef struct weft_map {
	struct weft_map_state *state;
} weft_map;

/* A key: a number, or n bytes at ptr; a number is never the same key as some bytes. */
typedef struct weft_key {
	const void *ptr; /* NULL: the key is n */
	uint64_t n;
} weft_key;

static inline weft_key weft_key_int(uint64_t n)
{
	weft_key key = {NULL, n};
	return key;
}

/* The address itself. */
static inline weft_key weft_key_ptr(const void *p)
{
	return weft_key_int((uintptr_t)p);
}

/* p may be NULL if n is 0. */
static inline weft_key weft_key_bytes(const void *p, size_t n)
{
	weft_key key = {n ? p : "", n};
	return key;
}

static inline weft_key weft_key_str(const char *s)
{
	return weft_key_bytes(s, __builtin_strlen(s));
}

/* The value of a key: false, with *value NULL, if it has none. */
#define weft_map_load(m, key, value) weft_map_load_at((m), (key), (value), WEFT_HERE)
bool weft_map_load_at(weft_map *m, weft_key key, void **value, weft_site *site);
/* Give a key a value; true if it had one, which *old is, unless old is NULL.  Fatal without
 * memory. */
#define weft_map_swap(m, key, value, old) weft_map_swap_at((m), (key), (value), (old), WEFT_HERE)
#define weft_map_store(m, key, value) ((void)weft_map_swap_at((m), (key), (value), NULL, WEFT_HERE))
bool weft_map_swap_at(weft_map *m, weft_key key, void *value, void **old, weft_site *site);
/* Give a key a value if it has none; *actual is the value that it has then, true if it had it
 * before. */
#define weft_map_load_or_store(m, key, value, actual)                                              \
	weft_map_load_or_store_at((m), (key), (value), (actual), WEFT_HERE)
bool weft_map_load_or_store_at(weft_map *m, weft_key key, void *value, void **actual,
			       weft_site *site);
/* Take a key out; true if it had a value, which *old is, unless old is NULL. */
#define weft_map_load_and_delete(m, key, old)                                                      \
	weft_map_load_and_delete_at((m), (key), (old), WEFT_HERE)
#define weft_map_delete(m, key) weft_map_load_and_delete_at((m), (key), NULL, WEFT_HERE)
bool weft_map_load_and_delete_at(weft_map *m, weft_key key, void **old, weft_site *site);
/* Give a key that has the value `expected` another, or take it out; false if it has not. */
#define weft_map_compare_and_swap(m, key, expected, value)                                         \
	weft_map_compare_and_swap_at((m), (key), (expected), (value), WEFT_HERE)
bool weft_map_compare_and_swap_at(weft_map *m, weft_key key, const void *expected, void *value,
				  weft_site *site);
#define weft_map_compare_and_delete(m, key, expected)                                              \
	weft_map_compare_and_delete_at((m), (key), (expected), WEFT_HERE)
bool weft_map_compare_and_delete_at(weft_map *m, weft_key key, const void *expected,
				    weft_site *site);
/* Call fn for each key, with its value at that time, until it returns false.  Each key is seen once
 * at most; one that is in the map all the while is seen, one that comes or goes meanwhile perhaps.
 * fn may wait and may use the map; the key's bytes are the map's, and last until fn returns. */
#define weft_map_range(m, fn, arg) weft_map_range_at((m), (fn), (arg), WEFT_HERE)
void weft_map_range_at(weft_map *m, bool (*fn)(weft_key key, void *value, void *arg), void *arg,
		       weft_site *site);
/* Take all keys out; what is stored meanwhile may stay. */
#define weft_map_clear(m) weft_map_clear_at((m), WEFT_HERE)
void weft_map_clear_at(weft_map *m, weft_site *site);
/* How many keys there are, or were a moment ago.  From any thread. */
size_t weft_map_count(const weft_map *m);
/* Clear, and free the map's own memory; nobody else may use it meanwhile.  Afterwards it is as
 * before its first use. */
#define weft_map_free(m) weft_map_free_at((m), WEFT_HERE)
void weft_map_free_at(weft_map *m, weft_site *site);

/* ---- Flights ---------------------------------------------------------------------------- */

/* Go's singleflight: of the calls with one key at one time only the first runs its function, and
 * the others wait for it and share what comes out.  So a thing that many want at once, and that is
 * dear to get, is got once.  Ready to use when zeroed; must not be copied or moved while in use; it
 * has no memory of its own. */
enum { WEFT_FLIGHT_BUCKETS = 32 };

typedef struct weft_flight {
	uint32_t lock;
	uint32_t waiting; /* goroutines that wait for another's call; atomic */
	struct weft_flight_call *calls[WEFT_FLIGHT_BUCKETS]; /* that run, by the keys' hashes */
} weft_flight;

typedef struct weft_flight_result {
	void *value;
	uint32_t shared; /* how many other callers have got it: the same in each, so that they can
			  * count who is the last to need the value, and frees it */
} weft_flight_result;

/* Run fn(arg, &value), or wait for the one that runs with this key; what fn returns, 0 or an error,
 * with the value, NULL unless fn has set it, in *result, which may be NULL.  If fn panics, all
 * who wait panic, too, with its message and place; if it calls weft_exit, so do they: each as if it
 * had called fn itself.  Fatal if fn calls with the key for which it runs, for it would wait for
 * itself.
 *
 * The key's bytes are not copied, and must stay as they are until the call returns.
 *
 *     err = weft_flight_do(&lookups, weft_key_str(host), resolve, host, &r);
 */
#define weft_flight_do(f, key, fn, arg, result)                                                    \
	weft_flight_do_at((f), (key), (fn), (arg), (result), WEFT_HERE)
int weft_flight_do_at(weft_flight *f, weft_key key, int (*fn)(void *arg, void **value), void *arg,
		      weft_flight_result *result, weft_site *site);
/* Who calls with this key from now on does not wait for the call that runs, but begins anew; who
 * waits already still gets what comes out of it.  Does nothing if none runs. */
#define weft_flight_forget(f, key) weft_flight_forget_at((f), (key), WEFT_HERE)
void weft_flight_forget_at(weft_flight *f, weft_key key, weft_site *site);

/* ---- Groups ----------------------------------------------------------------------------- */

/* A group is goroutines that work on one thing and are waited for together.  The first that returns
 * an error, which is any number but 0, cancels the context that all of them are given, and the wait
 * returns it.  Ready to use when zeroed, and as before when the wait has returned; must not be
 * copied or moved while in use. */
typedef struct weft_group {
	int64_t limit;	  /* how many may run at once, 0 or less: any number; set before its first use */
	weft_ctx *parent; /* of the group's context; NULL: the background; set before its first use */

	int64_t running;
	weft_ctx *ctx;
	weft_site *where; /* its first use */
	weft_caught *panic;
	int err; /* the first */
	uint32_t lock;
	weft_waitq room, end; /* who waits for them */
} weft_group;

/* Run fn(ctx, arg) in a new goroutine of the group, waiting while `limit` run.  Also when the group
 * is cancelled.  A goroutine of the group may add others.  One that calls weft_exit has returned 0. */
#define weft_group_go(g, fn, arg) weft_group_go_at((g), (fn), (arg), WEFT_SITE(#fn))
void weft_group_go_at(weft_group *g, int (*fn)(weft_ctx *ctx, void *arg), void *arg,
		      weft_site *site);
/* The same if that can be done without waiting; never waits. */
#define weft_group_try_go(g, fn, arg) weft_group_try_go_at((g), (fn), (arg), WEFT_SITE(#fn))
bool weft_group_try_go_at(weft_group *g, int (*fn)(weft_ctx *ctx, void *arg), void *arg,
			  weft_site *site);

/* Wait until all have returned: the first error, or 0.  Then the group's context is cancelled.  If
 * one has panicked, that cancelled the others, and this panics, with the first one's message and
 * place.  One goroutine may wait at a time. */
#define weft_group_wait(g) weft_group_wait_at((g), WEFT_HERE)
int weft_group_wait_at(weft_group *g, weft_site *site);

/* The group's context, the parent of those that its goroutines may make; it lasts until the wait has
 * returned unless it is referenced.  Cancelling it stops the group. */
#define weft_group_ctx(g) weft_group_ctx_at((g), WEFT_HERE)
weft_ctx *weft_group_ctx_at(weft_group *g, weft_site *site);

/* Declare a group that does not outlive the block it is written in: whichever way the block is left,
 * also by a panic or weft_exit, goroutines that still run are cancelled and waited for first.  So
 * they may use the block's local variables.
 *
 *     weft_group_scope_with(fetches, .limit = 8, .parent = ctx);
 *     for (int i = 0; i < n; i++)
 *         weft_group_go(&fetches, fetch, &urls[i]);
 *     return weft_group_wait(&fetches);
 */
#define weft_group_scope(name)                                                                     \
	weft_group name = {};                                                                      \
	weft_defer(weft_group_leave, &name)
#define weft_group_scope_with(name, ...)                                                           \
	weft_group name = {__VA_ARGS__};                                                           \
	weft_defer(weft_group_leave, &name)
void weft_group_leave(void *group);

/* ---- Goroutine-local values ------------------------------------------------------------- */

/* A key for a value of each goroutine's own; a static variable, which lives as long as the program:
 *
 *     static weft_local buffer = {.destroy = free};
 *
 * A goroutine begins without values: it inherits none. */
typedef struct weft_local {
	void (*destroy)(void *value); /* called with a value that is there when its goroutine ends, by
				       * return or weft_exit, after deferred functions; or NULL */
	uint32_t index;		      /* the runtime's */
} weft_local;

/* The calling goroutine's value, NULL at first. */
void *weft_local_get(const weft_local *key);
/* Set it.  The one before is not destroyed. */
void weft_local_set(weft_local *key, void *value);

/* ---- What the trace says ---------------------------------------------------------------- */

/* Name a channel, mutex or other object in reports and traces; of a typed channel, name c.chan.  The
 * text is copied; a trace has at most 500,000 bytes of it, as of any text.  From any thread. */
void weft_name(void *obj, const char *name);

/* A task is a piece of the program's work that may span goroutines: the calling goroutine, and
 * those that it or they spawn, belong to it until it ends; tasks nest.  Returns its number. */
uint64_t weft_task_begin(const char *name);
void weft_task_end(uint64_t task);

/* A region is a stretch of the calling goroutine's time; regions nest. */
void weft_region_begin(const char *name);
void weft_region_end(void);

/* Put a message into the trace, printf-style, up to 255 bytes.  Costs nothing when the program is
 * not recorded. */
__attribute__((format(printf, 2, 3))) void weft_log(const char *category, const char *fmt, ...);

/* The program's counter of that name (bytes queued, requests in flight) has this value from now on,
 * in the program's own unit; a name is one counter, whichever goroutine tells its values.  The
 * trace has a copy of the name, and nothing else is kept: the count is the program's.  Costs
 * nothing when the program is not recorded. */
void weft_counter(const char *name, int64_t value);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
