/* SPDX-License-Identifier: MIT */
/* Runs programs that end in a particular way, tests/rt/progs/, in one build:
 *
 *     progs [-v] [-t] [-w WORKERS]... BUILD-DIRECTORY SOURCE... [-- RUNNER...]
 *
 * Twice as many at once as there are cpus, for they wait a lot.  Prints a line for each that fails,
 * with -v also for each that passes and for each that is not for this build, and `N passed, N
 * failed` at the end; with -t what cpu time each took.
 *
 * What is expected of each is in its opening comment, a line each:
 *     status: N          its exit status         signal: N        the signal that ends it
 *     says: REGEX        a line on stderr        prints: REGEX    a line on stdout
 *     once: REGEX        exactly one line        never: REGEX     no line on stderr
 *     silent             nothing on stderr       env: NAME=VALUE
 *     not under: S...    not in builds with these in their directory's name
 *     only under: S      only in this one
 */
#define _GNU_SOURCE
#include "jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

enum { LIMIT_S = 60, FIELDS = 64, SHOWN = 20, PROGS = 1000 };
enum { TIMED_OUT = 128 + SIGALRM };

static const char *const keys[] = {"status", "signal", "says", "prints",    "once",
				   "never",  "silent", "env",  "not under", "only under"};
enum key { STATUS, SIGNAL, SAYS, PRINTS, ONCE, NEVER, SILENT, ENV, NOT_UNDER, ONLY_UNDER, KEYS };

struct prog {
	char *name;
	struct field {
		enum key key;
		char *value;
	} fields[FIELDS];
	int n;
};

static const char *build;
static char **runner;

static _Noreturn void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "progs: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	exit(2);
}

/* ---- What is expected ------------------------------------------------------------------- */

/* A line without what makes it one of a comment. */
static char *content(char *line)
{
	line[strcspn(line, "\n")] = 0;
	if (strncmp(line, "/* ", 3) == 0 || strncmp(line, " * ", 3) == 0)
		line += 3;
	return line;
}

static enum key key_of(const char *line, const char **value)
{
	for (enum key k = 0; k < KEYS; k++) {
		size_t n = strlen(keys[k]);

		*value = line + n + 2;
		if (k == SILENT ? !strcmp(line, keys[k])
				: !strncmp(line, keys[k], n) && !strncmp(line + n, ": ", 2))
			return k;
	}
	return KEYS;
}

/* A field that does not begin its line would be taken for prose. */
static void refuse_hidden(const char *path, const char *line)
{
	char hidden[32];

	for (enum key k = 0; k < ENV; k++) {
		snprintf(hidden, sizeof hidden, " %s: ", keys[k]);
		if (strstr(line, hidden))
			die("%s: what is expected is not a line each: %s", path, line);
	}
}

static struct prog *read_prog(const char *path)
{
	struct prog *p = calloc(1, sizeof *p);
	FILE *f = fopen(path, "r");
	char line[512];
	bool more = true;

	if (!p || !f)
		die("%s: %s", path, strerror(errno));
	p->name = strdup(basename(path));
	p->name[strcspn(p->name, ".")] = 0;
	fgets(line, sizeof line, f); // the licence
	while (more && fgets(line, sizeof line, f)) {
		char *end = strstr(line, "*/"), *text = content(line);
		const char *value;
		enum key k;

		more = !end;
		if (end)
			*end = 0;
		k = key_of(text, &value);
		if (k == KEYS)
			refuse_hidden(path, text);
		else if (p->n == FIELDS)
			die("%s: more than %d fields", path, FIELDS);
		else
			p->fields[p->n++] = (struct field){k, k == SILENT ? NULL : strdup(value)};
	}
	fclose(f);
	return p;
}

/* Whether it has anything to show in this build. */
static bool is_here(const struct prog *p)
{
	const char *variant = strrchr(build, '/');

	variant = variant ? variant + 1 : "";
	for (int i = 0; i < p->n; i++) {
		const struct field *f = &p->fields[i];
		char *save;

		if (f->key == ONLY_UNDER && strcmp(variant, f->value) != 0)
			return false;
		if (f->key != NOT_UNDER)
			continue;
		for (char *s = strtok_r(f->value, " ", &save); s; s = strtok_r(NULL, " ", &save))
			if (strstr(variant, s))
				return false;
	}
	return true;
}

/* ---- What it did ------------------------------------------------------------------------ */

/* What was written to a file, with a NUL at its end. */
static char *contents(FILE *f)
{
	int fd = fileno(f);
	struct stat st;
	char *text;

	if (fstat(fd, &st) < 0 || !(text = calloc(1, (size_t)st.st_size + 1)) ||
	    pread(fd, text, (size_t)st.st_size, 0) != st.st_size)
		die("what a program wrote cannot be read: %s", strerror(errno));
	return text;
}

/* How many lines match. */
static int lines(const char *text, const char *regex)
{
	regmatch_t m;
	regex_t r;
	int n = 0;

	if (regcomp(&r, regex, REG_EXTENDED | REG_NEWLINE) != 0)
		die("not a regular expression: %s", regex);
	while (regexec(&r, text, 1, &m, 0) == 0) {
		n++;
		text += m.rm_eo + (regoff_t)strcspn(text + m.rm_eo, "\n");
		if (!*text++)
			break;
	}
	regfree(&r);
	return n;
}

/* The first thing that is not as expected; false if there is none. */
static bool judge(const struct prog *p, int status, const char *out, const char *err, char *wrong,
		  size_t size)
{
	int want = 0;

	wrong[0] = 0;
	for (int i = 0; i < p->n; i++)
		if (p->fields[i].key == STATUS || p->fields[i].key == SIGNAL)
			want = atoi(p->fields[i].value) + (p->fields[i].key == SIGNAL ? 128 : 0);
	if (status == TIMED_OUT && status != want)
		snprintf(wrong, size, "did not end within %d s", LIMIT_S);
	else if (status != want)
		snprintf(wrong, size, "exit status %d, not %d", status, want);
	for (int i = 0; i < p->n && !wrong[0]; i++) {
		const char *value = p->fields[i].value;

		switch (p->fields[i].key) {
		case SAYS:
			if (!lines(err, value))
				snprintf(wrong, size, "did not say: %s", value);
			break;
		case PRINTS:
			if (!lines(out, value))
				snprintf(wrong, size, "did not print: %s", value);
			break;
		case ONCE:
			if (lines(err, value) != 1)
				snprintf(wrong, size, "did not say once: %s", value);
			break;
		case NEVER:
			if (lines(err, value))
				snprintf(wrong, size, "said: %s", value);
			break;
		case SILENT:
			if (*err)
				snprintf(wrong, size, "was not silent");
			break;
		default:
			break;
		}
	}
	return wrong[0];
}

static void show(const char *err)
{
	for (int i = 0; i < SHOWN && *err; i++) {
		int n = (int)strcspn(err, "\n");

		printf("    %.*s\n", n, err);
		err += n + (err[n] != 0);
	}
}

static void finish(const struct job *job, int status)
{
	char wrong[512], *out = contents(job->out), *err = contents(job->said);
	const struct prog *p = job->what;

	if (judge(p, status, out, err, wrong, sizeof wrong)) {
		jobs.failed++;
		printf("not ok %s with %d workers: %s\n", p->name, job->workers, wrong);
		show(err);
	} else {
		jobs.passed++;
		if (jobs.verbose)
			printf("ok %s with %d workers\n", p->name, job->workers);
	}
	free(out);
	free(err);
	fclose(job->out);
	fclose(job->said);
}

/* ---- Running them ----------------------------------------------------------------------- */

static _Noreturn void run(const struct prog *p, FILE *out, FILE *said)
{
	char path[512], *argv[16] = {path};
	int n = 0;

	snprintf(path, sizeof path, "%s/tests/rt/progs/%s", build, p->name);
	for (int i = 0; i < p->n; i++)
		if (p->fields[i].key == ENV)
			putenv(p->fields[i].value);
	for (; runner[n] && n < 14; n++)
		argv[n] = runner[n];
	argv[n] = path;
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(said), STDERR_FILENO);
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static FILE *file(void)
{
	FILE *f = tmpfile();

	if (!f || fcntl(fileno(f), F_SETFL, O_APPEND) < 0 ||
	    fcntl(fileno(f), F_SETFD, FD_CLOEXEC) < 0)
		die("no file for what a program writes: %s", strerror(errno));
	return f;
}

static void start(const struct prog *p, int workers)
{
	struct job job = {.what = p, .workers = workers, .out = file(), .said = file()};

	if (jobs_fork(job, LIMIT_S))
		run(p, job.out, job.said);
}

int main(int argc, char **argv)
{
	static struct prog *progs[PROGS];
	int n = 0, opt;

	while ((opt = getopt(argc, argv, "+vtw:")) != -1)
		if (!jobs_option(opt, optarg))
			return 2;
	if (optind == argc)
		die("which build?");
	jobs_begin(2 * sysconf(_SC_NPROCESSORS_ONLN));
	build = argv[optind++];
	for (runner = argv + optind; *runner && strcmp(*runner, "--") != 0; runner++)
		;
	if (*runner)
		*runner++ = NULL;
	for (; argv[optind] && n < PROGS; optind++) {
		progs[n] = read_prog(argv[optind]);
		if (is_here(progs[n]))
			n++;
		else if (jobs.verbose)
			printf("not here %s\n", progs[n]->name);
	}
	for (int w = 0; w < jobs.nworkers; w++)
		for (int i = 0; i < n; i++)
			start(progs[i], jobs.workers[w]);
	return jobs_end();
}
