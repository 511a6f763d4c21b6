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
	       "  -l, --list          the names of all plots, with a line each\n" PICTURE_HELP);
	return 0;
}

static int list(void)
{
	for (int i = 0; i < nplots; i++)
		printf("%-12s  %s\n", plots[i].name, plots[i].line);
	return 0;
}

static const struct option longopts[] = {
	PICTURE_OPTIONS,
	{"list", no_argument, NULL, 'l'},
	{0},
};

int cmd_plot(int argc, char **argv)
{
	struct picture_options o = PICTURE_NONE;
	const struct plot_row *row;
	int c, ret;

	while ((c = getopt_long(argc, argv, ":o:lh", longopts, NULL)) != -1) {
		if (c == 'h')
			return help();
		if (c == 'l')
			return list();
		ret = options_picture(&o, c, argv);
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
