/* SPDX-License-Identifier: MIT */
#include "curve.h"
#include "figure.h"
#include "unit.h"

#include <math.h>

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

TEST(a_curve_is_the_average_of_each_column)
{
	struct curve c;

	curve_begin(&c, 100, 140, 4);
	curve_add(&c, 105, 125); /* half of the first, all of the second, half of the third */
	curve_add(&c, 110, 120);
	curve_finish(&c);
	EXPECT(near(c.v[0], 0.5) && near(c.v[1], 2) && near(c.v[2], 0.5) && near(c.v[3], 0));
	EXPECT(near(c.total, 30));
	curve_free(&c);
}

TEST(what_is_outside_the_window_is_cut_off)
{
	struct curve c;

	curve_begin(&c, 100, 140, 4);
	curve_add(&c, 0, 1000);
	curve_add(&c, 0, 100);
	curve_add(&c, 140, 150);
	curve_add(&c, 120, 120);
	curve_finish(&c);
	for (int i = 0; i < 4; i++)
		EXPECT(near(c.v[i], 1));
	EXPECT(near(c.total, 40));
	curve_free(&c);
}

TEST(a_text_is_cut_to_its_room)
{
	for (int room = 0; room < 300; room += 7) {
		char *text =
			figure_fit("a name that is rather long, as \"names\" may be", room, 12);

		EXPECT(figure_width(text, 12) <= room && !strchr(text, '"'));
		free(text);
	}
}

TEST(a_legend_takes_as_many_lines_as_it_needs)
{
	struct key keys[30];
	struct figure f = {.name = "a plot"};
	int top;

	for (int i = 0; i < 30; i++)
		keys[i] = (struct key){hues[0], "a colour that means something"};
	figure_begin(&f, 1200, "a title", format_text("what it is"));
	top = f.top;
	figure_legend(&f, keys, 30);
	EXPECT(f.top > top + 4 * FIGURE_LINE && f.swatches.n == 30);
	for (size_t i = 0; i < f.texts.n; i++)
		EXPECT(f.texts.v[i].x + figure_width(f.texts.v[i].text, 12) < 1200);
	figure_free(&f);
}

TEST(a_note_is_broken_between_words)
{
	struct figure f = {.name = "a plot"};
	char *text = format_text("%s", "");

	for (int i = 0; i < 100; i++) {
		char *more = format_text("%s%sword%d", text, i ? " " : "", i);

		free(text);
		text = more;
	}
	figure_begin(&f, 1200, "a title", format_text("what it is"));
	figure_note(&f, text);
	figure_end(&f);
	EXPECT(f.texts.n > 4);
	for (size_t i = 0; i < f.texts.n; i++)
		EXPECT(f.texts.v[i].x + figure_width(f.texts.v[i].text, 11) < 1200 &&
		       f.texts.v[i].y < f.height);
	figure_free(&f);
}

TEST(shades_become_darker)
{
	int before = 3 * 256;

	for (int i = 0; i <= 20; i++) {
		uint32_t rgb = figure_shade(i / 20.0);
		int light = (int)(rgb >> 16 & 255) + (int)(rgb >> 8 & 255) + (int)(rgb & 255);

		EXPECT(light < before);
		before = light;
	}
	EXPECT(figure_shade(-1) == figure_shade(0) && figure_shade(2) == figure_shade(1));
}
