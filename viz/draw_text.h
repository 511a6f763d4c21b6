/* SPDX-License-Identifier: MIT */
/* The timeline for a terminal: a line for each lane, a character for each part of the time. */
#ifndef VIZ_DRAW_TEXT_H
#define VIZ_DRAW_TEXT_H

#include "layout.h"

#include <stdio.h>

/* `columns` characters wide; with colours, if `color`, of a terminal that knows 24 bits of them.  A
 * character stands for what took most of its time; a blank where there was nothing. */
void draw_text(FILE *f, const struct timeline *t, int columns, bool color);

#endif
