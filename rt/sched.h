/* SPDX-License-Identifier: MIT */
/* The scheduler as the rest of the runtime sees it: park and ready.  sched.c has the design. */
#ifndef RT_SCHED_H
#define RT_SCHED_H

#include "g.h"
#include "timer.h"
#include "trace.h"
#include "walk.h"

#include <pthread.h>

enum { WORKERS_MAX = 256, RT_SIGNAL_STACK = 64 << 10 };
/* Room in a worker's ring, and how many go from one queue to another at most: they are kept on a
 * stack meanwhile.  With room for 256, a thousand that are spawned at once take 89 ns each, not 66,
 * as most go over the global queue; with room for 1,024 thieves take what would soon overflow, and
 * two workers need 82 ns, not 55. */
enum { RUNQ = 2048, RUNQ_BATCH = 128 };

/* Who a goroutine was that has ended, for reports of locks that it left locked. */
enum { RT_ENDED = 32 };
struct rt_ended {
	uint64_t id; /* atomic */
	const weft_site *site;
	char name[sizeof((struct g_stack *)0)->name];
};

/* Fields that a worker or all workers write all the time are not in a cache line with others, nor
 * in its neighbour, which the processor fetches along with it. */
#define RT_APART __attribute__((aligned(128)))

/* A worker: the right to run goroutines, and what one thread at a time needs to do so.  Unless it
 * says otherwise, a field belongs to the thread that has the worker. */
struct p {
	uint32_t id;
	bool removed; /* atomic: see procs.c */
	struct m *m;  /* who has it; NULL: idle, or being handed over.  Atomic: the monitor looks */
	struct p *next; /* in the list of idle or removed workers, under rt.lock */
	struct rt_timers timers;
	int64_t counted; /* when rt_timers_gather last did */

	/* What thieves look at.  A ring: the owner pushes at tail; owner and thieves take at head,
	 * by compare-and-swap. */
	uint32_t head RT_APART, tail;
	struct g *runnext; /* runs before the ring; the owner and, late, thieves swap it out */
	uint32_t robbed;   /* so many thieves are about to; atomic */
	uint32_t tick;	   /* counts scheduled goroutines; the monitor looks */
	struct g *runq[RUNQ] RT_APART;

	struct rt_dead dead;
	uint64_t rng;
	uint64_t exits;			 /* goroutines that ended here; weft_count looks */
	uint32_t reading;		 /* odd: a map; see cmap.c.  Atomic */
	struct rt_ended ended[RT_ENDED]; /* the last of them, see rt_ended_add */
};

/* A thread that runs goroutines. */
struct m {
	pthread_t thread;
	uint32_t tid;
	struct m *next; /* in the list of idle threads, under rt.lock */
	struct m *all;	/* in the list of all, which only grows */
	struct p *p;	/* the worker it has; see rt_enter.  Atomic: the monitor looks */
	struct g *curg;
	struct context ctx; /* of its own stack, on which it schedules */

	/* A goroutine that is leaving its stack, or NULL, and what to do for it once it is off. */
	struct g *left;
	bool (*commit)(struct g *gp, void *arg);
	void *commit_arg;

	/* Taking the worker back, see sysmon.c.  `inside` is 1 while the thread is in the runtime,
	 * and so whenever curg is NULL; `wanted` is what the monitor wants of it, or the end of the
	 * program. */
	uint32_t inside;
	uint32_t wanted; /* enum wanted */

	/* What the goroutine that runs may still do without waiting before it gives way, if others
	 * are runnable: see rt_enter.  Set anew for each that starts to run. */
	int32_t budget;

	struct rseq *restart; /* for quick unlocks; NULL: there are none, see restart.h */

	bool spinning;	    /* counted in rt.spinning: it looks for work */
	uint32_t in_vain;   /* so many times in a row, since it left to others what they had */
	struct p *given;    /* the worker it is woken with */
	struct g *pinned;   /* the goroutine that is pinned to it, or NULL; only the thread itself
			       looks */
	char *signal_stack; /* of its signal handlers: RT_SIGNAL_STACK bytes; NULL: none yet */
	struct rt_note note;

	struct rt_samples
		*samples; /* see sample.c; NULL: none are wanted.  Atomic: the monitor looks */

	/* For dump.c: the stack of goroutine g, which runs here. */
	struct {
		uint32_t state; /* enum dumped; atomic */
		uint64_t g;
		struct rt_walk walk;
	} dump;
};

enum dumped { DUMP_NOT_ASKED = 0, DUMP_ASKED, DUMP_ANSWERED };

enum wanted {
	WANTED_NO = 0,
	WANTED_ASKED,
	WANTED_TAKING,
	WANTED_TAKEN,
	WANTED_TO_END,
	WANTED_FORKED /* for ever: this is the one thread of a forked child */
};

/* The scheduler's state.  rt.lock protects what is not atomic. */
struct rt {
	struct rt_lock lock;
	struct p *workers; /* nworkers of them have been made; atomic: rt_nworkers() */
	uint32_t nworkers;
	uint32_t nactive; /* of these are not removed; atomic */
	uint32_t procs;	  /* are to be; atomic: see procs.c */
	struct p *removed;
	struct m *all; /* every thread ever; atomic */
	struct p *idle_workers;
	struct m *idle_threads;
	struct m *keeper; /* the thread that sleeps until keeper_until, or NULL; atomic: the monitor
			   * looks */
	int64_t keeper_until;
	int64_t gathered;   /* until then timers wait for each other: gather.c; atomic */
	bool polling;	    /* there are descriptors: the keeper sleeps in epoll; atomic */
	bool keeper_polls;  /* it does */
	bool keeper_called; /* and was woken by rt_netpoll_wake; atomic */
	uint32_t polls;	    /* counts looks at epoll; the monitor looks; atomic */

	struct g *globq, *globq_tail; /* runnable goroutines of no worker */
	uint32_t nglobq;	      /* atomic: read without the lock */

	uint32_t nidle;	      /* idle workers; atomic */
	uint32_t spinning;    /* threads that look for work; atomic */
	uint32_t detached;    /* goroutines that run without a worker; atomic */
	uint32_t outside;     /* goroutines that wait for I/O; atomic */
	uint32_t threads;     /* threads that run goroutines; atomic */
	uint32_t threads_max; /* of those that no goroutine is pinned to; at least rt.procs; atomic
			       */
	uint32_t pinned;      /* goroutines that are; atomic */
	bool threads_short;   /* one more was refused since the monitor looked; atomic */
	int64_t thread_retry; /* not 0: a thread could not be started; when to try again; atomic */
	uint32_t leaving;     /* threads that have not emitted m_stop yet */

	int64_t coarse;	  /* rt_now() as of the monitor's last look; atomic */
	bool main_exited; /* the main goroutine called weft_exit; atomic */
	bool stopping;	  /* the main goroutine has returned; atomic */
	int status;	  /* what it returned */
	pid_t pid;	  /* not that of a forked child; constant */
	uint32_t detour;  /* bits: see next() in thread.c; atomic */
	uint64_t chaos;	  /* WEFT_DEBUG=chaos=SEED: take unlikely ways; 0: no; constant */
	bool slow;	  /* something records, or there is chaos: no shortcuts; constant */
	struct rt_note done, monitor;

	uint64_t last_id RT_APART; /* of goroutines; atomic */
};

/* Why a thread may not go from one goroutine straight to the next: the program ends; the number of
 * workers has changed; chaos wants it. */
enum detour { DETOUR_END = 1, DETOUR_PROCS = 2, DETOUR_CHAOS = 4 };

extern struct rt rt __attribute__((visibility("hidden"))); // no detour through a table of addresses

/* This process is a fork of the one that called weft_run.  A system call. */
bool rt_is_forked(void);

/* Every worker that was ever made is below; there may be more at the next call. */
static inline uint32_t rt_nworkers(void)
{
	return __atomic_load_n(&rt.nworkers, __ATOMIC_ACQUIRE); // pairs with add_worker
}

/* How many threads there may be. */
static inline uint32_t rt_threads_most(void)
{
	return __atomic_load_n(&rt.threads_max, __ATOMIC_RELAXED) +
	       __atomic_load_n(&rt.pinned, __ATOMIC_RELAXED);
}

static inline bool rt_detour(enum detour why)
{
	return __atomic_load_n(&rt.detour, __ATOMIC_RELAXED) & why;
}

/* The calling thread's m, NULL if it runs no goroutines.  To be called again after every park: the
 * goroutine may have come back on another thread.  The compiler must not know that this reads a
 * thread-local variable, for it would keep its address across a switch; it is told that the result
 * depends on rt, which any call may change. */
extern __thread struct m *rt_thread_m __attribute__((visibility("hidden")));
/* The same for fast paths, which must not be taken while something records, or by a thread that
 * runs no goroutines: then it is one that is inside for ever, so that they look at nothing else. */
extern __thread struct m *rt_quick_m __attribute__((visibility("hidden")));
#if defined(__x86_64__)
#define RT_THREAD_LOCAL(name)                                                                      \
	({                                                                                         \
		struct m *mp_;                                                                     \
                                                                                                   \
		__asm__("movq " #name "@gottpoff(%%rip), %0\n\tmovq %%fs:(%0), %0"                 \
			: "=r"(mp_)                                                                \
			: "m"(rt));                                                                \
		mp_;                                                                               \
	})
static inline struct m *rt_self(void)
{
	return RT_THREAD_LOCAL(rt_thread_m);
}

static inline struct m *rt_quick_self(void)
{
	return RT_THREAD_LOCAL(rt_quick_m);
}
#else
struct m *rt_self(void);
struct m *rt_quick_self(void);
#endif

/* Every function of the API that touches the scheduler's state enters first and leaves last.  In
 * between the thread keeps its worker.  rt_enter returns the current m; `what` is the API function,
 * for the message when the caller is no goroutine, or a signal handler that interrupted the
 * runtime;
 * "" is the runtime itself, which may be inside already.  Returns holding a worker.  It counts down
 * the goroutine's budget and yields when it is spent, so that one that polls, or always finds room,
 * starves nobody. */
static inline struct m *rt_enter(const char *what);
/* The same for what gives something back, an unlock or a release: to yield there would be to wait
 * with the lock held. */
static inline struct m *rt_enter_unlock(const char *what);
static inline void rt_leave(void);

/* An operation of the running goroutine's failed instead of waiting, and will be tried again: that
 * costs more of its budget, for it probably waits for another goroutine to run. */
enum { BUDGET = 4096, POLL_COST = 16 };
static inline void rt_polled(struct m *mp)
{
	mp->budget -= POLL_COST;
}

/* The running goroutine waits.  Once it is off its stack commit(gp, arg) runs, on another: it
 * publishes the waiter, for instance by unlocking what protects the wait queue, or returns false to
 * go on at once.  Returns when someone made it ready. */
void rt_park(enum wait why, const void *obj, weft_site *site, bool (*commit)(struct g *, void *),
	     void *arg);
/* Make a parked goroutine runnable: next on this worker. */
void rt_ready(struct g *gp);
/* The same, and run it in place of the running one, which goes to the back of the queue. */
void rt_yield_to(struct g *gp);
/* As rt_ready, from a timer: behind what waits for this worker.  Perhaps on a thread's own stack.
 */
void rt_ready_timed(struct g *gp);
/* Run fn(arg) in a new goroutine, a child of goroutine `parent` and in its task.  Perhaps on a
 * thread's own stack. */
void rt_go(void (*fn)(void *arg), void *arg, weft_site *site, uint64_t parent, uint64_t task);
/* rt_ready_timed and rt_go, from a thread without a worker. */
void rt_ready_outside(struct g *gp);
void rt_go_outside(void (*fn)(void *arg), void *arg, weft_site *site, uint64_t parent,
		   uint64_t task);

/* The running goroutine ends. */
_Noreturn void rt_g_end(void);
/* gp, which runs on mp and is pinned to it, is so no longer. */
void rt_pin_end(struct m *mp, struct g *gp);

/* When ctx is cancelled call now(arg, what weft_ctx_err says) in the goroutine that cancels it,
 * inside and under the lock of the context's tree: a cancel is complete when it returns.  At once
 * if it is already.  To be ended with rt_ctx_stop, not from there. */
weft_ctx_func *rt_ctx_on_cancel(weft_ctx *ctx, void (*now)(void *arg, int err), void *arg,
				weft_site *site);
/* weft_ctx_stop, inside. */
bool rt_ctx_stop(weft_ctx_func *f);

/* For reports: what there is to say of a connection, by its record. */
void rt_conn_describe(const void *obj, char *buf, size_t size);
/* For reports: who has it for writing, or 0, and how many goroutines have it for reading. */
uint64_t rt_rwmutex_writer(const weft_rwmutex *rw);
uint32_t rt_rwmutex_readers(const weft_rwmutex *rw);

/* The object is gone, and its name with it. */
void rt_name_drop(const void *obj);

/* What is left of entering when the monitor wants the worker, or the budget is spent. */
struct m *rt_enter_slow(struct m *mp);
/* No goroutine's own code calls, as far as is known: returns only if it may nevertheless. */
void rt_enter_odd(const char *what);

/* The debug build looks each time whether a signal handler enters on the alternate stack. */
#ifdef WEFT_DEBUG_BUILD
void rt_debug_entry(const char *what);
#else
#define rt_debug_entry(what) ((void)0)
#endif

/* Whether the thread runs a goroutine's own code: not the runtime's, a thread's of another kind, or
 * a handler's that interrupted the runtime. */
static inline bool rt_outside(const struct m *mp)
{
	return mp && !mp->inside; // only the thread itself stores it
}

static inline struct m *rt_enter_unlock(const char *what)
{
	struct m *mp = rt_self();

	if (__builtin_expect(!rt_outside(mp), 0))
		rt_enter_odd(what);
	rt_debug_entry(what);
	__atomic_store_n(&mp->inside, 1, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST); // the monitor's membarrier does the rest
	if (__builtin_expect(__atomic_load_n(&mp->wanted, __ATOMIC_RELAXED), 0))
		return rt_enter_slow(mp);
	return mp;
}

static inline struct m *rt_enter(const char *what)
{
	struct m *mp = rt_enter_unlock(what);

	if (__builtin_expect(--mp->budget < 0, 0))
		return rt_enter_slow(mp);
	return mp;
}

/* The beginning of a fast path, which does what needs no event and no other function of the
 * runtime: false, with nothing done, if there is anything to see to first.  Else rt_leave_quick()
 * ends it, or it goes on as if it had entered.  `mp` is rt_quick_self(); `counts` as rt_enter does,
 * not as rt_enter_unlock.  Builds that watch every operation have no fast paths. */
#if WEFT_TSAN == 1 || defined(WEFT_DEBUG_BUILD)
#define RT_QUICK 0
#else
#define RT_QUICK 1
#endif
static inline void rt_leave_quick(struct m *mp)
{
	__atomic_store_n(&mp->inside, 0, __ATOMIC_RELEASE); // pairs with the monitor's load
}

static inline bool rt_enter_quick(struct m *mp, bool counts)
{
	if (__builtin_expect(!RT_QUICK || mp->inside, 0))
		return false;
	__atomic_store_n(&mp->inside, 1, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST); // the monitor's membarrier does the rest
	if (__builtin_expect(__atomic_load_n(&mp->wanted, __ATOMIC_RELAXED) ||
				     (counts && mp->budget <= 0),
			     0)) {
		rt_leave_quick(mp);
		return false;
	}
	if (counts)
		mp->budget--;
	return true;
}

/* The same for what touches nothing of a worker's, and so may as well be done by a thread whose
 * worker is taken meanwhile: it does not enter, and there is nothing to leave. */
static inline bool rt_pass_quick(struct m *mp, bool counts)
{
	if (__builtin_expect(!RT_QUICK || mp->inside ||
				     __atomic_load_n(&mp->wanted, __ATOMIC_RELAXED) ||
				     (counts && mp->budget <= 0),
			     0))
		return false;
	if (counts)
		mp->budget--;
	return true;
}

static inline void rt_leave(void)
{
	__atomic_store_n(&rt_self()->inside, 0, __ATOMIC_RELEASE); // pairs with the monitor's load
}

/* The goroutine that runs on this thread; only inside. */
static inline struct g *rt_curg(void)
{
	return rt_self()->curg;
}

/* One of n, each alike: the door through which all the scheduler's chance comes. */
uint32_t rt_choose(uint32_t n);

/* In chaos true once in n times, else never. */
static inline bool rt_chaos(uint32_t n)
{
	return __builtin_expect(rt.chaos != 0, 0) && rt_choose(n) == 0;
}

static inline int64_t rt_coarse_now(void)
{
	return __atomic_load_n(&rt.coarse, __ATOMIC_RELAXED);
}

/* There are descriptors from now on: see to it that edges are looked for. */
void rt_sched_poll(void);

/* Between the scheduler and the monitor. */
void rt_sysmon_start(void);
/* Find an idle or new thread for a worker that has none, and is to look for work if `spinning`;
 * false if there is none to be had. */
bool rt_thread_start(struct p *pp, bool spinning);
int64_t rt_timers_first(void); /* of all workers */
/* Another worker is wanted for timers that were to be seen to at `next`: not for those gathered. */
bool rt_timers_want_more(int64_t next, int64_t now);
bool rt_wake_worker(void);     /* if one is idle: let it look for work */
bool rt_polled_for(void);      /* there are goroutines that an edge may wake */
bool rt_poll_for_others(void); /* look for edges; true if a goroutine was made ready */
void rt_check_deadlock(void);  /* by a thread that has put one off */

#endif
