/* SPDX-License-Identifier: MIT */
/* CPU samples.
 *
 * Each thread that runs goroutines has a timer of the system's that counts the cpu time of this one
 * thread, and sends it SIGPROF.  (perf_event would need a permission that most systems refuse, and
 * a virtual machine mostly has no counters.)  The handler may have interrupted anything, so it
 * emits nothing: an event in the middle of another would be lost, and a new stack needs a lock.  It
 * puts the addresses of the calls into a ring of the thread's, and the monitor, which looks at
 * least every 10 ms, makes events of them.
 *
 *     handler:  write ring[head]; head += 1 (release)         of its thread alone
 *     monitor:  head (acquire); read ring[tail]; tail += 1 (release)
 *
 * A ring that is full takes no more; the cpu time goes to the next sample that finds room.
 *
 * When the program takes SIGPROF for itself the timers are deleted: its own handler would be called
 * by them, or the default action end it.
 */
#define _GNU_SOURCE
#include "sample.h"

#ifndef WEFT_NO_TRACE

#include "fault.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum { RING = 64 };

static struct rt_lock lock;
static bool stopped;		 /* atomic, written under the lock: there are no timers any more */
static struct rt_samples *first; /* of the list of those with a timer; under the lock */

struct rt_samples {
	struct rt_samples *next;
	timer_t timer;
	uint32_t head, tail; /* atomic */
	int64_t cpu;	     /* the thread's cpu time at the sample before */
	struct sample {
		int64_t at; /* rt_now() */
		int64_t ns;
		uint64_t g;
		int64_t p;
		struct rt_walk walk;
	} ring[RING];
};

uint32_t rt_sample_hz;

static int64_t cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * WEFT_S + t.tv_nsec;
}

/* ---- On the thread, in the handler ------------------------------------------------------- */

/* Whose stack it is, its own bounds say: between two goroutines it is the one's while the other is
 * still the thread's. */
static void fill(struct sample *s, struct m *mp, const void *ucontext)
{
	const struct g *gp = mp->curg;
	const char *sp = rt_interrupted_sp(ucontext);
	const struct g_stack *own = gp ? rt_on_stack(gp, sp) : NULL;
	const struct p *pp =
		__atomic_load_n(&mp->wanted, __ATOMIC_RELAXED) == WANTED_TAKEN ? NULL : mp->p;

	s->g = own ? gp->id : 0;
	s->p = pp ? (int64_t)pp->id : -1;
	rt_walk_sampled(&s->walk, ucontext, own ? own->lo : NULL, own);
}

static void on_timer(int sig, siginfo_t *info, void *ucontext)
{
	struct m *mp = rt_self();
	struct rt_samples *r = mp ? mp->samples : NULL;
	int saved = errno;
	int64_t cpu;
	struct sample *s;

	(void)sig;
	if (!r || info->si_code != SI_TIMER || info->si_value.sival_ptr != r ||
	    r->head - __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE) == RING)
		return;
	cpu = cpu_time();
	s = &r->ring[r->head % RING];
	s->at = rt_now();
	s->ns = cpu - r->cpu;
	r->cpu = cpu;
	fill(s, mp, ucontext);
	__atomic_store_n(&r->head, r->head + 1, __ATOMIC_RELEASE); // pairs with flush
	errno = saved;
}

/* ---- Beginning --------------------------------------------------------------------------- */

static void say(const char *why)
{
	dprintf(STDERR_FILENO, "weft: cpu samples are not recorded: %s\n", why);
}

void rt_sample_init(void)
{
	struct sigaction sa = {.sa_sigaction = on_timer,
			       .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
	const char *why = NULL;

	if (!rt_sample_hz)
		return;
	if (WEFT_TSAN)
		why = "the thread sanitizer keeps signals back";
	else if (!rt_signal_unset(SIGPROF))
		why = "the program has a handler for SIGPROF, which they need";
	else if (sigaction(SIGPROF, &sa, NULL) != 0)
		why = strerror(errno);
	if (why) {
		say(why);
		rt_sample_hz = 0;
	}
}

/* Under the lock.  The threads' first samples are not all at one moment. */
static bool start_timer(const struct m *mp, struct rt_samples *r)
{
	int64_t period = WEFT_S / rt_sample_hz;
	struct itimerspec every = {.it_interval = {period / WEFT_S, period % WEFT_S}};
	struct sigevent ev = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};

	ev.sigev_value.sival_ptr = r;
	ev.sigev_notify_thread_id = (pid_t)mp->tid;
	period = period * (1 + mp->tid * 0x9e3779b9u % 64) / 64;
	every.it_value = (struct timespec){period / WEFT_S, period % WEFT_S};
	if (timer_create(CLOCK_THREAD_CPUTIME_ID, &ev, &r->timer) != 0)
		return false;
	r->next = first;
	first = r;
	return timer_settime(r->timer, 0, &every, NULL) == 0;
}

void rt_sample_start(struct m *mp)
{
	struct rt_samples *r;
	const char *why = NULL;

	if (!rt_sample_hz)
		return;
	r = mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r == MAP_FAILED) {
		say("no memory can be mapped");
		return;
	}
	r->cpu = cpu_time();
	__atomic_store_n(&mp->samples, r, __ATOMIC_RELEASE); // pairs with rt_sample_flush
	rt_lock(&lock);
	if (!stopped && !start_timer(mp, r))
		why = strerror(errno);
	rt_unlock(&lock);
	if (why)
		say(why);
}

/* ---- The program wants the signal -------------------------------------------------------- */

static bool is_ours(void)
{
	struct sigaction now;

	return sigaction(SIGPROF, NULL, &now) != 0 || now.sa_sigaction == on_timer;
}

/* Ignoring the signal for a moment takes back what has been sent and has not come yet. */
void rt_sample_stop(void)
{
	struct sigaction sa = {.sa_handler = SIG_IGN};
	bool was;

	if (!rt_sample_hz)
		return;
	rt_lock(&lock);
	was = stopped;
	__atomic_store_n(&stopped, true, __ATOMIC_RELAXED);
	for (; first; first = first->next)
		timer_delete(first->timer);
	if (!was && is_ours()) {
		sigaction(SIGPROF, &sa, NULL);
		sa.sa_handler = SIG_DFL; // as it was
		sigaction(SIGPROF, &sa, NULL);
	}
	rt_unlock(&lock);
	if (!was)
		dprintf(STDERR_FILENO, "weft: no more cpu samples are recorded: the program uses "
				       "SIGPROF, which they need\n");
}

/* ---- By the monitor ---------------------------------------------------------------------- */

static void flush(const struct m *mp, struct rt_samples *r)
{
	uint32_t head = __atomic_load_n(&r->head, __ATOMIC_ACQUIRE);

	for (; r->tail != head; __atomic_store_n(&r->tail, r->tail + 1, __ATOMIC_RELEASE)) {
		struct sample *s = &r->ring[r->tail % RING];
		uint32_t stack = rt_trace_stack_of(&s->walk);

		rt_trace(cpu_sample, (uint64_t)(rt_now() - s->at), s->g, s->p, mp->tid,
			 (uint64_t)s->ns, stack);
	}
}

void rt_sample_flush(void)
{
	if (!rt_sample_hz)
		return;
	if (!__atomic_load_n(&stopped, __ATOMIC_RELAXED) && !is_ours())
		rt_sample_stop();
	for (struct m *mp = __atomic_load_n(&rt.all, __ATOMIC_ACQUIRE); mp; mp = mp->all) {
		struct rt_samples *r = __atomic_load_n(&mp->samples, __ATOMIC_ACQUIRE);

		if (r)
			flush(mp, r);
	}
}

#else

uint32_t rt_sample_hz;

void rt_sample_init(void)
{
}

void rt_sample_start(struct m *mp)
{
	(void)mp;
}

void rt_sample_stop(void)
{
}

void rt_sample_flush(void)
{
}

#endif
