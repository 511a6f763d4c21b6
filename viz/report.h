/* SPDX-License-Identifier: MIT */
/* The report: one page that explains a run, and needs nothing but itself. */
#ifndef VIZ_REPORT_H
#define VIZ_REPORT_H

#include "interactive.h"

#include <stdio.h>

/* Write the page about the database at that path; `page` is the name of the page's file, beside which
 * `beside` is to be saved.  -1 after a message. */
int report_write(FILE *f, const char *path, const char *page, struct beside *beside);

#endif
