/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "interactive.h"
#include "explain.h"
#include "format.h"
#include "gnuplot.h"
#include "html.h"
#include "layout.h"
#include "query_overview.h"
#include "query_page.h"
#include "record.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const char skeleton[] =
#include "web/timeline.html.h"
	;
static const char rules[] =
#include "web/timeline.css.h"
	;
static const char overview_script[] =
#include "web/overview.js.h"
	;
static const char *const scripts[] = {
#include "web/format.js.h"
	,
#include "web/data.js.h"
	,
#include "web/why.js.h"
	,
#include "web/mix.js.h"
	,
#include "web/marks.js.h"
	,
#include "web/search.js.h"
	,
#include "web/lanes.js.h"
	,
#include "web/raster.js.h"
	,
#include "web/draw.js.h"
	,
#include "web/minimap.js.h"
	,
#include "web/panel.js.h"
	,
#include "web/steps.js.h"
	,
#include "web/tip.js.h"
	,
#include "web/place.js.h"
	,
#include "web/view.js.h"
	,
#include "web/input.js.h"
	,
#include "web/start.js.h"
};

/* ---- Colours ---- */

/* What is light and almost grey would glare on a dark page. */
static uint32_t at_night(uint32_t rgb)
{
	int c[3] = {rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255}, least = 255, most = 0;

	for (int i = 0; i < 3; i++) {
		least = c[i] < least ? c[i] : least;
		most = c[i] > most ? c[i] : most;
	}
	if (most - least > 48 || least < 128)
		return rgb;
	for (int i = 0; i < 3; i++)
		c[i] = 48 + (c[i] - 128) * 2 / 5;
	return (uint32_t)(c[0] << 16 | c[1] << 8 | c[2]);
}

/* What is dark would hardly be seen there. */
static uint32_t hue_at_night(uint32_t rgb)
{
	uint32_t r = rgb >> 16 & 255, g = rgb >> 8 & 255, b = rgb & 255;

	return 2 * r + 5 * g + b < 8 * 80 ? palette_lighter(rgb) : rgb;
}

static void colors(FILE *f, bool night)
{
	for (int i = 0; i < COLORS; i++)
		fprintf(f, " --%s: #%06x;", palette[i].name,
			night ? at_night(palette[i].rgb) : palette[i].rgb);
	for (int i = 0; i < HUES; i++)
		fprintf(f, " --hue%d: #%06x;", i, night ? hue_at_night(hues[i]) : hues[i]);
	fprintf(f, " --others: #%06x;", night ? at_night(OTHERS) : OTHERS);
}

void interactive_style(FILE *f)
{
	fputs(":root {", f);
	colors(f, false);
	fputs(" }\n@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) {", f);
	colors(f, true);
	fputs(" } }\n:root[data-theme=dark] {", f);
	colors(f, true);
	fputs(" }\n", f);
	fputs(rules, f);
}

/* ---- What the scripts are told as JSON ---- */

static void json_texts(FILE *f, const char *name, char *const *v, size_t n)
{
	fprintf(f, "\"%s\":[", name);
	for (size_t i = 0; i < n; i++) {
		fputs(i ? ",\n" : "", f);
		pack_json(f, v[i]);
	}
	fputs("],\n", f);
}

/* The phrase that completes "waits in", and the colour's place in the palette. */
static void json_kinds(FILE *f, const struct page_data *d)
{
	fputs("\"kinds\":[", f);
	for (size_t i = 0; i < d->kinds.n; i++) {
		const struct page_kind *k = &d->kinds.v[i];
		bool waits = strcmp(k->state, "waiting") == 0;
		const char *phrase = waits ? explain_phrase(k->why) : k->why;
		const char *color = waits ? palette[palette_wait(k->why)].name : k->state;

		fprintf(f, "%s{\"state\":\"%s\",\"why\":", i ? "," : "", k->state);
		pack_json(f, k->why);
		fputs(",\"phrase\":", f);
		pack_json(f, phrase);
		fprintf(f, ",\"color\":\"%s\"}", color);
	}
	fputs("],\n\"ops\":[", f);
	for (int i = 0; page_ops[i].op; i++)
		fprintf(f, "%s[\"%s\",\"%s\"]", i ? "," : "", page_ops[i].table, page_ops[i].op);
	fputs("],\n\"legend\":{", f);
	for (int i = 0; i < COLORS; i++)
		fprintf(f, "%s\"%s\":\"%s\"", i ? "," : "", palette[i].name, palette[i].legend);
	fputs("},\n", f);
}

static void json(FILE *f, const struct page_data *d, const struct summary *s, const char *name,
		 const struct beside *b)
{
	fputs("<script type=\"application/json\" id=\"weft-about\">{\n\"command\":", f);
	pack_json(f, s->command);
	fputs(",\n\"database\":", f);
	pack_json(f, name);
	fprintf(f,
		",\n\"dur\":%lld,\"workers\":%lld,\"events\":%lld,\"lost\":%lld,\"g_spans\":%lld,"
		"\"p_spans\":%lld,\"ops_n\":%lld,\"backwards\":%lld,\"steps_most\":%d,\"bytes\":%zu,\n\"files\":",
		(long long)s->run.dur, (long long)s->run.workers, (long long)s->run.events,
		(long long)s->run.lost, (long long)d->g_spans, (long long)d->p_spans,
		(long long)d->ops, (long long)d->backwards, PAGE_STEPS, d->packed.v.n);
	fprintf(f, "%zu,\"directory\":", b->files.n);
	pack_json(f, b->directory ? b->directory : "");
	fputs(",\n\"threads\":[", f);
	for (size_t i = 0; i < d->threads.n; i++)
		fprintf(f, "%s%lld", i ? "," : "", (long long)d->threads.v[i]);
	fputs("],\n", f);
	json_texts(f, "places", d->places.v, d->places.n);
	json_kinds(f, d);
	fputs("\"texts\":[", f);
	for (size_t i = 0; i < d->texts.v.n; i++) {
		fputs(i ? ",\n" : "", f);
		pack_json(f, d->texts.v.v[i]);
	}
	fputs("]}</script>\n", f);
}

/* ---- Data beside the page ---- */

/* Cut the data into files, each a script that hands its part over. */
static void put_beside(struct beside *b, const struct bytes *packed, const char *page)
{
	const size_t part = INTERACTIVE_FILE / 4 * 3;
	const char *dot = strrchr(page, '.');

	b->directory =
		format_text("%.*s.data", (int)(dot ? (size_t)(dot - page) : strlen(page)), page);
	for (size_t at = 0; at < packed->v.n; at += part) {
		struct beside_file *file = &array_next(&b->files);
		FILE *f = open_memstream(&file->data, &file->len);

		if (!f)
			die("out of memory");
		fprintf(f, "weftPart(%zu, \"", b->files.n - 1);
		pack_base64(f, packed->v.v + at, packed->v.n - at < part ? packed->v.n - at : part);
		fputs("\");\n", f);
		if (fclose(f) != 0)
			die("out of memory");
	}
}

int beside_save(const struct beside *b, const char *page)
{
	const char *slash = strrchr(page, '/');
	int dir = slash ? (int)(slash + 1 - page) : 0, ret = 0;
	char *path;

	if (!b->directory)
		return 0;
	path = format_text("%.*s%s", dir, page, b->directory);
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		ret = error("cannot make the directory %s: %s", path, strerror(errno));
	free(path);
	for (size_t i = 0; i < b->files.n && ret == 0; i++) {
		path = format_text("%.*s%s/%03zu.js", dir, page, b->directory, i);
		ret = gnuplot_save(path, b->files.v[i].data, b->files.v[i].len);
		free(path);
	}
	return ret;
}

void beside_free(struct beside *b)
{
	for (size_t i = 0; i < b->files.n; i++)
		free(b->files.v[i].data);
	free(b->files.v);
	free(b->directory);
}

/* ---- The page's parts ---- */

static void overview_lane(FILE *f, const struct overview *o, int lane, const char *label,
			  int64_t whole)
{
	const char *comma = "";

	fprintf(f, "{\"label\":\"%s\",\"cells\":[", label);
	for (size_t i = 0; i < o->cells.n; i++) {
		const struct overview_cell *c = &o->cells.v[i];

		if (c->lane != lane || !whole)
			continue;
		fprintf(f, "%s%lld,%lld,%lld", comma, (long long)c->bucket, (long long)c->state,
			(long long)(1000.0 * (double)c->dur / (double)(whole * o->width)));
		comma = ",";
	}
	fputs("]}", f);
}

int interactive_write(FILE *f, sqlite3 *db, const struct summary *s)
{
	struct overview o;

	if (query_overview(db, &o) < 0) {
		query_overview_free(&o);
		return -1;
	}
	fputs(skeleton, f);
	fprintf(f,
		"<script type=\"application/json\" id=\"weft-overview\">{\"dur\":%lld,"
		"\"width\":%lld,\"colors\":[\"\",\"running\",\"detached\",\"runnable\","
		"\"wait_chan_recv\"],\"lanes\":[",
		(long long)(s->run.dur > 1 ? s->run.dur : 1), (long long)o.width);
	if (o.cells.n) {
		overview_lane(f, &o, 0, "workers", o.workers);
		fputs(",\n", f);
		overview_lane(f, &o, 1, "goroutines", o.goroutines);
	}
	fprintf(f, "]}</script>\n<script>\n%s</script>\n", overview_script);
	query_overview_free(&o);
	return 0;
}

int interactive_write_data(FILE *f, sqlite3 *db, const struct summary *s, const char *name,
			   const char *page, struct beside *beside)
{
	struct page_data d;

	if (query_page(db, s->run.events, &d) < 0) {
		query_page_free(&d);
		return -1;
	}
	if (d.packed.v.n / 3 * 4 > INTERACTIVE_INSIDE)
		put_beside(beside, &d.packed, page);
	json(f, &d, s, name, beside);
	fputs("<script type=\"application/octet-stream\" id=\"weft-data\">", f);
	if (!beside->directory)
		pack_base64(f, d.packed.v.v, d.packed.v.n);
	fputs("</script>\n", f);
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
		fprintf(f, "<script>\n%s</script>\n", scripts[i]);
	query_page_free(&d);
	return 0;
}
