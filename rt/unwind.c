/* SPDX-License-Identifier: MIT */
/* The tables are those of .eh_frame: for each function a program (FDE, which begins with that of
 * its CIE) for a small machine.  It computes, for a place in the function, what to add to which
 * register to have the stack pointer before the call (CFA), and where in relation to that the frame
 * pointer and the address to return to are.  What else it can do is skipped; what it cannot be done
 * without, such as expressions, makes the step fail.
 */
#define _GNU_SOURCE
#include "unwind.h"
#include "arch/switch.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __GLIBC_PREREQ(2, 35) // _dl_find_object, which takes no lock

#if WEFT_ASAN || WEFT_TSAN
#define UNWATCHED __attribute__((noinline, no_sanitize_address, no_sanitize_thread))
#else
#define UNWATCHED
#endif

#if defined(__x86_64__)
enum { REG_FP = 6, REG_SP = 7, REG_RET = 16 };
#else
enum { REG_FP = 29, REG_SP = 31, REG_RET = 30 };
#endif

enum { SDATA4 = 0x0b, PCREL = 0x10, DATAREL = 0x30, UDATA4 = 0x03, KEPT = 4 };

/* ---- Reading ---------------------------------------------------------------------------- */

struct cursor {
	const uint8_t *at, *end;
	bool bad; /* it ended too early */
};

static uint64_t number(struct cursor *c, size_t size)
{
	uint64_t v = 0;

	if ((size_t)(c->end - c->at) < size) {
		c->bad = true;
		c->at = c->end;
		return 0;
	}
	memcpy(&v, c->at, size); // little-endian, as both machines are
	c->at += size;
	return v;
}

static uint64_t leb(struct cursor *c, bool is_signed)
{
	uint64_t v = 0;
	unsigned shift = 0;
	uint8_t b;

	do {
		b = (uint8_t)number(c, 1);
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80 && !c->bad);
	if (is_signed && b & 0x40 && shift < 64)
		v |= -(uint64_t)1 << shift;
	return v;
}

static uint64_t uleb(struct cursor *c)
{
	return leb(c, false);
}

static int64_t sleb(struct cursor *c)
{
	return (int64_t)leb(c, true);
}

static void skip(struct cursor *c, uint64_t n)
{
	if (n > (uint64_t)(c->end - c->at)) {
		c->bad = true;
		n = (uint64_t)(c->end - c->at);
	}
	c->at += n;
}

static int32_t word(const uint8_t *at)
{
	int32_t v;

	memcpy(&v, at, sizeof v);
	return v;
}

/* A record of .eh_frame without its length; false if it is none that we know. */
static bool record(const uint8_t *at, struct cursor *c)
{
	uint32_t length = (uint32_t)word(at);

	*c = (struct cursor){at + 4, at + 4 + length, false};
	return length && length != UINT32_MAX;
}

/* ---- Finding ---------------------------------------------------------------------------- */

/* The FDE in the table of the module's .eh_frame_hdr whose function is the last to begin at or
 * before pc; NULL without such a table. */
static const uint8_t *find_fde(const uint8_t *hdr, const char *pc)
{
	uint32_t n, lo = 0, hi;
	const uint8_t *table;

	if (hdr[0] != 1 || (hdr[1] & 0x0f) != SDATA4 || hdr[2] != UDATA4 ||
	    hdr[3] != (DATAREL | SDATA4))
		return NULL;
	n = hi = (uint32_t)word(hdr + 8);
	table = hdr + 12;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if ((const char *)hdr + word(table + 8 * (size_t)mid) <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return n && lo ? hdr + word(table + 8 * (size_t)(lo - 1) + 4) : NULL;
}

struct function {
	const char *begin;
	struct cursor first, then; /* the programs of the CIE and of the FDE */
	uint64_t code_align;
	int64_t data_align;
	bool augmented, interrupted; /* the function is one that the kernel calls after a signal */
};

static bool read_cie(const uint8_t *at, struct function *f)
{
	struct cursor *c = &f->first;
	const char *augmentation;
	uint64_t version, size;
	const uint8_t *end;

	if (!record(at, c) || number(c, 4) != 0)
		return false;
	version = number(c, 1);
	augmentation = (const char *)c->at;
	skip(c, strnlen(augmentation, (size_t)(c->end - c->at)) + 1);
	f->code_align = uleb(c);
	f->data_align = sleb(c);
	if ((version == 1 ? number(c, 1) : uleb(c)) != REG_RET)
		return false;
	f->augmented = *augmentation == 'z';
	if (!f->augmented)
		return !*augmentation && !c->bad;
	size = uleb(c);
	end = c->at + size;
	for (const char *a = augmentation + 1; *a && !c->bad; a++) {
		uint8_t encoding;

		if (*a == 'S') {
			f->interrupted = true;
		} else if (*a == 'R' || *a == 'L') {
			encoding = (uint8_t)number(c, 1);
			if (*a == 'R' && encoding != (PCREL | SDATA4))
				return false;
		} else if (*a == 'P') {
			encoding = (uint8_t)number(c, 1);
			if ((encoding & 0x0f) != SDATA4)
				return false;
			skip(c, 4);
		}
	}
	if (c->bad || end < c->at || end > c->end)
		return false;
	c->at = end;
	return true;
}

static bool find_function(const char *pc, struct function *f)
{
	struct dl_find_object o;
	const uint8_t *fde;
	struct cursor *c = &f->then;
	const uint8_t *at;
	uint32_t back;

	if (_dl_find_object((void *)pc, &o) != 0 || !o.dlfo_eh_frame)
		return false;
	fde = find_fde(o.dlfo_eh_frame, pc);
	if (!fde || !record(fde, c))
		return false;
	at = c->at;
	back = (uint32_t)number(c, 4);
	if (!back || !read_cie(at - back, f))
		return false;
	f->begin = (const char *)c->at + (int32_t)number(c, 4);
	if (pc < f->begin || (uint64_t)(pc - f->begin) >= number(c, 4))
		return false;
	if (f->augmented)
		skip(c, uleb(c));
	return !c->bad;
}

/* ---- The small machine ------------------------------------------------------------------- */

struct row {
	uint64_t cfa_reg;
	int64_t cfa_off;
	struct rule {
		enum { SAME, AT, UNDEFINED, OTHER } how;
		int64_t off; /* AT: from the CFA */
	} fp, ret;
	bool cfa_unknown;
};

struct machine {
	struct row row, first, kept[KEPT];
	int nkept;
	const char *loc;
};

static void set(struct row *row, uint64_t reg, int how, int64_t off)
{
	struct rule *rule = reg == REG_FP ? &row->fp : reg == REG_RET ? &row->ret : NULL;

	if (rule) {
		rule->how = how;
		rule->off = off;
	}
}

static void restore(struct machine *m, uint64_t reg)
{
	if (reg == REG_FP)
		m->row.fp = m->first.fp;
	else if (reg == REG_RET)
		m->row.ret = m->first.ret;
}

static void define_cfa(struct row *row, uint64_t reg, int64_t off)
{
	row->cfa_reg = reg;
	row->cfa_off = off;
	row->cfa_unknown = false;
}

/* Those whose operands are in more bytes than the instruction's.  False for one that is not known.
 */
static bool execute(struct machine *m, uint8_t op, struct cursor *c, const struct function *f)
{
	struct row *row = &m->row;
	uint64_t reg;

	switch (op) {
	case 0x00: // nop
	case 0x2d: // the address to return to is signed, or no longer
		return true;
	case 0x02: // advance_loc1, 2, 4
	case 0x03:
	case 0x04:
		m->loc += number(c, (size_t)1 << (op - 2)) * f->code_align;
		return true;
	case 0x05: // offset_extended
		reg = uleb(c);
		set(row, reg, AT, (int64_t)uleb(c) * f->data_align);
		return true;
	case 0x06: // restore_extended
		restore(m, uleb(c));
		return true;
	case 0x07: // undefined
		set(row, uleb(c), UNDEFINED, 0);
		return true;
	case 0x08: // same_value
		set(row, uleb(c), SAME, 0);
		return true;
	case 0x09: // register
		set(row, uleb(c), OTHER, 0);
		uleb(c);
		return true;
	case 0x0a: // remember_state
		if (m->nkept == KEPT)
			return false;
		m->kept[m->nkept++] = *row;
		return true;
	case 0x0b: // restore_state
		if (!m->nkept)
			return false;
		*row = m->kept[--m->nkept];
		return true;
	case 0x0c: // def_cfa
		reg = uleb(c);
		define_cfa(row, reg, (int64_t)uleb(c));
		return true;
	case 0x0d: // def_cfa_register
		row->cfa_reg = uleb(c);
		return true;
	case 0x0e: // def_cfa_offset
		row->cfa_off = (int64_t)uleb(c);
		return true;
	case 0x0f: // def_cfa_expression
		row->cfa_unknown = true;
		skip(c, uleb(c));
		return true;
	case 0x10: // expression, val_expression
	case 0x16:
		set(row, uleb(c), OTHER, 0);
		skip(c, uleb(c));
		return true;
	case 0x11: // offset_extended_sf
		reg = uleb(c);
		set(row, reg, AT, sleb(c) * f->data_align);
		return true;
	case 0x12: // def_cfa_sf
		reg = uleb(c);
		define_cfa(row, reg, sleb(c) * f->data_align);
		return true;
	case 0x13: // def_cfa_offset_sf
		row->cfa_off = sleb(c) * f->data_align;
		return true;
	case 0x14: // val_offset
		set(row, uleb(c), OTHER, 0);
		uleb(c);
		return true;
	case 0x2e: // args_size
		uleb(c);
		return true;
	default:
		return false;
	}
}

/* Up to what holds at pc. */
static bool run(struct machine *m, struct cursor c, const struct function *f, const char *pc)
{
	while (c.at < c.end && !c.bad && m->loc <= pc) {
		uint8_t op = (uint8_t)number(&c, 1);
		uint64_t reg = op & 0x3f;
		struct row before = m->row;

		if (op >> 6 == 1) { // advance_loc
			m->loc += reg * f->code_align;
		} else if (op >> 6 == 2) { // offset
			set(&m->row, reg, AT, (int64_t)uleb(&c) * f->data_align);
		} else if (op >> 6 == 3) { // restore
			restore(m, reg);
		} else if (!execute(m, op, &c, f)) {
			return false;
		}
		if (m->loc > pc)
			m->row = before;
	}
	return !c.bad;
}

/* ---- The step ---------------------------------------------------------------------------- */

UNWATCHED static char *load(const char *at)
{
	return *(char *const volatile *)at;
}

static bool holds(const void *lo, const void *hi, const char *at)
{
	return (uintptr_t)at % sizeof(void *) == 0 && at >= (const char *)lo &&
	       at < (const char *)hi && (const char *)hi - at >= (ptrdiff_t)sizeof(void *);
}

/* What a register of the caller's was; `now` is what it is in the function. */
static bool recover(struct rule rule, const char *cfa, const void *lo, const void *hi, char **now)
{
	const char *at = cfa + rule.off;

	if (rule.how == SAME)
		return true;
	if (rule.how != AT || !holds(lo, hi, at))
		return false;
	*now = load(at);
	return true;
}

enum rt_unwound rt_unwind(struct rt_regs *r, bool called, const void *lo, const void *hi)
{
	struct function f = {.interrupted = false};
	struct machine m = {.nkept = 0};
	const char *pc = r->pc - called;
	char *cfa, *fp = r->fp, *ret = r->ret;

	if (!find_function(pc, &f) || f.interrupted)
		return RT_UNWOUND_NOT;
	m.loc = f.begin;
	if (!run(&m, f.first, &f, pc))
		return RT_UNWOUND_NOT;
	m.first = m.row;
	if (!run(&m, f.then, &f, pc) || m.row.cfa_unknown)
		return RT_UNWOUND_NOT;
	if (m.row.ret.how == UNDEFINED)
		return RT_UNWOUND_LAST;
	if (m.row.cfa_reg != REG_FP && m.row.cfa_reg != REG_SP)
		return RT_UNWOUND_NOT;
	cfa = (m.row.cfa_reg == REG_FP ? r->fp : r->sp) + m.row.cfa_off;
	if (cfa < r->sp || (cfa == r->sp && called) || cfa > (char *)hi ||
	    !recover(m.row.ret, cfa, lo, hi, &ret) || !ret)
		return RT_UNWOUND_NOT;
	if (!recover(m.row.fp, cfa, lo, hi, &fp))
		fp = NULL; // it is not needed, or what needs it fails
	*r = (struct rt_regs){ret, cfa, fp, NULL};
	return RT_UNWOUND;
}

#else

enum rt_unwound rt_unwind(struct rt_regs *r, bool called, const void *lo, const void *hi)
{
	(void)r, (void)called, (void)lo, (void)hi;
	return RT_UNWOUND_NOT;
}

#endif
