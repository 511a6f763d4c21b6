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
	"  -o, --output FILE     where to; its ending chooses the format\n"
	"      --lanes workers   a lane for each worker, coloured by goroutine (default)\n"
	"      --lanes goroutines  a lane for each goroutine, coloured by its state\n"
	"      --from TIME       begin there: 250us, 10ms, 1.5s, or plain nanoseconds\n"
	"      --to TIME         end there\n"
	"      --width PIXELS    1600 by default\n"
	"      --height PIXELS   by default what the lanes need, at most 900\n"
	"      --script          print the gnuplot script instead of running it;\n"
	"                        its data are in it: gnuplot IT > picture.svg\n"
	"  -h, --help            this text\n";

enum { OPT_LANES = 256, OPT_FROM, OPT_TO, OPT_WIDTH, OPT_HEIGHT, OPT_SCRIPT };

static const struct option longopts[] = {
	{"output", required_argument, NULL, 'o'},
	{"lanes", required_argument, NULL, OPT_LANES},
	{"from", required_argument, NULL, OPT_FROM},
	{"to", required_argument, NULL, OPT_TO},
	{"width", required_argument, NULL, OPT_WIDTH},
	{"height", required_argument, NULL, OPT_HEIGHT},
	{"script", no_argument, NULL, OPT_SCRIPT},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static int option(struct picture_options *o, bool *workers, int c, char **argv)
{
	switch (c) {
	case 'o':
		return options_output(o, optarg);
	case OPT_LANES:
		*workers = strcmp(optarg, "workers") == 0;
		if (!*workers && strcmp(optarg, "goroutines") != 0)
			return cmd_misuse(argv[0], "--lanes %s: there are workers and goroutines",
					  optarg);
		return 0;
	case OPT_FROM:
		return options_time(argv[0], "--from", optarg, &o->from);
	case OPT_TO:
		return options_time(argv[0], "--to", optarg, &o->to);
	case OPT_WIDTH:
		return options_pixels(argv[0], "--width", optarg, 400, &o->width);
	case OPT_HEIGHT:
		return options_pixels(argv[0], "--height", optarg, 300, &o->height);
	case OPT_SCRIPT:
		o->script = true;
		return 0;
	default:
		return cmd_bad_option(c, argv);
	}
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
	struct picture_options o = {.text = true, .from = -1, .to = -1, .width = 1600};
	bool workers = true;
	int c, ret;

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
	if (!o.output && !o.script)
		return print(&o, workers);
	return options_plot(&o, argv[0], plot_find(workers ? "timeline" : "goroutines"));
}
