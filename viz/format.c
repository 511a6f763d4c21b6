/* SPDX-License-Identifier: MIT */
/* Numbers, times and names as a person reads them. */
#include "format.h"
#include "error.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct unit {
	const char *name;
	int64_t ns;
} units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};

enum { SECOND = 3 };

/* The unit for a number of this size. */
static const struct unit *unit_for(double ns)
{
	int i = 0;

	while (i < SECOND && fabs(ns) >= (double)units[i + 1].ns)
		i++;
	return &units[i];
}

/* Put commas between the thousands of the number that text begins with. */
static char *with_commas(char text[FORMAT_MAX])
{
	char *from = text + (*text == '-');

	for (int n = (int)strspn(from, "0123456789") - 3; n > 0; n -= 3) {
		memmove(from + n + 1, from + n, strlen(from + n) + 1);
		from[n] = ',';
	}
	return text;
}

char *format_ns(char buf[FORMAT_MAX], double ns, int digits)
{
	const struct unit *u = unit_for(ns);
	double v = ns / (double)u->ns;
	int before = fabs(v) < 1 ? 1 : (int)floor(log10(fabs(v))) + 1;
	int after = digits > before ? digits - before : 0;

	if (u->ns == 1)
		after = fabs(v - round(v)) < 1e-9 ? 0 : after;
	snprintf(buf, FORMAT_MAX, "%.*f %s", after, v, u->name);
	if (strncmp(buf, "1000", 4) == 0 && u->ns < units[SECOND].ns) /* 999.96 us, rounded up */
		return format_ns(buf, (double)u[1].ns, digits);
	return with_commas(buf);
}

char *format_count(char buf[FORMAT_MAX], int64_t n)
{
	snprintf(buf, FORMAT_MAX, "%lld", (long long)n);
	return with_commas(buf);
}

char *format_percent(char buf[FORMAT_MAX], double part)
{
	double percent = 100 * part;

	if (percent > 0 && percent < 0.1)
		snprintf(buf, FORMAT_MAX, "<0.1%%");
	else
		snprintf(buf, FORMAT_MAX, percent > 0 && percent < 9.95 ? "%.1f%%" : "%.0f%%",
			 percent);
	return buf;
}

static const struct unit *unit_named(const char *name)
{
	if (!*name)
		return &units[0];
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(name, units[i].name) == 0)
			return &units[i];
	return NULL;
}

/* In integers, because 0.1 is not a binary fraction and a nanosecond matters. */
bool format_parse_ns(const char *text, int64_t *ns)
{
	const char *s = text;
	int64_t whole = 0, part = 0, scale = 1, value;
	const struct unit *u;

	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, *s - '0', &whole))
			return false;
	if (s == text)
		return false;
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9'; s++)
			if (scale < 1000000000) {
				part = part * 10 + (*s - '0');
				scale *= 10;
			}
	u = unit_named(s);
	if (!u || __builtin_mul_overflow(whole, u->ns, &value))
		return false;
	return !__builtin_add_overflow(value, part * u->ns / scale, ns);
}

char *format_text(const char *fmt, ...)
{
	char *s = NULL;
	size_t n;
	va_list ap;
	FILE *f = open_memstream(&s, &n);

	if (!f)
		die("out of memory");
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	if (fclose(f) != 0)
		die("out of memory");
	return s;
}

int32_t format_decode(const char *text, int *len)
{
	const unsigned char *s = (const unsigned char *)text;
	static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	int n = s[0] < 0x80   ? 1
		: s[0] < 0xc2 ? 0
		: s[0] < 0xe0 ? 2
		: s[0] < 0xf0 ? 3
		: s[0] < 0xf5 ? 4
			      : 0;
	int32_t c = n == 1 ? s[0] : n == 0 ? -1 : s[0] & (0xff >> (n + 1));

	*len = 1;
	for (int i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (n == 0 || c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return -1;
	*len = n;
	return c;
}

char *format_encode(char *out, int32_t c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
		*out++ = (char)(0x80 | (c & 0x3f));
	}
	return out;
}

int32_t format_tame(int32_t c)
{
	if (c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029)
		return 0x21b5;
	if (c == '\t')
		return 0x21e5;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c & 0xfffe) == 0xfffe)
		return 0xfffd;
	if (c == '"')
		return 0x201d;
	if (c == '\\')
		return 0x2216;
	if (c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069))
		return 0xfffd;
	return c;
}

char *format_label(const char *text, int max)
{
	char *out = malloc(strlen(text) * 3 + 4), *end = out, *last = out;
	int len;

	if (!out)
		die("out of memory");
	for (int n = 0; *text; text += len, n++) {
		if (n == max) {
			end = format_encode(last, 0x2026);
			break;
		}
		last = end;
		end = format_encode(end, format_tame(format_decode(text, &len)));
	}
	*end = 0;
	return out;
}

static double width_of(int32_t c)
{
	/* Of DejaVu Sans, from the space to the tilde, in hundredths. */
	static const uint8_t ascii[] = {
		32, 41, 46, 84, 64, 95, 78, 28, 39, 39, 50, 84, 32, 37,	 32, 34, 64, 64, 64,
		64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 77, 64,
		58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64,	 62, 74, 69, 99, 69,
		62, 69, 39, 34, 39, 84, 50, 50, 62, 64, 55, 64, 62, 36,	 64, 64, 28, 28, 58,
		28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60,	 53, 64, 34, 64, 84,
	};

	return c >= ' ' && c <= '~' ? ascii[c - ' '] / 100.0 : c < 0x1100 ? 0.75 : 1.0;
}

double format_width(const char *text)
{
	double w = 0;
	int len;

	for (; *text; text += len)
		w += width_of(format_decode(text, &len));
	return w;
}

/* Of n characters, of which `keep` are kept, which are left out. */
static bool left_out(int i, int n, int keep)
{
	int tail = keep >= 12 ? 2 * keep / 5 : 0;

	return i >= keep - tail && i < n - tail;
}

/* The label with an ellipsis for what is left out; it is freed. */
static char *cut(char *label, int n, int keep)
{
	char *out = malloc(strlen(label) + 4), *end = out, *at = label;
	int len;

	if (!out)
		die("out of memory");
	for (int i = 0; i < n; i++, at += len) {
		int32_t c = format_decode(at, &len);

		if (!left_out(i, n, keep))
			end = format_encode(end, c);
		else if (i == 0 || !left_out(i - 1, n, keep))
			end = format_encode(end, 0x2026);
	}
	*end = 0;
	free(label);
	return out;
}

char *format_fit(const char *text, double room)
{
	char *label = format_label(text, INT_MAX), *at;
	double wide = format_width(label);
	int n = 0, keep, len;

	for (at = label; *at; at += len, n++)
		format_decode(at, &len);
	for (keep = n; wide > room && keep > 0;) {
		keep = wide > 2 * room ? keep / 2 : keep - 1;
		wide = width_of(0x2026);
		at = label;
		for (int i = 0; i < n; i++, at += len) {
			int32_t c = format_decode(at, &len);

			wide += left_out(i, n, keep) ? 0 : width_of(c);
		}
	}
	if (wide > room)
		*label = 0;
	return wide > room || keep == n ? label : cut(label, n, keep);
}

size_t format_stem(const char *name)
{
	size_t end = strlen(name), at = end;

	while (at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9')
		at--;
	return at < end && at >= 2 && strncmp(name + at - 2, " #", 2) == 0 ? at - 2 : end;
}

double format_step(double span, int ticks)
{
	double least = span / (ticks > 1 ? ticks : 1);
	double ten = pow(10, floor(log10(least) + 1e-9));

	for (int i = 0; i < 3; i++) {
		double step = ten * (i == 0 ? 1 : i == 1 ? 2 : 5);

		if (step >= least * (1 - 1e-9))
			return step;
	}
	return 10 * ten;
}

struct axis format_axis(int64_t t0, int64_t t1, int ticks)
{
	struct axis a = {0};
	const struct unit *u = unit_for((double)(t1 - t0));

	/* 20 us into 1.5 s: either long numbers in us or, better, us since some round time. */
	if (t1 / u->ns >= 100000)
		a.base = t0 / (u->ns * 1000) * (u->ns * 1000);
	a.unit = (double)u->ns;
	a.name = u->name;
	a.step = format_step((double)(t1 - t0) / a.unit, ticks);
	if (a.step < 1)
		a.decimals = (int)ceil(-log10(a.step) - 1e-9);
	return a;
}

char *format_axis_label(char buf[2 * FORMAT_MAX], const struct axis *a)
{
	if (a->base == 0)
		snprintf(buf, 2 * FORMAT_MAX, "time since the start (%s)", a->name);
	else
		snprintf(buf, 2 * FORMAT_MAX, "time since %.*f s (%s)",
			 a->unit < 1e3	 ? 6
			 : a->unit < 1e6 ? 3
					 : 0,
			 (double)a->base / 1e9, a->name);
	return buf;
}
