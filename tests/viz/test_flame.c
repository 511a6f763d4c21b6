/* SPDX-License-Identifier: MIT */
#include "flame.h"
#include "matrix.h"
#include "unit.h"

#include <math.h>

static struct figure f;
static struct flame fl;

static void begin(void)
{
	memset(&fl, 0, sizeof fl);
	figure_begin(&f, 1048, "a title", format_text("what it is"));
}

static void end(void)
{
	flame_free(&fl);
	figure_free(&f);
}

/* The box that is as wide as that and whose lower edge is in that row, or NULL. */
static const struct box *box(double width, int row)
{
	const struct panel *p = f.panels.v[0];

	for (size_t i = 0; i < p->boxes.n; i++) {
		const struct box *b = &p->boxes.v[i];

		if (fabs(b->t1 + 1 - b->t0 - width) < 0.01 &&
		    fabs(p->place.h - row * 19 - b->y1) < 0.01)
			return b;
	}
	return NULL;
}

TEST(what_begins_alike_is_one_box)
{
	begin(); /* 1000 pixels wide */
	flame_add(&fl, format_text("main;a;x"), 250, 2, 0x123456);
	flame_add(&fl, format_text("main;b"), 500, 1, 0x123456);
	flame_add(&fl, format_text("main;a;y"), 250, 2, 0x654321);
	flame_layout(&fl, &f);
	EXPECT(f.panels.v[0]->boxes.n == 5);
	EXPECT(box(1000, 0) && box(500, 1) && box(250, 2));
	EXPECT(box(250, 2)->rgb == 0x123456 && box(1000, 0)->rgb != 0x123456);
	end();
}

TEST(a_frame_that_only_begins_like_another_is_another)
{
	begin();
	flame_add(&fl, format_text("main"), 400, 1, 1);
	flame_add(&fl, format_text("main2"), 600, 1, 1);
	flame_layout(&fl, &f);
	EXPECT(f.panels.v[0]->boxes.n == 2 && box(400, 0) && box(600, 0));
	end();
}

TEST(boxes_of_less_than_a_pixel_are_counted)
{
	bool said = false;

	begin();
	flame_add(&fl, format_text("a"), 1000000, 1, 1);
	flame_add(&fl, format_text("b"), 1, 1, 1);
	flame_layout(&fl, &f);
	EXPECT(f.panels.v[0]->boxes.n == 1);
	for (size_t i = 0; i < f.notes.n; i++)
		said |= strstr(f.notes.v[i], "1 box is narrower") != NULL;
	EXPECT(said);
	end();
}

TEST(stacks_higher_than_the_picture_are_counted)
{
	char *frames = format_text("f");

	begin();
	for (int i = 0; i < 100; i++) {
		char *more = format_text("%s;f%d", frames, i);

		free(frames);
		frames = more;
	}
	flame_add(&fl, frames, 10, 100, 1);
	flame_layout(&fl, &f);
	EXPECT(f.panels.v[0]->boxes.n == 60 && f.notes.n == 2);
	end();
}

TEST(a_flame_without_time_is_drawn)
{
	begin();
	flame_add(&fl, format_text("a;b"), 0, 1, 1);
	flame_layout(&fl, &f);
	EXPECT(f.panels.n == 1);
	end();
}

TEST(sums_are_by_key_and_sorted)
{
	struct sums s = {0};

	for (int64_t i = 0; i < 3000; i++) {
		sums_add(&s, i % 1000, -i % 1000, 7, i % 1000);
		sums_add(&s, 5, 5, 5, 1000);
	}
	sums_sort(&s);
	EXPECT(s.n == 1001);
	EXPECT(s.v[0].key[0] == 5 && s.v[0].n == 3000 && s.v[0].total == 3000000);
	EXPECT(s.v[1].key[0] == 999 && s.v[1].key[1] == -999 && s.v[1].n == 3 &&
	       s.v[1].total == 2997);
	EXPECT(s.v[1000].key[0] == 0 && s.v[1000].total == 0);
	sums_free(&s);
}

/* In a matrix of many, all that is added is in a cell: the sums are the same. */
TEST(a_matrix_shows_the_largest_and_the_others)
{
	char *names[40];
	struct sums s = {0};
	struct matrix m = {"r", "c", true, "wait", names, 40, &s};
	int others = 0;

	begin();
	f.width = 1600;
	for (int i = 0; i < 40; i++)
		names[i] = format_text("name%d", i);
	for (int i = 0; i < 40; i++)
		for (int k = 0; k < 3; k++)
			sums_add(&s, i, (i * 7 + k) % 40, 0, 1000 + i);
	matrix_layout(&m, &f);
	for (size_t i = 0; i < f.texts.n; i++) {
		others += strcmp(f.texts.v[i].text, "27 others") == 0;
		EXPECT(f.texts.v[i].x < 1600);
	}
	EXPECT(others == 2);
	for (int i = 0; i < 40; i++)
		free(names[i]);
	sums_free(&s);
	end();
}
