/* SPDX-License-Identifier: MIT */
/* Texts come from the program that was traced: they may be any bytes. */
#ifndef TRACER_UTF8_H
#define TRACER_UTF8_H

#include <stddef.h>

/* The length of the well-formed UTF-8 character that s begins with, 0 if it begins with none (the
 * NUL at its end included). */
size_t utf8_char(const char *s);

/* Copy text to `to` (if not NULL), each byte that is not part of valid UTF-8 as U+FFFD; the bytes
 * needed, the NUL included: at most three for each of text's. */
size_t utf8_copy(char *to, const char *text);

/* A character of 2 or 3 bytes that commands a terminal or reorders text: its number, or 0.
 * (Controls U+0080 to 9F; marks U+061C, 200E, 200F, 202A to 202E, 2066 to 2069; line ends U+2028
 * and 2029.) */
unsigned utf8_commanding(const char *text, size_t len);

/* The character or byte that s begins with, as a person may see it, is put at *to: what would command a
 * terminal (control characters, marks that reorder what follows) or is not valid as \n, \t, \xNN or \uNNNN.
 * *to is then behind it, at most UTF8_SHOWN bytes for each of s's, the number of which it returns. */
enum { UTF8_SHOWN = 4 };
size_t utf8_shown(char **to, const char *s);

#endif
