/* SPDX-License-Identifier: MIT */
/* weft contention: draw which channels and locks were waited for. */
#include "cmds.h"
#include "options.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] =
	"Usage: weft contention RUN.db -o FILE.svg|FILE.png|FILE.pdf [OPTION]...\n"
	"Draw which channels and locks goroutines waited for, how long, and because of whom:\n"
	"a short name of weft plot contention.\n\n"
	"  -o, --output FILE   where to; its ending chooses the format\n"
	"      --width PIXELS  1600 by default\n"
	"      --height PIXELS at most so many, 900 by default\n"
	"      --script        print the gnuplot script instead of running it;\n"
	"                      its data are in it: gnuplot IT > picture.svg\n"
	"  -h, --help          this text\n";

enum { OPT_WIDTH = 256, OPT_HEIGHT, OPT_SCRIPT };

static const struct option longopts[] = {
	{"output", required_argument, NULL, 'o'},
	{"width", required_argument, NULL, OPT_WIDTH},
	{"height", required_argument, NULL, OPT_HEIGHT},
	{"script", no_argument, NULL, OPT_SCRIPT},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static int option(struct picture_options *o, int c, char **argv)
{
	switch (c) {
	case 'o':
		return options_output(o, optarg);
	case OPT_WIDTH:
		return options_pixels(argv[0], "--width", optarg, 1200, &o->width);
	case OPT_HEIGHT:
		return options_pixels(argv[0], "--height", optarg, 450, &o->height);
	case OPT_SCRIPT:
		o->script = true;
		return 0;
	default:
		return cmd_bad_option(c, argv);
	}
}

int cmd_contention(int argc, char **argv)
{
	struct picture_options o = {.from = -1, .to = -1, .width = 1600};
	int c, ret;

	while ((c = getopt_long(argc, argv, ":o:h", longopts, NULL)) != -1) {
		if (c == 'h')
			return fputs(usage, stdout) < 0;
		ret = option(&o, c, argv);
		if (ret)
			return ret;
	}
	ret = options_database(&o, argc, argv);
	return ret ? ret : options_plot(&o, argv[0], plot_find("contention"));
}
