/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "unwind.h"
#include "walk.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

/* ---- Walking ---------------------------------------------------------------------------- */

/* A frame: what its frame pointer points to, on both machines. */
struct frame {
	const struct frame *caller;
	char *ret;
};

/* Not watched by sanitizers: the memory is another's.  Volatile: each is read once. */
#if WEFT_ASAN || WEFT_TSAN
#define UNWATCHED __attribute__((noinline, no_sanitize_address, no_sanitize_thread))
#else
#define UNWATCHED
#endif
UNWATCHED static struct frame frame_at(const void *at)
{
	const volatile struct frame *f = at;

	return (struct frame){f->caller, f->ret};
}

static bool holds(const void *lo, const void *hi, const void *at)
{
	return (uintptr_t)at % sizeof(void *) == 0 && at >= lo && at < hi &&
	       (uintptr_t)hi - (uintptr_t)at >= sizeof(struct frame);
}

static bool add(struct rt_walk *w, void *pc)
{
	w->more = w->n == RT_WALK_MAX;
	if (!w->more)
		w->pc[w->n++] = pc;
	return !w->more;
}

/* The runtime's own code; the Makefile gives it a section of this name. */
extern const char __start_weft_text[] __attribute__((visibility("hidden")));
extern const char __stop_weft_text[] __attribute__((visibility("hidden")));

static bool in_runtime(const char *pc)
{
	return pc >= __start_weft_text && pc < __stop_weft_text;
}

/* At most `most` calls; unless `all`, without those of the runtime.  Inline: both are constant. */
static inline __attribute__((always_inline)) void
follow_some(struct rt_walk *w, const void *fp, const void *lo, const void *hi, int most, bool all)
{
	while (holds(lo, hi, fp)) {
		struct frame f = frame_at(fp);

		if (!f.ret)
			return;
		if (all || !in_runtime(f.ret - 1)) {
			w->more = w->n == most;
			if (w->more)
				return;
			w->pc[w->n++] = f.ret - 1;
		}
		if (!f.caller) // the first function of a goroutine, see switch_*.S
			return;
		if ((const void *)f.caller <= fp)
			break;
		fp = f.caller;
	}
	w->lost = true;
}

static void follow(struct rt_walk *w, const void *fp, const void *lo, const void *hi)
{
	follow_some(w, fp, lo, hi, RT_WALK_MAX, true);
}

void rt_walk(struct rt_walk *w, const void *fp, const void *lo, const void *hi)
{
	w->n = 0;
	w->more = w->lost = false;
	follow(w, fp, lo, hi);
}

void rt_walk_program(struct rt_walk *w, const void *fp, const void *lo, const void *hi)
{
	w->n = 0;
	w->more = w->lost = false;
	follow_some(w, fp, lo, hi, RT_WALK_PROGRAM, false);
}

void rt_walk_parked(struct rt_walk *w, const struct g *gp)
{
	const struct g_stack *st = __atomic_load_n(&gp->stack, __ATOMIC_RELAXED);
	const char *sp = __atomic_load_n(&gp->ctx.sp, __ATOMIC_RELAXED);
	struct frame f;

	w->n = 0;
	w->more = w->lost = false;
	if (!st) { // it has not started
		add(w, (void *)gp->fn);
		return;
	}
	if (!holds(st->lo, st, sp + RT_SAVED_FRAME))
		return;
	f = frame_at(sp + RT_SAVED_FRAME);
	if (f.ret == rt_switch_entry) { // nor has this one
		add(w, (void *)gp->fn);
		return;
	}
	add(w, f.ret - 1);
	if (f.caller)
		follow(w, f.caller, st->lo, st);
}

/* The machine's registers when the signal came. */
static struct rt_regs regs_of(const void *ucontext)
{
	const mcontext_t *mc = &((const ucontext_t *)ucontext)->uc_mcontext;

#if defined(__x86_64__)
	return (struct rt_regs){(char *)mc->gregs[REG_RIP], (char *)mc->gregs[REG_RSP],
				(char *)mc->gregs[REG_RBP], NULL};
#else
	return (struct rt_regs){(char *)mc->pc, (char *)mc->sp, (char *)mc->regs[29],
				(char *)mc->regs[30]};
#endif
}

void *rt_interrupted_sp(const void *ucontext)
{
	return regs_of(ucontext).sp;
}

/* By the kernel, which does not mind if nothing is mapped there. */
static bool peek(const void *from, void *to, size_t n)
{
	return process_vm_readv(getpid(), &(struct iovec){to, n}, 1,
				&(struct iovec){(void *)from, n}, 1, 0) == (ssize_t)n;
}

/* The end of the mapped memory above sp, or some of it. */
static const char *mapped_until(const char *sp)
{
	const char *at = (const char *)((uintptr_t)sp & ~(uintptr_t)4095);
	char c;

	for (int pages = 0; pages < 2048 && peek(at, &c, 1); pages++)
		at += 4096;
	return at;
}

/* Whether the address is in the code or data of a module. */
static bool known(const void *pc);

/* Whether the instruction before `ret` is a call. */
static bool follows_call(const char *ret)
{
#if defined(__x86_64__)
	unsigned char c[7];

	if (!known(ret) || !peek(ret - sizeof c, c, sizeof c))
		return false;
	return c[2] == 0xe8 || (c[5] == 0xff && (c[6] & 0x38) == 0x10) ||
	       (c[4] == 0xff && (c[5] & 0x38) == 0x10) || (c[1] == 0xff && (c[2] & 0x38) == 0x10);
#else
	uint32_t c;

	return known(ret) && peek(ret - sizeof c, &c, sizeof c) &&
	       ((c & 0xfc000000) == 0x94000000 || (c & 0xfffffc1f) == 0xd63f0000);
#endif
}

/* Calls between sp and the first frame, by functions that keep no frame pointer, as most of the C
 * library's: whatever is an address that a call returns to. */
static void guess(struct rt_walk *w, const char *sp, const char *frame)
{
	for (; sp < frame; sp += sizeof(void *)) {
		const char *ret = (const char *)frame_at(sp).caller;

		if (follows_call(ret))
			add(w, (void *)(ret - 1));
	}
}

/* Where the frames begin is not known, only that they are above sp: at the first place from which
 * a chain of frames, all of calls, leads to the first function of the goroutine. */
void rt_walk_blocked(struct rt_walk *w, void *pc, void *sp, const void *lo, const void *hi)
{
	for (const char *at = sp; holds(lo, hi, at); at += sizeof(void *)) {
		struct frame f = frame_at(at);

		if (f.caller && ((const char *)f.caller <= at || !holds(lo, hi, f.caller)))
			continue;
		if (!follows_call(f.ret))
			continue;
		w->n = 0;
		w->more = w->lost = false;
		follow(w, at, lo, hi);
		if (w->lost || !w->n)
			continue;
		w->n = 0;
		add(w, pc);
		guess(w, sp, at);
		follow(w, at, lo, hi);
		return;
	}
	w->n = 0;
	w->more = false;
	add(w, pc);
	guess(w, sp, (const char *)sp + 256 < (const char *)hi ? (const char *)sp + 256 : hi);
	w->lost = true;
}

/* Without the runtime's own calls but the outermost of the innermost, which the program called. */
static void drop_runtime(struct rt_walk *w)
{
	int n = 0, i = 0;

	while (i < w->n && in_runtime(w->pc[i]))
		i++;
	if (i)
		w->pc[n++] = w->pc[i - 1];
	for (; i < w->n; i++) {
		if (in_runtime(w->pc[i]))
			continue;
		w->more |= n == RT_WALK_PROGRAM;
		if (n == RT_WALK_PROGRAM)
			break;
		w->pc[n++] = w->pc[i];
	}
	w->n = n;
}

/* To the caller, along the frame pointer; false if that is none.  pc is NULL if there is no caller.
 */
static bool follow_one(struct rt_regs *r, const void *lo, const void *hi)
{
	struct frame f;

	if (!holds(lo, hi, r->fp) || r->fp < r->sp)
		return false;
	f = frame_at(r->fp);
	r->sp = r->fp + sizeof f;
	r->pc = f.caller ? f.ret : NULL;
	r->fp = (char *)f.caller;
	return true;
}

void rt_walk_sampled(struct rt_walk *w, const void *ucontext, const void *lo, const void *hi)
{
	struct rt_regs r = regs_of(ucontext);

	w->n = 0;
	w->more = false;
	w->lost = !lo;
	for (bool called = false; !w->lost && add(w, r.pc - called); called = true) {
		enum rt_unwound how = rt_unwind(&r, called, lo, hi);

		if (how == RT_UNWOUND_NOT)
			w->lost = !follow_one(&r, lo, hi);
		if (how == RT_UNWOUND_LAST || !r.pc)
			break;
	}
	if (!lo)
		add(w, r.pc);
	drop_runtime(w);
}

/* The calls that unwinding from a handler finds; those of the handler itself come first. */
struct unwound {
	struct rt_walk *w;
	char *pc; /* where the signal came */
	bool found;
};

static _Unwind_Reason_Code unwound(struct _Unwind_Context *ctx, void *arg)
{
	struct unwound *u = arg;
	int before = 0; /* the address is that of an instruction, not of the one after a call */
	char *pc = (char *)_Unwind_GetIPInfo(ctx, &before);

	if (!u->found && pc != u->pc)
		return _URC_NO_REASON;
	u->found = true;
	if (!pc)
		return _URC_END_OF_STACK;
	return add(u->w, before ? pc : pc - 1) ? _URC_NO_REASON : _URC_END_OF_STACK;
}

/* A jump to where no code is leaves only the frame pointer, and where it came from. */
static void walk_wild(struct rt_walk *w, struct rt_regs r)
{
	const char *hi = mapped_until(r.sp);

#if defined(__x86_64__)
	if (r.sp < hi)
		peek(r.sp, &r.ret, sizeof r.ret);
#endif
	add(w, r.pc);
	if (known(r.ret))
		add(w, r.ret - 1);
	follow(w, r.fp, r.sp, hi);
}

void rt_walk_interrupted(struct rt_walk *w, const void *ucontext)
{
	struct rt_regs r = regs_of(ucontext);
	struct unwound u = {w, r.pc, false};

	w->n = 0;
	w->more = w->lost = false;
	if (known(r.pc))
		_Unwind_Backtrace(unwound, &u);
	if (!w->n)
		walk_wild(w, r);
}

/* ---- Names ------------------------------------------------------------------------------ */

#if __GLIBC_PREREQ(2, 35)
static const struct link_map *module_of(const void *pc)
{
	struct dl_find_object o; // takes no lock

	return _dl_find_object((void *)pc, &o) == 0 ? o.dlfo_link_map : NULL;
}
#else
static const struct link_map *module_of(const void *pc)
{
	struct link_map *map;
	Dl_info info;

	return dladdr1(pc, &info, (void **)&map, RTLD_DL_LINKMAP) ? map : NULL;
}
#endif

static bool known(const void *pc)
{
	return pc && module_of(pc);
}

/* How many dynamic symbols there are is only said by their hash table. */
static size_t symbols_in(const uint32_t *gnu_hash)
{
	uint32_t nbuckets = gnu_hash[0], first = gnu_hash[1], bloom = gnu_hash[2], last = 0;
	const uint32_t *buckets = gnu_hash + 4 + 2 * (size_t)bloom;
	const uint32_t *chain = buckets + nbuckets;

	for (uint32_t i = 0; i < nbuckets; i++)
		if (buckets[i] > last)
			last = buckets[i];
	if (last < first)
		return first;
	while (!(chain[last - first] & 1))
		last++;
	return last + 1;
}

struct symbols {
	const ElfW(Sym) * table;
	const char *names;
	const uint32_t *hash;
};

static struct symbols symbols_of(const struct link_map *map)
{
	struct symbols s = {NULL, NULL, NULL};

	for (const ElfW(Dyn) *d = map->l_ld; d && d->d_tag != DT_NULL; d++) {
		/* Relocated by the dynamic linker, but not in a section that it cannot write. */
		const char *p = (const char *)(d->d_un.d_ptr +
					       (d->d_un.d_ptr < map->l_addr ? map->l_addr : 0));

		if (d->d_tag == DT_SYMTAB)
			s.table = (const void *)p;
		else if (d->d_tag == DT_STRTAB)
			s.names = p;
		else if (d->d_tag == DT_GNU_HASH)
			s.hash = (const void *)p;
	}
	return s;
}

/* The dynamic symbol of the function that contains the address, or NULL. */
static const char *name_of(const struct link_map *map, const void *pc)
{
	struct symbols s = symbols_of(map);
	uintptr_t at = (uintptr_t)pc - map->l_addr;

	if (!s.table || !s.names || !s.hash)
		return NULL;
	for (size_t i = symbols_in(s.hash); i-- > 0;) {
		const ElfW(Sym) *sym = &s.table[i];

		if (sym->st_shndx != SHN_UNDEF && (sym->st_info & 15) == STT_FUNC &&
		    at - sym->st_value < sym->st_size)
			return s.names + sym->st_name;
	}
	return NULL;
}

/* The last addresses that were looked up, since many goroutines are at the same places.  Of the one
 * thread that prints; one that comes in between at worst prints another's function, and only its
 * name. */
static struct {
	const void *pc;
	const char *name;
} recent[256];

static const char *cached_name(const struct link_map *map, const void *pc)
{
	size_t i = ((uintptr_t)pc ^ (uintptr_t)pc >> 8) % 256;

	if (recent[i].pc != pc) {
		recent[i].name = name_of(map, pc);
		recent[i].pc = pc;
	}
	return recent[i].name;
}

/* The dynamic linker gives the program itself no name. */
static const char *module_name(const struct link_map *map)
{
	static char exe[512];

	if (*map->l_name)
		return map->l_name;
	if (!exe[0] && readlink("/proc/self/exe", exe, sizeof exe - 1) < 0)
		return "?";
	return exe;
}

static void print_pc(struct rt_out *o, const void *pc)
{
	const struct link_map *map = module_of(pc);
	const char *name = map ? cached_name(map, pc) : NULL;

	if (!map) {
		rt_out(o, "    0x%lx\n", (unsigned long)pc);
		return;
	}
	rt_out(o, "    %s+0x%lx%s%s\n", module_name(map), (unsigned long)pc - map->l_addr,
	       name ? " " : "", name ? name : "");
}

void rt_print_walk(struct rt_out *o, const struct rt_walk *w)
{
	for (int i = 0; i < w->n; i++)
		print_pc(o, w->pc[i]);
	if (w->more)
		rt_out(o, "    ...\n");
	else if (w->lost)
		rt_out(o, "    ... (the callers keep no frame pointers)\n");
}
