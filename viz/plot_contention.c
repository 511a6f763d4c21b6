/* SPDX-License-Identifier: MIT */
/* The picture of contention as a plot. */
#include "plot.h"

static int script(const struct scene *s, enum format format, struct script *out)
{
	struct contention c;
	struct contention_layout l;
	int ret = query_contention(s->db, &c);

	if (ret == 0) {
		contention_sum(&c);
		contention_layout(&c, s->width, s->height ? s->height : 900, &l);
		draw_contention(out, format, &l);
		contention_layout_free(&l);
	}
	contention_free(&c);
	return ret;
}

const struct plot plot_contention = {
	.title = "Contention",
	.words = "Which channels and locks goroutines waited for. Of a mutex, to blame is who held "
		 "it "
		 "when the wait began; of a channel, who at last came to the other end.",
	.sql = {query_contention_sql},
	.script = script,
};
