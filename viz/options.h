/* SPDX-License-Identifier: MIT */
/* What the commands that draw pictures have in common: their options, and what becomes of the
 * script.  A function that judges an option returns 0 or the exit status, after a message. */
#ifndef VIZ_OPTIONS_H
#define VIZ_OPTIONS_H

#include "gnuplot.h"
#include "plot.h"

struct picture_options {
	const char *database, *output; /* output: NULL if not given */
	enum format format;
	bool script, sql;
	bool text;	   /* without output, it is printed as text */
	int64_t from, to;  /* -1 if not given */
	int width, height; /* 0 if not given */
};
#define PICTURE_NONE                                                                               \
	{                                                                                          \
		.from = -1, .to = -1                                                               \
	}

/* The options that all of them have, for getopt_long. */
enum {
	PICTURE_FROM = 256,
	PICTURE_TO,
	PICTURE_WIDTH,
	PICTURE_HEIGHT,
	PICTURE_SCRIPT,
	PICTURE_SQL,
	PICTURE_OWN
};
#define PICTURE_OPTIONS                                                                            \
	{"output", required_argument, NULL, 'o'}, {"from", required_argument, NULL, PICTURE_FROM}, \
		{"to", required_argument, NULL, PICTURE_TO},                                       \
		{"width", required_argument, NULL, PICTURE_WIDTH},                                 \
		{"height", required_argument, NULL, PICTURE_HEIGHT},                               \
		{"script", no_argument, NULL, PICTURE_SCRIPT},                                     \
		{"sql", no_argument, NULL, PICTURE_SQL},                                           \
	{                                                                                          \
		"help", no_argument, NULL, 'h'                                                     \
	}
#define PICTURE_HELP                                                                               \
	"      --from TIME     begin there: 250us, 10ms, 1.5s, or plain nanoseconds\n"             \
	"      --to TIME       end there\n"                                                        \
	"      --width PIXELS  1600 by default\n"                                                  \
	"      --height PIXELS by default what the picture needs\n"                                \
	"      --script        print the gnuplot script instead of running it;\n"                  \
	"                      its data are in it: gnuplot IT > picture.svg\n"                     \
	"      --sql           print what it asks the database instead\n"                          \
	"  -h, --help          this text\n"

/* One of these; c is what getopt_long returned. */
int options_picture(struct picture_options *o, int c, char **argv);
int options_time(const char *cmd, const char *option, const char *text, int64_t *ns);

/* After getopt_long: the one argument that is left, and what must not be missing. */
int options_database(struct picture_options *o, int argc, char **argv);

/* The window, which must be within the run; -1 after a message. */
int options_window(const struct picture_options *o, const struct run *run, int64_t *from,
		   int64_t *to);

/* Draw it as the options say: the exit status. */
int options_plot(const struct picture_options *o, const char *cmd, const struct plot_row *row);

#endif
