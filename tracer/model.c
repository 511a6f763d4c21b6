/* SPDX-License-Identifier: MIT */
/* Processes, threads and their counts, the facts, and the one place where an event finds its
 * handler.  goroutines.c, workers.c and objects.c interpret.
 */
#include "state.h"
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void anomaly(struct model *md, const struct g *gp, const struct object *obj, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	md->counts.anomalies++;
	db_put(md->db, anomaly, .ts = md->now, .pid = md->proc ? md->proc->pid : 0,
	       .event = md->id ? md->id : NONE, .what = what, .g = gp ? gp->g : NONE,
	       .obj = obj ? obj->obj : NONE);
}

/* ---- Processes and threads --------------------------------------------------------------- */

static struct proc *proc_of(struct model *md, uint32_t pid)
{
	struct proc *pr = md->proc;

	if (pr && pr->pid == pid)
		return pr;
	pr = hash_get(&md->procs, pid);
	if (pr)
		return pr;
	pr = need(sizeof *pr);
	*pr = (struct proc){.pid = pid, .ts = NONE, .status = NONE};
	hash_put(&md->procs, pid, pr);
	return pr;
}

struct m *m_of(struct model *md, struct proc *pr, uint32_t tid)
{
	struct m *mp = hash_get(&pr->ms, tid);

	if (mp)
		return mp;
	mp = need(sizeof *mp);
	mp->m = tid;
	mp->number = md->threads++;
	db_put(md->db, thread, .thread = mp->number, .pid = pr->pid, .m = tid);
	hash_put(&pr->ms, tid, mp);
	return mp;
}

static void set_once(char **to, const char *text)
{
	if (!*to)
		*to = need_text(text);
}

static void on_run_start(struct model *md, const struct record *r)
{
	struct proc *pr = md->proc;

	if (pr == md->first)
		set_once(&md->version, r->run_start.version);
	if (pr == md->first && *r->run_start.sets)
		set_once(&md->sets, r->run_start.sets);
	for (uint64_t p = 0; p < r->run_start.workers && p < MAX_WORKERS; p++)
		p_of(md, p);
}

/* The only list of events in the tracer that is not made from events.def: a new row there is a
 * compile error here. */
static void handle(struct model *md, const struct record *r)
{
	switch (r->kind) {
	case EV_run_start:
		return on_run_start(md, r);
	case EV_run_stop:
		md->proc->status = r->run_stop.status;
		md->proc->stops = true;
		return;
	case EV_run_fatal:
		md->proc->stops = true;
		return set_once(&md->fatal, r->run_fatal.message);
	case EV_deadlock:
	case EV_leak:
		return; /* facts only */
	case EV_site_def:
		return on_site_def(md, r);
	case EV_module_def:
		return on_module_def(md, r);
	case EV_stack_def:
		return on_stack_def(md, r);
	case EV_obj_name:
		return on_obj_name(md, r);
	case EV_m_start:
		return;
	case EV_m_stop:
		return on_m_stop(md, r);
	case EV_p_start:
		return on_p_start(md, r);
	case EV_p_stop:
		return on_p_stop(md, r);
	case EV_p_idle:
		return; /* the worker searches already, since its goroutine left it */
	case EV_p_steal:
		return on_p_steal(md, r);
	case EV_p_give:
	case EV_p_take:
	case EV_p_queue:
		return; /* facts: the view runq counts them */
	case EV_procs_set:
		return; /* a fact: each worker that comes or goes has events of its own */
	case EV_g_create:
		return on_g_create(md, r);
	case EV_g_start:
	case EV_g_park:
	case EV_g_unpark:
	case EV_g_ready:
	case EV_g_yield:
	case EV_g_attach:
	case EV_g_exit:
		return g_event(md, g_of(md, r->a[0].u), r);
	case EV_g_detach:
		on_p_lost(md, r);
		return g_event(md, g_of(md, r->g_detach.g), r);
	case EV_g_pin:
	case EV_g_unpin:
		return; /* facts: on which thread a goroutine ran is said by its states */
	case EV_g_name:
		return on_g_name(md, r);
	case EV_panic_begin:
		return on_panic_begin(md, r);
	case EV_panic_trap:
		return on_panic_trap(md, r);
	case EV_chan_make:
		return on_chan_make(md, r);
	case EV_chan_free:
		return on_chan_free(md, r);
	case EV_chan_send:
		return on_chan_send(md, r);
	case EV_chan_recv:
		return on_chan_recv(md, r);
	case EV_chan_close:
		return on_chan_close(md, r);
	case EV_select_done:
		return on_select_done(md, r);
	case EV_timer_start:
		return on_timer_start(md, r);
	case EV_timer_stop:
		return on_timer_stop(md, r);
	case EV_timer_fire:
		return; /* a fact: what a timer brings about has events of its own */
	case EV_ctx_cancel:
		return; /* a fact: who waits for it waits for its channel */
	case EV_mutex_lock:
		return on_mutex_lock(md, r);
	case EV_mutex_unlock:
		return on_mutex_unlock(md, r);
	case EV_rwmutex_lock:
		return on_rwmutex_lock(md, r);
	case EV_rwmutex_unlock:
		return on_rwmutex_unlock(md, r);
	case EV_rwmutex_rlock:
		return on_rwmutex_rlock(md, r);
	case EV_rwmutex_runlock:
		return on_rwmutex_runlock(md, r);
	case EV_waitgroup_add:
		return on_waitgroup_add(md, r);
	case EV_waitgroup_wait:
		return on_waitgroup_wait(md, r);
	case EV_once_begin:
		return on_once_begin(md, r);
	case EV_once_end:
		return on_once_end(md, r);
	case EV_once_pass:
		return on_once_pass(md, r);
	case EV_cond_wait:
		return on_cond_wait(md, r);
	case EV_cond_cancel:
		return on_cond_cancel(md, r);
	case EV_cond_signal:
		return on_cond_signal(md, r);
	case EV_cond_broadcast:
		return on_cond_broadcast(md, r);
	case EV_semaphore_acquire:
		return on_semaphore_acquire(md, r);
	case EV_semaphore_release:
		return on_semaphore_release(md, r);
	case EV_semaphore_cancel:
		return on_semaphore_cancel(md, r);
	case EV_barrier_arrive:
		return on_barrier_arrive(md, r);
	case EV_barrier_pass:
		return on_barrier_pass(md, r);
	case EV_io_open:
		return on_io_open(md, r);
	case EV_io_accept:
		return on_io_accept(md, r);
	case EV_io_connect:
		return on_io_connect(md, r);
	case EV_io_read:
		return on_io_read(md, r);
	case EV_io_write:
		return on_io_write(md, r);
	case EV_io_wait:
		return on_io_wait(md, r);
	case EV_io_close:
		return on_io_close(md, r);
	case EV_signal_notify:
	case EV_signal_stop:
	case EV_signal_recv:
		return; /* facts: what a signal brings about has events of its own */
	case EV_map_op:
		object_at(md, r->map_op.map, OBJ_map, r->map_op.site);
		return;
	case EV_flight_begin:
		object_at(md, r->flight_begin.flight, OBJ_flight, r->flight_begin.site);
		return;
	case EV_flight_join:
		object_at(md, r->flight_join.flight, OBJ_flight, r->flight_join.site);
		return;
	case EV_flight_end:
		object_at(md, r->flight_end.flight, OBJ_flight, r->flight_end.site);
		return;
	case EV_flight_forget:
		object_at(md, r->flight_forget.flight, OBJ_flight, r->flight_forget.site);
		return;
	case EV_group_go:
		return on_group_go(md, r);
	case EV_group_done:
		return on_group_done(md, r);
	case EV_group_wait:
		return on_group_wait(md, r);
	case EV_pool_get:
		object_at(md, r->pool_get.pool, OBJ_pool, r->pool_get.site);
		return;
	case EV_pool_put:
		object_at(md, r->pool_put.pool, OBJ_pool, r->pool_put.site);
		return;
	case EV_pool_trim:
		object_at(md, r->pool_trim.pool, OBJ_pool, r->pool_trim.site);
		return;
	case EV_task_begin:
		return on_task_begin(md, r);
	case EV_task_end:
		return on_task_end(md, r);
	case EV_region_begin:
		return on_region_begin(md, r);
	case EV_region_end:
		return on_region_end(md, r);
	case EV_user_log:
		return on_user_log(md, r);
	case EV_user_counter:
		return; /* a fact: the view counter has its values */
	case EV_cpu_sample:
		return on_cpu_sample(md, r);
	}
}

/* ---- Facts ------------------------------------------------------------------------------- */

/* What a field's number counts, so that it is told apart from another process's. */
static int64_t field_value(struct model *md, enum event kind, int i, union value v)
{
	const struct field_desc *f = &event_desc[kind].field[i];
	int64_t k = md->proc->k;

	if (f->type == FIELD_str)
		return db_string(md->db, v.str);
	if (!k || v.i < 0)
		return v.i;
	if (!strcmp(f->name, "p") || !strcmp(f->name, "victim") || !strcmp(f->name, "worker"))
		return v.i + k * MAX_WORKERS;
	if (!v.u)
		return v.i;
	if (!strcmp(f->name, "site"))
		return v.i + k * MAX_SITES;
	if (!strcmp(f->name, "spawn_stack") || !strcmp(f->name, "caller") ||
	    (!strcmp(f->name, "stack") && f->type == FIELD_u32)) // else it is the size of one
		return v.i + k * MAX_STACKS;
	if (!strcmp(f->name, "g") || !strcmp(f->name, "by") || !strcmp(f->name, "parent") ||
	    !strcmp(f->name, "peer") || !strcmp(f->name, "next") || !strcmp(f->name, "owner") ||
	    !strcmp(f->name, "task"))
		return v.i + k * MAX_GOROUTINES;
	return v.i;
}

static void write_event(struct model *md, const struct record *r)
{
	const struct event_desc *d = &event_desc[r->kind];
	struct row_fact row = {.id = md->id,
			       .ts = md->now,
			       .thread = md->m->number,
			       .p = md->m->p ? md->m->p->p : NONE,
			       .kind = r->kind};


	memcpy(row.a, r->a, sizeof row.a);
	for (int i = 0; (md->proc->k || d->ntexts) && i < d->nfields; i++)
		row.a[i] = field_value(md, r->kind, i, r->a[i]);
	for (int i = d->nfields; i < MAX_FIELDS; i++)
		row.a[i] = NONE;
	if (record_has_object(r->kind))
		row.a[0] = md->obj;
	db_put_row(md->db, DB_fact, &row);
}

void model_event(struct model *md, const struct record *r)
{
	struct proc *pr = proc_of(md, r->pid);
	struct m *mp = m_of(md, pr, r->m);
	int64_t ts;

	if (md->origin == NONE)
		md->origin = r->ts;
	ts = r->ts - md->origin;
	md->now = ts > md->now ? ts : md->now;
	if (pr->ts == NONE) {
		pr->ts = md->now;
		pr->k = md->nprocs++;
	}
	if (!md->first)
		md->first = pr;
	if (!gap_event(md, pr, mp, r->seq, ts))
		return;
	pr->last = md->now;
	md->proc = pr;
	md->m = mp;
	md->id = ++md->counts.events;
	if (r->kind == EV_p_stop || r->kind == EV_g_park) {
		write_event(md, r); /* while the thread still has its worker */
		handle(md, r);
	} else {
		handle(md, r);
		write_event(md, r);
	}
}

/* ---- The beginning and the end ----------------------------------------------------------- */

struct model *model_new(struct db *db, struct symbols *symbols)
{
	struct model *md = need(sizeof *md);

	md->db = db;
	md->lod = lod_new();
	md->tally = tally_new(db);
	md->symbols = symbols;
	md->origin = NONE;
	return md;
}

int64_t model_origin(const struct model *md)
{
	return md->origin;
}

void model_process_name(struct model *md, uint32_t pid, const char *name)
{
	set_once(&proc_of(md, pid)->name, name);
}

void model_discarded(struct model *md, uint32_t pid, int64_t ts, int64_t n)
{
	struct proc *pr = proc_of(md, pid);

	pr->discarded += n;
	pr->discarded_ts = md->origin == NONE ? 0 : ts - md->origin;
}

void model_counted(struct model *md, const struct thread_count *threads, size_t n)
{
	md->counted = true;
	for (size_t i = 0; i < n; i++)
		gap_counted(proc_of(md, threads[i].pid), threads[i].m, threads[i].events);
}

void model_complaint(struct model *md, const char *what)
{
	md->id = 0;
	anomaly(md, NULL, NULL, "%s", what);
}

static void free_values(struct hash *h)
{
	for (struct hash_slot *s = NULL; (s = hash_next(h, s));)
		free(s->value);
	hash_free(h);
}

static void free_proc(struct proc *pr)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->gs, s));)
		free_g(s->value);
	hash_free(&pr->gs);
	free_values(&pr->ms);
	free_values(&pr->counted);
	free_values(&pr->ended);
	free_values(&pr->tasks_seen);
	hash_free(&pr->objects);
	hash_free(&pr->labels);
	hash_free(&pr->tasks);
	for (size_t i = 0; i < pr->nps; i++)
		free(pr->ps[i]);
	for (size_t i = 0; i < pr->nsites; i++) {
		if (!pr->sites[i])
			continue;
		free(pr->sites[i]->func);
		free(pr->sites[i]->file);
		free(pr->sites[i]->what);
		free(pr->sites[i]);
	}
	free_stacks(pr);
	free(pr->ps);
	free(pr->sites);
	free(pr->name);
	free(pr);
}

static void finish_proc(struct model *md, struct proc *pr)
{
	int64_t end = md->now;

	md->now = pr->last; // others may have gone on
	md->proc = pr;
	md->id = 0;
	finish_early(md, pr);
	finish_workers(md, pr);
	finish_goroutines(md, pr);
	object_end_all(md, pr);
	task_end_all(md, pr);
	finish_stacks(md, pr);
	gap_finish(md, pr);
	db_put(md->db, process, .pid = pr->pid, .seq = pr->k, .name = pr->name ? pr->name : "",
	       .ts = pr->ts, .dur = pr->last - pr->ts, .status = pr->status);
	md->now = end;
}

void model_finish(struct model *md, struct row_run *run, struct model_counts *counts)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&md->procs, s));) {
		struct proc *pr = s->value;

		if (pr->ts != NONE)
			finish_proc(md, pr);
		else
			gap_finish(md, pr); // all that it emitted is missing
	}
	md->counts.dur = md->now;
	db_end_sorted(md->db);
	tally_finish(md->tally);
	lod_finish(md->lod, md->db, md->now);
	run->id = 1;
	run->program_version = md->version;
	run->dur = md->now;
	run->workers = md->workers;
	run->fatal = md->fatal;
	run->sets = md->sets;
	run->events = md->counts.events;
	run->goroutines = md->counts.goroutines;
	run->lost = md->counts.lost;
	db_put_row(md->db, DB_run, run);
	*counts = md->counts;
	for (struct hash_slot *s = NULL; (s = hash_next(&md->procs, s));)
		free_proc(s->value);
	hash_free(&md->procs);
	free(md->version);
	free(md->fatal);
	free(md->sets);
	free(md);
}
