/* SPDX-License-Identifier: MIT */
/* weft dump: the goroutines of a running program, or of a report that was saved.
 *
 * The text is that of rt/report.c and rt/dump.c.  A line that names a module and an offset becomes
 * functions and lines; goroutines that differ in nothing but numbers are shown once.
 */
#define _GNU_SOURCE
#include "ask.h"
#include "cmds.h"
#include "dump.h"
#include "error.h"
#include "hash.h"
#include "print.h"
#include "symbols.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"Usage: weft dump [OPTION]... PID\n"
	"       weft dump [OPTION]... FILE\n"
	"Show what each goroutine of a running program does, and where: its state, what it waits "
	"for,\n"
	"and its stack.  The program goes on; it needs no preparation, and may hang.  With a FILE, "
	"or\n"
	"without an argument from standard input, show so what a program printed on SIGQUIT or "
	"when "
	"it\n"
	"crashed.\n"
	"\n"
	"Goroutines that do the same are shown once, the most frequent first.  A program that "
	"has\n"
	"more than 10000 of them sums them up itself, unless it is asked for all.\n"
	"\n"
	"  --all        each goroutine by itself, in the program's order\n"
	"  --runtime    also the calls inside the runtime\n"
	"  --raw        the text as the program wrote it\n"
	"  -h, --help   this text\n"
	"\n"
	"For example:\n"
	"  weft dump 4711\n"
	"  weft dump $(pidof server) | less\n"
	"  kill -QUIT 4711; weft dump server.log\n";

static struct {
	bool all, runtime, raw;
	struct symbols *symbols;
	bool complete; /* DUMP_END came */
} opt;

/* ---- Lines of a stack ------------------------------------------------------------------- */

struct frame {
	char *module;
	uint64_t offset;
	const char *rest; /* what the program itself knew: " function", or "" */
};

/* "    module+0xoffset function", of which it changes the module's end. */
static bool parse_frame(char *line, struct frame *f)
{
	char *plus = NULL, *end;

	if (strncmp(line, "    ", 4) != 0 || line[4] == ' ')
		return false;
	for (char *at = line; (at = strstr(at, "+0x")); at++)
		plus = at;
	if (!plus)
		return false;
	f->offset = strtoull(plus + 1, &end, 16);
	if (*end && *end != ' ')
		return false;
	f->rest = end;
	f->module = line + 4;
	*plus = 0;
	return true;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The calls of one stack that are shown: `skip` those inside the runtime. */
static void print_call(const struct symbol *sym, const struct frame *f)
{
	if (sym && sym->function && sym->file)
		printf("    %-30s %s:%d%s\n", sym->function, sym->file, sym->line,
		       sym->outer ? " (inlined)" : "");
	else if (sym && sym->function)
		printf("    %-30s %s+0x%lx\n", sym->function, base_name(f->module),
		       (unsigned long)f->offset);
	else
		printf("    %-30s %s+0x%lx\n", *f->rest ? f->rest + 1 : "?", f->module,
		       (unsigned long)f->offset);
}

static bool is_any(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

/* The runtime's part at the outer end of a stack, and what its calls left on one before a goroutine
 * blocked in a system call, whose stack is guessed (rt/walk.c). */
static bool of_runtime(const struct symbol *sym)
{
	static const char *const names[] = {"g_main", "main_main", "rt_switch_entry", NULL};

	if (!sym || !sym->function)
		return false;
	return is_any(sym->function, names) ||
	       (strncmp(sym->function, "rt_", 3) == 0 && sym->file && strstr(sym->file, "rt/"));
}

static bool is_api(const struct symbol *sym)
{
	return sym && sym->function && strncmp(sym->function, "weft_", 5) == 0;
}

/* ---- A goroutine, as lines -------------------------------------------------------------- */

enum { IDS = 12 };

struct block {
	char **lines;
	size_t n, room;
	uint64_t count, ids[IDS];
	bool summed; /* by the program: it says itself who the others are */
	struct block *next;
};

static struct block *blocks, **blocks_end = &blocks;
static struct hash by_key;

static void add_line(struct block *b, const char *line)
{
	if (b->n == b->room) {
		b->room = b->room ? 2 * b->room : 8;
		b->lines = realloc(b->lines, b->room * sizeof *b->lines);
		if (!b->lines)
			die("no memory for the goroutines");
	}
	b->lines[b->n++] = need_text(line);
}

/* "    999 more goroutines wait like this one": how many; 0 if it is no such line. */
static uint64_t parse_more(const char *line)
{
	char *end;
	uint64_t n;

	if (strncmp(line, "    ", 4) != 0 || !isdigit((unsigned char)line[4]))
		return 0;
	n = strtoull(line + 4, &end, 10);
	return strncmp(end, " more goroutine", 15) == 0 ? n : 0;
}

static void free_block(struct block *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->lines[i]);
	free(b->lines);
	free(b);
}

/* "goroutine 7 (parser): waiting ..." */
static bool parse_head(const char *line, uint64_t *id, const char **rest)
{
	char *end;

	if (strncmp(line, "goroutine ", 10) != 0 || !isdigit((unsigned char)line[10]))
		return false;
	*id = strtoull(line + 10, &end, 10);
	*rest = end;
	return strncmp(end, " (", 2) == 0;
}

/* Where the duration in " for 120 ms," begins; the end of the line if there is none. */
static const char *duration_in(const char *line)
{
	const char *found = NULL;

	for (const char *at = line; (at = strstr(at, " for ")); at++)
		if (isdigit((unsigned char)at[5]) || strncmp(at + 5, "less than", 9) == 0)
			found = at;
	return found ? found : line + strlen(line);
}

static uint64_t mix(uint64_t key, const char *from, const char *to)
{
	for (; from < to; from++)
		key = (key ^ (unsigned char)*from) * 0x100000001b3u;
	return key;
}

/* Of a line without its numbers, but for those of lines in a file (":31") and of stacks. */
static uint64_t mix_line(uint64_t key, const char *line, const char *end, bool stack)
{
	static const char any[] = "#", newline[] = "\n";

	for (const char *c = line; c < end; c++) {
		bool number =
			!stack && isdigit((unsigned char)*c) && (c == line || strchr(" (,", c[-1]));

		if (!number) {
			key = mix(key, c, c + 1);
			continue;
		}
		key = mix(key, any, any + 1);
		while (c + 1 < end && isalnum((unsigned char)c[1]))
			c++;
	}
	return mix(key, newline, newline + 1);
}

static uint64_t key_of(const struct block *b)
{
	uint64_t id, key = 0xcbf29ce484222325u;
	const char *rest;

	parse_head(b->lines[0], &id, &rest);
	key = mix_line(key, rest, duration_in(rest), false);
	for (size_t i = 1; i < b->n; i++)
		key = mix_line(key, b->lines[i], b->lines[i] + strlen(b->lines[i]),
			       strstr(b->lines[i], "+0x") != NULL);
	return key;
}

/* A goroutine is complete: the first of its kind is kept, the others are counted. */
static void keep(struct block *b)
{
	static uint64_t each;
	struct block *same;
	uint64_t key, id;
	const char *rest;

	parse_head(b->lines[0], &id, &rest);
	for (size_t i = 1; i < b->n && !b->count; i++)
		b->count = parse_more(b->lines[i]);
	b->summed = b->count > 0;
	key = opt.all || b->summed ? ++each : key_of(b);
	same = hash_get(&by_key, key);
	if (same) {
		if (same->count < IDS)
			same->ids[same->count] = id;
		same->count++;
		free_block(b);
		return;
	}
	b->count++;
	b->ids[0] = id;
	hash_put(&by_key, key, b);
	*blocks_end = b;
	blocks_end = &b->next;
}

/* ---- Printing --------------------------------------------------------------------------- */

struct call {
	struct frame f;
	const struct symbol *sym;
	bool hidden;
};

/* Lines [i, n) of a block that are a stack. */
static size_t print_stack(char **lines, size_t n)
{
	struct call *calls = need((n + 1) * sizeof *calls);
	size_t k = 0, api = 0;

	while (k < n && parse_frame(lines[k], &calls[k].f)) {
		calls[k].sym = symbols_find(opt.symbols, calls[k].f.module, calls[k].f.offset);
		if (is_api(calls[k].sym) && !api)
			api = k;
		calls[k].hidden = !opt.runtime && of_runtime(calls[k].sym);
		k++;
	}
	for (size_t i = 0; i < api && !opt.runtime; i++)
		calls[i].hidden = true;
	for (size_t i = 0; i < k; i++) {
		const struct symbol *sym = calls[i].sym;

		if (calls[i].hidden)
			continue;
		do
			print_call(sym, &calls[i].f);
		while (sym && (sym = sym->outer));
	}
	free(calls);
	return k;
}

static void print_ids(const struct block *b)
{
	printf("    (numbers");
	for (uint64_t i = 0; i < b->count && i < IDS; i++)
		printf("%s %lu", i ? "," : "", (unsigned long)b->ids[i]);
	printf("%s; times and addresses are the first's)\n", b->count > IDS ? ", ..." : "");
}

/* Names in it are the program's. */
static void print_line(const char *line)
{
	print_text(stdout, line);
	puts("");
}

static void print_block(struct block *b)
{
	const char *rest;
	uint64_t id;

	parse_head(b->lines[0], &id, &rest);
	if (b->count == 1 || opt.all)
		printf("\n%.*s", (int)(rest - b->lines[0]), b->lines[0]);
	else
		printf("\n%lu goroutines", (unsigned long)b->count);
	print_line(rest);
	for (size_t i = 1; i < b->n;) {
		size_t k = print_stack(b->lines + i, b->n - i);

		if (!k)
			print_line(b->lines[i]);
		i += k ? k : 1;
	}
	if (b->count > 1 && !b->summed)
		print_ids(b);
}

static int more_first(const void *a, const void *b)
{
	const struct block *const *x = a, *const *y = b;

	if ((*x)->count != (*y)->count)
		return (*x)->count < (*y)->count ? 1 : -1;
	return (*x)->ids[0] < (*y)->ids[0] ? -1 : 1;
}

static void print_all(void)
{
	struct block **sorted = need((by_key.count + 1) * sizeof(struct block *)), *b;
	size_t n = 0;

	while ((b = blocks)) {
		blocks = b->next;
		sorted[n++] = b;
	}
	blocks_end = &blocks;
	if (!opt.all)
		qsort(sorted, n, sizeof *sorted, more_first);
	for (size_t i = 0; i < n; i++) {
		print_block(sorted[i]);
		free_block(sorted[i]);
	}
	free(sorted);
	hash_free(&by_key);
}

/* ---- Reading ---------------------------------------------------------------------------- */

/* A line outside goroutines: what else the program wrote. */
static void pass_on(char *line)
{
	if (strcmp(line, DUMP_END) == 0)
		opt.complete = true;
	else if (!print_stack(&line, 1) && *line)
		puts(line);
}

static void read_all(FILE *f)
{
	struct block *b = NULL;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, f)) > 0) {
		const char *rest;
		uint64_t id;

		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		if (opt.raw) {
			opt.complete |= strcmp(line, DUMP_END) == 0;
			puts(line);
			continue;
		}
		if (b && (!*line || *line != ' ')) {
			keep(b);
			b = NULL;
		}
		if (!b && parse_head(line, &id, &rest))
			b = need(sizeof *b);
		if (b)
			add_line(b, line);
		else
			pass_on(line);
	}
	free(line);
	if (b)
		keep(b);
	print_all();
}

/* ---- The command ------------------------------------------------------------------------ */

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

static int dump_process(const char *text)
{
	long pid;
	FILE *f;

	errno = 0;
	pid = strtol(text, NULL, 10);
	if (errno || pid <= 0 || pid > INT32_MAX)
		return cmd_misuse("dump", "%s is no number of a process", text);
	f = ask_for_dump((pid_t)pid, opt.all);
	if (!f)
		return 1;
	symbols_of_process(opt.symbols, (pid_t)pid);
	read_all(f);
	fclose(f);
	if (opt.complete)
		return 0;
	error("process %ld ended, or stopped answering, before the dump was complete", pid);
	return 1;
}

static int dump_file(const char *path)
{
	FILE *f = path ? fopen(path, "re") : stdin;
	int ret = 0;

	if (!f) {
		error("cannot read %s: %s", path, strerror(errno));
		return 1;
	}
	read_all(f);
	if (ferror(f))
		ret = error("cannot read %s: %s", path ? path : "standard input", strerror(errno));
	if (path)
		fclose(f);
	return ret ? 1 : 0;
}

int cmd_dump(int argc, char **argv)
{
	enum { ALL = 1, RUNTIME, RAW };
	static const struct option options[] = {{"all", no_argument, NULL, ALL},
						{"runtime", no_argument, NULL, RUNTIME},
						{"raw", no_argument, NULL, RAW},
						{"help", no_argument, NULL, 'h'},
						{0}};
	const char *what;
	int c, status;

	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (c) {
		case ALL:
			opt.all = true;
			break;
		case RUNTIME:
			opt.runtime = true;
			break;
		case RAW:
			opt.raw = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return cmd_bad_option(c, argv);
		}
	}
	if (argc - optind > 1)
		return cmd_misuse("dump", "one process or one file at a time");
	what = optind < argc ? argv[optind] : NULL;
	if (!what && isatty(STDIN_FILENO))
		return cmd_misuse("dump", "which process?");
	opt.symbols = symbols_new();
	status = what && is_number(what) ? dump_process(what) : dump_file(what);
	symbols_free(opt.symbols);
	return status;
}
