/* SPDX-License-Identifier: MIT */
#include "error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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

void progress_over(void)
{
	clear();
	over |= isatty(STDOUT_FILENO);
}

static void say(const char *fmt, va_list ap)
{
	fflush(stdout);
	flockfile(stderr);
	clear();
	fputs("weft: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	funlockfile(stderr);
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
