/* SPDX-License-Identifier: MIT */
/* weft plot: draw one of the plots; weft timeline and weft contention are short names of some. */
#include "cmds.h"
#include "db.h"
#include "options.h"
#include "plot.h"

#include <getopt.h>
#include <stdio.h>

static int help(void)
{
	printf("Usage: weft plot NAME RUN.db -o FILE.svg|FILE.png|FILE.pdf [OPTION]...\n"
	       "       weft plot --list\n"
	       "Draw a picture of a run.\n\n"
	       "  -o, --output FILE   where to; its ending chooses the format\n"
	       "  -l, --list          the names of all plots, with a line each\n"
	       "      --from TIME     begin there: 250us, 10ms, 1.5s, or plain nanoseconds\n"
	       "      --to TIME       end there\n"
	       "      --width PIXELS  1600 by default\n"
	       "      --height PIXELS by default what the picture needs\n"
	       "      --script        print the gnuplot script instead of running it;\n"
	       "                      its data are in it: gnuplot IT > picture.svg\n"
	       "      --sql           print what the plot asks the database instead\n"
	       "  -h, --help          this text\n");
	return 0;
}

static int list(void)
{
	for (int i = 0; i < nplots; i++)
		printf("%-12s  %s\n", plots[i].name, plots[i].line);
	return 0;
}

enum { OPT_FROM = 256, OPT_TO, OPT_WIDTH, OPT_HEIGHT, OPT_SCRIPT, OPT_SQL };

static const struct option longopts[] = {
	{"output", required_argument, NULL, 'o'},
	{"list", no_argument, NULL, 'l'},
	{"from", required_argument, NULL, OPT_FROM},
	{"to", required_argument, NULL, OPT_TO},
	{"width", required_argument, NULL, OPT_WIDTH},
	{"height", required_argument, NULL, OPT_HEIGHT},
	{"script", no_argument, NULL, OPT_SCRIPT},
	{"sql", no_argument, NULL, OPT_SQL},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static int option(struct picture_options *o, int c, char **argv)
{
	switch (c) {
	case 'o':
		return options_output(o, optarg);
	case OPT_FROM:
		return options_time(argv[0], "--from", optarg, &o->from);
	case OPT_TO:
		return options_time(argv[0], "--to", optarg, &o->to);
	case OPT_WIDTH:
		return options_pixels(argv[0], "--width", optarg, 1200, &o->width);
	case OPT_HEIGHT:
		return options_pixels(argv[0], "--height", optarg, 450, &o->height);
	case OPT_SCRIPT:
		o->script = true;
		return 0;
	case OPT_SQL:
		o->sql = true;
		return 0;
	default:
		return cmd_bad_option(c, argv);
	}
}

int cmd_plot(int argc, char **argv)
{
	struct picture_options o = {.from = -1, .to = -1, .width = 1600};
	const struct plot_row *row;
	int c, ret;

	while ((c = getopt_long(argc, argv, ":o:lh", longopts, NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == 'l')
			return list();
		ret = option(&o, c, argv);
		if (ret)
			return ret;
	}
	if (optind == argc)
		return cmd_misuse(argv[0], "which plot? weft plot --list has their names");
	row = plot_find(argv[optind++]);
	if (!row)
		return cmd_misuse(argv[0], "there is no plot %s; weft plot --list has their names",
				  argv[optind - 1]);
	ret = options_database(&o, argc, argv);
	return ret ? ret : options_plot(&o, argv[0], row);
}
