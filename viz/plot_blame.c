/* SPDX-License-Identifier: MIT */
/* Who waited, and because of whom, as a matrix. */
#include "crowd.h"
#include "matrix.h"

static const char blame_sql[] =
	"SELECT g, coalesce(holder, waker) AS culprit, took, dur IS NULL AS open FROM " SPANS("state = 4") "\n"
	"WHERE obj IN (SELECT obj FROM object WHERE kind NOT IN ('waitgroup', 'group', 'conn'))\n"
	"\tAND ts < :to AND ts + took >= :from";

struct blaming {
	struct crowd crowd;
	struct sums sums;
	int64_t total;
};

static int wait_row(sqlite3_stmt *row, void *arg)
{
	struct blaming *b = arg;
	int64_t dur = row_number(row, 2);
	int culprit = !row_null(row, 1)	   ? crowd_find(&b->crowd, row_number(row, 1))
		      : row_number(row, 3) ? CROWD_NOBODY
					   : CROWD_UNKNOWN; /* the event is lost that ended it */

	sums_add(&b->sums, crowd_find(&b->crowd, row_number(row, 0)), culprit, 0, dur);
	b->total += dur;
	return 0;
}

static void layout(const struct scene *s, const struct blaming *b, struct figure *f)
{
	const struct matrix m = {.rows = "waited",
				 .columns = "had the lock, or came late to the channel",
				 .times = true,
				 .unit = "wait",
				 .names = b->crowd.names.v,
				 .nnames = b->crowd.names.n,
				 .sums = &b->sums};
	char a[FORMAT_MAX], *window = scene_window(s);

	figure_begin(
		f, s->width, s->title,
		format_text("%s; goroutines waited for channels and locks for %s altogether, %s",
			    window, format_ns(a, (double)b->total, 4),
			    b->crowd.alone ? "each on its own" : "by their functions"));
	free(window);
	if (b->sums.n == 0) {
		figure_empty(f, "no goroutine waited for a channel or a lock in this time");
		return;
	}
	matrix_layout(&m, f);
}

static int draw(const struct scene *s, struct figure *f)
{
	struct blaming b = {0};
	int ret = crowd_read(s, &b.crowd);

	if (ret == 0)
		ret = scene_ask(s, blame_sql, wait_row, &b);
	if (ret == 0)
		layout(s, &b, f);
	crowd_free(&b.crowd);
	sums_free(&b.sums);
	return ret;
}

const struct plot plot_blame = {
	.title = "Who waited because of whom",
	.words = "For a lock, the column is who held it when the wait began (an RWMutex: for "
		 "writing), for a Once who ran it; for a channel, who at last "
		 "came to the other end. Waits for others to end (WaitGroups, groups) and for the "
		 "world "
		 "(connections) are not in it.",
	.window = true,
	.in_full = true,
	.sql = {blame_sql, crowd_sql},
	.draw = draw,
};
