/* SPDX-License-Identifier: MIT */
#include "contention.h"
#include "latency.h"
#include "unit.h"

static struct contention c;

static void begin(void)
{
	static const char *const names[] = {"main", "worker", "worker"};

	memset(&c, 0, sizeof c);
	c.title = format_text("demo");
	c.dur = 1000;
	for (int i = 0; i < 3; i++)
		array_add(&c.goroutines,
			  (struct goroutine){(uint64_t)i + 1, format_text("%s", names[i])});
	array_add(&c.objects, (struct object){format_text("wg"), format_text("waitgroup"), NULL});
	array_add(&c.objects, (struct object){format_text("jobs"), format_text("chan"), NULL});
	array_add(&c.objects, (struct object){format_text("db"), format_text("mutex"), NULL});
}

static void wait_for(uint32_t obj, int64_t dur, uint32_t blame)
{
	array_add(&c.waits, (struct wait){0, dur, obj, blame, COLOR_wait_mutex_lock, false});
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
	EXPECT_TEXT(who, "held by worker (80%, 2 goroutines), g1 main (10%)");
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
		array_add(&c.objects,
			  (struct object){format_text("m%u", i), format_text("mutex"), NULL});
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
