/* SPDX-License-Identifier: MIT */
/* weft timeline: draw who ran when, and what the others waited for. */
#include "cmds.h"
#include "db.h"
#include "draw_text.h"
#include "options.h"
#include "query.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char usage[] =
	"Usage: weft timeline RUN.db [-o FILE.svg|FILE.png|FILE.pdf] [OPTION]...\n"
	"Draw who ran when, and what the others waited for; without -o in the terminal, a "
	"character\n"
	"for each part of the time, by what took most of it.  As pictures these are weft plot "
	"timeline\n"
	"and weft plot goroutines.\n\n"
	"  -o, --output FILE   where to; its ending chooses the format\n"
	"      --lanes WHICH   workers: a lane for each, coloured by goroutine (default); or\n"
	"                      goroutines: a lane for each, coloured by its state\n" PICTURE_HELP;

enum { OPT_LANES = PICTURE_OWN };

static const struct option longopts[] = {
	PICTURE_OPTIONS,
	{"lanes", required_argument, NULL, OPT_LANES},
	{0},
};

static int option(struct picture_options *o, bool *workers, int c, char **argv)
{
	if (c != OPT_LANES)
		return options_picture(o, c, argv);
	*workers = strcmp(optarg, "workers") == 0;
	if (!*workers && strcmp(optarg, "goroutines") != 0)
		return cmd_misuse(argv[0], "--lanes %s: there are workers and goroutines", optarg);
	return 0;
}

/* How wide the terminal is: as it says, or COLUMNS. */
static int terminal_columns(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return columns && atoi(columns) > 0 ? atoi(columns) : 100;
}

/* Without a file, in the terminal. */
static int print(const struct picture_options *o, bool workers)
{
	struct timeline t = {.workers = workers};
	struct run run;
	sqlite3 *db = db_open_read(o->database);
	int ret = -1;

	if (!db)
		return 1;
	if (query_run(db, &run) < 0 || options_window(o, &run, &t.from, &t.to) < 0)
		goto out;
	t.title = query_command(&run);
	t.dur = run.dur;
	t.nworkers = (int)run.workers;
	ret = workers ? query_workers(db, &t) : query_goroutines(db, &t);
	progress_over();
	if (ret == 0)
		draw_text(stdout, &t, terminal_columns(),
			  isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
out:
	timeline_free(&t);
	query_run_free(&run);
	sqlite3_close(db);
	return ret < 0;
}

int cmd_timeline(int argc, char **argv)
{
	struct picture_options o = PICTURE_NONE;
	bool workers = true;
	int c, ret;

	o.text = true;
	while ((c = getopt_long(argc, argv, ":o:h", longopts, NULL)) != -1) {
		if (c == 'h')
			return fputs(usage, stdout) < 0;
		ret = option(&o, &workers, c, argv);
		if (ret)
			return ret;
	}
	ret = options_database(&o, argc, argv);
	if (ret)
		return ret;
	if (!o.output && !o.script && !o.sql) {
		if (o.width || o.height)
			return cmd_misuse(argv[0],
					  "--width and --height are of a picture: -o FILE; "
					  "a terminal's width is in COLUMNS");
		return print(&o, workers);
	}
	return options_plot(&o, argv[0], plot_find(workers ? "timeline" : "goroutines"));
}
