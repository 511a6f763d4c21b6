/* SPDX-License-Identifier: MIT */
/* Which characters this machine can draw: fontconfig's fc-list knows. */
#include "font.h"
#include "array.h"
#include "format.h"
#include "process.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Latin, Greek, Cyrillic and usual punctuation need no question. */
static bool common(int32_t c)
{
	return (c >= 0x20 && c < 0x250) || (c >= 0x391 && c < 0x3ca) || (c >= 0x400 && c < 0x460) ||
	       (c >= 0x2010 && c < 0x2027) || c == 0xfffd;
}

static bool ask(int32_t c)
{
	char pattern[32];
	const char *const argv[] = {"fc-list", pattern, "family", NULL};
	struct output o;
	bool found;

	snprintf(pattern, sizeof pattern, ":charset=%x", (unsigned)c);
	if (process_run(argv, "", 0, &o) < 0)
		return false;
	found = o.status == 0 && o.nout > 0;
	process_free(&o);
	return found;
}

/* Asks once for each character, and not for ever. */
static bool drawable(int32_t c)
{
	enum { MANY = 200 };
	static struct {
		int32_t c;
		bool yes;
	} known[MANY];
	static int n;

	if (common(c))
		return true;
	for (int i = 0; i < n; i++)
		if (known[i].c == c)
			return known[i].yes;
	if (n == MANY)
		return false;
	known[n].c = c;
	known[n].yes = ask(c);
	return known[n++].yes;
}

char *font_drawable(const char *text)
{
	char *out = array_zeroed(strlen(text) * 3 + 1, 1), *end = out;

	while (*text) {
		int len;
		int32_t c = format_decode(text, &len);

		end = format_encode(end, drawable(c) ? c : 0xfffd);
		text += len;
	}
	return out;
}
