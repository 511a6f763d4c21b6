/* SPDX-License-Identifier: MIT */
/* The report: one page that explains a run, and needs nothing but itself. */
#ifndef VIZ_REPORT_H
#define VIZ_REPORT_H

#include "interactive.h"

#include <stdio.h>

/* Write the page about the database; `name` is what its commands are shown with, `page` the name of
 * its file, beside which `beside` is to be saved.  -1 after a message. */
int report_write(FILE *f, sqlite3 *db, const char *name, const char *page, struct beside *beside);

#endif
