/* SPDX-License-Identifier: MIT */
/* The program's own marks in the trace. */
#include "lock.h"
#include "sched.h"
#include "throw.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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
	uint64_t task;

	if (!name)
		rt_panic(NULL, "weft_task_begin with a NULL name");
	task = task_add(gp->task);
	rt_trace(task_begin, task, gp->task, gp->id, name);
	gp->task = task;
	rt_leave();
	return task;
}

void weft_task_end(uint64_t task)
{
	struct g *gp = rt_enter("weft_task_end")->curg;
	uint64_t parent = task_remove(task);

	rt_trace(task_end, task, gp->id);
	if (gp->task == task)
		gp->task = parent;
	rt_leave();
}

void weft_region_begin(const char *name)
{
	struct g *gp = rt_enter("weft_region_begin")->curg;

	if (!name)
		rt_panic(NULL, "weft_region_begin with a NULL name");
	rt_trace(region_begin, gp->id, gp->task, name);
	rt_leave();
}

void weft_region_end(void)
{
	struct g *gp = rt_enter("weft_region_end")->curg;

	rt_trace(region_end, gp->id);
	rt_leave();
}

void weft_log(const char *category, const char *fmt, ...)
{
	char message[256];
	va_list ap;

	if (!category || !fmt)
		rt_panic(NULL, "weft_log with a NULL %s", category ? "format" : "category");
	if (!rt_trace_on())
		return;
	va_start(ap, fmt);
	vsnprintf(message, sizeof message, fmt, ap);
	va_end(ap);
	rt_trace(user_log, weft_id(), rt_enter("weft_log")->curg->task, category, message);
	rt_leave();
}

void weft_counter(const char *name, int64_t value)
{
	struct g *gp;

	if (!name)
		rt_panic(NULL, "weft_counter with a NULL name");
	if (!rt_trace_on())
		return;
	gp = rt_enter("weft_counter")->curg;
	rt_trace(user_counter, gp->id, name, value);
	rt_leave();
}
