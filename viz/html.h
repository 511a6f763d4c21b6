/* SPDX-License-Identifier: MIT */
/* Pieces of an HTML page that need care: text, and pictures inside it. */
#ifndef VIZ_HTML_H
#define VIZ_HTML_H

#include <stddef.h>
#include <stdio.h>

/* Write text that nothing takes for markup; line breaks stay, all that format_label() does not
 * allow is replaced likewise, but quotes and backslashes stay as they are. */
void html_text(FILE *f, const char *text);

/* Write an SVG picture of gnuplot's into the page: as wide as its place, with its ids prefixed, so
 * that several do not get mixed up.  -1 after a message, if it is not what gnuplot writes. */
int html_svg(FILE *f, const char *svg, size_t len, const char *prefix, const char *title);

/* The style sheet. */
extern const char html_style[];

#endif
