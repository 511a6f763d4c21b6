/* SPDX-License-Identifier: MIT */
/* What the commands that draw pictures have in common. */
#include "options.h"
#include "cmds.h"
#include "db.h"

#include <getopt.h>
#include <stdlib.h>

enum { BAD_USAGE = 2 };

static int take_output(struct picture_options *o, const char *path)
{
	o->output = path;
	return gnuplot_format(path, &o->format) < 0 ? BAD_USAGE : 0;
}

int options_time(const char *cmd, const char *option, const char *text, int64_t *ns)
{
	if (format_parse_ns(text, ns))
		return 0;
	return cmd_misuse(cmd, "%s %s: not a time like 250us, 10ms, 1.5s or 1500000 (nanoseconds)",
			  option, text);
}

static int take_pixels(const char *cmd, const char *option, int *pixels)
{
	char *end;
	long n = strtol(optarg, &end, 10);

	if (end == optarg || *end || n < 1 || n > PLOT_WIDEST)
		return cmd_misuse(cmd, "%s %s: not a number of pixels from 1 to %d", option, optarg,
				  PLOT_WIDEST);
	*pixels = (int)n;
	return 0;
}

int options_picture(struct picture_options *o, int c, char **argv)
{
	switch (c) {
	case 'o':
		return take_output(o, optarg);
	case PICTURE_FROM:
		return options_time(argv[0], "--from", optarg, &o->from);
	case PICTURE_TO:
		return options_time(argv[0], "--to", optarg, &o->to);
	case PICTURE_WIDTH:
		return take_pixels(argv[0], "--width", &o->width);
	case PICTURE_HEIGHT:
		return take_pixels(argv[0], "--height", &o->height);
	case PICTURE_SCRIPT:
		o->script = true;
		return 0;
	case PICTURE_SQL:
		o->sql = true;
		return 0;
	default:
		return cmd_bad_option(c, argv);
	}
}

int options_database(struct picture_options *o, int argc, char **argv)
{
	if (optind == argc)
		return cmd_misuse(argv[0], "which database?");
	if (optind + 1 < argc)
		return cmd_misuse(argv[0], "one database at a time; what is %s?", argv[optind + 1]);
	o->database = argv[optind];
	if (!o->output && !o->script && !o->sql && !o->text)
		return cmd_misuse(argv[0], "where to? give -o FILE.svg, FILE.png or FILE.pdf");
	return 0;
}

int options_window(const struct picture_options *o, const struct run *run, int64_t *from,
		   int64_t *to)
{
	char a[FORMAT_MAX], b[FORMAT_MAX], c[FORMAT_MAX];
	int64_t dur = run->dur > 0 ? run->dur : 1;

	*from = o->from < 0 ? 0 : o->from;
	*to = o->to < 0 ? dur : o->to;
	if (*from >= *to && *from < dur)
		return error("--from %s is not before --to %s", format_ns(a, (double)*from, 6),
			     format_ns(b, (double)*to, 6));
	if (*from >= dur || *to > dur)
		return error("%s to %s is outside the run, which lasted from 0 to %s (%lld ns)",
			     format_ns(a, (double)*from, 6), format_ns(b, (double)*to, 6),
			     format_ns(c, (double)run->dur, 6), (long long)run->dur);
	return 0;
}

/* Print the script, or run it and write the picture. */
static int finish(const struct picture_options *o, const struct script *s)
{
	char *picture;
	size_t len;
	int ret;

	if (o->script) {
		fwrite(s->text, 1, s->len, stdout);
		return 0;
	}
	if (gnuplot_run(s, &picture, &len) < 0)
		return -1;
	ret = gnuplot_save(o->output, picture, len);
	free(picture);
	return ret;
}

static int print_sql(const struct scene *s, const struct plot *plot)
{
	for (int i = 0; i < PLOT_QUESTIONS && plot->sql[i]; i++) {
		char *sql = rows_asked(s->db, plot->sql[i], s->from, s->to);

		if (!sql)
			return -1;
		printf("%s;\n", sql);
		free(sql);
	}
	return 0;
}

/* What the plot cannot do. */
static int judge(const struct picture_options *o, const char *cmd, const struct plot_row *row)
{
	const struct plot *plot = row->plot;
	int width = plot->least_width ? plot->least_width : PLOT_LEAST_WIDTH;
	int height = plot->least_height ? plot->least_height : PLOT_LEAST_HEIGHT;

	if (!plot->window && (o->from >= 0 || o->to >= 0))
		return cmd_misuse(cmd, "%s is of the whole run: it has no --from and --to",
				  row->name);
	if (o->height && !plot->stretch)
		return cmd_misuse(cmd, "%s is as high as what it has to show: it has no --height",
				  row->name);
	if (o->width && o->width < width)
		return cmd_misuse(cmd, "--width %d: %s needs a number of pixels from %d to %d",
				  o->width, row->name, width, PLOT_WIDEST);
	if (o->height && o->height < height)
		return cmd_misuse(cmd, "--height %d: %s needs a number of pixels from %d to %d",
				  o->height, row->name, height, PLOT_WIDEST);
	return 0;
}

int options_plot(const struct picture_options *o, const char *cmd, const struct plot_row *row)
{
	struct script script;
	struct scene s;
	sqlite3 *db;
	int ret = judge(o, cmd, row);

	if (ret)
		return ret;
	db = db_open_read(o->database);
	if (!db)
		return 1;
	ret = scene_read(db, &s);
	if (ret == 0)
		ret = options_window(o, &s.run, &s.from, &s.to);
	if (o->width)
		s.width = o->width;
	s.height = o->height;
	if (ret == 0 && o->sql) {
		ret = print_sql(&s, row->plot);
	} else if (ret == 0 && plot_script(row->plot, &s, o->format, &script) == 0) {
		ret = finish(o, &script);
		gnuplot_free(&script);
	} else {
		ret = -1;
	}
	scene_free(&s);
	sqlite3_close(db);
	return ret < 0;
}
