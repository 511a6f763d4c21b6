/* SPDX-License-Identifier: MIT */
/* The things that the model knows, shared by model.c (processes, threads), workers.c,
 * goroutines.c, panics.c, stacks.c, and objects.c and sync.c (channels, locks, marks).
 *
 * Numbers of goroutines, workers, tasks, sites and stacks are those of the database, which differ from
 * the program's own in every process but the first: map them with number_g() and the like.
 */
#ifndef TRACER_STATE_H
#define TRACER_STATE_H

#include "hash.h"
#include "lod.h"
#include "model.h"
#include "tally.h"

#include <stdbool.h>

enum { MAX_WORKERS = 10000, MAX_SITES = 1000000, MAX_STACKS = 1000000 };
#define MAX_GOROUTINES 1000000000

enum g_name { G_NONE, G_RUNNING, G_DETACHED, G_RUNNABLE, G_WAITING };

/* A stretch of a goroutine's time, from `since` until the next. */
struct g_span {
	enum g_name state; /* G_NONE: its state was not seen */
	int64_t since;
	struct m *m; /* G_RUNNING, G_DETACHED: its thread, or NULL */
	int64_t why, obj, p, waker, holder, site, stack, waker_stack; /* or NONE */
	enum lod_state waits_as; /* what obj was told of the wait, or LOD_none */
};

/* A stretch that has ended. */
struct held {
	struct g_span span;
	int64_t end;
};

struct region {
	struct region *outer;
	int64_t task, ts;
	char *name;
};

struct panic {
	struct panic *outer;
	int64_t id, ts, site, stack;
	char *message;
};

struct g {
	int64_t g;
	int64_t ts;	      /* its first event */
	struct g_span now;
	struct g_span before; /* G_RUNNING: what `now`, a wait, ends, if it is one; not yet written */
	struct held *held;    /* a wait in a select, and what followed, not yet written, because the */
	int nheld;	      /* channel that it was for is known when the select is done */
	struct record *early; /* an event that came before the one that makes it possible, or NULL */
	bool made;	      /* g_create was seen */
	bool excused;	      /* it was not, but events are missing */
	char *name, *func;
	int64_t fn, parent, site, stack, spawn_stack, task;
	int64_t task_now;
	int64_t lock_since, lock_holder; /* waits for a lock since, held by, or NONE */
	struct lane *lane;
	struct tally_g tally;
	struct region *regions;		 /* the innermost */
	struct panic *panics;		 /* the last */
};

enum p_name { P_STOPPED, P_SEARCHING, P_RUNNING };

struct p_span {
	enum p_name state;
	int64_t since;
	int64_t g;   /* P_RUNNING: the goroutine; else NONE */
	struct m *m; /* NULL if P_STOPPED */
};

struct p {
	int64_t p;
	struct lane *lane;
	struct p_span now;
	struct p_span before; /* P_RUNNING: what `now` ends, if the goroutine does wait; not yet written */
};

/* A thread; threads that follow each other under one number share one. */
struct m {
	uint32_t m;
	int64_t number; /* in table thread */
	struct lane *lane;
	struct p *p;	   /* the worker it has, or NULL */
	bool seen, ended;  /* an event of it; its m_stop */
	uint32_t next;	   /* the seq its next event should have */
	int64_t last;	   /* when its last event was */
	uint32_t gap_seq;  /* the newest gap: its first missing seq, */
	uint32_t gap_lost; /* how many are missing, 0: no gap, */
	int64_t gap_ts, gap_end;
};

enum obj_kind { OBJ_other, OBJ_chan, OBJ_mutex, OBJ_rwmutex, OBJ_waitgroup, OBJ_once, OBJ_cond, OBJ_semaphore,
		OBJ_barrier, OBJ_pool, OBJ_map, OBJ_group, OBJ_conn, OBJ_flight, OBJ_KINDS };

struct object {
	int64_t obj, site, ts;
	uint64_t addr;
	enum obj_kind kind;
	char *name;
	uintptr_t ordinal, namesake; /* among those of its kind, file and line, and of its name, from 1 */
	int64_t cap, size, closed, closer;	  /* chan */
	union { /* sums of its operations, as in the tables chan and mutex */
		struct chan_sums {
			int64_t ops, sends, recvs, direct, sends_parked, recvs_parked, max_len;
			int64_t len; /* now */
		} chan;
		struct mutex_sums {
			int64_t ops, locks, contended, held, held_max, waited, waited_max;
		} mutex;
	} sums;
	int64_t owner, owned_since; /* mutex, rwmutex; once: who runs it; or NONE */
	int64_t fd;	 /* conn, with closed */
	const char *how; /* conn */
	char *addr_text; /* conn */
	int64_t readers; /* rwmutex */
	bool done;	 /* once */
};

struct site {
	char *func, *file, *what;
	uint32_t line;
};

/* A call, with those that led to it; see stacks.c. */
struct stack {
	bool defined, used;
	uint32_t caller;       /* a stack, or 0 */
	uint64_t pc;	       /* 0: calls are missing */
	struct module *module; /* it is in, or NULL */
	int64_t depth;	       /* in the database, with what was inlined */
};

struct task {
	int64_t task, parent, g, ts;
	char *name;
};

struct proc {
	uint32_t pid;
	int64_t k; /* 0 for the first process, 1 for the second... by their first events */
	char *name;
	int64_t ts, last, status, lost, discarded, discarded_ts;
	bool stops; /* main has returned, or something fatal happened */
	struct hash gs, ms, objects; /* by number, tid, address */
	struct hash counted;	     /* by tid; see gaps.c */
	struct hash labels;	     /* hash of kind, file and line, or of a name -> how many objects */
	struct hash tasks;
	struct hash ended, tasks_seen; /* bits: goroutines that ended, tasks that began */
	struct p **ps;
	struct site **sites;
	struct stack *stacks;
	struct module **modules; /* in order of their events */
	struct hash frames;	 /* of addresses that are in none; see stacks.c */
	size_t nps, nsites, nstacks, nmodules;
};

struct model {
	struct db *db;
	struct lod *lod;
	struct tally *tally;
	struct symbols *symbols;
	struct hash procs; /* by pid */
	int64_t origin;	   /* the reader's time of the first event, NONE before it */
	int64_t now;	   /* the newest event's time; never goes back, until processes are finished */
	int64_t id;	   /* the event being handled */
	struct proc *proc; /* its process, */
	struct m *m;	   /* and its thread */
	int64_t spans_g, spans_p, workers, objects, regions, modules, frames;
	int64_t inlined;   /* the last number of a stack that is only in the database: negative */
	int64_t nprocs;	   /* that had an event */
	int64_t threads;
	int64_t obj; /* of the event being handled, if record_has_object() */
	char *version, *fatal, *sets;
	struct proc *first;
	bool counted; /* there are counts of threads */
	struct model_counts counts;
};

static inline int64_t number_g(const struct model *md, uint64_t g)
{
	return g ? (int64_t)g + md->proc->k * MAX_GOROUTINES : 0;
}

/* The same, NULL if it is none. */
static inline int64_t number_peer(const struct model *md, uint64_t g)
{
	return g ? number_g(md, g) : NONE;
}

static inline int64_t number_task(const struct model *md, uint64_t task)
{
	return number_peer(md, task);
}

/* NULL if no site_def was seen. */
int64_t number_site(const struct model *md, uint64_t site);

/* NULL if it is 0. */
int64_t number_stack(struct model *md, uint64_t stack);

/* Note what cannot be; g and obj may be NULL. */
__attribute__((format(printf, 4, 5))) void anomaly(struct model *md, const struct g *gp,
						   const struct object *obj, const char *fmt, ...);

/* model.c */
struct m *m_of(struct model *md, struct proc *pr, uint32_t tid);

/* workers.c */

/* The worker of this number, made up if need be; NULL after an anomaly if it is out of range. */
struct p *p_of(struct model *md, uint64_t n);
/* Begin another state. */
void p_to(struct model *md, struct p *pp, enum p_name state, struct m *mp, int64_t g);
/* Write what a g_unpark could have taken back. */
void flush_p(struct model *md, struct p *pp);
/* The worker that a goroutine runs on, or NULL. */
struct p *p_running(const struct model *md, const struct g *gp);
/* The worker does something else, so what it ran must have stopped, unseen. */
void p_drops_g(struct model *md, struct p *pp, const char *what);
void m_takes_p(struct model *md, struct m *mp, struct p *pp);
void on_m_stop(struct model *md, const struct record *r);
void on_p_start(struct model *md, const struct record *r);
void on_p_stop(struct model *md, const struct record *r);
void on_p_steal(struct model *md, const struct record *r);
/* The worker's part of a g_detach. */
void on_p_lost(struct model *md, const struct record *r);

/* Compare an event's number with those before it; false if the event was there already. */
bool gap_event(struct model *md, struct proc *pr, struct m *mp, uint32_t seq, int64_t ts);
/* So many events the next thread of this number counted. */
void gap_counted(struct proc *pr, uint32_t m, uint32_t events);
void gap_finish(struct model *md, struct proc *pr);
void on_cpu_sample(struct model *md, const struct record *r);
void finish_workers(struct model *md, struct proc *pr);

/* goroutines.c */

struct g_span span(enum g_name state, int64_t why);
void g_to(struct model *md, struct g *gp, struct g_span next);
void on_g_create(struct model *md, const struct record *r);
void on_g_name(struct model *md, const struct record *r);
void g_event(struct model *md, struct g *gp, const struct record *r);
void finish_early(struct model *md, struct proc *pr);
void finish_goroutines(struct model *md, struct proc *pr);
void free_g(struct g *gp);

/* The goroutine of this number if it is alive; made up if it was never seen.  NULL after an
 * anomaly if it cannot be. */
struct g *g_of(struct model *md, uint64_t g);

/* Write the wait that the goroutine had in a select, which was for obj or NONE. */
void g_select_done(struct model *md, struct g *gp, int64_t obj);

/* stacks.c */
void on_module_def(struct model *md, const struct record *r);
void on_stack_def(struct model *md, const struct record *r);
void finish_stacks(struct model *md, struct proc *pr);
void free_stacks(struct proc *pr);

/* panics.c */
void on_panic_begin(struct model *md, const struct record *r);
void on_panic_trap(struct model *md, const struct record *r);
/* The goroutine has ended, or the trace. */
void panics_end(struct model *md, struct g *gp, bool exited);

/* objects.c */

/* The object at an address, made up if need be; a different kind there before is gone. */
struct object *object_at(struct model *md, uint64_t addr, enum obj_kind kind, uint64_t site);
/* Another object of the same kind begins at an address where one has ended. */
struct object *object_anew(struct model *md, uint64_t addr, enum obj_kind kind, uint64_t site);
/* What a goroutine waits for; NULL for address 0. */
struct object *object_waited_for(struct model *md, uint64_t addr, uint64_t why, uint64_t site);
void object_named(struct proc *pr, struct object *o);
void object_end_all(struct model *md, struct proc *pr);

void on_site_def(struct model *md, const struct record *r);
void on_obj_name(struct model *md, const struct record *r);
void on_chan_make(struct model *md, const struct record *r);
void on_chan_free(struct model *md, const struct record *r);
void on_chan_send(struct model *md, const struct record *r);
void on_chan_recv(struct model *md, const struct record *r);
void on_chan_close(struct model *md, const struct record *r);
void on_select_done(struct model *md, const struct record *r);
void on_timer_start(struct model *md, const struct record *r);
void on_timer_stop(struct model *md, const struct record *r);
void on_mutex_lock(struct model *md, const struct record *r);
void on_mutex_unlock(struct model *md, const struct record *r);
void on_rwmutex_lock(struct model *md, const struct record *r);
void on_rwmutex_unlock(struct model *md, const struct record *r);
void on_rwmutex_rlock(struct model *md, const struct record *r);
void on_rwmutex_runlock(struct model *md, const struct record *r);
void on_waitgroup_add(struct model *md, const struct record *r);
void on_waitgroup_wait(struct model *md, const struct record *r);
void on_once_begin(struct model *md, const struct record *r);
void on_once_end(struct model *md, const struct record *r);
void on_once_pass(struct model *md, const struct record *r);
void on_cond_wait(struct model *md, const struct record *r);
void on_cond_cancel(struct model *md, const struct record *r);
void on_cond_signal(struct model *md, const struct record *r);
void on_cond_broadcast(struct model *md, const struct record *r);
void on_semaphore_acquire(struct model *md, const struct record *r);
void on_semaphore_release(struct model *md, const struct record *r);
void on_semaphore_cancel(struct model *md, const struct record *r);
void on_barrier_arrive(struct model *md, const struct record *r);
void on_barrier_pass(struct model *md, const struct record *r);
void on_group_go(struct model *md, const struct record *r);
void on_group_done(struct model *md, const struct record *r);
void on_group_wait(struct model *md, const struct record *r);

/* io.c */
void on_io_open(struct model *md, const struct record *r);
void on_io_accept(struct model *md, const struct record *r);
void on_io_connect(struct model *md, const struct record *r);
void on_io_read(struct model *md, const struct record *r);
void on_io_write(struct model *md, const struct record *r);
void on_io_wait(struct model *md, const struct record *r);
void on_io_close(struct model *md, const struct record *r);

/* objects.c */
void on_task_begin(struct model *md, const struct record *r);
void on_task_end(struct model *md, const struct record *r);
void on_region_begin(struct model *md, const struct record *r);
void on_region_end(struct model *md, const struct record *r);
void on_user_log(struct model *md, const struct record *r);
void region_close(struct model *md, struct g *gp, int64_t end);
void task_end_all(struct model *md, struct proc *pr);

#endif
