/* SPDX-License-Identifier: MIT */
#include "run_info.h"
#include "error.h"
#include "files.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define FILE_NAME "weft-run.txt"

static char *copy(const char *text)
{
	char *s = strdup(text);

	if (!s)
		die("no memory");
	return s;
}

static void add_arg(struct run_info *info, const char *arg)
{
	info->args = realloc(info->args, (size_t)(info->nargs + 1) * sizeof *info->args);
	if (!info->args)
		die("no memory");
	info->args[info->nargs++] = copy(arg);
}

void run_info_begin(struct run_info *info, char **argv)
{
	char text[256], date[32];
	struct utsname u;
	struct timespec now;
	struct tm tm;

	*info = RUN_INFO_INIT;
	info->program = copy(argv[0]);
	for (char **arg = argv + 1; *arg; arg++)
		add_arg(info, *arg);
	if (uname(&u) == 0) {
		snprintf(text, sizeof text, "%s %s %s", u.sysname, u.release, u.machine);
		info->host = copy(u.nodename);
		info->kernel = copy(text);
	}
	info->cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	clock_gettime(CLOCK_REALTIME, &now);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &tm));
	snprintf(text, sizeof text, "%s.%09ldZ", date, now.tv_nsec);
	info->started = copy(text);
}

static void put(FILE *f, const char *key, const char *value)
{
	if (!value)
		return;
	fprintf(f, "%s=", key);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", f);
		else if (*value == '\\')
			fputs("\\\\", f);
		else
			fputc(*value, f);
	}
	fputc('\n', f);
}

int run_info_write(const struct run_info *info, const char *dir)
{
	char path[4096];
	FILE *f;
	bool bad;

	snprintf(path, sizeof path, "%s/" FILE_NAME, dir);
	f = fopen(path, "we");
	if (!f)
		return error("cannot write %s: %s", path, strerror(errno));
	put(f, "program", info->program);
	for (int i = 0; i < info->nargs; i++)
		put(f, "arg", info->args[i]);
	put(f, "host", info->host);
	put(f, "kernel", info->kernel);
	put(f, "started", info->started);
	put(f, "incomplete", info->incomplete);
	if (info->cpus)
		fprintf(f, "cpus=%d\n", info->cpus);
	if (info->exit_status >= 0)
		fprintf(f, "exit_status=%d\n", info->exit_status);
	if (info->exit_signal)
		fprintf(f, "exit_signal=%d\n", info->exit_signal);
	if (info->discarded >= 0)
		fprintf(f, "discarded=%lld\n", (long long)info->discarded);
	bad = ferror(f);
	if (fclose(f) != 0 || bad)
		return error("cannot write %s: %s", path, strerror(errno));
	return 0;
}

static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1]) {
			s++;
			*to++ = *s == 'n' ? '\n' : *s;
		} else {
			*to++ = *s;
		}
	}
	*to = 0;
}

static void set_text(char **field, const char *value)
{
	free(*field);
	*field = copy(value);
}

/* Of a number that is none, or out of range, nothing is known. */
static int64_t number(const char *value, int64_t max, int64_t unknown)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	return errno || end == value || *end || n < 0 || n > max ? unknown : n;
}

static void set(struct run_info *info, const char *key, const char *value)
{
	if (strcmp(key, "program") == 0)
		set_text(&info->program, value);
	else if (strcmp(key, "arg") == 0)
		add_arg(info, value);
	else if (strcmp(key, "host") == 0)
		set_text(&info->host, value);
	else if (strcmp(key, "kernel") == 0)
		set_text(&info->kernel, value);
	else if (strcmp(key, "started") == 0)
		set_text(&info->started, value);
	else if (strcmp(key, "incomplete") == 0)
		set_text(&info->incomplete, value);
	else if (strcmp(key, "cpus") == 0)
		info->cpus = (int)number(value, 1 << 20, 0);
	else if (strcmp(key, "exit_status") == 0)
		info->exit_status = (int)number(value, 255, -1);
	else if (strcmp(key, "exit_signal") == 0)
		info->exit_signal = (int)number(value, 127, 0);
	else if (strcmp(key, "discarded") == 0)
		info->discarded = number(value, INT64_MAX, -1);
}

int run_info_read(struct run_info *info, const char *dir)
{
	char path[4096], *line = NULL, *eq;
	size_t room = 0;
	ssize_t n;
	const char *why;
	FILE *f;
	int fd;

	*info = RUN_INFO_INIT;
	snprintf(path, sizeof path, "%s/" FILE_NAME, dir);
	if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	fd = open_file(path, &why);
	if (fd < 0)
		return error("cannot read %s: %s", path, why);
	f = fdopen(fd, "r");
	if (!f)
		return error("cannot read %s: %s", path, strerror(errno));
	while ((n = getline(&line, &room, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		eq = strchr(line, '=');
		if (!eq)
			continue;
		*eq = 0;
		unescape(eq + 1);
		set(info, line, eq + 1);
	}
	free(line);
	fclose(f);
	return 1;
}

void run_info_free(struct run_info *info)
{
	for (int i = 0; i < info->nargs; i++)
		free(info->args[i]);
	free(info->args);
	free(info->program);
	free(info->host);
	free(info->kernel);
	free(info->started);
	free(info->incomplete);
	*info = RUN_INFO_INIT;
}
