/* SPDX-License-Identifier: MIT */
/* Which characters this machine can draw.
 *
 * For a character without a glyph in any font, the library under gnuplot's png and pdf draws its
 * code in a box, at a size that has nothing to do with the text's (seen: a letter as high as the
 * picture).  So such a character is replaced before.
 */
#ifndef VIZ_FONT_H
#define VIZ_FONT_H

/* text with each character that no font has replaced by U+FFFD, to be freed. */
char *font_drawable(const char *text);

#endif
