/* SPDX-License-Identifier: MIT */
#include "alike.h"
#include "contention.h"
#include "latency.h"
#include "unit.h"

static struct contention c;

static void begin(void)
{
	static const char *const names[] = {"main", "worker", "worker"};

	memset(&c, 0, sizeof c);
	c.title = format_text("demo");
	c.dur = c.to = 1000;
	c.fit = true;
	c.when = format_text("the whole run");
	for (int i = 0; i < 3; i++)
		array_add(&c.goroutines,
			  (struct goroutine){(uint64_t)i + 1, format_text("%s", names[i])});
	array_add(&c.objects,
		  (struct object){.label = format_text("wg"), .kind = format_text("waitgroup")});
	array_add(&c.objects,
		  (struct object){.label = format_text("jobs"), .kind = format_text("chan")});
	array_add(&c.objects,
		  (struct object){.label = format_text("db"), .kind = format_text("mutex")});
}

static void wait_for(uint32_t obj, int64_t dur, uint32_t blame)
{
	array_add(&c.waits, (struct wait){0, dur, obj, blame, COLOR_wait_mutex_lock, false, false});
}

TEST(what_cost_most_comes_first_and_what_is_no_contention_last)
{
	begin();
	wait_for(0, 1000, 1);
	wait_for(1, 10, 0);
	wait_for(2, 20, 0);
	contention_sum(&c);
	EXPECT(c.rows.n == 3 && c.total == 30 && c.idle == 1000);
	EXPECT(c.rows.v[0].obj == 2 && c.rows.v[1].obj == 1 && c.rows.v[2].obj == 0);
	contention_free(&c);
}

TEST(percentiles_are_exact)
{
	begin();
	for (int i = 200; i > 0; i--)
		wait_for(2, i, 0);
	contention_sum(&c);
	EXPECT(c.rows.v[0].waits == 200 && c.rows.v[0].total == 20100);
	EXPECT(c.rows.v[0].median == 100 && c.rows.v[0].p99 == 198 && c.rows.v[0].longest == 200);
	contention_free(&c);
}

TEST(goroutines_of_one_name_are_blamed_together)
{
	char *who;

	begin();
	wait_for(2, 60, 1);
	wait_for(2, 20, 2);
	wait_for(2, 10, 0);
	wait_for(2, 10, NOBODY);
	contention_sum(&c);
	who = contention_who(&c, &c.rows.v[0]);
	EXPECT_TEXT(who, "held by worker (80%, 2 goroutines), g1 main (10%), no goroutine (10%)");
	free(who);
	contention_free(&c);
}

TEST(who_never_came_is_said)
{
	char *who;

	begin();
	wait_for(1, 60, NOBODY);
	c.waits.v[0].open = true;
	contention_sum(&c);
	who = contention_who(&c, &c.rows.v[0]);
	EXPECT_TEXT(who, "nobody ended the wait");
	EXPECT(c.rows.v[0].open == 1);
	free(who);
	contention_free(&c);
}

TEST(who_never_came_is_told_from_what_the_runtime_ended)
{
	char *who;

	begin();
	wait_for(1, 98, NOBODY);
	wait_for(1, 2, NOBODY);
	c.waits.v[0].open = true;
	contention_sum(&c);
	who = contention_who(&c, &c.rows.v[0]);
	EXPECT_TEXT(who, "nobody ended the wait (98%), or the runtime did (2.0%)");
	free(who);
	contention_free(&c);

	begin();
	wait_for(1, 2, NOBODY);
	contention_sum(&c);
	who = contention_who(&c, &c.rows.v[0]);
	EXPECT_TEXT(who, "the runtime ended the wait");
	free(who);
	contention_free(&c);
}

TEST(nothing_waited_for_is_a_picture_too)
{
	struct contention_layout l;

	begin();
	contention_sum(&c);
	contention_layout(&c, 1600, 900, &l);
	EXPECT(l.rows.n == 0 && l.texts.n > 0);
	contention_layout_free(&l);
	contention_free(&c);
}

TEST(objects_without_a_line_are_counted)
{
	struct contention_layout l;
	bool said = false;

	begin();
	for (uint32_t i = 0; i < 30; i++) {
		array_add(&c.objects, (struct object){.label = format_text("m%u", i),
						      .kind = format_text("mutex")});
		wait_for(3 + i, 100 - i, 0);
	}
	contention_sum(&c);
	contention_layout(&c, 1600, 900, &l);
	EXPECT(l.rows.n >= 8 && l.height <= 900);
	for (size_t i = 0; i < l.texts.n; i++)
		said |= strstr(l.texts.v[i].text, "other objects: ") != NULL;
	EXPECT(said);
	contention_layout_free(&l);
	contention_free(&c);
}

static void wait_at(int64_t ts, int64_t dur, uint32_t obj)
{
	array_add(&c.waits, (struct wait){ts, dur, obj, 0, COLOR_wait_mutex_lock, false, false});
}

TEST(many_of_one_name_are_one)
{
	begin();
	for (uint32_t i = 1; i <= ALIKE_FEW + 1; i++) {
		array_add(&c.objects, (struct object){.label = i == 1 ? format_text("shard")
								      : format_text("shard #%u", i),
						      .kind = format_text("mutex")});
		wait_for(2 + i, 10 + (i == 7), 0);
	}
	wait_for(2, 5, 0);
	contention_merge(&c);
	contention_sum(&c);
	EXPECT(c.rows.n == 2 && c.rows.v[0].total == 211 && c.rows.v[0].waits == ALIKE_FEW + 1);
	EXPECT_TEXT(c.objects.v[c.rows.v[0].obj].label, "shard (21)");
	EXPECT_TEXT(c.objects.v[c.rows.v[0].obj].most, "#7, 11 ns");
	EXPECT_TEXT(c.objects.v[c.rows.v[1].obj].label, "db");
	contention_free(&c);
}

TEST(waits_outside_the_window_are_left_out)
{
	begin();
	c.from = 100;
	c.to = 200;
	wait_at(0, 99, 2);
	wait_at(50, 60, 2);
	wait_at(120, 7, 2);
	wait_at(200, 50, 2);
	contention_clip(&c);
	contention_sum(&c);
	EXPECT(c.rows.n == 1 && c.rows.v[0].waits == 2 && c.rows.v[0].total == 67);
	contention_free(&c);
}

TEST(the_waiters_of_all_others_have_a_curve)
{
	struct contention_layout l;
	double most = 0;

	begin();
	for (uint32_t i = 0; i < 8; i++) {
		array_add(&c.objects, (struct object){.label = format_text("m%u", i),
						      .kind = format_text("mutex")});
		wait_at(0, 1000, 3 + i);
	}
	wait_at(0, 1000, 0); /* for a wait group, which is no contention */
	contention_sum(&c);
	contention_layout(&c, 1600, 900, &l);
	EXPECT(l.named == CONTENTION_CURVES && l.ncurves == l.named + 1);
	for (int x = 0; x < l.waiters.w; x++)
		most = l.curves[l.ncurves - 1].v[x] > most ? l.curves[l.ncurves - 1].v[x] : most;
	EXPECT(most > 7.99 && most < 8.01);
	contention_layout_free(&l);
	contention_free(&c);
}

TEST(a_legend_of_all_reasons_is_within_the_picture)
{
	struct contention_layout l;

	begin();
	for (uint16_t k = 0; k < COLORS; k++)
		array_add(&c.waits, (struct wait){0, 10, 2, 0, k, false, false});
	contention_sum(&c);
	contention_layout(&c, 1200, 900, &l);
	for (size_t i = 0; i < l.texts.n; i++)
		EXPECT(l.texts.v[i].align != ALIGN_LEFT ||
		       l.texts.v[i].x + format_width(l.texts.v[i].text) * l.texts.v[i].size < 1200);
	contention_layout_free(&l);
	contention_free(&c);
}

TEST(latency_percentiles_are_exact)
{
	int64_t v[200];

	for (int i = 0; i < 200; i++)
		v[i] = i + 1;
	EXPECT(latency_percentile(v, 200, 50) == 100);
	EXPECT(latency_percentile(v, 200, 99) == 198);
	EXPECT(latency_percentile(v, 1, 99) == 1);
	EXPECT(latency_percentile(v, 0, 99) == 0);
}

TEST(durations_are_sorted_however_many_they_are)
{
	for (size_t n = 990; n < 1010; n++) {
		int64_t v[1010];
		uint64_t x = n;

		for (size_t i = 0; i < n; i++) {
			x = x * 6364136223846793005 + 1442695040888963407;
			v[i] = (int64_t)x >> (i % 60);
		}
		latency_sort(v, n);
		for (size_t i = 1; i < n; i++)
			EXPECT(v[i - 1] <= v[i]);
	}
}
