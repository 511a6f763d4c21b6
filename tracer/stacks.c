/* SPDX-License-Identifier: MIT */
/* Modules and stacks.  A stack is a node of a tree: a call, and the stack of the caller.
 *
 * They are kept as the events have them, and written at the end: only then it is known which were
 * used, and each address is looked up once.  A call of a function that the compiler has inlined
 * becomes several nodes, with negative numbers but for the innermost.
 */
#include "state.h"
#include "error.h"
#include "symbols.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct module {
	int64_t module, ts;
	uint64_t base, begin, end;
	char *path, *build_id;
	struct hash frames; /* by address + 1: struct frames */
};

/* The rows for one address: those of inlined functions first. */
struct frames {
	int64_t first;
	int n;
};

void on_module_def(struct model *md, const struct record *r)
{
	struct proc *pr = md->proc;
	struct module *m = need(sizeof *m);

	*m = (struct module){.module = ++md->modules,
			     .ts = md->now,
			     .base = r->module_def.base,
			     .begin = r->module_def.begin,
			     .end = r->module_def.end,
			     .path = need_text(r->module_def.path),
			     .build_id = need_text(r->module_def.build_id)};
	pr->modules = realloc(pr->modules, (pr->nmodules + 1) * sizeof *pr->modules);
	if (!pr->modules)
		die("no memory");
	pr->modules[pr->nmodules++] = m;
}

/* The newest, since what was there before is gone. */
static struct module *module_at(const struct proc *pr, uint64_t pc)
{
	for (size_t i = pr->nmodules; i-- > 0;)
		if (pc >= pr->modules[i]->begin && pc < pr->modules[i]->end)
			return pr->modules[i];
	return NULL;
}

/* The stack of this number, which is in range. */
static struct stack *stack_of(struct proc *pr, uint64_t n)
{
	size_t room = pr->nstacks;

	if (n >= room) {
		room = n + 256 > 2 * room ? n + 256 : 2 * room;
		pr->stacks = realloc(pr->stacks, room * sizeof *pr->stacks);
		if (!pr->stacks)
			die("no memory");
		memset(pr->stacks + pr->nstacks, 0, (room - pr->nstacks) * sizeof *pr->stacks);
		pr->nstacks = room;
	}
	pr->stacks[n].used = true;
	return &pr->stacks[n];
}

void on_stack_def(struct model *md, const struct record *r)
{
	uint64_t n = r->stack_def.stack, caller = r->stack_def.caller;
	struct stack *s;

	if (!n || n >= MAX_STACKS || caller >= n) {
		anomaly(md, NULL, NULL, "stack %" PRIu64 " with the caller's %" PRIu64 " cannot be",
			n, caller);
		return;
	}
	if (caller)
		stack_of(md->proc, caller);
	s = stack_of(md->proc, n);
	if (s->defined) {
		anomaly(md, NULL, NULL, "stack %" PRIu64 " is defined twice", n);
		return;
	}
	*s = (struct stack){.defined = true,
			    .used = true,
			    .caller = (uint32_t)caller,
			    .pc = r->stack_def.pc,
			    .module = module_at(md->proc, r->stack_def.pc)};
}

int64_t number_stack(struct model *md, uint64_t n)
{
	if (!n)
		return NONE;
	if (n >= MAX_STACKS) {
		anomaly(md, NULL, NULL, "stack number %" PRIu64 " is out of range", n);
		return NONE;
	}
	stack_of(md->proc, n);
	return (int64_t)n + md->proc->k * MAX_STACKS;
}

/* ---- At the end --------------------------------------------------------------------------- */

static void write_frame(struct model *md, const struct stack *s, const struct symbol *sym,
			bool inlined)
{
	bool in_file = sym && sym->file;

	db_put(md->db, frame, .frame = ++md->frames, .address = (int64_t)s->pc,
	       .module = s->module ? s->module->module : NONE,
	       .offset = s->module ? (int64_t)(s->pc - s->module->base) : NONE,
	       .func = sym ? sym->function : NULL, .file = in_file ? sym->file : NULL,
	       .line = in_file && sym->line ? sym->line : NONE, .inlined = inlined);
}

static struct frames *write_frames(struct model *md, const struct stack *s)
{
	struct frames *f = need(sizeof *f);
	const struct symbol *sym = NULL;

	f->first = md->frames + 1;
	if (s->module)
		sym = symbols_at(symbols_module(md->symbols, s->module->path, s->module->build_id),
				 s->pc - s->module->base);
	do {
		write_frame(md, s, sym, sym && sym->outer);
		f->n++;
	} while (sym && (sym = sym->outer));
	return f;
}

static const struct frames *frames_of(struct model *md, const struct stack *s)
{
	struct hash *known = s->module ? &s->module->frames : &md->proc->frames;
	struct frames *f = hash_get(known, s->pc + 1);

	if (!f) {
		f = write_frames(md, s);
		hash_put(known, s->pc + 1, f);
	}
	return f;
}

static void write_stack(struct model *md, struct stack *s, int64_t n)
{
	const struct stack *caller = &md->proc->stacks[s->caller];
	int64_t up = s->caller ? s->caller + md->proc->k * MAX_STACKS : NONE;
	const struct frames *f = s->pc ? frames_of(md, s) : NULL;

	s->depth = s->caller ? caller->depth : 0;
	for (int i = f ? f->n - 1 : 0; i >= 0; i--) {
		int64_t number = i ? --md->inlined : n;

		db_put(md->db, stack, .stack = number, .caller = up, .depth = ++s->depth,
		       .frame = f ? f->first + i : NONE);
		up = number;
	}
}

static void write_module(struct model *md, const struct module *m)
{
	const char *why = NULL;

	if (m->frames.count)
		why = symbols_why_not(symbols_module(md->symbols, m->path, m->build_id));
	db_put(md->db, module, .module = m->module, .pid = md->proc->pid, .ts = m->ts,
	       .base = (int64_t)m->base, .lo = (int64_t)m->begin, .hi = (int64_t)m->end,
	       .path = m->path, .build_id = *m->build_id ? m->build_id : NULL, .problem = why);
}

void finish_stacks(struct model *md, struct proc *pr)
{
	for (size_t n = 1; n < pr->nstacks; n++)
		if (pr->stacks[n].used)
			write_stack(md, &pr->stacks[n], (int64_t)n + pr->k * MAX_STACKS);
	for (size_t i = 0; i < pr->nmodules; i++)
		write_module(md, pr->modules[i]);
}

static void free_frames(struct hash *frames)
{
	for (struct hash_slot *s = NULL; (s = hash_next(frames, s));)
		free(s->value);
	hash_free(frames);
}

void free_stacks(struct proc *pr)
{
	for (size_t i = 0; i < pr->nmodules; i++) {
		free_frames(&pr->modules[i]->frames);
		free(pr->modules[i]->path);
		free(pr->modules[i]->build_id);
		free(pr->modules[i]);
	}
	free_frames(&pr->frames);
	free(pr->modules);
	free(pr->stacks);
}
