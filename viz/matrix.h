/* SPDX-License-Identifier: MIT */
/* A matrix of sums, who by whom, laid out: the largest rows and columns, and what is left of both.
 * Pure. */
#ifndef VIZ_MATRIX_H
#define VIZ_MATRIX_H

#include "figure.h"
#include "sums.h"

enum { MATRIX_MOST = 13 };

struct matrix {
	const char *rows, *columns; /* what they are */
	bool times;		    /* a cell shows its total (ns); else how often */
	const char *unit;	    /* of its second line: "waits" */
	char *const *names;
	size_t nnames;
	const struct sums *sums; /* key: row, column; indices of names */
};

/* Put it below what is in the figure. */
void matrix_layout(const struct matrix *m, struct figure *f);

#endif
