/* SPDX-License-Identifier: MIT */
/* Numbers, times and names as a person reads them, and times as a person types them.  Pure. */
#ifndef VIZ_FORMAT_H
#define VIZ_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for any number that these functions write. */
enum { FORMAT_MAX = 48 };

/* 1234567 ns as "1.235 ms": the unit that leaves one to three digits before the point, and
 * `digits` significant ones; of seconds there may be more: "20,072 s".  Returns buf. */
char *format_ns(char buf[FORMAT_MAX], double ns, int digits);

/* 1234567 as "1,234,567".  Returns buf. */
char *format_count(char buf[FORMAT_MAX], int64_t n);

/* "<0.1%", "2.5%", "81%": a part of 1.  Returns buf. */
char *format_percent(char buf[FORMAT_MAX], double part);

/* Read "10ms", "1.5s", "250us", "3ns" or plain nanoseconds, exactly.  False if text is
 * nothing of the kind or does not fit. */
bool format_parse_ns(const char *text, int64_t *ns);

/* sprintf() into memory that the caller frees. */
__attribute__((format(printf, 1, 2))) char *format_text(const char *fmt, ...);

/* Copy text so that no program that shows it takes a part of it for anything but text: valid UTF-8
 * in one line, without control characters and marks that reorder what follows, and without the two
 * characters that gnuplot's data files interpret even between quotes.  A line break is shown as
 * U+21B5, a tab as U+21E5, a quotation mark as U+201D, a backslash as U+2216, all else that is not
 * allowed as U+FFFD.  At most `max` characters, the last an ellipsis if there were more.  The
 * caller frees the result. */
char *format_label(const char *text, int max);

/* The same, as much of it as is at most `room` wide (format_width()).  What is left out is in the
 * middle, because names that begin alike may end in a number; of few characters it is the end. */
char *format_fit(const char *text, double room);

/* How long a name is without the number that tells it from others of that name: of "db #3" that
 * is 2. */
size_t format_stem(const char *name);

/* The character that format_label() shows for c. */
int32_t format_tame(int32_t c);

/* The character that text, which is not empty, begins with, and how many bytes it takes; -1 for a
 * byte that is not part of valid UTF-8. */
int32_t format_decode(const char *text, int *len);
/* Write a character; where it ends. */
char *format_encode(char *out, int32_t c);

/* How wide text is, in units of the font's size, in DejaVu Sans or Verdana. */
double format_width(const char *text);
#define FORMAT_BOLD 1.16 /* so much wider are bold letters */

/* A step for the ticks of an axis: 1, 2 or 5 times a power of ten, so that `span` holds at most
 * `ticks` of them. */
double format_step(double span, int ticks);

/* How an axis from t0 to t1 (ns) is labelled: value = (t - base) / unit. */
struct axis {
	double unit;	  /* in ns */
	const char *name; /* of the unit: "ms" */
	int64_t base;	  /* 0, unless the numbers would be too long */
	double step;	  /* between ticks, in units */
	int decimals;	  /* that a tick's number needs */
};
struct axis format_axis(int64_t t0, int64_t t1, int ticks);

/* The label of that axis: "time since the start (ms)".  Returns buf. */
char *format_axis_label(char buf[2 * FORMAT_MAX], const struct axis *a);

#endif
