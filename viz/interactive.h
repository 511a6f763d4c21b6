/* SPDX-License-Identifier: MIT */
/* The interactive timeline of the report: viz/web/, with the run's data, in the page or beside it.
 */
#ifndef VIZ_INTERACTIVE_H
#define VIZ_INTERACTIVE_H

#include "array.h"
#include "summary.h"

#include <stdio.h>

/* More data than this goes into files beside the page, in base64. */
enum { INTERACTIVE_INSIDE = 24 << 20, INTERACTIVE_FILE = 8 << 20 };

/* The files beside the page: "NAME.data/001.js" and so on. */
struct beside {
	char *directory; /* NULL: there are none */
	ARRAY(struct beside_file {
		char *data;
		size_t len;
	})
	files;
};

/* Write the style sheet's colours and the timeline's own rules. */
void interactive_style(FILE *f);
/* Write the timeline's place in the page, with an overview that is drawn at once.  -1 after a message. */
int interactive_write(FILE *f, sqlite3 *db, const struct summary *s);
/* Write its data and scripts: at the page's end, so that they do not keep a reader from the rest.  `name`
 * is the database's name, `page` the page's own, without a directory; what is too much for the page is
 * put into `beside`.  -1 after a message. */
int interactive_write_data(FILE *f, sqlite3 *db, const struct summary *s, const char *name,
			   const char *page, struct beside *beside);
/* Write these files next to the page; -1 after a message. */
int beside_save(const struct beside *b, const char *page);
void beside_free(struct beside *b);

#endif
