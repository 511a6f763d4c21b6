/* SPDX-License-Identifier: MIT */
#include "unit.h"
#include "why.h"

#include <stdlib.h>

/* Histories: g, from, to, what, other. */
enum { FOREVER = 1000 };
static const struct row {
	int64_t g, from, to;
	enum what what;
	int64_t other;
	bool open;
} * rows;

static int source(void *arg, int64_t g, int64_t from, int64_t to, struct why_spans *spans)
{
	(void)arg;
	if (!rows)
		return -1;
	for (const struct row *r = rows; r->g; r++)
		if (r->g == g && r->from < to && r->to > from)
			array_add(&spans->v, (struct why_span){r->from,
							       r->to,
							       {.what = r->what,
								.other = r->other,
								.open = r->open,
								.p = -1}});
	return 0;
}

/* Why the first row's goroutine was as it was. */
static struct part explain(const struct row *of, int depth, int64_t least)
{
	struct part root = {.g = of->g,
			    .state = {.what = of->what, .other = of->other, .open = of->open},
			    .total = of->to - of->from};

	rows = of;
	array_add(&root.windows, (struct window){of->from, of->to});
	EXPECT(why_explain(&root, depth, least, source, NULL) == 0);
	return root;
}

static bool sums(const struct part *p)
{
	int64_t parts = 0, windows = 0;

	for (size_t i = 0; i < p->windows.n; i++)
		windows += p->windows.v[i].to - p->windows.v[i].from;
	for (size_t i = 0; i < p->parts.n; i++) {
		parts += p->parts.v[i].total;
		if (!sums(&p->parts.v[i]))
			return false;
	}
	return windows == p->total && (!p->parts.n || parts == p->total);
}

TEST(the_waker_is_asked_what_it_did_and_its_waker_in_turn)
{
	static const struct row chain[] = {
		{1, 100, 200, WHAT_WAITING, 2, false},	{2, 0, 90, WHAT_RUNNING, -1, false},
		{2, 90, 180, WHAT_WAITING, 3, false},	{2, 180, 190, WHAT_RUNNABLE, -1, false},
		{2, 190, 300, WHAT_RUNNING, -1, false}, {3, 0, 150, WHAT_WAITING, 0, false},
		{3, 150, 400, WHAT_RUNNING, -1, false}, {0}};
	struct part root = explain(chain, 9, 0), *p;

	EXPECT(sums(&root) && root.parts.n == 3);
	p = &root.parts.v[0];
	EXPECT(p->g == 2 && p->state.what == WHAT_WAITING && p->total == 80);
	EXPECT(p->parts.n == 2 && p->parts.v[0].g == 3);
	EXPECT(p->parts.v[0].state.what == WHAT_WAITING && p->parts.v[0].total == 50);
	EXPECT(p->parts.v[1].state.what == WHAT_RUNNING && p->parts.v[1].total == 30);
	why_free(&root);
}

TEST(what_is_alike_is_one_part)
{
	static const struct row often[] = {{1, 0, 100, WHAT_WAITING, 2, false},
					   {2, 0, 20, WHAT_WAITING, 3, false},
					   {2, 20, 30, WHAT_RUNNING, -1, false},
					   {2, 30, 60, WHAT_WAITING, 3, false},
					   {2, 60, 100, WHAT_RUNNING, -1, false},
					   {3, 0, 100, WHAT_RUNNING, -1, false},
					   {0}};
	struct part root = explain(often, 9, 0);

	EXPECT(sums(&root) && root.parts.n == 2);
	EXPECT(root.parts.v[0].total == 50 && root.parts.v[0].windows.n == 2);
	EXPECT(root.parts.v[0].state.what == WHAT_WAITING);
	EXPECT(root.parts.v[0].parts.n == 1 && root.parts.v[0].parts.v[0].total == 50);
	why_free(&root);
}

TEST(before_it_was_spawned_its_parent_is_asked)
{
	static const struct row spawned[] = {{1, 0, 100, WHAT_WAITING, 2, false},
					     {2, -9, 60, WHAT_UNBORN, 3, false},
					     {2, 60, 100, WHAT_RUNNING, -1, false},
					     {3, 0, 100, WHAT_RUNNING, -1, false},
					     {0}};
	struct part root = explain(spawned, 9, 0);

	EXPECT(sums(&root) && root.parts.v[0].state.what == WHAT_UNBORN);
	EXPECT(root.parts.v[0].parts.n == 1 && root.parts.v[0].parts.v[0].g == 3);
	why_free(&root);
}

TEST(a_circle_is_said_and_not_followed)
{
	static const struct row circle[] = {{1, 0, 100, WHAT_WAITING, 2, true},
					    {2, 0, 100, WHAT_WAITING, 3, true},
					    {3, 0, 100, WHAT_WAITING, 1, true},
					    {0}};
	struct part root = explain(circle, 1000, 0), *p = &root;

	EXPECT(sums(&root) && !root.circle);
	for (; p->parts.n; p = p->parts.v)
		EXPECT(p->parts.n == 1);
	EXPECT(p->g == 3 && p->circle);
	why_free(&root);
}

TEST(depth_and_least_end_it)
{
	static const struct row chain[] = {
		{1, 0, 100, WHAT_WAITING, 2, false},  {2, 0, 99, WHAT_WAITING, 3, false},
		{2, 99, 100, WHAT_WAITING, 4, false}, {3, 0, 100, WHAT_RUNNING, -1, false},
		{4, 0, 100, WHAT_RUNNING, -1, false}, {0}};
	struct part root = explain(chain, 1, 0);

	EXPECT(root.parts.n == 2 && !root.parts.v[0].parts.n && root.parts.v[0].deeper);
	why_free(&root);
	root = explain(chain, 2, 50);
	EXPECT(root.parts.v[0].parts.n == 1 && !root.parts.v[1].parts.n);
	EXPECT(!root.parts.v[1].deeper);
	why_free(&root);
}

TEST(a_failure_of_the_source_is_one)
{
	struct part root = {.g = 1, .state = {.what = WHAT_WAITING, .other = 2}, .total = 1};

	rows = NULL;
	array_add(&root.windows, (struct window){0, 1});
	EXPECT(why_explain(&root, 9, 0, source, NULL) == -1);
	why_free(&root);
}

/* Whatever goroutines do, also what no scheduler lets them. */
TEST(parts_sum_to_the_wait)
{
	enum { G = 6, ROWS = 300 };
	static struct row all[ROWS + 2];

	srand(1);
	for (int round = 0; round < 200; round++) {
		int n = 0;
		struct part root;

		all[n++] = (struct row){1, 0, FOREVER, WHAT_WAITING, 2, false};
		for (int64_t g = 2; g <= G; g++)
			for (int64_t at = 0; at < FOREVER && n < ROWS;) {
				int64_t to = at + 1 + rand() % 200;

				all[n++] = (struct row){g,
							at,
							to,
							rand() % 2 ? WHAT_WAITING : WHAT_RUNNING,
							1 + rand() % G,
							rand() % 8 == 0};
				if (all[n - 1].what == WHAT_RUNNING)
					all[n - 1].other = -1;
				at = to;
			}
		all[n] = (struct row){0};
		root = explain(all, 5, 0);
		EXPECT(sums(&root));
		why_free(&root);
	}
}
