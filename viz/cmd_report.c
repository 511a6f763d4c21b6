/* SPDX-License-Identifier: MIT */
/* weft report: write one HTML page with all of it. */
#define _GNU_SOURCE
#include "cmds.h"
#include "gnuplot.h"
#include "report.h"

#include <getopt.h>
#include <string.h>

static const char usage[] =
	"Usage: weft report RUN.db [-o FILE.html]\n"
	"Write one HTML page that explains the run; it needs no network and no other file.\n"
	"Its pictures are drawn side by side, by a process for each cpu, up to eight.\n\n"
	"  -o, --output FILE  where to; RUN.html by default\n"
	"  -h, --help         this text\n";

static const struct option longopts[] = {
	{"output", required_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'}, {0}};

/* The database's name, ending in .html. */
static char *default_output(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	size_t n = dot && (!slash || dot > slash + 1) ? (size_t)(dot - path) : strlen(path);

	return format_text("%.*s.html", (int)n, path);
}

static int report(const char *path, const char *output)
{
	const char *end = strrchr(output, '/');
	struct beside beside = {0};
	char *page;
	size_t len;
	FILE *f;
	int ret;

	f = open_memstream(&page, &len);
	if (!f)
		die("out of memory");
	ret = report_write(f, path, end ? end + 1 : output, &beside);
	if (fclose(f) != 0)
		die("out of memory");
	if (ret == 0 && beside_save(&beside, output) == 0)
		ret = gnuplot_save(output, page, len);
	else
		ret = -1;
	if (ret == 0 && beside.directory)
		note("wrote %s, and its data into %s beside it: move both together", output,
		     beside.directory);
	else if (ret == 0)
		note("wrote %s", output);
	beside_free(&beside);
	free(page);
	return ret;
}

int cmd_report(int argc, char **argv)
{
	const char *output = NULL;
	char *own = NULL;
	int c, ret;

	while ((c = getopt_long(argc, argv, ":o:h", longopts, NULL)) != -1) {
		switch (c) {
		case 'o':
			output = optarg;
			break;
		case 'h':
			return fputs(usage, stdout) < 0;
		default:
			return cmd_bad_option(c, argv);
		}
	}
	if (optind + 1 != argc)
		return cmd_misuse(argv[0],
				  optind == argc ? "which database?" : "one database at a time");
	if (!output)
		output = own = default_output(argv[optind]);
	ret = report(argv[optind], output);
	free(own);
	return ret < 0;
}
