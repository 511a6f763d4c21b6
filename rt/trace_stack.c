/* SPDX-License-Identifier: MIT */
/* Stacks in the trace: each is a number, and what it stands for is written once.
 *
 * A stack is its innermost call and the stack of that one's caller, so they are a tree, and stacks
 * that begin alike share their beginning.  Each node has one stack_def.  It is found by a hash of
 * all its calls, from the outermost one; so a single look finds a stack that was seen before, and
 * only a new one is taken apart.
 *
 * Only the program's own calls are kept, the innermost RT_WALK_PROGRAM of them: those of the
 * runtime, between them and at both ends, say nothing that the reason of a wait does not.  Where
 * calls are missing at the outer end, the outermost node is one without an address.
 *
 * Invariants:
 *   A number is in the table only after its stack_def, which comes after its caller's.
 *   A place in a table is written once, under the lock: the number, then (release) the hash.  Who
 *   reads takes no lock, and who does not find a stack looks again under it.
 *   A table that fills up is followed by one of twice the size.  It stays, since others may be
 *   reading it.  The last of them may fill up, too: then new stacks are 0, and a line on standard
 *   error says so.
 *   An address that is in a node is in code of a module that has a module_def.  Where frame
 * pointers were something else, the words that are found there would be ever new stacks.
 *   Where another module comes to be at the addresses of one that is gone, the same calls are other
 * stacks: all begin anew, in an empty table.  The monitor sees to it, so what goes through such a
 * module before it does, in its first 10 ms, may be taken for what was there before.
 *
 * Two stacks with the same 63 bits of hash would be taken for one another: of a hundred thousand,
 * with a chance of one in a thousand million.
 */
#define _GNU_SOURCE
#include "lock.h"
#include "sched.h"
#include "trace.h"
#include "walk.h"

#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef WEFT_NO_TRACE

enum { FIRST = 1 << 10, LAST = 1 << 20, MODULES = 1024 };

static struct rt_lock lock; /* protects what follows */

struct table {
	uint64_t mask; /* of the places, a power of two, less one; constant */
	struct place {
		uint64_t hash;	 /* 0: empty; atomic */
		uint32_t number; /* atomic */
	} place[];
};

static struct table *table; /* atomic */
static uint32_t stacks;
static uint32_t taken; /* places of the table */
static bool full;      /* atomic */

/* ---- Modules ---------------------------------------------------------------------------- */

static struct module {
	const char *lo, *hi; /* its code */
	uint64_t id;
} modules[MODULES];
static int nmodules;
static uint64_t loads, unloads; /* how many there had been when they were looked at */
static char path[4096 + 128]; /* or a line of /proc/self/maps, with one */

/* The build id that the linker gave a module, in hexadecimal, or an empty text. */
static void build_id_in(const char *note, const char *end, size_t align, char *hex, size_t room)
{
	while (end - note >= (ptrdiff_t)sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *n = (const void *)note;
		const char *name = note + sizeof *n;
		const unsigned char *id =
			(const void *)(name + ((n->n_namesz + align - 1) & -align));

		note = (const char *)id + ((n->n_descsz + align - 1) & -align);
		if (n->n_type != NT_GNU_BUILD_ID || n->n_namesz != 4 || memcmp(name, "GNU", 4) != 0)
			continue;
		for (size_t i = 0; i < n->n_descsz && 2 * i + 2 < room; i++, hex += 2) {
			hex[0] = "0123456789abcdef"[id[i] >> 4];
			hex[1] = "0123456789abcdef"[id[i] & 15];
		}
		*hex = 0;
		return;
	}
}

static bool covers(const char *line, const char *at)
{
	char *end;
	uintptr_t lo = strtoul(line, &end, 16), hi = *end == '-' ? strtoul(end + 1, NULL, 16) : 0;

	return (uintptr_t)at >= lo && (uintptr_t)at < hi;
}

/* The path of the file that is mapped there, in `path`; or NULL.  Under the lock. */
static const char *file_at(const char *at)
{
	static char text[1024];
	const char *found = NULL;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	ssize_t got;
	size_t n = 0; // of the line

	while (fd >= 0 && !found && (got = read(fd, text, sizeof text)) > 0)
		for (ssize_t i = 0; i < got && !found; i++) {
			if (text[i] != '\n') {
				if (n < sizeof path - 1)
					path[n++] = text[i];
				continue;
			}
			path[n] = 0;
			n = 0;
			if (covers(path, at))
				found = strchr(path, '/');
		}
	if (fd >= 0)
		close(fd);
	return found;
}

/* The name that the linker knows a module by, as an absolute path.  A relative one says nothing:
 * the program may have been in another directory when it loaded it.  Under the lock. */
static const char *path_of(const char *name, const char *code)
{
	const char *file;
	ssize_t n;

	if (*name == '/')
		return name;
	if (!*name) { // the program itself
		n = readlink("/proc/self/exe", path, sizeof path - 1);
		path[n > 0 ? n : 0] = 0;
		return path;
	}
	file = strchr(name, '/') ? file_at(code) : NULL; // linux-vdso.so.1 is none
	return file ? file : name;
}

/* Never 0. */
static uint64_t mix(uint64_t hash, uint64_t more)
{
	hash = (hash ^ more) * 0x9e3779b97f4a7c15u;
	return (hash ^ hash >> 32) | (uint64_t)1 << 63;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = mix(hash, (unsigned char)*text);
	return hash;
}

/* Under the lock: false if it is there already.  One where there is another now is gone, and so are
 * the stacks that were found by its addresses; their table stays, for others may be reading it. */
static bool add_module(struct module m)
{
	bool replaced = false;
	int n = 0;

	for (int i = 0; i < nmodules; i++) {
		if (modules[i].lo == m.lo && modules[i].hi == m.hi && modules[i].id == m.id)
			return false;
		if (modules[i].hi <= m.lo || modules[i].lo >= m.hi)
			modules[n++] = modules[i];
		else
			replaced = true;
	}
	if (replaced) {
		__atomic_store_n(&table, NULL, __ATOMIC_RELEASE);
		taken = 0;
	}
	nmodules = n;
	if (n < MODULES)
		modules[nmodules++] = m;
	return n < MODULES;
}

static void see_module(const struct dl_phdr_info *info)
{
	const char *base = (const char *)info->dlpi_addr, *name;
	struct module m = {NULL, NULL, 0};
	char build_id[129] = "";

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		const char *at = base + ph->p_vaddr;

		if (ph->p_type == PT_LOAD && ph->p_flags & PF_X) {
			m.lo = m.lo && m.lo < at ? m.lo : at;
			m.hi = m.hi > at + ph->p_memsz ? m.hi : at + ph->p_memsz;
		} else if (ph->p_type == PT_NOTE && !*build_id) {
			build_id_in(at, at + ph->p_memsz, ph->p_align == 8 ? 8 : 4, build_id,
				    sizeof build_id);
		}
	}
	rt_lock(&lock);
	name = path_of(info->dlpi_name, m.lo);
	m.id = mix_text(mix_text((uintptr_t)base, build_id), name);
	if (m.lo && add_module(m))
		rt_trace(module_def, base, m.lo, m.hi, name, build_id);
	rt_unlock(&lock);
}

struct look {
	bool changed;
	uint64_t loads, unloads;
};

static int look_at(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct look *l = arg;

	(void)size;
	l->loads = info->dlpi_adds;
	l->unloads = info->dlpi_subs;
	if (!l->changed) {
		rt_lock(&lock);
		l->changed = l->loads != loads || l->unloads != unloads;
		rt_unlock(&lock);
	}
	if (!l->changed)
		return 1; // the others need no look
	see_module(info);
	return 0;
}

/* The dynamic linker's lock is taken here, and so comes before ours. */
static void look_at_modules(void)
{
	struct look l = {false, 0, 0};

	dl_iterate_phdr(look_at, &l);
	if (!l.changed)
		return;
	rt_lock(&lock);
	loads = l.loads;
	unloads = l.unloads;
	rt_unlock(&lock);
}

void rt_trace_stack_look(void)
{
	bool any;

	rt_lock(&lock);
	any = nmodules > 0; // else there is no stack either
	rt_unlock(&lock);
	if (any)
		look_at_modules();
}

/* Under the lock. */
static bool in_module(const char *pc)
{
	for (int i = 0; i < nmodules; i++)
		if (pc >= modules[i].lo && pc < modules[i].hi)
			return true;
	return false;
}

/* ---- The tree --------------------------------------------------------------------------- */

static uint32_t find(const struct table *t, uint64_t hash)
{
	for (uint64_t i = hash; t; i++) {
		const struct place *at = &t->place[i & t->mask];
		uint64_t there = __atomic_load_n(&at->hash, __ATOMIC_ACQUIRE);

		if (there == hash)
			return __atomic_load_n(&at->number, __ATOMIC_RELAXED);
		if (!there)
			return 0;
	}
	return 0;
}

static void put(struct table *t, uint64_t hash, uint32_t number)
{
	uint64_t i = hash;

	while (t->place[i & t->mask].hash)
		i++;
	__atomic_store_n(&t->place[i & t->mask].number, number, __ATOMIC_RELAXED);
	__atomic_store_n(&t->place[i & t->mask].hash, hash, __ATOMIC_RELEASE); // pairs with find
}

/* Under the lock: a table with room for one more, or NULL. */
static struct table *make_room(void)
{
	size_t n = table ? table->mask + 1 : 0, more = n ? 2 * n : FIRST;
	struct table *t;

	if (2 * (size_t)stacks >= LAST)
		return NULL;
	if (2 * (size_t)taken < n)
		return table;
	t = mmap(NULL, sizeof *t + more * sizeof(struct place), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t == MAP_FAILED)
		return NULL;
	t->mask = more - 1;
	for (size_t i = 0; i < n; i++)
		if (table->place[i].hash)
			put(t, table->place[i].hash, table->place[i].number);
	__atomic_store_n(&table, t, __ATOMIC_RELEASE); // pairs with rt_trace_stack_of
	return t;
}

static void say_full(void)
{
	static const char why[] =
		"weft: no room for more different stacks: new ones are not recorded\n";

	__atomic_store_n(&full, true, __ATOMIC_RELAXED);
	if (write(STDERR_FILENO, why, sizeof why - 1) < 0)
		return; // nobody to say it to
}

/* Under the lock: the node with this hash; made if need be.  0: there is no room. */
static uint32_t node(uint64_t hash, uint32_t caller, const void *pc)
{
	uint32_t number = find(table, hash);
	struct table *t;

	if (number || full)
		return number;
	t = make_room();
	if (!t) {
		say_full();
		return 0;
	}
	number = ++stacks;
	rt_trace(stack_def, number, caller, pc);
	put(t, hash, number);
	taken++;
	return number;
}

/* What a stack's hash begins with: whether calls are missing. */
static uint64_t begin(const struct rt_walk *w)
{
	return w->more || w->lost ? 1 : 2;
}

static uint64_t hash_of(const struct rt_walk *w)
{
	uint64_t hash = begin(w);

	for (int i = w->n; i-- > 0;)
		hash = mix(hash, (uintptr_t)w->pc[i]);
	return hash;
}

static uint32_t number_new(struct rt_walk *w)
{
	uint32_t stack = 0;
	uint64_t hash;
	int n = 0;

	look_at_modules();
	rt_lock(&lock);
	while (n < w->n && in_module(w->pc[n]))
		n++;
	w->lost |= n < w->n;
	w->n = n;
	hash = begin(w);
	if (w->more || w->lost)
		stack = node(hash, 0, NULL);
	for (int i = n; i-- > 0;) {
		hash = mix(hash, (uintptr_t)w->pc[i]);
		stack = node(hash, stack, w->pc[i]);
		if (!stack)
			break;
	}
	rt_unlock(&lock);
	return stack;
}

uint32_t rt_trace_stack_of(struct rt_walk *w)
{
	uint32_t stack = find(__atomic_load_n(&table, __ATOMIC_ACQUIRE), hash_of(w));

	return stack || __atomic_load_n(&full, __ATOMIC_RELAXED) ? stack : number_new(w);
}

uint32_t rt_trace_stack_number(void)
{
	const char *fp = __builtin_frame_address(0);
	const struct m *mp = rt_self();
	const struct g *gp = mp ? mp->curg : NULL;
	const struct g_stack *st = gp ? rt_on_stack(gp, fp) : NULL;
	struct rt_walk w;

	if (!st) // not its stack: a timer's function, or a commit
		return 0;
	rt_walk_program(&w, fp, st->lo, st);
	return rt_trace_stack_of(&w);
}

#else

void rt_trace_stack_look(void)
{
}

uint32_t rt_trace_stack_of(struct rt_walk *w)
{
	(void)w;
	return 0;
}

uint32_t rt_trace_stack_number(void)
{
	return 0;
}

#endif
