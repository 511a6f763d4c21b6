/* SPDX-License-Identifier: MIT */
/* Unpacks blocks: what they hold, when that was, and in what order. */
#define _GNU_SOURCE
#include "packed.h"
#include "ctf.h"
#include "error.h"
#include "hash.h"
#include "packed_form.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KINDS = (uint32_t)WEFT_EVENTS_HASH & 0x7fffffff };
enum { SILENCE_NS = 2000 * 1000 * 1000, LATE_NS = 1000 * 1000 * 1000 };
#define HELD_MAX (512ul << 20) /* bytes */

/* ---- Tables of kinds --------------------------------------------------------------------- */

struct table {
	int n;
	struct kind {
		int event; /* or -1 */
		int nfields;
		struct {
			enum field_type type;
			int to; /* the field of ours that it is, or -1 */
		} field[MAX_FIELDS];
	} kind[256];
};

static struct table *own_table(void)
{
	struct table *t = need(sizeof *t);

	t->n = EVENTS;
	for (int i = 0; i < EVENTS; i++) {
		t->kind[i].event = i;
		t->kind[i].nfields = event_desc[i].nfields;
		for (int j = 0; j < event_desc[i].nfields; j++) {
			t->kind[i].field[j].type = event_desc[i].field[j].type;
			t->kind[i].field[j].to = j;
		}
	}
	return t;
}

/* The types as they are written in a table, by number. */
static int find_type(const char *name)
{
	static const char *const names[] = {"u64", "u32", "i64", "ptr", "str"};

	for (int i = 0; i < 5; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

/* A word "name:type"; -1 if it is none, or one field too many. */
static int read_field(struct kind *k, char *word)
{
	char *type = strchr(word, ':');
	int t = type ? find_type(type + 1) : -1, to = -1;

	if (t < 0 || k->nfields == MAX_FIELDS)
		return -1;
	*type = 0;
	if (k->event >= 0)
		to = event_field((enum event)k->event, word);
	if (to >= 0 && (event_desc[k->event].field[to].type == FIELD_str) != (t == FIELD_str))
		to = -1;
	k->field[k->nfields].type = (enum field_type)t;
	k->field[k->nfields++].to = to;
	return 0;
}

/* NULL if it is not a table. */
static struct table *read_table(const char *text)
{
	struct table *t = need(sizeof *t);
	char *copy = need_text(text), *lines = copy, *line;
	int err = 0;

	while (!err && (line = strsep(&lines, "\n")) && *line) {
		char *word = strsep(&line, " ");
		struct kind *k = &t->kind[t->n];

		if (++t->n > 256)
			err = -1;
		else
			k->event = event_find(word);
		while (!err && (word = strsep(&line, " ")))
			err = read_field(k, word);
	}
	free(copy);
	if (!err)
		return t;
	free(t);
	return NULL;
}

/* ---- What is held ------------------------------------------------------------------------ */

struct block {
	struct block *next;
	const struct table *table;
	uint32_t seq, count; /* of the records that are not taken yet */
	uint64_t raw;	     /* of the one before them */
	uint64_t begun, ptr;
	int64_t mono, written;
	size_t at, size;
	uint8_t data[];
};

/* A thread has nothing; or waits, for a mark after what it has; or is in the heap, by its record.
 */
struct thread {
	struct proc *proc;
	uint32_t m;
	struct block *first, *last; /* in order of time; the record is of the first */
	struct thread *next_waiting;
	bool waits, has_record;
	uint64_t raw;
	struct record record;
	char *texts; /* of the record */
	size_t room;
};

/* The counter and the clock at one moment. */
struct knot {
	uint64_t raw;
	int64_t ns;
	double slope; /* up to the next one */
};

struct proc {
	uint32_t pid;
	struct hash threads;
	struct thread *waiting;
	struct knot *knots; /* increasing in both */
	size_t nknots, room, used;
	uint64_t mark; /* everything before it is here */
	int64_t mark_ns, heard;
};

struct left {
	uint32_t pid;
	struct packed_block block;
	uint8_t data[PACKED_DATA];
};

struct ordinary {
	struct ordinary *next;
	struct record r;
	char texts[];
};

struct packed {
	const struct ctf_sink *sink;
	struct ctf_result *result;
	struct hash tables, procs;
	struct thread **heap; /* by time of the record, the earliest first */
	size_t nheap, room;
	struct ordinary *first, **last;
	struct left **lefts;
	size_t nlefts;
	size_t held;	      /* bytes of blocks */
	bool stopped;	      /* by the sink */
	bool too_much;	      /* was held, once */
	int64_t damaged, cut; /* blocks of which something cannot be read, and records in them */
	int64_t foreign;      /* records of blocks whose table is not known */
};

struct packed *packed_new(const struct ctf_sink *sink, struct ctf_result *result)
{
	struct packed *pk = need(sizeof *pk);

	pk->sink = sink;
	pk->result = result;
	pk->last = &pk->first;
	hash_put(&pk->tables, KINDS, own_table());
	return pk;
}

void packed_kinds(struct packed *pk, uint32_t kinds, const char *text)
{
	struct table *t;

	if (hash_get(&pk->tables, kinds))
		return;
	t = read_table(text);
	if (t)
		hash_put(&pk->tables, kinds, t);
}

static struct proc *proc_of(struct packed *pk, uint32_t pid)
{
	struct proc *pr = hash_get(&pk->procs, pid);

	if (pr)
		return pr;
	pr = need(sizeof *pr);
	pr->pid = pid;
	pr->mark_ns = INT64_MIN;
	hash_put(&pk->procs, pid, pr);
	return pr;
}

static struct thread *thread_of(struct proc *pr, uint32_t m)
{
	struct thread *t = hash_get(&pr->threads, m);

	if (t)
		return t;
	t = need(sizeof *t);
	t->proc = pr;
	t->m = m;
	hash_put(&pr->threads, m, t);
	return t;
}

/* ---- Time -------------------------------------------------------------------------------- */

/* False if it cannot be right: clocks do not go back, and no counter is that fast. */
static bool add_knot(struct proc *pr, uint64_t raw, int64_t ns)
{
	struct knot *k;

	if (pr->nknots) {
		uint64_t ticks, passed;

		k = &pr->knots[pr->nknots - 1];
		if (raw <= k->raw || ns <= k->ns)
			return false;
		ticks = raw - k->raw;
		passed = (uint64_t)ns - (uint64_t)k->ns;
		if (ticks >> 4 > passed + (1 << 16))
			return false;
		k->slope = (double)passed / (double)ticks;
	}
	if (pr->nknots == pr->room) {
		pr->room = pr->room ? 2 * pr->room : 64;
		pr->knots = realloc(pr->knots, pr->room * sizeof *pr->knots);
		if (!pr->knots)
			die("no memory");
	}
	k = &pr->knots[pr->nknots++];
	*k = (struct knot){raw, ns, pr->nknots > 1 ? k[-1].slope : 1};
	return true;
}

/* The time of a count, by the straight line between two knots, or beyond the last. */
static int64_t time_of(struct proc *pr, uint64_t raw)
{
	struct knot *k = pr->knots;
	size_t i = pr->used, low = 0, high = pr->nknots;
	double ns;

	if (!pr->nknots)
		return 0;
	if (i >= pr->nknots || k[i].raw > raw || (i + 1 < pr->nknots && k[i + 1].raw <= raw)) {
		while (high - low > 1) {
			i = low + (high - low) / 2;
			if (k[i].raw <= raw)
				low = i;
			else
				high = i;
		}
		i = pr->used = low;
	}
	ns = raw >= k[i].raw ? (double)(raw - k[i].raw) * k[i].slope
			     : -(double)(k[i].raw - raw) * k[i].slope;
	if (i + 1 < pr->nknots && ns > (double)(k[i + 1].ns - k[i].ns))
		return k[i + 1].ns;
	if (ns > 1e18 || ns < -1e18)
		return ns > 0 ? INT64_MAX : INT64_MIN;
	return (int64_t)((uint64_t)k[i].ns + (uint64_t)(int64_t)ns);
}

/* ---- Records ----------------------------------------------------------------------------- */

static bool take_number(struct block *b, uint64_t *v)
{
	*v = 0;
	for (int shift = 0; shift < 64; shift += 7) {
		uint8_t byte;

		if (b->at == b->size)
			return false;
		byte = b->data[b->at++];
		*v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

static int64_t unfold(uint64_t v)
{
	return (int64_t)(v >> 1 ^ -(v & 1));
}

static bool take_time(struct block *b)
{
	uint64_t ticks, more = 0;

	if (b->size - b->at < 2)
		return false;
	ticks = b->data[b->at] | (uint64_t)b->data[b->at + 1] << 8;
	b->at += 2;
	if (ticks & PACKED_LONG) {
		if (!take_number(b, &more) || more >> (63 - PACKED_TIME_BITS))
			return false;
		ticks = (ticks & (PACKED_LONG - 1)) | more << PACKED_TIME_BITS;
	}
	if (b->raw + ticks < b->raw)
		return false;
	b->raw += ticks;
	return true;
}

/* A text goes to `texts`, which has room for what is left of the block. */
static bool take_value(struct block *b, enum field_type type, union value *v, char **texts)
{
	uint64_t n;

	if (!take_number(b, &n))
		return false;
	switch (type) {
	case FIELD_u64:
		v->u = n;
		return true;
	case FIELD_u32:
		v->u = n;
		return n <= UINT32_MAX;
	case FIELD_i64:
		v->i = unfold(n);
		return true;
	case FIELD_ptr:
		b->ptr += (uint64_t)unfold(n);
		v->u = b->ptr;
		return true;
	case FIELD_str:
		if (n > b->size - b->at)
			return false;
		memcpy(*texts, b->data + b->at, n);
		(*texts)[n] = 0;
		v->str = *texts;
		*texts += n + 1;
		b->at += n;
		return true;
	}
	return false;
}

static void clear_fields(struct record *r)
{
	for (int i = 0; i < event_desc[r->kind].nfields; i++) {
		if (event_desc[r->kind].field[i].type == FIELD_str)
			r->a[i].str = "";
		else
			r->a[i].u = 0;
	}
}

static void need_room(struct thread *t, size_t n)
{
	if (t->room >= n)
		return;
	free(t->texts);
	t->texts = need(n);
	t->room = n;
}

/* The next record of the first block into the thread: 1; 0 if it is of a kind that is not known
 * here; -1 if it cannot be read. */
static int take_record(struct thread *t, struct block *b)
{
	const struct kind *k;
	union value v;
	char *texts;
	uint8_t kind;

	if (b->at == b->size)
		return -1;
	kind = b->data[b->at++];
	if (kind >= b->table->n || !take_time(b))
		return -1;
	k = &b->table->kind[kind];
	need_room(t, b->size - b->at + MAX_FIELDS + 1);
	texts = t->texts;
	if (k->event >= 0) {
		t->record.kind = (enum event)k->event;
		clear_fields(&t->record);
	}
	for (int i = 0; i < k->nfields; i++) {
		if (!take_value(b, k->field[i].type, &v, &texts))
			return -1;
		if (k->field[i].to >= 0)
			t->record.a[k->field[i].to] = v;
	}
	t->record.pid = t->proc->pid;
	t->record.m = t->m;
	t->record.seq = b->seq++;
	b->count--;
	t->raw = b->raw;
	return k->event >= 0;
}

static void drop_block(struct packed *pk, struct thread *t)
{
	struct block *b = t->first;

	t->first = b->next;
	pk->held -= b->size;
	free(b);
}

static void cut_block(struct packed *pk, struct thread *t)
{
	pk->damaged++;
	pk->cut += t->first->count;
	drop_block(pk, t);
}

/* Whether all of the block was taken.  What was left in memory does not say how much it is. */
static bool at_end(const struct block *b)
{
	return !b->count || (b->written == INT64_MAX && b->at == b->size);
}

/* The thread's next record, if it has one.  A block is begun only after the mark that it waits for:
 * one before it may come later. */
static void take_next(struct packed *pk, struct thread *t)
{
	t->has_record = false;
	while (t->first && !t->has_record) {
		struct block *b = t->first;
		int got;

		if (!b->at && b->begun >= t->proc->mark)
			return;
		if (at_end(b) && b->size - b->at < sizeof(uint64_t)) {
			drop_block(pk, t);
			continue;
		}
		got = b->count ? take_record(t, b) : -1;
		if (got < 0)
			cut_block(pk, t);
		else if (got)
			t->has_record = true;
		else
			pk->result->unknown++;
	}
}

/* ---- Order ------------------------------------------------------------------------------- */

static bool before(const struct thread *a, const struct thread *b)
{
	return a->record.ts < b->record.ts || (a->record.ts == b->record.ts && a->raw < b->raw);
}

static void sift_down(struct packed *pk, size_t i)
{
	struct thread **h = pk->heap, *t = h[i];

	for (size_t child; (child = 2 * i + 1) < pk->nheap; i = child) {
		if (child + 1 < pk->nheap && before(h[child + 1], h[child]))
			child++;
		if (!before(h[child], t))
			break;
		h[i] = h[child];
	}
	h[i] = t;
}

static void push(struct packed *pk, struct thread *t)
{
	size_t i = pk->nheap++;

	if (pk->nheap > pk->room) {
		pk->room = pk->room ? 2 * pk->room : 64;
		pk->heap = realloc(pk->heap, pk->room * sizeof *pk->heap);
		if (!pk->heap)
			die("no memory");
	}
	for (; i && before(t, pk->heap[(i - 1) / 2]); i = (i - 1) / 2)
		pk->heap[i] = pk->heap[(i - 1) / 2];
	pk->heap[i] = t;
}

/* The time of the thread's record; false if it cannot be, and the rest of its block is dropped. */
static bool time_record(struct packed *pk, struct thread *t)
{
	int64_t written = t->first->written;

	t->record.ts = time_of(t->proc, t->raw);
	if (written > INT64_MAX - LATE_NS || t->record.ts <= written + LATE_NS)
		return true;
	t->first->count++; // this one too
	cut_block(pk, t);
	return false;
}

static void wait_for_mark(struct thread *t)
{
	t->next_waiting = t->proc->waiting;
	t->proc->waiting = t;
	t->waits = true;
}

/* The thread has another record, or none: where it belongs now.  True if that is the heap. */
static bool settle_thread(struct packed *pk, struct thread *t)
{
	while (t->has_record && t->raw < t->proc->mark) {
		if (time_record(pk, t))
			return true;
		take_next(pk, t);
	}
	if (t->first)
		wait_for_mark(t);
	return false;
}

static void settle(struct packed *pk, struct proc *pr)
{
	struct thread *t = pr->waiting, *next;

	pr->waiting = NULL;
	for (; t; t = next) {
		next = t->next_waiting;
		t->waits = false;
		if (!t->has_record)
			take_next(pk, t);
		if (settle_thread(pk, t))
			push(pk, t);
	}
}

static void give(struct packed *pk, const struct record *r)
{
	if (!pk->stopped)
		pk->stopped = pk->sink->event(pk->sink->arg, r) != 0;
}

static void give_ordinary(struct packed *pk)
{
	struct ordinary *o = pk->first;

	pk->first = o->next;
	if (!pk->first)
		pk->last = &pk->first;
	give(pk, &o->r);
	free(o);
}

/* Give all records before a time. */
static void drain(struct packed *pk, int64_t until)
{
	while (!pk->stopped) {
		struct thread *t = pk->nheap ? pk->heap[0] : NULL;

		if (pk->first && pk->first->r.ts < until &&
		    (!t || pk->first->r.ts <= t->record.ts)) {
			give_ordinary(pk);
			continue;
		}
		if (!t || t->record.ts >= until)
			return;
		give(pk, &t->record);
		take_next(pk, t);
		if (!settle_thread(pk, t))
			pk->heap[0] = pk->heap[--pk->nheap];
		if (pk->nheap)
			sift_down(pk, 0);
	}
}

static void insert(struct packed *pk, struct thread *t, struct block *b)
{
	struct block **at = &t->first;

	pk->held += b->size;
	if (t->first && t->first->at)
		at = &t->first->next; // records of the first one are taken already
	if (t->first && t->last->begun <= b->begun)
		at = &t->last->next;
	while (*at && (*at)->begun <= b->begun)
		at = &(*at)->next;
	b->next = *at;
	*at = b;
	if (!b->next)
		t->last = b;
	if (t->has_record || t->waits)
		return;
	take_next(pk, t);
	if (settle_thread(pk, t))
		push(pk, t);
}

static void hold(struct packed *pk, const struct packed_block *from)
{
	struct thread *t = thread_of(proc_of(pk, from->pid), from->m);
	const struct table *table = hash_get(&pk->tables, from->kinds);
	struct block *b;

	if (!table) {
		pk->foreign += from->count;
		return;
	}
	b = need(sizeof *b + from->size);
	*b = (struct block){.table = table,
			    .seq = from->seq,
			    .count = from->count,
			    .raw = from->raw,
			    .begun = from->raw,
			    .mono = from->mono,
			    .written = from->written,
			    .size = from->size};
	memcpy(b->data, from->data, from->size);
	insert(pk, t, b);
}

/* Before the first mark and after the last it is the blocks that tell the time. */
static void add_block_knots(struct proc *pr, bool ends)
{
	const struct block *first = NULL, *last = NULL;

	for (struct hash_slot *s = NULL; (s = hash_next(&pr->threads, s));) {
		for (struct block *b = ((struct thread *)s->value)->first; b; b = b->next) {
			if (!first || b->begun < first->begun)
				first = b;
			if (!last || b->begun > last->begun)
				last = b;
		}
	}
	if (first && !pr->nknots)
		add_knot(pr, first->begun, first->mono);
	if (last && ends)
		add_knot(pr, last->begun, last->mono);
}

/* Nothing follows of a process, or so it seems. */
static void end_proc(struct packed *pk, struct proc *pr)
{
	for (size_t i = 0; i < pk->nlefts; i++) {
		if (pk->lefts[i] && pk->lefts[i]->pid == pr->pid) {
			hold(pk, &pk->lefts[i]->block);
			free(pk->lefts[i]);
			pk->lefts[i] = NULL;
		}
	}
	add_block_knots(pr, true);
	pr->mark = UINT64_MAX;
	pr->mark_ns = INT64_MAX;
	settle(pk, pr);
}

/* The time before which nothing more comes of any process. */
static int64_t complete_until(struct packed *pk, int64_t now)
{
	int64_t until = INT64_MAX;

	for (struct hash_slot *s = NULL; (s = hash_next(&pk->procs, s));) {
		struct proc *pr = s->value;

		if (pr->mark_ns != INT64_MAX && now - pr->heard > SILENCE_NS)
			end_proc(pk, pr);
		if (pr->mark_ns < until)
			until = pr->mark_ns;
	}
	return until < now ? until : now;
}

static void end_all(struct packed *pk)
{
	for (size_t i = 0; i < pk->nlefts; i++)
		if (pk->lefts[i])
			proc_of(pk, pk->lefts[i]->pid);
	for (struct hash_slot *s = NULL; (s = hash_next(&pk->procs, s));)
		end_proc(pk, s->value);
	drain(pk, INT64_MAX);
}

/* ---- What comes -------------------------------------------------------------------------- */

static void take_mark(struct packed *pk, const struct packed_block *b)
{
	struct proc *pr = proc_of(pk, b->pid);

	if (!pr->nknots)
		add_block_knots(pr, false);
	if (!add_knot(pr, b->raw, b->mono)) {
		pk->damaged += pr->nknots && b->raw > pr->knots[pr->nknots - 1].raw;
		return;
	}
	pr->mark = b->raw;
	pr->mark_ns = b->mono;
	settle(pk, pr);
	drain(pk, complete_until(pk, b->written));
}

int packed_add(struct packed *pk, const struct packed_block *b)
{
	proc_of(pk, b->pid)->heard = b->written;
	if (b->mono > b->written + LATE_NS) {
		pk->damaged++;
		pk->cut += b->count;
	} else if (!b->count) {
		take_mark(pk, b);
	} else {
		hold(pk, b);
	}
	if (pk->held > HELD_MAX) {
		pk->too_much = true;
		end_all(pk);
	}
	return pk->stopped;
}

int packed_ordinary(struct packed *pk, const struct record *r)
{
	const struct event_desc *d = &event_desc[r->kind];
	size_t size = sizeof(struct ordinary);
	struct ordinary *o;
	char *to;

	if (!pk->procs.count) {
		give(pk, r);
		return pk->stopped;
	}
	for (int i = 0; i < d->nfields; i++)
		if (d->field[i].type == FIELD_str)
			size += strlen(r->a[i].str) + 1;
	o = need(size);
	o->r = *r;
	to = o->texts;
	for (int i = 0; i < d->nfields; i++) {
		if (d->field[i].type != FIELD_str)
			continue;
		o->r.a[i].str = strcpy(to, r->a[i].str);
		to += strlen(to) + 1;
	}
	*pk->last = o;
	pk->last = &o->next;
	drain(pk, complete_until(pk, r->ts));
	return pk->stopped;
}

/* ---- What was left in memory ------------------------------------------------------------- */

/* The header of such a file: false if nothing is in it. */
static bool read_left(const char *path, struct packed_left *l)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool whole = fd >= 0 && read(fd, l, sizeof *l) == sizeof *l;

	if (fd >= 0)
		close(fd);
	return whole && l->magic == PACKED_MAGIC && l->used && l->used <= PACKED_DATA;
}

void packed_left(struct packed *pk, const char *path, int64_t shift)
{
	struct packed_left l;
	struct left *left;

	if (!read_left(path, &l))
		return;
	left = need(sizeof *left);
	left->pid = l.pid;
	left->block = (struct packed_block){.pid = l.pid,
					    .m = l.m,
					    .seq = l.seq,
					    .count = PACKED_RECORDS,
					    .kinds = l.kinds,
					    .raw = l.raw,
					    .mono = (int64_t)l.mono + shift,
					    .written = INT64_MAX,
					    .data = left->data,
					    .size = l.used};
	memcpy(left->data, l.data, l.used);
	pk->lefts = realloc(pk->lefts, (pk->nlefts + 1) * sizeof *pk->lefts);
	if (!pk->lefts)
		die("no memory");
	pk->lefts[pk->nlefts++] = left;
}

void packed_prune(const char *dir)
{
	struct packed_left l;
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		size_t n = strlen(e->d_name), suffix = strlen(PACKED_SUFFIX);
		char *path;

		if (n < suffix || strcmp(e->d_name + n - suffix, PACKED_SUFFIX) != 0)
			continue;
		if (asprintf(&path, "%s/%s", dir, e->d_name) < 0)
			die("no memory");
		if (!read_left(path, &l))
			unlink(path);
		free(path);
	}
	if (d)
		closedir(d);
}

/* ---- The end ----------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void complain(struct packed *pk, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	note("%s", what);
	pk->sink->complaint(pk->sink->arg, what);
}

int packed_finish(struct packed *pk)
{
	end_all(pk);
	if (pk->stopped)
		return -1;
	if (pk->damaged)
		complain(pk,
			 "%" PRId64 " blocks of packed events are damaged: %" PRId64
			 " events in them cannot be read",
			 pk->damaged, pk->cut);
	if (pk->foreign)
		complain(pk,
			 "%" PRId64 " events were packed by another version of weft, and what "
			 "their numbers mean is not in the trace: load it with that version",
			 pk->foreign);
	if (pk->too_much)
		complain(pk,
			 "the trace has no marks for long: some packed events may be out of order");
	return 0;
}

static void free_thread(struct thread *t)
{
	for (struct block *b = t->first, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(t->texts);
	free(t);
}

static void free_proc(struct proc *pr)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->threads, s));)
		free_thread(s->value);
	hash_free(&pr->threads);
	free(pr->knots);
	free(pr);
}

void packed_free(struct packed *pk)
{
	for (struct hash_slot *s = NULL; (s = hash_next(&pk->procs, s));)
		free_proc(s->value);
	for (struct hash_slot *s = NULL; (s = hash_next(&pk->tables, s));)
		free(s->value);
	hash_free(&pk->procs);
	hash_free(&pk->tables);
	for (struct ordinary *o = pk->first, *next; o; o = next) {
		next = o->next;
		free(o);
	}
	for (size_t i = 0; i < pk->nlefts; i++)
		free(pk->lefts[i]);
	free(pk->lefts);
	free(pk->heap);
	free(pk);
}
