/* SPDX-License-Identifier: MIT */
/* Scripts for gnuplot, and running it. */
#define _GNU_SOURCE
#include "gnuplot.h"
#include "font.h"
#include "process.h"
#include "save.h"

#include <math.h>
#include <string.h>
#include <sys/wait.h>

int gnuplot_format(const char *path, enum format *format)
{
	static const char *const names[] = {
		[FORMAT_SVG] = ".svg", [FORMAT_PNG] = ".png", [FORMAT_PDF] = ".pdf"};
	const char *dot = strrchr(path, '.');

	if (path[0] == '<' || path[0] == '|')
		return error("%s: a file name must not begin with %c; write ./%s if you mean it",
			     path, path[0], path);
	for (int i = FORMAT_SVG; dot && i <= FORMAT_PDF; i++)
		if (strcasecmp(dot, names[i]) == 0) {
			*format = (enum format)i;
			return 0;
		}
	return error("%s: the name must end in .svg, .png or .pdf, which chooses the format", path);
}

/* ---- Scripts ---- */

/* svg counts in pixels; the others, of 96 to the inch, in points, of 72. */
char *gnuplot_font(const struct script *s, char buf[FORMAT_MAX], int size, bool bold)
{
	snprintf(buf, FORMAT_MAX, "DejaVu Sans%s,%g", bold ? ":Bold" : "",
		 s->format == FORMAT_SVG ? size : size * 0.75);
	return buf;
}

void gnuplot_begin(struct script *s, enum format format, int width, int height)
{
	char font[FORMAT_MAX];

	*s = (struct script){.format = format, .width = width, .height = height};
	s->f = open_memstream(&s->text, &s->len);
	if (!s->f)
		die("out of memory");
	fputs("set encoding utf8\n", s->f);
	gnuplot_font(s, font, 12, false);
	if (format == FORMAT_SVG)
		fprintf(s->f,
			"set terminal svg size %d,%d noenhanced font \"%s\" "
			"background rgb \"#ffffff\"\n",
			width, height, font);
	else if (format == FORMAT_PNG)
		fprintf(s->f,
			"set terminal pngcairo size %d,%d noenhanced font \"%s\" "
			"background rgb \"#ffffff\"\n",
			width, height, font);
	else /* points, of which an inch has 72; pdfcairo takes them for pixels, and by itself halves them */
		fprintf(s->f,
			"set terminal pdfcairo size %.3fin,%.3fin noenhanced font \"%s\" "
			"background rgb \"#ffffff\" fontscale 0.75 linewidth 0.75\n",
			width / 96.0, height / 96.0, font);
	fputs("set datafile separator \"\\t\"\n"
	      "set datafile commentschars \"\"\n"
	      "unset key\n"
	      "set style fill solid noborder\n"
	      "set multiplot\n",
	      s->f);
}

void gnuplot_end(struct script *s)
{
	fputs("unset multiplot\n", s->f);
	if (fclose(s->f) != 0)
		die("out of memory");
	s->f = NULL;
}

void gnuplot_free(struct script *s)
{
	free(s->text);
	s->text = NULL;
}

void gnuplot_place(struct script *s, const struct rect *r)
{
	double w = s->width, h = s->height;

	fprintf(s->f,
		"set lmargin at screen %.6g\nset rmargin at screen %.6g\n"
		"set tmargin at screen %.6g\nset bmargin at screen %.6g\n",
		r->x / w, (r->x + r->w) / w, 1 - r->y / h, 1 - (r->y + r->h) / h);
}

void gnuplot_time_axis(struct script *s, const struct axis *a, int64_t from, int64_t to, bool words)
{
	char font[FORMAT_MAX], label[2 * FORMAT_MAX];

	fprintf(s->f, "set xrange [%.12g:%.12g]\n", (double)(from - a->base) / a->unit,
		(double)(to - a->base) / a->unit);
	fprintf(s->f, "set xtics %g nomirror out scale 0.6 font \"%s\" textcolor rgb \"#%06x\"\n",
		a->step, gnuplot_font(s, font, 12, false), INK_SOFT);
	fprintf(s->f, "set grid xtics back linecolor rgb \"#e3e6e9\" linewidth 1 dashtype 1\n");
	if (!words) {
		fputs("set format x \"\"\nunset xlabel\n", s->f);
		return;
	}
	fprintf(s->f, "set format x \"%%.%df\"\n", a->decimals);
	fprintf(s->f, "set xlabel \"%s\" font \"%s\" textcolor rgb \"#%06x\" offset 0,0.4\n",
		format_axis_label(label, a), font, INK_SOFT);
}

void gnuplot_count_axis(struct script *s, double max)
{
	char font[FORMAT_MAX];
	double step = format_step(max, 5);

	fprintf(s->f, "set border 3 linecolor rgb \"#%06x\"\nset yrange [0:%.6g]\n", INK_FAINT,
		max);
	fprintf(s->f, "set ytics %g nomirror out scale 0.6 font \"%s\" textcolor rgb \"#%06x\"\n",
		step < 1 ? 1 : step, gnuplot_font(s, font, 12, false), INK_SOFT);
}

char *gnuplot_decades(char buf[FORMAT_MAX], double decades, double room)
{
	snprintf(buf, FORMAT_MAX, "%g", pow(10, fmax(1, ceil(decades / fmax(1, room)))));
	return buf;
}

void gnuplot_steps(struct script *s, const char *name, double x0, double dx, const double *v, int n)
{
	fprintf(s->f, "$%s << END\n", name);
	for (int i = 0, from = 0; i < n; i++) {
		if (i + 1 < n && v[i + 1] == v[i])
			continue;
		fprintf(s->f, "%.10g\t%.5g\n%.10g\t%.5g\n", x0 + dx * from, v[i], x0 + dx * (i + 1),
			v[i]);
		from = i + 1;
	}
	fputs("END\n", s->f);
}

static bool same_look(const struct text *a, const struct text *b)
{
	return a->align == b->align && a->size == b->size && a->bold == b->bold;
}

/* A viewer of SVG has fonts of its own; the others are drawn here. */
static void put_text(struct script *s, const struct text *t)
{
	char *text = s->format == FORMAT_SVG ? NULL : font_drawable(t->text);

	fprintf(s->f, "%.1f\t%.1f\t0x%06x\t\"%s\"\n", t->x, t->y, t->rgb, text ? text : t->text);
	free(text);
}

/* One block of data, and later one plot, for each look that texts have. */
static int block_of_look(struct script *s, const struct text *texts, size_t n, size_t look)
{
	for (size_t i = 0; i < look; i++)
		if (same_look(&texts[i], &texts[look]))
			return 0;
	fprintf(s->f, "$text%d << END\n", ++s->blocks);
	for (size_t i = look; i < n; i++)
		if (same_look(&texts[i], &texts[look]) && *texts[i].text)
			put_text(s, &texts[i]);
	fputs("END\n", s->f);
	return s->blocks;
}

void gnuplot_words(struct script *s, const struct swatch *swatches, size_t nswatches,
		   const struct text *texts, size_t ntexts)
{
	static const char *const aligns[] = {"left", "center", "right"};
	int *block = array_zeroed(ntexts, sizeof *block);
	char font[FORMAT_MAX];
	const char *sep = "plot ";

	fputs("\n# The words, in pixels of the picture\n$swatches << END\n", s->f);
	for (size_t i = 0; i < nswatches; i++) {
		const struct swatch *w = &swatches[i];

		fprintf(s->f, "%.1f\t%.1f\t%.1f\t%.1f\t0x%06x\n", w->x, w->x + w->w, w->y,
			w->y + w->h, w->rgb);
	}
	fputs("END\n", s->f);
	for (size_t i = 0; i < ntexts; i++)
		block[i] = block_of_look(s, texts, ntexts, i);
	gnuplot_place(s, &(struct rect){0, 0, s->width, s->height});
	fprintf(s->f,
		"unset border\nunset grid\nunset xtics\nunset ytics\nunset xlabel\nunset ylabel\n"
		"set xrange [0:%d]\nset yrange [%d:0]\n",
		s->width, s->height);
	if (nswatches) {
		fputs("plot $swatches using ($1+$2)/2:($3+$4)/2:1:2:3:4:5 "
		      "with boxxyerror linecolor rgb variable",
		      s->f);
		sep = ", \\\n     ";
	}
	for (size_t i = 0; i < ntexts; i++)
		if (block[i]) {
			fprintf(s->f,
				"%s$text%d using 1:2:(stringcolumn(4)):3 with labels %s font "
				"\"%s\" "
				"textcolor rgb variable",
				sep, block[i], aligns[texts[i].align],
				gnuplot_font(s, font, texts[i].size, texts[i].bold));
			sep = ", \\\n     ";
		}
	fputc('\n', s->f);
	free(block);
}

/* ---- Running it ---- */

/* Replaces every `from` by `to`. */
static void replace(char **text, size_t *len, const char *from, const char *to)
{
	char *out, *at = *text, *hit;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	if (!f)
		die("out of memory");
	while ((hit = memmem(at, *len - (size_t)(at - *text), from, strlen(from)))) {
		fwrite(at, 1, (size_t)(hit - at), f);
		fputs(to, f);
		at = hit + strlen(from);
	}
	fwrite(at, 1, *len - (size_t)(at - *text), f);
	if (fclose(f) != 0)
		die("out of memory");
	free(*text);
	*text = out;
	*len = n;
}

/* The same bytes for the same database, and a font for those who have not DejaVu: Verdana is as
 * wide. */
static void finish(enum format format, char **out, size_t *len)
{
	static const char date[] = "/CreationDate (D:";
	char *at;

	if (format == FORMAT_SVG) {
		replace(out, len, "font-family=\"DejaVu Sans\"",
			"font-family=\"DejaVu Sans, Verdana, sans-serif\"");
		replace(out, len, "font-family=\"DejaVu Sans:Bold\"",
			"font-family=\"DejaVu Sans, Verdana, sans-serif\" font-weight=\"bold\"");
	}
	if (format != FORMAT_PDF)
		return;
	at = memmem(*out, *len, date, sizeof date - 1);
	if (at)
		memcpy(at + sizeof date - 1, "20000101000000", 14);
}

static int judge(const struct output *o)
{
	int status = o->status;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return error("gnuplot is not installed; on Debian: apt install gnuplot-nox");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 126)
		return error("gnuplot cannot be executed");
	if (WIFSIGNALED(status))
		error("gnuplot was ended by signal %d; it said:", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0 || o->nout == 0)
		error("gnuplot failed; it said:");
	else
		return 0;
	quote(o->err);
	return -1;
}

/* The script is given as a file: reading a long one from a pipe takes gnuplot twice as long. */
int gnuplot_run(const struct script *s, char **out, size_t *len)
{
	static const char *const argv[] = {"gnuplot", "--default-settings", "/dev/stdin", NULL};
	struct output o;

	if (process_run(argv, s->text, s->len, &o) < 0)
		return -1;
	if (judge(&o) < 0) {
		process_free(&o);
		return -1;
	}
	finish(s->format, &o.out, &o.nout);
	*out = o.out;
	*len = o.nout;
	free(o.err);
	return 0;
}

/* ---- Files ---- */

int gnuplot_save(const char *path, const char *data, size_t len)
{
	struct save s;

	if (save_begin(&s, path) < 0)
		return -1;
	fwrite(data, 1, len, s.f);
	return save_end(&s, true);
}
