/* SPDX-License-Identifier: MIT */
/* The words of the timeline: title, legend, labels, notes; none over another. */
#include "layout_parts.h"

#include <math.h>
#include <string.h>

/* Put text, which becomes the layout's. */
static void put(struct layout *l, double x, double y, enum align align, int size, uint32_t rgb,
		char *text)
{
	array_add(&l->texts, (struct text){x, y, align, size, false, rgb, text});
}

/* ---- The legend: swatches and words in lines from left to right ---- */

enum { NOTE_SIZE = 11, NOTE_LINE = 17 };
enum { LEGEND_SIZE = 12, LEGEND_LINE = 22, LEGEND_TOP = 78, LEGEND_LINES = 3, SWATCH = 12 };

static double state_total(const struct timeline *t)
{
	double sum = 0;

	for (size_t i = 0; i < t->styles.n; i++)
		sum += t->styles.v[i].total;
	return sum;
}

/* In the worker view, a share of all the workers' time. */
static double whole(const struct timeline *t)
{
	size_t lanes = 0;

	if (!t->workers)
		return state_total(t);
	for (size_t i = 0; i < t->lanes.n; i++)
		lanes += strcmp(t->lanes.v[i].group, "worker") == 0;
	return (double)lanes * (double)(t->to - t->from);
}

int legend_bottom(struct plan *p)
{
	struct timeline *t = p->t;
	double x = MARGIN, y = LEGEND_TOP, all = whole(t);
	size_t left = 0;
	char buf[FORMAT_MAX];

	for (size_t i = 0; i < t->styles.n; i++)
		left += t->styles.v[i].legend != NULL;
	/* The states come last in the worker view, where they say least. */
	for (size_t k = 0; k < t->styles.n; k++) {
		size_t i = t->workers ? (k + COLORS) % t->styles.n : k;
		const struct style *s = &t->styles.v[i];
		char *text, *label;
		double w, at;

		if (!s->legend)
			continue;
		label = format_label(s->legend, 40);
		text = format_text("%s", format_percent(buf, all > 0 ? s->total / all : 0));
		at = SWATCH + 6 + format_width(label) * LEGEND_SIZE + 8;
		w = at + format_width(text) * LEGEND_SIZE;
		if (x + w > t->width - MARGIN_RIGHT) {
			x = MARGIN;
			y += LEGEND_LINE;
		}
		if (y >= LEGEND_TOP + LEGEND_LINES * LEGEND_LINE) {
			free(label);
			free(text);
			put(p->l, MARGIN, y, ALIGN_LEFT, LEGEND_SIZE, INK_SOFT,
			    format_text("and %zu more colours", left));
			break;
		}
		array_add(&p->l->swatches,
			  (struct swatch){x, y - SWATCH / 2.0, SWATCH, SWATCH, s->rgb});
		put(p->l, x + SWATCH + 6, y, ALIGN_LEFT, LEGEND_SIZE, INK, label);
		put(p->l, x + at, y, ALIGN_LEFT, LEGEND_SIZE, INK_SOFT, text);
		x += w + 26;
		left--;
	}
	return (int)y + LEGEND_LINE / 2;
}

int notes_room(const struct timeline *t)
{
	return 10 + NOTE_LINE * (t->width >= 1100 ? 2 : t->width >= 600 ? 4 : 7);
}

/* ---- Labels of lanes and groups ---- */

enum { LABEL_CHARS = 28, LABEL_SIZE = 12 };

static char *group_label(const struct plan *p, const struct group *g)
{
	const struct lane *lead = &p->t->lanes.v[p->order[g->first]];
	char buf[FORMAT_MAX], *text, *label;

	if (g->names > 1)
		return format_text("%d other names (%s)", g->names,
				   format_count(buf, (int64_t)g->n));
	if (g->n == 1)
		return format_label(lead->name, LABEL_CHARS);
	text = format_label(lead->group, LABEL_CHARS - 8);
	label = format_text("%s (%s)", text, format_count(buf, (int64_t)g->n));
	free(text);
	return label;
}

int label_room(const struct plan *p)
{
	double w = p->t->workers ? format_width("100% running") * 11 : 60;

	for (size_t i = 0; i < p->t->lanes.n; i++) {
		char *label = format_label(p->t->lanes.v[i].name, LABEL_CHARS);

		w = fmax(w, format_width(label) * LABEL_SIZE);
		free(label);
	}
	if (p->grouped)
		w = fmax(w + format_width(" (999)") * LABEL_SIZE,
			 format_width("999 other names (9,999)") * LABEL_SIZE);
	w = fmin(w, 0.25 * p->t->width);
	return MARGIN + (int)w + 14;
}

/* How much of the window a lane ran. */
static char *busy(const struct plan *p, size_t lane)
{
	const struct timeline *t = p->t;
	double sum = 0;
	char buf[FORMAT_MAX];

	for (uint32_t i = p->first[lane]; i < p->first[lane + 1]; i++) {
		const struct span *s = &t->spans.v[p->by_lane[i]];

		if (t->styles.v[s->style].salient)
			sum += fmin((double)s->end, (double)t->to) -
			       fmax((double)s->ts, (double)t->from);
	}
	return format_text("%s running", format_percent(buf, sum / (double)(t->to - t->from)));
}

static void label_lanes(struct plan *p)
{
	const struct layout *l = p->l;
	int size = p->pitch >= 16 ? LABEL_SIZE : 11;

	for (size_t i = 0; i < p->t->lanes.n; i++) {
		double y = l->plot.y + ((double)i + 0.5) * p->pitch;
		bool two = p->t->workers && p->pitch >= 36;

		put(p->l, l->plot.x - 10, two ? y - 8 : y, ALIGN_RIGHT, size, INK,
		    format_label(p->t->lanes.v[i].name, LABEL_CHARS));
		if (two)
			put(p->l, l->plot.x - 10, y + 9, ALIGN_RIGHT, 11, INK_SOFT, busy(p, i));
	}
}

static void label_groups(struct plan *p)
{
	const struct layout *l = p->l;

	for (size_t i = 0; i < p->ngroups; i++) {
		const struct group *g = &p->groups[i];

		put(p->l, l->plot.x - 10, l->plot.y + g->y + g->h / 2.0, ALIGN_RIGHT, LABEL_SIZE,
		    INK, group_label(p, g));
	}
}

/* ---- Words in the rectangles ---- */

static bool dark(uint32_t rgb)
{
	return 0.30 * (rgb >> 16 & 255) + 0.59 * (rgb >> 8 & 255) + 0.11 * (rgb & 255) < 150;
}

/* What fits into `room` units of width: who runs, on which worker, or what is waited for. */
static char *word_for(const struct timeline *t, const struct span *s, double room)
{
	char *text = NULL, *name;

	if (t->workers && (s->style >= COLORS || s->style == COLOR_detached)) {
		const struct goroutine *g = &t->goroutines.v[s->ref];

		name = format_label(g->name, LABEL_CHARS);
		text = format_text("g%llu %s", (unsigned long long)g->g, name);
		free(name);
		if (format_width(text) > room) {
			free(text);
			text = format_text("g%llu", (unsigned long long)g->g);
		}
	} else if (!t->workers && s->style == COLOR_running && s->ref) {
		text = format_text("worker %u", s->ref - 1);
	} else if (!t->workers && s->ref) {
		/* What is left of a name in less room than this says nothing. */
		text = format_fit(t->objects.v[s->ref - 1], fmin(fmax(room, 8), 40));
	}
	if (text && format_width(text) > room) {
		free(text);
		text = NULL;
	}
	return text;
}

static void word_in(struct plan *p, const struct span *s)
{
	const struct timeline *t = p->t;
	const struct rect *r = &p->l->plot;
	double px = r->w / (double)(t->to - t->from);
	double x0 = fmax(0, (double)(s->ts - t->from) * px);
	double x1 = fmin(r->w, (double)(s->end - t->from) * px);
	int size = p->pitch >= 20 ? 11 : 10;
	char *text;

	if (x1 - x0 < 2 * size)
		return;
	text = word_for(t, s, (x1 - x0 - 8) / size);
	if (text)
		put(p->l, r->x + (x0 + x1) / 2, r->y + (s->lane + 0.5) * p->pitch, ALIGN_CENTER,
		    size, dark(t->styles.v[s->style].rgb) ? PAPER : INK, text);
}

static void words_in_lanes(struct plan *p)
{
	for (size_t i = 0; i < p->t->spans.n; i++)
		if (p->t->spans.v[i].lane != NO_LANE)
			word_in(p, &p->t->spans.v[i]);
}

/* ---- Title and notes ---- */

static void put_title(struct plan *p)
{
	const struct timeline *t = p->t;
	char a[FORMAT_MAX], b[FORMAT_MAX], c[FORMAT_MAX];
	const char *name = t->workers ? "Workers" : "Goroutines";
	double x = MARGIN + format_width(name) * 17 * FORMAT_BOLD + 12;
	char *window, *text;
	/* As many digits as tell the ends of the window apart. */
	int digits = 3 + (int)fmin(9, log10((double)t->to / (double)(t->to - t->from)));

	put(p->l, MARGIN, 26, ALIGN_LEFT, 17, INK, format_text("%s", name));
	p->l->texts.v[p->l->texts.n - 1].bold = true;
	put(p->l, x, 26, ALIGN_LEFT, 14, INK_SOFT,
	    format_fit(t->title, (t->width - MARGIN - x) / 14));
	if (t->dur == 0)
		window = format_text("a run without any time in it");
	else if (t->from == 0 && t->to == t->dur)
		window = format_text("the whole run, %s", format_ns(a, (double)t->dur, 4));
	else
		window = format_text(
			"%s to %s of a run of %s", format_ns(a, (double)t->from, digits),
			format_ns(b, (double)t->to, digits), format_ns(c, (double)t->dur, 4));
	text = format_text("%s; %s goroutine%s on %d worker%s; %s interval%s", window,
			   format_count(b, (int64_t)t->goroutines.n),
			   t->goroutines.n == 1 ? "" : "s", t->nworkers, t->nworkers == 1 ? "" : "s",
			   format_count(c, p->nspans), p->nspans == 1 ? "" : "s");
	put(p->l, MARGIN, 50, ALIGN_LEFT, 12, INK_SOFT, format_fit(text, (t->width - 2 * MARGIN) / 12.0));
	free(text);
	free(window);
}

/* Sentences, one after the other, in lines. */
struct notes {
	struct layout *l;
	double x, y;
};

/* As many words as fit into that many pixels, all of them if the first is longer; the rest. */
static char *split(char *text, double room)
{
	char *at = text, *last = NULL;

	for (; (at = strchr(at, ' ')); at++) {
		*at = 0;
		if (last && format_width(text) * NOTE_SIZE > room) {
			*at = ' ';
			break;
		}
		*at = ' ';
		last = at;
	}
	if (!at && format_width(text) * NOTE_SIZE <= room)
		return NULL;
	if (last)
		*last++ = 0;
	return last;
}

static void put_note(struct notes *n, char *text)
{
	double right = n->l->width - MARGIN_RIGHT, w = format_width(text) * NOTE_SIZE;

	if (n->x > MARGIN && n->x + w > right) {
		n->x = MARGIN;
		n->y += NOTE_LINE;
	}
	for (char *line = text, *rest; line; line = rest) {
		rest = split(line, right - n->x);
		put(n->l, n->x, n->y, ALIGN_LEFT, NOTE_SIZE, INK_SOFT, format_text("%s", line));
		n->x += format_width(line) * NOTE_SIZE + 10;
		if (rest) {
			n->x = MARGIN;
			n->y += NOTE_LINE;
		}
	}
	free(text);
}

static void note_merging(struct plan *p, struct notes *n)
{
	char a[FORMAT_MAX], b[FORMAT_MAX];

	if (p->grouped)
		put_note(n, format_text("%s %s in %d rows of pixels, grouped by name%s.",
					format_count(a, (int64_t)p->t->lanes.n),
					p->t->workers ? "workers" : "goroutines", p->l->plot.h,
					p->t->workers ? "" : ", in the order of their creation"));
	if (p->nnarrow)
		put_note(n,
			 format_text("%s interval%s narrower than a pixel: %s.",
				     format_count(b, p->nnarrow), p->nnarrow == 1 ? " is" : "s are",
				     !p->grouped
					     ? "a column is divided by time, running gets a third "
					       "at least where it is rare"
				     : p->t->workers ? "pixels show the mix of what they hold"
						     : "pixels show the mix of what they hold, a "
						       "third of full strength at least"));
}

int64_t timeline_lost(const struct timeline *t)
{
	int64_t lost = 0;

	for (size_t i = 0; i < t->gaps.n; i++)
		lost += t->gaps.v[i].lost;
	return lost;
}

static void put_notes(struct plan *p)
{
	const struct timeline *t = p->t;
	struct notes n = {p->l, MARGIN, p->l->height - notes_room(p->t) + 14};
	char buf[FORMAT_MAX];
	int64_t lost = timeline_lost(t);

	if (lost)
		put_note(&n,
			 format_text("Hatched: %s events are missing from the trace; what is drawn "
				     "there may be wrong.",
				     format_count(buf, lost)));
	note_merging(p, &n);
	if (p->l->arrows.n)
		put_note(&n, format_text("Arrows lead from who woke to who was woken."));
	else if (t->nwakes > LAYOUT_ARROWS)
		put_note(&n,
			 format_text("%s wake-ups are too many to draw as arrows: choose a shorter "
				     "time with --from and --to.",
				     format_count(buf, t->nwakes)));
}

static void title_load(struct plan *p)
{
	struct layout *l = p->l;
	double y = l->load.y - 14, x = l->load.x;
	static const struct {
		enum color color;
		const char *text;
	} full[] = {{COLOR_running, "running"}, {COLOR_runnable, "runnable, waiting for a worker"}},
	  brief[] = {{COLOR_running, "running"}, {COLOR_runnable, "runnable"}}, *keys = full;
	const char *title = "Goroutines with work to do:";
	char *dashed = format_text("(dashed: %d worker%s)", p->t->nworkers,
				   p->t->nworkers == 1 ? "" : "s");
	double room = l->width - MARGIN - x - 2 * (SWATCH + 6 + 18) - 8;

	if (format_width(title) * 12 + (format_width(full[0].text) + format_width(full[1].text) +
					format_width(dashed)) * 12 > room) {
		title = "With work to do:";
		keys = brief;
		x = MARGIN;
	}
	put(l, x, y, ALIGN_LEFT, 12, INK, format_text("%s", title));
	x += format_width(title) * 12 + 8;
	for (int i = 0; i < 2; i++) {
		array_add(&l->swatches, (struct swatch){x, y - SWATCH / 2.0, SWATCH, SWATCH,
							palette[keys[i].color].rgb});
		put(l, x + SWATCH + 6, y, ALIGN_LEFT, 12, INK, format_text("%s", keys[i].text));
		x += SWATCH + 6 + format_width(keys[i].text) * 12 + 18;
	}
	put(l, x, y, ALIGN_LEFT, 12, INK_SOFT, format_fit(dashed, (l->width - x) / 12));
	free(dashed);
}

void put_words(struct plan *p)
{
	struct layout *l = p->l;

	put_title(p);
	if (p->grouped) {
		label_groups(p);
	} else {
		label_lanes(p);
		words_in_lanes(p);
	}
	if (p->t->lanes.n == 0)
		put(l, l->plot.x + l->plot.w / 2.0, l->plot.y + l->plot.h / 2.0, ALIGN_CENTER, 14,
		    INK_SOFT, format_text("nothing happened in this time"));
	if (l->load.h)
		title_load(p);
	put_notes(p);
}
