/* SPDX-License-Identifier: MIT */
#include "format.h"
#include "unit.h"

#include <stdlib.h>

static char buf[2 * FORMAT_MAX];

TEST(durations_have_the_unit_that_leaves_one_to_three_digits)
{
	EXPECT_TEXT(format_ns(buf, 0, 3), "0 ns");
	EXPECT_TEXT(format_ns(buf, 999, 3), "999 ns");
	EXPECT_TEXT(format_ns(buf, 1000, 3), "1.00 us");
	EXPECT_TEXT(format_ns(buf, 123456, 3), "123 us");
	EXPECT_TEXT(format_ns(buf, 1234567, 4), "1.235 ms");
	EXPECT_TEXT(format_ns(buf, 61e9, 3), "61.0 s");
	EXPECT_TEXT(format_ns(buf, 20072.4e9, 3), "20,072 s");
	EXPECT_TEXT(format_ns(buf, 1234567.25e9, 9), "1,234,567.25 s");
}

TEST(rounding_up_to_a_thousand_takes_the_next_unit)
{
	EXPECT_TEXT(format_ns(buf, 999999, 3), "1.00 ms");
	EXPECT_TEXT(format_ns(buf, 999999999, 3), "1.00 s");
}

TEST(counts_have_commas)
{
	EXPECT_TEXT(format_count(buf, 0), "0");
	EXPECT_TEXT(format_count(buf, 999), "999");
	EXPECT_TEXT(format_count(buf, 1234567), "1,234,567");
	EXPECT_TEXT(format_count(buf, -1234), "-1,234");
}

TEST(little_is_not_nothing)
{
	EXPECT_TEXT(format_percent(buf, 0), "0%");
	EXPECT_TEXT(format_percent(buf, 0.00001), "<0.1%");
	EXPECT_TEXT(format_percent(buf, 0.025), "2.5%");
	EXPECT_TEXT(format_percent(buf, 0.814), "81%");
}

static bool fits(const char *text, double room, const char *should)
{
	char *label = format_fit(text, room);
	bool same = strcmp(label, should) == 0 && format_width(label) <= room;

	if (!same)
		fprintf(stderr, "it is '%s', not '%s'\n", label, should);
	free(label);
	return same;
}

TEST(what_does_not_fit_is_left_out_in_the_middle)
{
	const char *name = "mutex at bench_pictures.c:55 #210";

	EXPECT(fits(name, 40, name));
	EXPECT(fits(name, 10, "mutex at \u20265 #210"));
	EXPECT(fits(name, 3, "mu\u2026"));
	EXPECT(fits(name, 0, ""));
	EXPECT(fits("a\n\u65e5\u672c", 4, "a\u21b5\u65e5\u672c"));
}

TEST(a_stem_is_a_name_without_its_number)
{
	EXPECT(format_stem("db") == 2 && format_stem("db #12") == 2 && format_stem("") == 0);
	EXPECT(format_stem("db #") == 4 && format_stem("#1") == 2 && format_stem("db 12") == 5);
}

static bool parses(const char *text, int64_t ns)
{
	int64_t got;

	return format_parse_ns(text, &got) && got == ns;
}

TEST(times_are_read_exactly)
{
	EXPECT(parses("0", 0));
	EXPECT(parses("1500", 1500));
	EXPECT(parses("3ns", 3));
	EXPECT(parses("250us", 250000));
	EXPECT(parses("10ms", 10000000));
	EXPECT(parses("1.5s", 1500000000));
	EXPECT(parses("0.1s", 100000000));
	EXPECT(parses("9223372036s", 9223372036000000000));
}

TEST(what_is_no_time_is_refused)
{
	static const char *const bad[] = {"",	 "s",	"-1s",	       "1m",
					  "1 s", "1e3", "10msx",       "0x10",
					  ".5s", "ms",	"9223372037s", "99999999999999999999"};
	int64_t ns;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		EXPECT(!format_parse_ns(bad[i], &ns));
}

static bool labels(const char *text, int max, const char *should)
{
	char *label = format_label(text, max);
	bool same = strcmp(label, should) == 0;

	if (!same)
		fprintf(stderr, "it is '%s', not '%s'\n", label, should);
	free(label);
	return same;
}

TEST(a_label_is_one_line_of_plain_text)
{
	EXPECT(labels("g7 worker", 40, "g7 worker"));
	EXPECT(labels("a\nb\tc\rd", 40, "a\u21b5b\u21e5c\u21b5d"));
	EXPECT(labels("\x01\x7f\xc2\x85", 40, "\ufffd\ufffd\ufffd"));
	EXPECT(labels("\u202eevil\u2066", 40, "\ufffdevil\ufffd"));
	EXPECT(labels("\u65e5\u672c\U0001f600", 40, "\u65e5\u672c\U0001f600"));
}

TEST(a_label_has_nothing_that_gnuplot_data_interpret)
{
	EXPECT(labels("\"a\\n\\042\"", 40, "\u201da\u2216n\u2216042\u201d"));
	EXPECT(labels("`id` {/Bold x} %s #", 40, "`id` {/Bold x} %s #"));
}

TEST(invalid_utf8_becomes_the_replacement_character)
{
	EXPECT(labels("\xff", 40, "\ufffd"));
	EXPECT(labels("a\xc0\x80z", 40, "a\ufffd\ufffdz"));
	EXPECT(labels("\xed\xa0\x80", 40, "\ufffd\ufffd\ufffd"));
	EXPECT(labels("\xe2\x82", 40, "\ufffd\ufffd"));
	EXPECT(labels("\xf4\x90\x80\x80", 40, "\ufffd\ufffd\ufffd\ufffd"));
}

TEST(long_labels_end_in_an_ellipsis)
{
	EXPECT(labels("abcdef", 6, "abcdef"));
	EXPECT(labels("abcdefg", 6, "abcde\u2026"));
	EXPECT(labels("\u65e5\u65e5\u65e5", 2, "\u65e5\u2026"));
}

TEST(ticks_are_one_two_or_five_times_a_power_of_ten)
{
	EXPECT(format_step(10, 10) == 1);
	EXPECT(format_step(10, 9) == 2);
	EXPECT(format_step(10, 4) == 5);
	EXPECT(format_step(10, 1) == 10);
	EXPECT(format_step(0.3, 10) > 0.049 && format_step(0.3, 10) < 0.051);
}

TEST(an_axis_deep_in_a_run_begins_at_a_round_time)
{
	struct axis a = format_axis(1500000000, 1500020000, 10);

	EXPECT(a.unit == 1000 && a.base == 1500000000);
	EXPECT_TEXT(format_axis_label(buf, &a), "time since 1.500 s (us)");
	a = format_axis(0, 20000000, 10);
	EXPECT(a.unit == 1e6 && a.base == 0 && a.step == 2 && a.decimals == 0);
	EXPECT_TEXT(format_axis_label(buf, &a), "time since the start (ms)");
	a = format_axis(0, 1000000, 20);
	EXPECT(a.decimals == 2);
}
