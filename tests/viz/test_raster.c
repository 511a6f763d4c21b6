/* SPDX-License-Identifier: MIT */
#include "raster.h"
#include "unit.h"

enum { W = 8 };
static const struct style styles[] = {{0xff0000, true, NULL, 0}, {0x0000ff, false, NULL, 0}};

static struct raster row;

static void begin(void)
{
	raster_init(&row, styles, 2, W, 0xffffff);
}

TEST(a_covered_pixel_has_the_colour_of_its_state)
{
	begin();
	raster_add(&row, 1, 3, 0, 1);
	EXPECT(raster_mix(&row, 0, false) == 0xffffff);
	EXPECT(raster_mix(&row, 1, false) == 0xff0000);
	EXPECT(raster_mix(&row, 2, false) == 0xff0000);
	EXPECT(raster_mix(&row, 3, false) == 0xffffff);
	raster_free(&row);
}

TEST(a_shared_pixel_is_mixed_by_time)
{
	begin();
	raster_add(&row, 2, 2.5, 0, 1);
	raster_add(&row, 2.5, 3, 1, 1);
	EXPECT(raster_mix(&row, 2, false) == 0x800080);
	raster_free(&row);
}

TEST(lanes_that_share_a_row_count_by_their_part_of_it)
{
	begin();
	raster_add(&row, 2, 3, 0, 0.25f);
	EXPECT(raster_mix(&row, 2, false) == 0xffbfbf);
	raster_free(&row);
}

TEST(an_interval_across_pixels_counts_in_each)
{
	begin();
	raster_add(&row, 0.5, 2.5, 1, 1);
	EXPECT(raster_mix(&row, 0, false) == 0x8080ff);
	EXPECT(raster_mix(&row, 1, false) == 0x0000ff);
	EXPECT(raster_mix(&row, 2, false) == 0x8080ff);
	raster_free(&row);
}

TEST(a_short_run_in_a_lane_that_seldom_runs_is_drawn_as_a_third)
{
	begin();
	raster_add(&row, 2, 2.01, 0, 1);
	EXPECT(raster_seldom(&row));
	EXPECT(raster_mix(&row, 2, true) == 0xffaaaa);
	EXPECT(raster_mix(&row, 2, false) == 0xfffcfc);
	for (int x = 0; x < W; x++)
		raster_add(&row, x, x + 0.01, 0, 1);
	EXPECT(!raster_seldom(&row));
	raster_free(&row);
}

TEST(what_is_in_a_row_of_many_lanes_is_raised_to_a_third)
{
	begin();
	raster_add(&row, 2, 2.001, 0, 0.01f);
	raster_add(&row, 3, 4, 0, 0.5f);
	raster_raise(&row);
	EXPECT(raster_mix(&row, 1, false) == 0xffffff);
	EXPECT(raster_mix(&row, 2, false) == 0xffaaaa);
	EXPECT(raster_mix(&row, 3, false) == 0xff8080);
	raster_free(&row);
}

TEST(an_interval_without_length_is_seen)
{
	uint32_t rgb[12];

	begin();
	raster_add(&row, 2, 2, 0, 1);
	raster_stack(&row, 2, false, 12, rgb);
	EXPECT(rgb[11] == 0xff0000);
	raster_add(&row, W, W, 0, 1); /* at the very end */
	raster_stack(&row, W - 1, false, 12, rgb);
	EXPECT(rgb[11] == 0xff0000);
	raster_free(&row);
}

TEST(a_stack_divides_a_column_in_proportion_to_time)
{
	uint32_t rgb[12];

	begin();
	raster_add(&row, 2, 2.5, 0, 1);
	raster_add(&row, 2.5, 2.75, 1, 1);
	raster_stack(&row, 2, false, 12, rgb);
	for (int y = 0; y < 12; y++)
		EXPECT(rgb[y] == (y < 3 ? 0xffffff : y < 6 ? 0x0000ff : 0xff0000));
	raster_free(&row);
}

TEST(lanes_that_overlap_do_not_overflow)
{
	uint32_t rgb[12];

	begin();
	raster_add(&row, 2, 3, 0, 1);
	raster_add(&row, 2, 3, 1, 1);
	EXPECT(raster_mix(&row, 2, false) == 0x800080);
	raster_stack(&row, 2, false, 12, rgb);
	EXPECT(rgb[0] == 0x0000ff && rgb[5] == 0x0000ff && rgb[6] == 0xff0000);
	raster_free(&row);
}
