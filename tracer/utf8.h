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

#endif
