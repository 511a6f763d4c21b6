/* SPDX-License-Identifier: MIT */
/* How long goroutines that could run waited for a worker: the distribution. */
#include "latency.h"
#include "plot.h"

#include <math.h>

enum { LEFT = 80, HEIGHT = 300, STEPS = 1200 };

/* Steps of the distribution, as many as can be seen. */
static void curve(struct panel *p, const int64_t *v, size_t n, uint32_t rgb)
{
	struct mark *m = panel_mark(p, MARK_STEPS, rgb);

	mark_point(m, fmax(1, (double)v[0]), 0);
	for (size_t i = 0; i < n; i += n / STEPS + 1)
		mark_point(m, fmax(1, (double)v[i]), 100 * (double)(i + 1) / (double)n);
	mark_point(m, fmax(1, (double)v[n - 1]), 100);
}

enum { PERCENTS = 3 };
static const int percents[PERCENTS] = {50, 90, 99};

/* From the axis up to the curve, where it reaches each percentile. */
static void percentiles(struct panel *p, const int64_t *v, size_t n)
{
	for (int i = 0; n && i < PERCENTS; i++) {
		double ns = fmax(1, (double)latency_percentile(v, n, percents[i]));
		struct mark *m = panel_mark(p, MARK_RULE, INK_SOFT);

		mark_point(m, ns, 0);
		mark_point(m, ns, percents[i]);
	}
}

/* "woken, until it ran: 1,067 times, 50% within 15.4 us, 90% within ..." */
static char *label(const char *name, const int64_t *v, size_t n)
{
	char buf[FORMAT_MAX];
	char *text =
		n == 1 ? format_text("%s: once, after %s", name, format_ns(buf, (double)v[0], 3))
		       : format_text("%s: %s times", name, format_count(buf, (int64_t)n));

	for (int i = 0; n > 1 && i < PERCENTS; i++) {
		char *more = format_text(
			"%s, %d%% within %s", text, percents[i],
			format_ns(buf, (double)latency_percentile(v, n, percents[i]), 3));

		free(text);
		text = more;
	}
	return text;
}

static void legend(const struct latency *t, struct figure *f)
{
	static const char *const names[] = {"woken, until it ran", "new, until it first ran"};
	struct key keys[LATENCY_KINDS];
	size_t n = 0;

	for (int k = 0; k < LATENCY_KINDS; k++)
		if (t->v[k].n)
			keys[n++] = (struct key){hues[k], label(names[k], t->v[k].v, t->v[k].n)};
	figure_legend(f, keys, n);
	while (n)
		free((char *)keys[--n].label);
}

static void notes(const struct latency *t, struct figure *f)
{
	char buf[FORMAT_MAX];

	if (t->v[LATENCY_WOKEN].n)
		figure_note(f, format_text("Dashed is where 50%%, 90%% and 99%% of the woken ran."));
	if (t->open)
		figure_note(f, format_text("%s had not run when the trace ended: %s as if %s "
					   "ran then.",
					   format_count(buf, t->open),
					   t->open == 1 ? "it counts" : "they count",
					   t->open == 1 ? "it" : "they"));
}

static void layout(const struct latency *t, const struct scene *s, struct figure *f)
{
	double least = 1e18, most = 1;
	char *window = scene_window(s);
	struct panel *p;

	figure_begin(f, s->width, s->title,
		     format_text("%s; of 100 times that a goroutine could run, after what time how "
				 "many ran",
				 window));
	free(window);
	if (t->v[LATENCY_WOKEN].n + t->v[LATENCY_NEW].n == 0) {
		figure_empty(f, "no goroutine was woken or made in this time");
		return;
	}
	for (int k = 0; k < LATENCY_KINDS; k++)
		if (t->v[k].n) {
			least = fmin(least, (double)t->v[k].v[0]);
			most = fmax(most, (double)t->v[k].v[t->v[k].n - 1]);
		}
	legend(t, f);
	p = figure_panel(f,
			 (struct rect){LEFT, f->top + 8, s->width - LEFT - FIGURE_RIGHT, HEIGHT});
	p->x = figure_durations(least, most);
	p->x.label = "waited for a worker";
	p->y = (struct scale){SCALE_PERCENT, 0, 101, NULL, false};
	percentiles(p, t->v[LATENCY_WOKEN].v, t->v[LATENCY_WOKEN].n);
	for (int k = LATENCY_KINDS - 1; k >= 0; k--)
		if (t->v[k].n)
			curve(p, t->v[k].v, t->v[k].n, hues[k]);
	f->bottom += FIGURE_AXIS;
	notes(t, f);
}

static int draw(const struct scene *s, struct figure *f)
{
	struct latency t = {0};
	int ret = query_latency(s->db, s->from, s->to, &t);

	if (ret == 0)
		layout(&t, s, f);
	latency_free(&t);
	return ret;
}

const struct plot plot_latency = {
	.title = "Wake-up latency",
	.words = "How long goroutines that could run waited until a worker ran them. A long tail "
		 "means "
		 "too few workers, or goroutines that keep theirs for long.",
	.window = true,
	.stretch = true,
	.sql = {query_latency_sql},
	.draw = draw,
};
