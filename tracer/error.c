/* SPDX-License-Identifier: MIT */
/* What is said has names of the trace in it, and the traced program is not to command the terminal, nor to
 * say anything in our name. */
#define _GNU_SOURCE
#include "error.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool shown, over; /* a line of progress; and there will be no more */

static void clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}

void progress(const char *fmt, ...)
{
	va_list ap;

	if (over || !isatty(STDERR_FILENO))
		return;
	fputs("\rweft: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\033[K", stderr);
	shown = true;
}

void progress_forked(void)
{
	shown = false;
}

void progress_over(void)
{
	clear();
	over |= isatty(STDOUT_FILENO);
}

/* A line: its beginning, and n bytes of a text.  It is written at once, unless it is very long: the traced
 * program may write there, too. */
static void show(const char *begin, const char *text, size_t n)
{
	enum { LONG = 2048, LAST = 4 * UTF8_SHOWN + 2 }; /* a character, and the end */
	char line[LONG], *end = stpcpy(line, begin);

	while (n) {
		size_t used = utf8_shown(&end, text);

		text += used;
		n -= used < n ? used : n;
		if (end > line + LONG - LAST) {
			fwrite(line, 1, (size_t)(end - line), stderr);
			end = line;
		}
	}
	*end++ = '\n';
	fwrite(line, 1, (size_t)(end - line), stderr);
}

static void say(const char *fmt, va_list ap)
{
	char few[1024], *text = few;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(few, sizeof few, fmt, ap);
	if (n >= (int)sizeof few && (text = malloc((size_t)n + 1)))
		vsnprintf(text, (size_t)n + 1, fmt, again);
	else
		text = few;
	va_end(again);
	fflush(stdout);
	flockfile(stderr);
	clear();
	show("weft: ", text, strlen(text));
	funlockfile(stderr);
	if (text != few)
		free(text);
}

void quote(const char *text)
{
	for (size_t n; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		show("  ", text, n);
	}
}

int error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return -1;
}

void note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	exit(1);
}
