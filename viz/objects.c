/* SPDX-License-Identifier: MIT */
/* Objects as a picture names them. */
#include "objects.h"

const char objects_sql[] = "SELECT obj, label FROM object ORDER BY obj";

static int object_row(sqlite3_stmt *row, void *arg)
{
	struct objects *o = arg;
	const char *label = (const char *)sqlite3_column_text(row, 1);

	array_add(&o->ids.v, row_number(row, 0));
	array_add(&o->labels, format_text("%s", label ? label : ""));
	return 0;
}

int objects_read(const struct scene *s, struct objects *o)
{
	int ret;

	*o = (struct objects){0};
	ret = scene_ask(s, objects_sql, object_row, o);
	alike_find(o->labels.v, o->labels.n, &o->alike);
	return ret;
}

int64_t objects_find(const struct objects *o, int64_t obj)
{
	int64_t i = ids_find(&o->ids, obj);

	return i < (int64_t)o->ids.v.n ? i : -1;
}

int objects_group(const struct objects *o, int64_t obj)
{
	int64_t i = objects_find(o, obj);

	return i < 0 ? -1 : o->alike.group[i];
}

void objects_free(struct objects *o)
{
	for (size_t i = 0; i < o->labels.n; i++)
		free(o->labels.v[i]);
	free(o->labels.v);
	free(o->ids.v.v);
	alike_free(&o->alike);
}
