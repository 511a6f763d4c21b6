/* SPDX-License-Identifier: MIT */
#include "utf8.h"

#include <stdio.h>
#include <string.h>

size_t utf8_char(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned low = 0x80, high = 0xbf; /* the range of the second byte */
	size_t n;

	if (s[0] < 0x80)
		return s[0] != 0;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0; /* lower ones are longer than needed */
	else if (s[0] == 0xed)
		high = 0x9f; /* higher ones are halves of UTF-16 pairs */
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f; /* higher ones are past U+10FFFF */
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

size_t utf8_copy(char *to, const char *text)
{
	size_t n, used = 0;

	for (; *text; text += n ? n : 1) {
		n = utf8_char(text);
		if (to)
			memcpy(to + used, n ? text : "\xef\xbf\xbd", n ? n : 3);
		used += n ? n : 3;
	}
	if (to)
		to[used] = '\0';
	return used + 1;
}

unsigned utf8_commanding(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned c;

	if (len == 2)
		c = (s[0] & 0x1fu) << 6 | (s[1] & 0x3f);
	else if (len == 3)
		c = (s[0] & 0xfu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3f);
	else
		return 0;
	return c < 0xa0 || c == 0x61c || c == 0x200e || c == 0x200f ||
			       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)
		       ? c
		       : 0;
}

size_t utf8_shown(char **to, const char *s)
{
	unsigned char c = (unsigned char)*s;
	size_t len = c >= 0x80 ? utf8_char(s) : 1;
	unsigned bad = utf8_commanding(s, len);

	if (c == '\n' || c == '\t') {
		*(*to)++ = '\\';
		*(*to)++ = c == '\n' ? 'n' : 't';
	} else if (c < 0x20 || c == 0x7f || !len) {
		*to += sprintf(*to, "\\x%02x", c);
	} else if (bad) {
		*to += sprintf(*to, "\\u%04x", bad);
	} else {
		memcpy(*to, s, len);
		*to += len;
	}
	return len ? len : 1;
}
