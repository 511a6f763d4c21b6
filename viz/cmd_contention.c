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
	"  -o, --output FILE   where to; its ending chooses the format\n" PICTURE_HELP;

static const struct option longopts[] = {
	PICTURE_OPTIONS,
	{0},
};

int cmd_contention(int argc, char **argv)
{
	struct picture_options o = PICTURE_NONE;
	int c, ret;

	while ((c = getopt_long(argc, argv, ":o:h", longopts, NULL)) != -1) {
		if (c == 'h')
			return fputs(usage, stdout) < 0;
		ret = options_picture(&o, c, argv);
		if (ret)
			return ret;
	}
	ret = options_database(&o, argc, argv);
	return ret ? ret : options_plot(&o, argv[0], plot_find("contention"));
}
