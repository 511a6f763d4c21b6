/* SPDX-License-Identifier: MIT */
/* Possible deadlocks are looked for by a thread of its own, so that looking holds up nobody, not
 * even the monitor.  It is started when the program has run for as long as a wait must last to be
 * looked at; until then nothing can have waited so long, and a short program never has the thread.
 * It looks at all goroutines once a second, less often if that takes long: it uses a fiftieth of a
 * cpu at most.
 *
 * A finding is reported when it is found a second time, in the next look.  What was seen while it
 * changed is not found again: it is named by goroutines' numbers and by when their waits began.
 */
#include "watch.h"
#include "env.h"
#include "report.h"
#include "sched.h"
#include "throw.h"
#include "waitfor.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHARE 50	      /* it looks for 1/50 of the time at most */
#define SETTLE (40 * WEFT_MS) /* what ends so soon after the main function is no leak */
#define QUEUED WEFT_S	      /* and so long may others wait in queues, before they are reported */

enum { REPORTED = 256, PENDING = 64 };

static int64_t limit = 10 * WEFT_S; /* 0: off */
static bool exits;		    /* a finding ends the program */
static bool leaks;

static int64_t start_at;
static bool started;
static struct rt_note note;

/* The keys of what was reported, and of what the last look found and was not. */
static uint64_t reported[REPORTED], pending[PENDING];
static int nreported, npending;

/* ---- What the environment says ------------------------------------------------------------- */

/* "10s", "500ms", "0", and ",exit" after a time. */
static bool parse(const char *s)
{
	static const struct {
		const char *unit;
		int64_t ns;
	} units[] = {{"ms", WEFT_MS}, {"s", WEFT_S}};
	char *end;
	long n = strtol(s, &end, 10);

	if (end == s || n < 0 || n > 1000 * 1000 * 1000 || *s == '+' || *s == ' ')
		return false;
	if (n == 0 && !*end) {
		limit = 0;
		return true;
	}
	for (size_t i = 0; n && i < sizeof units / sizeof *units; i++) {
		size_t len = strlen(units[i].unit);

		if (strncmp(end, units[i].unit, len))
			continue;
		limit = n * units[i].ns;
		exits = strcmp(end + len, ",exit") == 0;
		return exits || !end[len];
	}
	return false;
}

void rt_watch_init(void)
{
	const char *s = getenv("WEFT_DEADLOCK");

	leaks = rt_env_number("WEFT_LEAKS", 0, 1, 0, false);
	if (s && *s && !parse(s)) {
		fprintf(stderr,
			"weft: WEFT_DEADLOCK=%s: give a time as in 10s or 500ms, with ,exit after "
			"it to end the program, or 0 for never\n",
			s);
		exit(2);
	}
	start_at = rt_after(rt_now(), limit);
}

/* ---- Possible deadlocks -------------------------------------------------------------------- */

static bool has(const uint64_t *keys, int n, uint64_t key)
{
	for (int i = 0; i < n; i++)
		if (keys[i] == key)
			return true;
	return false;
}

static void report(struct rt_peek *pk, const struct rt_finding *f)
{
	struct rt_out o;

	rt_out_init(&o, STDERR_FILENO);
	rt_out(&o, "weft: possible deadlock: ");
	rt_print_lines(&o, "", f->text);
	for (int i = 0; i < f->ninvolved; i++)
		rt_print_goroutine(&o, pk, &f->involved[i]);
	if (nreported == REPORTED)
		rt_out(&o, "\nweft: no more possible deadlocks will be reported\n");
	rt_out(&o, "\n");
	rt_flush(&o);
	rt_trace(deadlock, f->involved[0].id, 0, rt_cause_name(f->cause), f->text);
}

/* True if something was reported. */
static bool report_new(struct rt_peek *pk, const struct rt_finding *f, int n)
{
	uint64_t next[PENDING];
	int nnext = 0, before = nreported;

	for (int i = 0; i < n; i++) {
		if (has(reported, nreported, f[i].key) || nreported == REPORTED)
			continue;
		if (!has(pending, npending, f[i].key)) {
			if (nnext < PENDING)
				next[nnext++] = f[i].key;
			continue;
		}
		reported[nreported++] = f[i].key;
		report(pk, &f[i]);
	}
	memcpy(pending, next, (size_t)nnext * sizeof *next);
	npending = nnext;
	return nreported > before;
}

static void look(void)
{
	struct rt_peek pk = RT_PEEK;
	const struct rt_finding *f;
	bool some = false;
	int n;

	rt_ignore_begin();
	if (rt_wf_make(&pk, rt_now() - limit)) {
		n = rt_wf_find(&pk, false, &f);
		some = report_new(&pk, f, n);
		rt_wf_done();
	}
	rt_peek_close(&pk);
	rt_ignore_end();
	if (some && exits)
		rt_fatal(NULL, "possible deadlock (WEFT_DEADLOCK has ,exit)");
}

static void *watch(void *arg)
{
	int64_t every = limit < WEFT_S ? limit : WEFT_S;

	(void)arg;
	rt_trace(m_start, 2);
	while (!__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE)) {
		int64_t began = rt_now(), pause;

		look();
		pause = (rt_now() - began) * SHARE;
		rt_note_sleep(&note, rt_after(rt_now(), pause > every ? pause : every));
	}
	rt_trace(m_stop, rt_trace_count() + 1);
	__atomic_fetch_sub(&rt.leaving, 1, __ATOMIC_RELEASE); // pairs with weft_run
	return NULL;
}

void rt_watch_start(int64_t now)
{
	pthread_attr_t attr;
	pthread_t thread;

	if (started || !limit || now < start_at)
		return;
	__atomic_fetch_add(&rt.leaving, 1, __ATOMIC_RELAXED);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	started = pthread_create(&thread, &attr, watch, NULL) == 0;
	pthread_attr_destroy(&attr);
	if (started)
		return;
	start_at = rt_after(now, WEFT_S); // no thread is no reason to end the program
	__atomic_fetch_sub(&rt.leaving, 1, __ATOMIC_RELEASE);
}

void rt_watch_stop(void)
{
	rt_note_wake(&note);
}

/* ---- Leaks --------------------------------------------------------------------------------- */

static bool see_whether_queued(struct g *gp, void *arg)
{
	bool *queued = arg;

	*queued = __atomic_load_n(&gp->id, __ATOMIC_RELAXED) &&
		  __atomic_load_n(&gp->status, __ATOMIC_RELAXED) == G_RUNNABLE;
	return !*queued;
}

/* Whether one has only not had a worker yet, to end or to wait for something. */
static bool some_are_queued(void)
{
	bool queued = false;

	rt_g_each(see_whether_queued, &queued);
	return queued;
}

bool rt_watch_leaks(void)
{
	int64_t began = rt_now(), passed = 0;
	struct rt_out o;

	if (!leaks)
		return false;
	while (weft_count() > 1 &&
	       (passed < SETTLE || (passed < QUEUED && some_are_queued()))) {
		weft_sleep(WEFT_MS);
		passed = rt_now() - began;
	}
	if (weft_count() <= 1)
		return false;
	rt_out_init(&o, STDERR_FILENO);
	rt_ignore_begin();
	rt_print_leaks(&o, weft_id());
	rt_ignore_end();
	rt_flush(&o);
	return true;
}
