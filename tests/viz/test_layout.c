/* SPDX-License-Identifier: MIT */
#include "layout.h"
#include "unit.h"

#include <math.h>

enum { MS = 1000000 };

static struct timeline t;
static struct layout l;

/* A picture of lanes of `name`, from 0 to 100 ms. */
static void begin(bool workers, int lanes, const char *name)
{
	t = (struct timeline){
		.workers = workers, .fit = true, .width = 1600, .height = 900, .nworkers = 2};
	t.to = t.dur = 100 * MS;
	t.title = format_text("demo");
	for (int i = 0; i < lanes; i++) {
		array_add(&t.lanes, (struct lane){format_text("g%d %s", i + 1, name),
						  format_text("%s", name)});
		array_add(&t.goroutines,
			  (struct goroutine){(uint64_t)i + 1, format_text("%s", name)});
	}
}

static void span(uint32_t lane, double from, double to, enum color color)
{
	array_add(&t.spans, (struct span){(int64_t)(from * MS), (int64_t)(to * MS), lane, 0,
					  (uint16_t)color});
}

static void end(void)
{
	layout_free(&l);
	timeline_free(&t);
}

static int boxes_of(uint32_t rgb)
{
	int n = 0;

	for (size_t i = 0; i < l.boxes.n; i++)
		n += l.boxes.v[i].rgb == rgb;
	return n;
}

static const struct text *find(const char *part)
{
	for (size_t i = 0; i < l.texts.n; i++)
		if (strstr(l.texts.v[i].text, part))
			return &l.texts.v[i];
	return NULL;
}

/* Where a word begins and ends, in pixels. */
static double left(const struct text *x)
{
	return x->x - format_width(x->text) * x->size *
			      (x->align == ALIGN_LEFT	  ? 0
			       : x->align == ALIGN_CENTER ? 0.5
							  : 1);
}

static int overlaps(void)
{
	int n = 0;

	for (size_t i = 0; i < l.texts.n; i++)
		for (size_t k = i + 1; k < l.texts.n; k++) {
			const struct text *a = &l.texts.v[i], *b = &l.texts.v[k];
			double wa = format_width(a->text) * a->size,
			       wb = format_width(b->text) * b->size;

			if (fabs(a->y - b->y) < (a->size + b->size) * 0.45 &&
			    left(a) < left(b) + wb && left(b) < left(a) + wa) {
				fprintf(stderr, "'%s' is over '%s'\n", a->text, b->text);
				n++;
			}
		}
	return n;
}

TEST(a_wide_interval_is_a_rectangle_of_its_own)
{
	begin(false, 2, "worker");
	span(0, 10, 30, COLOR_running);
	span(0, 30, 60, COLOR_wait_sleep);
	span(1, 0, 100, COLOR_wait_mutex_lock);
	layout_timeline(&t, &l);
	EXPECT(l.boxes.n == 3 && l.images.n == 0);
	EXPECT(l.boxes.v[0].t0 == 10 * MS && l.boxes.v[0].t1 == 30 * MS);
	EXPECT(l.boxes.v[0].rgb == palette[COLOR_running].rgb);
	EXPECT(l.boxes.v[2].y0 > l.boxes.v[0].y1);
	end();
}

TEST(intervals_are_clipped_to_the_window)
{
	begin(false, 1, "worker");
	t.from = 20 * MS;
	t.to = 40 * MS;
	span(0, 10, 30, COLOR_running);
	span(0, 30, 60, COLOR_wait_sleep);
	layout_timeline(&t, &l);
	EXPECT(l.boxes.v[0].t0 == 20 * MS && l.boxes.v[1].t1 == 40 * MS);
	EXPECT(find("20.0 ms to 40.0 ms of a run of 100.0 ms"));
	end();
}

TEST(narrow_intervals_are_merged_and_counted_not_dropped)
{
	begin(false, 1, "worker");
	for (int i = 0; i < 1000; i++)
		span(0, 50 + i * 0.00002, 50 + i * 0.00002 + 0.00001, COLOR_running);
	layout_timeline(&t, &l);
	EXPECT(boxes_of(palette[COLOR_running].rgb) >= 1);
	EXPECT(l.boxes.n < 20);
	EXPECT(find("1,000 intervals are narrower than a pixel"));
	end();
}

TEST(a_million_intervals_become_an_image)
{
	begin(false, 2, "worker");
	for (int i = 0; i < 500000; i++) {
		span(0, i * 0.0002, i * 0.0002 + 0.0001, COLOR_running);
		span(1, i * 0.0002, i * 0.0002 + (i % 97) * 0.000002, COLOR_runnable);
	}
	layout_timeline(&t, &l);
	EXPECT(l.boxes.n <= LAYOUT_BOXES);
	EXPECT(find("1,000,000 interval"));
	end();
	begin(false, 40, "worker");
	for (uint32_t lane = 0; lane < 40; lane++)
		for (int i = 0; i < 5000; i++)
			span(lane, i * 0.02, i * 0.02 + 0.001 * (i % 19), COLOR_running);
	layout_timeline(&t, &l);
	EXPECT(l.images.n == 40 && l.boxes.n == 0);
	EXPECT(l.images.v[0].cols == l.plot.w);
	end();
}

TEST(every_lane_has_a_label_while_there_is_room)
{
	begin(false, 30, "worker");
	for (uint32_t i = 0; i < 30; i++)
		span(i, 0, 100, COLOR_wait_chan_recv);
	layout_timeline(&t, &l);
	for (int i = 1; i <= 30; i++) {
		char name[32];

		snprintf(name, sizeof name, "g%d worker", i);
		EXPECT(find(name));
	}
	EXPECT(overlaps() == 0);
	EXPECT(l.height <= 900);
	end();
}

TEST(a_thousand_lanes_are_one_group_with_their_number)
{
	begin(false, 1000, "worker");
	for (uint32_t i = 0; i < 1000; i++)
		span(i, 0, 100, COLOR_wait_mutex_lock);
	layout_timeline(&t, &l);
	EXPECT(find("worker (1,000)"));
	EXPECT(find("1,000 goroutines in "));
	EXPECT(l.images.n == 1 && l.images.v[0].rgb[0] == palette[COLOR_wait_mutex_lock].rgb);
	EXPECT(l.height <= 900 && overlaps() == 0);
	end();
}

TEST(a_crowd_that_lives_for_a_moment_is_seen_and_leaves_room_to_what_stays)
{
	int seen = 0;

	begin(false, 20000, "leaf");
	for (uint32_t i = 0; i < 20000; i++)
		span(i, 1, 1.001, COLOR_runnable);
	for (uint32_t i = 20000; i < 20030; i++) {
		array_add(&t.lanes, (struct lane){format_text("g%u", i), format_text("worker")});
		span(i, 0, 100, COLOR_wait_mutex_lock);
	}
	layout_timeline(&t, &l);
	EXPECT(l.images.n == 2 && l.images.v[1].rows >= 10 * l.images.v[0].rows);
	for (int x = 0; x < l.images.v[0].cols; x++)
		seen += (l.images.v[0].rgb[x] & 255) < 200; /* of blue orange has none */
	EXPECT(seen == 1);
	end();
}

TEST(names_that_do_not_fit_are_counted)
{
	size_t lanes = 0;

	begin(false, 0, "");
	for (int i = 0; i < 300; i++) {
		array_add(&t.lanes,
			  (struct lane){format_text("g%d n%d", i, i), format_text("n%d", i)});
		span((uint32_t)i, 0, 100, COLOR_running);
	}
	layout_timeline(&t, &l);
	EXPECT(find("other names ("));
	for (size_t i = 0; i < l.images.n; i++)
		lanes += l.images.v[i].rgb[0] != PAPER;
	EXPECT(lanes == l.images.n);
	EXPECT(overlaps() == 0);
	end();
}

TEST(a_few_goroutines_have_a_colour_each)
{
	begin(true, 3, "worker");
	for (uint32_t i = 0; i < 3; i++) {
		span(0, i * 10, i * 10 + 5 + i, COLOR_running);
		t.spans.v[i].ref = i;
	}
	layout_timeline(&t, &l);
	EXPECT(boxes_of(hues[0]) == 1 && boxes_of(hues[1]) == 1 && boxes_of(hues[2]) == 1);
	EXPECT(find("g3 worker"));
	EXPECT(t.spans.v[2].style < t.spans.v[0].style); /* who ran longest comes first */
	end();
}

TEST(many_goroutines_share_the_colour_of_their_function)
{
	begin(true, 20, "worker");
	for (uint32_t i = 0; i < 20; i++) {
		span(0, i * 4, i * 4 + 4, COLOR_running);
		t.spans.v[i].ref = i;
	}
	layout_timeline(&t, &l);
	EXPECT(boxes_of(hues[0]) == 10 && boxes_of(hues[1]) == 0);
	EXPECT(find("worker (20)"));
	end();
}

TEST(functions_beyond_the_hues_are_others)
{
	begin(true, 0, "");
	array_add(&t.lanes, (struct lane){format_text("worker 0"), format_text("worker")});
	for (uint32_t i = 0; i < 12; i++) {
		array_add(&t.goroutines, (struct goroutine){i + 1, format_text("f%u", i)});
		span(0, i * 4, i * 4 + 4, COLOR_running);
		t.spans.v[i].ref = i;
	}
	layout_timeline(&t, &l);
	EXPECT(find("4 other functions"));
	EXPECT(boxes_of(OTHERS) == 4);
	EXPECT(overlaps() == 0);
	end();
}

TEST(arrows_lead_from_the_waker_to_the_woken_while_they_are_few)
{
	begin(false, 2, "worker");
	span(0, 0, 100, COLOR_running);
	span(1, 0, 50, COLOR_wait_chan_recv);
	span(1, 50, 60, COLOR_runnable);
	array_add(&t.wakes, (struct wake){50 * MS, 60 * MS, 0, 1});
	t.nwakes = 1;
	layout_timeline(&t, &l);
	EXPECT(l.arrows.n == 1);
	EXPECT(l.arrows.v[0].t0 == 50 * MS && l.arrows.v[0].y1 > l.arrows.v[0].y0);
	layout_free(&l);
	t.nwakes = LAYOUT_ARROWS + 1;
	layout_timeline(&t, &l);
	EXPECT(l.arrows.n == 0 && find("wake-ups are too many"));
	end();
}

TEST(lost_events_are_hatched_and_said)
{
	begin(false, 1, "worker");
	span(0, 0, 100, COLOR_running);
	array_add(&t.gaps, (struct gap){50 * MS, 50 * MS + 1, 7});
	layout_timeline(&t, &l);
	EXPECT(l.hatches.n == 1 && l.hatches.v[0].t1 - l.hatches.v[0].t0 > MS / 10.0);
	EXPECT(find("7 events are missing"));
	end();
}

TEST(an_empty_window_says_so)
{
	begin(true, 0, "");
	layout_timeline(&t, &l);
	EXPECT(find("nothing happened in this time"));
	EXPECT(overlaps() == 0);
	end();
}

TEST(words_stay_apart_at_any_size)
{
	for (int width = 400; width <= 2400; width += 250)
		for (int lanes = 1; lanes <= 81; lanes += 16) {
			begin(false, lanes, "a_function_with_a_long_name");
			t.width = width;
			for (uint32_t i = 0; i < (uint32_t)lanes; i++)
				for (int k = 0; k < (int)COLORS; k++)
					span(i, k * 8, k * 8 + 8, (enum color)k);
			array_add(&t.gaps, (struct gap){50 * MS, 60 * MS, 7});
			t.nwakes = 12345;
			layout_timeline(&t, &l);
			EXPECT(overlaps() == 0);
			end();
		}
}
