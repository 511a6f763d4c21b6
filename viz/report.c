/* SPDX-License-Identifier: MIT */
/* The report: one page that explains a run, and needs nothing but itself.
 *
 * The first screen answers: what ran, how long, how parallel, what was waited for most and because
 * of whom, and whether to believe it.  Then pictures, each with the SQL and the script that made
 * it; then tables.  The same database gives the same bytes.
 */
#include "report.h"
#include "db.h"
#include "helpers.h"
#include "html.h"
#include "interactive.h"
#include "plot.h"
#include "summary.h"

#include <string.h>

struct report {
	FILE *f;
	sqlite3 *db;
	const char *path, *name; /* of the database */
	struct summary s;
	struct scene scene;
};

/* ---- The first screen ---- */

static void head(struct report *r)
{
	const struct run *run = &r->s.run;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; img-src data:; script-src 'unsafe-inline' file:\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
	      r->f);
	html_text(r->f, r->s.command);
	fprintf(r->f, " - weft</title>\n<style>\n%s", html_style);
	interactive_style(r->f);
	fputs("</style>\n</head>\n<body>\n<h1>", r->f);
	html_text(r->f, r->s.command);
	fputs("</h1>\n<p class=\"soft\">", r->f);
	html_text(r->f, run->started ? run->started : "at a time that is not known");
	fputs(run->host ? ", on " : "", r->f);
	html_text(r->f, run->host ? run->host : "");
	fputs(run->kernel ? ", " : "", r->f);
	html_text(r->f, run->kernel ? run->kernel : "");
	if (run->cpus > 0)
		fprintf(r->f, ", %lld cpu%s", (long long)run->cpus, run->cpus == 1 ? "" : "s");
	fputs("</p>\n", r->f);
	if (run->fatal) {
		fputs("<div class=\"warn\">", r->f);
		html_text(r->f, run->fatal);
		fputs("</div>\n", r->f);
	}
}

static void first_screen(struct report *r)
{
	static const char *const class[] = {"", "main", "main most"};

	head(r);
	fputs("<dl class=\"answers\">\n", r->f);
	for (size_t i = 0; i < r->s.answers.n; i++) {
		const struct answer *a = &r->s.answers.v[i];

		fprintf(r->f, "<dt>%s</dt><dd class=\"%s\">", a->question, class[a->weight]);
		html_text(r->f, a->text);
		fputs("</dd>\n", r->f);
	}
	fputs("</dl>\n", r->f);
	if (r->s.longest_g)
		fprintf(r->f,
			"<p class=\"soft tl-only\"><a href=\"#t=%lldns..%lldns&amp;g=%lld\">The longest "
			"wait for it, in the timeline</a></p>\n",
			(long long)r->s.longest.from, (long long)r->s.longest.to,
			(long long)r->s.longest_g);
}

/* ---- Pictures ---- */

static void folded(struct report *r, const char *summary, const char *text)
{
	fprintf(r->f, "<details><summary>%s</summary><pre>", summary);
	html_text(r->f, text);
	fputs("</pre></details>\n", r->f);
}

/* The script, without most of its data if it is long: `command` prints it whole. */
static void folded_script(struct report *r, const struct script *s, const char *command)
{
	enum { WHOLE = 100000, KEEP = 20, LONG = 400 };
	char *out, *line, *text = format_text("%s", s->text);
	size_t n, skipped = 0;
	int row = -1; /* of a block of data */
	FILE *f = open_memstream(&out, &n);

	if (!f)
		die("out of memory");
	for (char *rest = text; (line = strsep(&rest, "\n")) && rest;) {
		bool block = row >= 0;

		if (strstr(line, " << END"))
			row = 0;
		else if (strcmp(line, "END") == 0)
			row = -1;
		else if (block)
			row++;
		if (s->len > WHOLE && row > 0 && (row > KEEP || strlen(line) > LONG)) {
			skipped++;
			continue;
		}
		if (skipped)
			fprintf(f, "... %zu lines; all of them: weft %s\n", skipped, command);
		skipped = 0;
		fprintf(f, "%s\n", line);
	}
	if (fclose(f) != 0)
		die("out of memory");
	folded(r, "The gnuplot script", out);
	free(out);
	free(text);
}

/* What a plot asked, so that a person can ask it again. */
static int folded_sql(struct report *r, const struct plot *plot)
{
	char *all = format_text("%s", "");

	for (int i = 0; i < PLOT_QUESTIONS && plot->sql[i]; i++) {
		char *sql = rows_asked(r->db, plot->sql[i], r->scene.from, r->scene.to), *more;

		if (!sql) {
			free(all);
			return -1;
		}
		more = format_text("%s%s%s;", all, i ? "\n\n" : "", sql);
		free(all);
		free(sql);
		all = more;
	}
	folded(r, "The SQL", all);
	free(all);
	return 0;
}

/* Draw a plot, as a part of the page. */
static int figure(void *report, int i, FILE *f)
{
	struct report of_part = *(struct report *)report, *r = &of_part;
	const struct plot_row *row = &plots[i];
	struct script s;
	char *svg, prefix[16], *command;
	size_t len;
	int ret;

	r->f = f;
	if (plot_script(row->plot, &r->scene, FORMAT_SVG, &s) < 0)
		return -1;
	if (gnuplot_run(&s, &svg, &len) < 0) {
		gnuplot_free(&s);
		return -1;
	}
	snprintf(prefix, sizeof prefix, "f%d-", i + 1);
	fprintf(r->f, "<h2 id=\"plot-%s\">%s</h2>\n<p>%s</p>\n<figure>\n", row->name,
		row->plot->title, row->plot->words);
	ret = html_svg(r->f, svg, len, prefix, row->plot->title);
	fputs("</figure>\n", r->f);
	free(svg);
	if (ret == 0)
		ret = folded_sql(r, row->plot);
	command = format_text("plot %s %s --script", row->name, r->name);
	folded_script(r, &s, command);
	free(command);
	gnuplot_free(&s);
	return ret;
}

static int open_run(void *report)
{
	struct report *r = report;

	r->db = db_open_read(r->path);
	return r->db ? scene_read(r->db, &r->scene) : -1;
}

/* ---- Tables ---- */

/* How a column is shown. */
struct column {
	char kind; /* t: text, g: text "g7", with a link to the timeline, n: number, d: duration in
		      ns, p: point in time in ns, b: bar of states */
	const char *heading;
};

static void table_head(struct report *r, const struct column *columns, int n)
{
	fputs("<div class=\"wide\"><table><thead><tr>", r->f);
	for (int i = 0; i < n; i++)
		fprintf(r->f, "<th%s>%s</th>", strchr("tg", columns[i].kind) ? " class=\"t\"" : "",
			columns[i].heading);
	fputs("</tr></thead><tbody>\n", r->f);
}

static void table_end(struct report *r)
{
	fputs("</tbody></table></div>\n", r->f);
}

static void text_cell(struct report *r, const char *text)
{
	fputs("<td class=\"t\">", r->f);
	html_text(r->f, text ? text : "");
	fputs("</td>", r->f);
}

/* "g7" */
static void goroutine_cell(struct report *r, const char *g)
{
	fprintf(r->f, "<td class=\"t\">");
	if (g)
		fprintf(r->f, "<a href=\"#g=%s\">%s</a>", g + 1, g);
	fputs("</td>", r->f);
}

static void number_cell(struct report *r, char kind, const struct cell *cell)
{
	char buf[FORMAT_MAX];

	if (!cell->text)
		fputs("<td></td>", r->f);
	else if (kind == 'n')
		fprintf(r->f, "<td>%s</td>", format_count(buf, cell->n));
	else
		fprintf(r->f, "<td>%s</td>", format_ns(buf, (double)cell->n, kind == 'p' ? 7 : 3));
}

/* Any question as a table, with its SQL below; `what` says what it is, and `none` that it is
 * empty. */
static int table(struct report *r, const char *title, const char *what, const char *none,
		 const char *sql, const struct column *columns, int n)
{
	struct table t;

	if (query_table(r->db, sql, &t) < 0) {
		query_table_free(&t);
		return -1;
	}
	fprintf(r->f, "<h2>%s</h2>\n<p>%s</p>\n", title, t.cells.n ? what : none);
	if (t.cells.n) {
		table_head(r, columns, n);
		for (size_t i = 0; i < t.cells.n; i++) {
			int col = (int)(i % (size_t)t.cols);

			fputs(col ? "" : "<tr>", r->f);
			if (columns[col].kind == 'g')
				goroutine_cell(r, t.cells.v[i].text);
			else if (columns[col].kind == 't')
				text_cell(r, t.cells.v[i].text);
			else
				number_cell(r, columns[col].kind, &t.cells.v[i]);
			fputs(col + 1 == t.cols ? "</tr>\n" : "", r->f);
		}
		table_end(r);
	}
	folded(r, "The SQL", sql);
	query_table_free(&t);
	return 0;
}

#define TABLE(r, title, what, none, sql, ...)                                                      \
	table(r, title, what, none, sql, (const struct column[]){__VA_ARGS__},                     \
	      (int)(sizeof((const struct column[]){__VA_ARGS__}) / sizeof(struct column)))

/* Running, runnable, waiting, as parts of a bar. */
static void bar_cell(struct report *r, const struct cell *states)
{
	static const enum color colors[] = {COLOR_running, COLOR_runnable, COLOR_wait_chan_recv};
	double sum = 0;

	for (int i = 0; i < 3; i++)
		sum += (double)states[i].n;
	fputs("<td><div class=\"bar\">", r->f);
	for (int i = 0; sum > 0 && i < 3; i++)
		fprintf(r->f, "<i style=\"width:%.2f%%;background:#%06x\"></i>",
			100 * (double)states[i].n / sum, palette[colors[i]].rgb);
	fputs("</div></td>", r->f);
}

static int functions(struct report *r)
{
	static const struct column columns[] = {
		{'t', "function"}, {'n', "goroutines"}, {'b', ""},	    {'d', "running"},
		{'d', "runnable"}, {'d', "waiting"},	{'n', "times run"}, {'n', "waits"}};
	struct table t;

	if (query_table(r->db, query_functions_sql, &t) < 0) {
		query_table_free(&t);
		return -1;
	}
	fputs("<h2>Functions</h2>\n<p>What all goroutines of a function did together:", r->f);
	fprintf(r->f,
		"<span class=\"key\" style=\"background:#%06x\"></span>running"
		"<span class=\"key\" style=\"background:#%06x\"></span>runnable"
		"<span class=\"key\" style=\"background:#%06x\"></span>waiting</p>\n",
		palette[COLOR_running].rgb, palette[COLOR_runnable].rgb,
		palette[COLOR_wait_chan_recv].rgb);
	table_head(r, columns, 8);
	for (size_t i = 0; i + 7 <= t.cells.n; i += 7) {
		const struct cell *c = &t.cells.v[i];

		fputs("<tr>", r->f);
		text_cell(r, c[0].text);
		number_cell(r, 'n', &c[1]);
		bar_cell(r, &c[2]);
		for (int k = 2; k < 7; k++)
			number_cell(r, columns[k + 1].kind, &c[k]);
		fputs("</tr>\n", r->f);
	}
	table_end(r);
	folded(r, "The SQL", query_functions_sql);
	query_table_free(&t);
	return 0;
}

static int tables(struct report *r)
{
	if (functions(r) < 0 ||
	    TABLE(r, "Channels",
		  "The operations on each; direct is from goroutine to goroutine, past "
		  "the buffer; parked had to wait.",
		  query_recorded(&r->s.run, "chan") ? "The program made no channel."
						  : "Operations on channels were not recorded.",
		  query_channels_sql, {'t', "channel"},
		  {'n', "capacity"}, {'n', "sent"}, {'n', "received"}, {'n', "direct"},
		  {'n', "sends parked"}, {'n', "receives parked"}, {'n', "longest queue"},
		  {'p', "closed at"}) < 0 ||
	    TABLE(r, "Mutexes", "How long each was held, and waited for.",
		  query_recorded(&r->s.run, "sync") ? "The program used no mutex."
						  : "Locks and unlocks were not recorded.",
		  query_mutexes_sql, {'t', "mutex"}, {'n', "locked"},
		  {'n', "contended"}, {'d', "held"}, {'d', "longest"}, {'d', "waited for"},
		  {'d', "longest"}) < 0 ||
	    TABLE(r, "Waiting by calls",
		  "How long goroutines waited in each function and what it calls, and in the "
		  "function "
		  "itself (at most 30 are listed).",
		  "No waits with stacks were recorded: <code>weft record --stacks</code>.",
		  query_calls_sql, {'t', "function"}, {'n', "waits"}, {'d', "in all"},
		  {'d', "itself"}) < 0)
		return -1;
	return 0;
}

/* ---- Who was left, and what is missing ---- */

static int unfinished(struct report *r)
{
	return TABLE(r, "Goroutines that had not ended",
		     "What they were doing when the trace ended, the longest first (at most 50 are "
		     "listed).",
		     "All had ended.", query_unfinished_sql, {'g', ""}, {'t', "name"},
		     {'t', "state"}, {'t', "why"}, {'t', "for"}, {'t', "held by"},
		     {'d', "how long"}, {'t', "where"}, {'t', "spawned at"});
}

static int missing(struct report *r)
{
	if (TABLE(r, "Lost events",
		  "Events that are missing; what the pictures show there may be wrong.",
		  "None are missing.", query_gaps_sql, {'p', "from"}, {'d', "for"},
		  {'t', "process"}, {'t', "thread"}, {'n', "events"}) < 0)
		return -1;
	return TABLE(r, "Impossible transitions",
		     "A sign of lost events, or of a bug in weft (at most 50 are listed).",
		     "There are none.", query_anomalies_sql, {'p', "at"}, {'t', "what"},
		     {'g', "goroutine"}, {'t', "object"});
}

static void foot(struct report *r)
{
	const struct run *run = &r->s.run;
	char buf[FORMAT_MAX];

	fputs("<p class=\"soft\">Loaded by weft ", r->f);
	html_text(r->f, run->weft_version);
	if (run->program_version) {
		fputs("; the program was built with ", r->f);
		html_text(r->f, run->program_version);
	}
	fprintf(r->f, ". %s events", format_count(buf, run->events));
	if (run->unknown)
		fprintf(r->f, ", and %s of kinds that this weft does not know",
			format_count(buf, run->unknown));
	fputs(".</p>\n", r->f);
}

/* What comes before the pictures. */
static int top(struct report *r)
{
	first_screen(r);
	/* After a deadlock, who hangs where is what the reader came for. */
	if (r->s.run.fatal && unfinished(r) < 0)
		return -1;
	return interactive_write(r->f, r->db, &r->s);
}

/* What comes after them. */
static int bottom(struct report *r, const char *page, struct beside *beside)
{
	if (tables(r) < 0 || (!r->s.run.fatal && unfinished(r) < 0) || missing(r) < 0)
		return -1;
	foot(r);
	if (interactive_write_data(r->f, r->db, &r->s, r->name, page, beside) < 0)
		return -1;
	fputs("</body>\n</html>\n", r->f);
	return 0;
}

/* All but the pictures is written while the helpers draw these. */
static int write_parts(struct report *r, struct helpers *pictures, const char *page,
		       struct beside *beside)
{
	FILE *f = r->f;
	char *text;
	size_t len;
	int ret;

	if (top(r) < 0)
		return -1;
	r->f = open_memstream(&text, &len);
	if (!r->f)
		die("out of memory");
	ret = bottom(r, page, beside);
	if (fclose(r->f) != 0)
		die("out of memory");
	r->f = f;
	if (ret == 0)
		ret = helpers_join(pictures);
	for (int i = 0; ret == 0 && i < nplots; i++)
		helpers_write(pictures, i, f);
	fwrite(text, 1, len, f);
	free(text);
	return ret;
}

int report_write(FILE *f, const char *path, const char *page, struct beside *beside)
{
	const char *slash = strrchr(path, '/');
	struct report r = {.f = f, .path = path, .name = slash ? slash + 1 : path};
	const struct work work = {nplots, open_run, figure, &r, "pictures"};
	struct helpers *pictures = helpers_start(&work);
	int ret = open_run(&r);

	if (ret == 0)
		ret = summary_read(r.db, &r.s);
	if (ret == 0)
		ret = write_parts(&r, pictures, page, beside);
	helpers_free(pictures);
	scene_free(&r.scene);
	summary_free(&r.s);
	sqlite3_close(r.db);
	return ret;
}
