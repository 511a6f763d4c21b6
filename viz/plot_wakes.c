/* SPDX-License-Identifier: MIT */
/* Who wakes whom, as a matrix. */
#include "crowd.h"
#include "matrix.h"

static const char wakes_sql[] =
	"SELECT waker, g, dur FROM g_interval\n"
	"WHERE state = 4 AND waker IS NOT NULL AND ts + dur >= :from AND ts + dur < :to";

struct waking {
	struct crowd crowd;
	struct sums sums;
	int64_t n;
};

static int wake_row(sqlite3_stmt *row, void *arg)
{
	struct waking *w = arg;

	sums_add(&w->sums, crowd_find(&w->crowd, row_number(row, 0)),
		 crowd_find(&w->crowd, row_number(row, 1)), 0, row_number(row, 2));
	w->n++;
	return 0;
}

static void layout(const struct scene *s, const struct waking *w, struct figure *f)
{
	const struct matrix m = {.rows = "woke",
				 .columns = "was woken",
				 .unit = "after ",
				 .names = w->crowd.names.v,
				 .nnames = w->crowd.names.n,
				 .sums = &w->sums};
	char a[FORMAT_MAX], *window = scene_window(s);

	figure_begin(f, s->width, s->title,
		     format_text("%s; %s wake-ups, how often, and after what time on average, %s",
				 window, format_count(a, w->n),
				 w->crowd.alone ? "goroutine by goroutine" : "by functions"));
	free(window);
	if (w->sums.n == 0) {
		figure_empty(f, "no goroutine was woken in this time");
		return;
	}
	matrix_layout(&m, f);
}

static int draw(const struct scene *s, struct figure *f)
{
	struct waking w = {0};
	int ret = crowd_read(s, &w.crowd);

	if (ret == 0)
		ret = scene_ask(s, wakes_sql, wake_row, &w);
	if (ret == 0)
		layout(s, &w, f);
	crowd_free(&w.crowd);
	sums_free(&w.sums);
	return ret;
}

const struct plot plot_wakes = {
	.title = "Who wakes whom",
	.words = "How often the ones in the rows woke the ones in the columns, and how long those "
		 "had waited "
		 "by then. The runtime wakes those that slept or waited for the world.",
	.window = true,
	.sql = {wakes_sql, crowd_sql},
	.draw = draw,
};
