/* SPDX-License-Identifier: MIT */
/* Names of objects, and the program's own marks in the trace. */
#include "lock.h"
#include "sched.h"
#include "throw.h"
#include "chan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Names ------------------------------------------------------------------------------ */

enum { BUCKETS = 1024 };

struct named {
	struct named *next;
	const void *obj;
	char name[];
};

/* names_lock protects the table; `names` counts what is in it and is read without. */
static struct rt_lock names_lock;
static struct named *table[BUCKETS];
static size_t names;

static struct named **bucket(const void *obj)
{
	return &table[((uintptr_t)obj >> 4) % BUCKETS];
}

static void drop_locked(const void *obj)
{
	for (struct named **at = bucket(obj); *at; at = &(*at)->next) {
		struct named *n = *at;

		if (n->obj != obj)
			continue;
		*at = n->next;
		free(n);
		__atomic_store_n(&names, names - 1, __ATOMIC_RELAXED);
		return;
	}
}

void rt_name_drop(const void *obj)
{
	if (!__atomic_load_n(&names, __ATOMIC_RELAXED))
		return;
	rt_lock(&names_lock);
	rt_acquire(&names_lock); // the sanitizer sees malloc and free, but not our lock
	drop_locked(obj);
	rt_release(&names_lock);
	rt_unlock(&names_lock);
}

void weft_name(void *obj, const char *name)
{
	struct named *n = malloc(sizeof *n + strlen(name) + 1);

	if (!n)
		rt_fatal(NULL, "no memory for the name %s", name);
	strcpy(n->name, name);
	n->obj = obj;
	rt_trace_obj_name(obj, name);
	rt_lock(&names_lock);
	rt_acquire(&names_lock);
	drop_locked(obj);
	n->next = *bucket(obj);
	*bucket(obj) = n;
	__atomic_store_n(&names, names + 1, __ATOMIC_RELAXED);
	rt_release(&names_lock);
	rt_unlock(&names_lock);
}

/* Read without the lock: only for reports, when the program ends. */
static const char *name_of(const void *obj)
{
	for (struct named *n = *bucket(obj); n; n = n->next)
		if (n->obj == obj)
			return n->name;
	return NULL;
}

static void describe_rwmutex(const weft_rwmutex *rw, const char *called, char *buf, size_t size)
{
	uint32_t readers = rt_rwmutex_readers(rw);
	const weft_site *where = rw->where;

	if (readers)
		snprintf(buf, size, "RWMutex %s, read-locked %u time%s%s", called, readers,
			 readers > 1 ? "s" : "",
			 rw->writers.head ? ", and a goroutine waits to write" : "");
	else if (rw->owner)
		snprintf(buf, size, "RWMutex %s, locked by goroutine %lu at %s:%u", called,
			 (unsigned long)rw->owner, where ? where->file : "?",
			 where ? where->line : 0);
	else
		snprintf(buf, size, "RWMutex %s", called);
}

bool rt_describe(enum wait why, const void *obj, char *buf, size_t size)
{
	const char *name = name_of(obj);
	char called[64];

	if (name)
		snprintf(called, sizeof called, "\"%s\"", name);
	else
		snprintf(called, sizeof called, "%p", obj);
	switch (why) {
	case WAIT_chan_recv:
	case WAIT_chan_send:
	case WAIT_select:
		if (((const weft_chan *)obj)->timer) {
			snprintf(buf, size, "channel %s of a timer", called);
			return true;
		}
		snprintf(buf, size, "channel %s (%zu of %zu buffered)", called, weft_chan_len(obj),
			 weft_chan_cap(obj));
		return true;
	case WAIT_mutex_lock: {
		const weft_mutex *mu = obj;
		const weft_site *where = mu->where;

		snprintf(buf, size, "mutex %s, locked by goroutine %lu at %s:%u", called,
			 (unsigned long)mu->owner, where ? where->file : "?",
			 where ? where->line : 0);
		return true;
	}
	case WAIT_rwmutex_lock:
	case WAIT_rwmutex_rlock:
		describe_rwmutex(obj, called, buf, size);
		return true;
	case WAIT_waitgroup_wait:
		snprintf(buf, size, "WaitGroup %s, counter %ld", called,
			 (long)((const weft_waitgroup *)obj)->count);
		return true;
	case WAIT_once_do: {
		const weft_once *once = obj;
		const weft_site *where = once->where;

		snprintf(buf, size, "Once %s, run by goroutine %lu at %s:%u", called,
			 (unsigned long)once->owner, where ? where->file : "?",
			 where ? where->line : 0);
		return true;
	}
	case WAIT_cond_wait:
		snprintf(buf, size, "cond %s", called);
		return true;
	case WAIT_semaphore_acquire: {
		const weft_semaphore *s = obj;

		snprintf(buf, size, "semaphore %s, %ld of %ld held", called, (long)s->held,
			 (long)s->size);
		return true;
	}
	case WAIT_barrier_wait: {
		const weft_barrier *b = obj;

		snprintf(buf, size, "barrier %s, %ld of %ld arrived", called, (long)b->arrived,
			 (long)b->parties);
		return true;
	}
	case WAIT_io_read:
	case WAIT_io_write:
	case WAIT_io_accept:
	case WAIT_io_connect:
	case WAIT_io_wait:
		rt_conn_describe(obj, called, buf, size);
		return true;
	case WAIT_none:
	case WAIT_sleep:
	case WAIT_nil_chan:
		break;
	}
	return false;
}

/* ---- Marks ------------------------------------------------------------------------------ */

/* A task under way.  tasks_lock protects the list and the count. */
struct task {
	struct task *next;
	uint64_t id, parent;
};

static struct rt_lock tasks_lock;
static struct task *tasks;
static uint64_t last_task;

static uint64_t task_add(uint64_t parent)
{
	struct task *t = malloc(sizeof *t);
	uint64_t id;

	if (!t)
		rt_fatal(NULL, "no memory for a task");
	rt_lock(&tasks_lock);
	rt_acquire(&tasks_lock);
	id = ++last_task;
	*t = (struct task){tasks, id, parent};
	tasks = t;
	rt_release(&tasks_lock);
	rt_unlock(&tasks_lock);
	return id;
}

/* Its parent; 0 if there is no such task. */
static uint64_t task_remove(uint64_t id)
{
	uint64_t parent = 0;

	rt_lock(&tasks_lock);
	rt_acquire(&tasks_lock);
	for (struct task **at = &tasks; *at; at = &(*at)->next) {
		struct task *t = *at;

		if (t->id != id)
			continue;
		parent = t->parent;
		*at = t->next;
		free(t);
		break;
	}
	rt_release(&tasks_lock);
	rt_unlock(&tasks_lock);
	return parent;
}

uint64_t weft_task_begin(const char *name)
{
	struct g *gp = rt_enter("weft_task_begin")->curg;
	uint64_t task = task_add(gp->task);

	rt_trace_task_begin(task, gp->task, gp->id, name);
	gp->task = task;
	rt_leave();
	return task;
}

void weft_task_end(uint64_t task)
{
	struct g *gp = rt_enter("weft_task_end")->curg;
	uint64_t parent = task_remove(task);

	rt_trace_task_end(task, gp->id);
	if (gp->task == task)
		gp->task = parent;
	rt_leave();
}

void weft_region_begin(const char *name)
{
	struct g *gp = rt_enter("weft_region_begin")->curg;

	rt_trace_region_begin(gp->id, gp->task, name);
	rt_leave();
}

void weft_region_end(void)
{
	struct g *gp = rt_enter("weft_region_end")->curg;

	rt_trace_region_end(gp->id);
	rt_leave();
}

void weft_log(const char *category, const char *fmt, ...)
{
	char message[256];
	va_list ap;

	if (!rt_trace_on())
		return;
	va_start(ap, fmt);
	vsnprintf(message, sizeof message, fmt, ap);
	va_end(ap);
	rt_trace_user_log(weft_id(), rt_enter("weft_log")->curg->task, category, message);
	rt_leave();
}
