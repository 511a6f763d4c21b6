/* SPDX-License-Identifier: MIT */
/* Where goroutines waited: flame graphs by the stack that waited, alone and with the one that ended
 * the wait. */
#include "family.h"
#include "flame.h"
#include "objects.h"
#include "sums.h"

#include <string.h>

static const char offcpu_sql[] = "SELECT why, obj, stack, g, site, took FROM " SPANS("state = 4") "\n"
				 "WHERE ts < :to AND ts + took >= :from";
static const char wakers_sql[] =
	"SELECT why, stack, waker_stack, waker, g, took, dur IS NULL AS open\n"
	"FROM " SPANS("state = 4") "\n"
	"WHERE ts < :to AND ts + took >= :from";
static const char stacks_sql[] = "SELECT stack, text FROM stack_text WHERE stack > 0";
static const char sites_sql[] = "SELECT site, file || ':' || line FROM site";

/* Texts by number. */
struct texts {
	ARRAY(struct named {
		int64_t id;
		char *text;
	})
	v;
};

static int text_row(sqlite3_stmt *row, void *arg)
{
	struct texts *t = arg;

	array_add(&t->v, (struct named){row_number(row, 0), row_text(row, 1)});
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int read_texts(const struct scene *s, const char *sql, struct texts *t)
{
	if (scene_ask(s, sql, text_row, t) < 0)
		return -1;
	if (t->v.n)
		qsort(t->v.v, t->v.n, sizeof *t->v.v, by_id);
	return 0;
}

static const char *text_of(const struct texts *t, int64_t id)
{
	const struct named key = {.id = id};
	const struct named *found =
		t->v.n ? bsearch(&key, t->v.v, t->v.n, sizeof *t->v.v, by_id) : NULL;

	return found && found->text ? found->text : NULL;
}

static void free_texts(struct texts *t)
{
	for (size_t i = 0; i < t->v.n; i++)
		free(t->v.v[i].text);
	free(t->v.v);
}

struct offcpu {
	const struct scene *s;
	struct reasons reasons;
	struct families families;
	struct texts stacks, sites;
	struct objects objects;
	/* The colour of the reason; then stack, or minus the family and one; then the group of the object and one, or
	 * minus the place, or the stack that ended the wait. */
	struct sums sums;
	struct flame flame;
	int64_t total, of_stacks;
};

/* The functions that spawned each other, as frames. */
static char *family_frames(const struct families *f, int64_t family)
{
	char *text, *before, *frame;

	if (family < 0)
		return format_text("(a goroutine that is not known)");
	frame = flame_frame(f->v.v[family].func);
	if (f->v.v[family].parent == FAMILY_NONE)
		return frame;
	before = family_frames(f, f->v.v[family].parent);
	text = format_text("%s;%s", before, frame);
	free(before);
	free(frame);
	return text;
}

static char *frames_of(const struct offcpu *o, int64_t place)
{
	const char *stack = place > 0 ? text_of(&o->stacks, place) : NULL;

	return stack ? format_text("%s", stack) : family_frames(&o->families, -place - 1);
}

/* As a negative number: who it is a child of. */
static int64_t family_key(const struct offcpu *o, int64_t g)
{
	return -1 - (int64_t)families_find(&o->families, g);
}

static int count(const char *frames)
{
	int n = 1;

	for (; (frames = strchr(frames, ';')); frames++)
		n++;
	return n;
}

static int read_common(struct offcpu *o)
{
	return query_reasons(o->s->db, &o->reasons) < 0 ||
			       families_read(o->s, &o->families) < 0 || objects_read(o->s, &o->objects) < 0 ||
			       read_texts(o->s, stacks_sql, &o->stacks) < 0 ||
			       read_texts(o->s, sites_sql, &o->sites) < 0
		       ? -1
		       : 0;
}

static void begin(const struct offcpu *o, struct figure *f, const char *what)
{
	char a[FORMAT_MAX], *window = scene_window(o->s);

	figure_begin(f, o->s->width, o->s->title,
		     format_text("%s; goroutines waited for %s altogether: %s", window,
				 format_ns(a, (double)o->total, 4), what));
	free(window);
}

/* The reasons that occur. */
static void legend(const struct offcpu *o, int reason_at, struct figure *f)
{
	struct key keys[COLORS];
	double total[COLORS] = {0};
	char part[FORMAT_MAX];
	size_t n = 0;

	for (size_t i = 0; i < o->sums.n; i++)
		total[o->sums.v[i].key[reason_at]] += (double)o->sums.v[i].total;
	for (int c = 0; c < COLORS; c++)
		if (total[c] > 0)
			keys[n++] = (struct key){
				palette[c].rgb,
				format_text("%s  %s", palette[c].legend,
					    format_percent(part, total[c] / (double)o->total))};
	figure_legend(f, keys, n);
	while (n)
		free((char *)keys[--n].label);
}

static void free_offcpu(struct offcpu *o)
{
	free(o->reasons.colors.v);
	families_free(&o->families);
	objects_free(&o->objects);
	free_texts(&o->stacks);
	free_texts(&o->sites);
	sums_free(&o->sums);
	flame_free(&o->flame);
}

/* ---- By the stack that waited ---- */

static int64_t reason(const struct offcpu *o, sqlite3_stmt *row)
{
	return query_color(&o->reasons, STATE_waiting, row_number(row, 0));
}

static int wait_row(sqlite3_stmt *row, void *arg)
{
	struct offcpu *o = arg;
	int64_t dur = row_number(row, 5), stack = row_number(row, 2);
	int64_t what = row_null(row, 1) ? 0 : objects_group(&o->objects, row_number(row, 1)) + 1;

	if (stack <= 0) { /* without a stack, the place of the wait is the last thing known */
		stack = family_key(o, row_number(row, 3));
		what = what ? what : -row_number(row, 4);
	} else {
		o->of_stacks += dur;
	}
	sums_add(&o->sums, reason(o, row), stack, what, dur);
	o->total += dur;
	return 0;
}

/* "mutex lock: db", "sleep: main.c:7" */
static char *last_frame(const struct offcpu *o, const struct sum *s)
{
	const char *why = palette[s->key[0]].legend + strlen("waiting: "), *name = NULL;
	char *text, *frame;

	if (s->key[2] > 0)
		name = o->objects.alike.v.v[s->key[2] - 1].name;
	else if (s->key[2] < 0)
		name = text_of(&o->sites, -s->key[2]);
	text = name ? format_text("%s: %s", why, name) : format_text("%s", why);
	frame = flame_frame(text);
	free(text);
	return frame;
}

static void layout(struct offcpu *o, struct figure *f)
{
	begin(o, f, o->of_stacks ? "by which calls, for what" : "whose children, for what");
	if (o->total == 0) {
		figure_empty(f, "no goroutine waited in this time");
		return;
	}
	sums_sort(&o->sums);
	legend(o, 0, f);
	for (size_t i = 0; i < o->sums.n; i++) {
		const struct sum *s = &o->sums.v[i];
		char *frames = frames_of(o, s->key[1]), *last = last_frame(o, s);

		flame_add(&o->flame, format_text("%s;%s", frames, last), s->total, count(frames),
			  palette[s->key[0]].rgb);
		free(frames);
		free(last);
	}
	flame_layout(&o->flame, f);
	if (o->of_stacks < o->total)
		figure_note(
			f,
			format_text(
				o->of_stacks
					? "Where no stack was recorded, the boxes are the "
					  "functions "
					  "that spawned the goroutine."
					: "No stacks were recorded (weft record --stacks), so the "
					  "boxes are the functions that spawned the goroutine, and "
					  "what it waited for."));
}

static int draw_by(const struct scene *s, struct figure *f, const char *sql,
		   int (*row)(sqlite3_stmt *, void *),
		   void (*lay)(struct offcpu *, struct figure *))
{
	struct offcpu o = {.s = s};
	int ret = read_common(&o);

	if (ret == 0)
		ret = scene_ask(s, sql, row, &o);
	if (ret == 0)
		lay(&o, f);
	free_offcpu(&o);
	return ret;
}

static int draw(const struct scene *s, struct figure *f)
{
	return draw_by(s, f, offcpu_sql, wait_row, layout);
}

const struct plot plot_offcpu = {
	.title = "Where goroutines waited",
	.words = "A flame graph of waiting: below the calls that led to a wait, on top what it was "
		 "for, in the "
		 "colour of the reason.",
	.window = true,
	.in_full = true,
	.sql = {offcpu_sql, stacks_sql, families_sql, sites_sql, objects_sql},
	.draw = draw,
};

/* ---- With the stack that ended the wait on top ---- */

static const int64_t by_nobody = INT64_MIN, by_unknown = INT64_MIN + 1;

static int woken_row(sqlite3_stmt *row, void *arg)
{
	struct offcpu *o = arg;
	int64_t dur = row_number(row, 5), stack = row_number(row, 1), waker = row_number(row, 2);

	if (stack > 0)
		o->of_stacks += dur;
	else
		stack = family_key(o, row_number(row, 4));
	if (row_null(row, 3))
		waker = row_number(row, 6) ? by_nobody : by_unknown;
	else if (row_number(row, 3) == 0)
		waker = 0; /* the runtime */
	else if (waker <= 0)
		waker = family_key(o, row_number(row, 3));
	sums_add(&o->sums, reason(o, row), stack, waker, dur);
	o->total += dur;
	return 0;
}

/* Frames from the top down. */
static char *reversed(const char *frames)
{
	char *out = array_zeroed(strlen(frames) + 1, 1), *at = out;
	const char *end = frames + strlen(frames);

	while (end > frames) {
		const char *from = end;

		while (from > frames && from[-1] != ';')
			from--;
		memcpy(at, from, (size_t)(end - from));
		at += end - from;
		if (from > frames)
			*at++ = ';';
		end = from > frames ? from - 1 : frames;
	}
	return out;
}

static char *waker_frames(const struct offcpu *o, int64_t waker)
{
	char *frames, *out;

	if (waker == by_nobody)
		return format_text("nobody: it waits still");
	if (waker == by_unknown)
		return format_text("not recorded");
	if (waker == 0)
		return format_text("the runtime: a timer, or the world");
	frames = frames_of(o, waker);
	out = reversed(frames);
	free(frames);
	return out;
}

static void layout_wakers(struct offcpu *o, struct figure *f)
{
	begin(o, f,
	      o->of_stacks ? "by which calls, and by which calls it was ended"
			   : "whose children, and whose children ended it");
	if (o->total == 0) {
		figure_empty(f, "no goroutine waited in this time");
		return;
	}
	sums_sort(&o->sums);
	legend(o, 0, f);
	for (size_t i = 0; i < o->sums.n; i++) {
		const struct sum *s = &o->sums.v[i];
		const char *why = palette[s->key[0]].legend + strlen("waiting: ");
		char *frames = frames_of(o, s->key[1]), *waker = waker_frames(o, s->key[2]);

		flame_add(&o->flame, format_text("%s;%s, until;%s", frames, why, waker), s->total,
			  count(frames), palette[s->key[0]].rgb);
		free(frames);
		free(waker);
	}
	flame_layout(&o->flame, f);
	figure_note(
		f,
		format_text(
			"Grey, from the bottom up, are the calls that waited; in colour, from the "
			"reason up, those that ended the wait, innermost first."));
	if (o->of_stacks < o->total)
		figure_note(
			f,
			format_text("Where no stack was recorded (weft record --stacks), the boxes "
				    "are the functions that spawned the goroutine."));
}

static int draw_wakers(const struct scene *s, struct figure *f)
{
	return draw_by(s, f, wakers_sql, woken_row, layout_wakers);
}

const struct plot plot_wakers = {
	.title = "Who ended the waiting, by calls",
	.words = "The same with the calls that ended each wait on top, as in a mirror: what is "
		 "above a reason is "
		 "who was waited for.",
	.window = true,
	.in_full = true,
	.sql = {wakers_sql, stacks_sql, families_sql},
	.draw = draw_wakers,
};
