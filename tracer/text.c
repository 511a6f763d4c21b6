/* SPDX-License-Identifier: MIT */
/* Reads hand-written events; the format is in text.h.  Everything is held in memory: these are
 * small files.
 */
#define _GNU_SOURCE
#include "text.h"
#include "error.h"
#include "hash.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
	struct line {
		struct record r;
		size_t order; /* in the files: decides between equal times */
	} * lines;
	size_t n, room;
	struct hash seqs; /* (pid, m) -> the next seq, kept plus one */
	const char *path;
	unsigned line;
};

bool text_is(const char *path)
{
	size_t n = strlen(path);

	return n > 6 && !strcmp(path + n - 6, ".trace");
}

__attribute__((format(printf, 2, 3))) static int wrong(const struct text *t, const char *fmt, ...)
{
	char *what;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) < 0)
		die("no memory");
	va_end(ap);
	error("%s:%u: %s", t->path, t->line, what);
	free(what);
	return -1;
}

static int number(const char *text, int64_t *v)
{
	bool minus = *text == '-';
	const char *digits = text + minus;
	char *end;
	uint64_t u;

	if (!isdigit((unsigned char)*digits))
		return -1;
	errno = 0;
	u = strtoull(digits, &end, !strncmp(digits, "0x", 2) ? 16 : 10);
	if (errno || *end)
		return -1;
	*v = (int64_t)(minus ? -u : u);
	return 0;
}

static int wait_number(const char *name, int64_t *v)
{
	for (int i = 0; i < WAITS; i++) {
		if (!strcmp(wait_desc[i].name, name)) {
			*v = i;
			return 0;
		}
	}
	return -1;
}

/* Undo the escapes of a quoted text in place; where it ends, or NULL. */
static char *unquote(char *s)
{
	char *to = s;
	unsigned hex;

	for (; *s && *s != '"'; s++) {
		if (*s != '\\') {
			*to++ = *s;
			continue;
		}
		switch (*++s) {
		case 'n':
			*to++ = '\n';
			break;
		case 't':
			*to++ = '\t';
			break;
		case 'x':
			if (!isxdigit((unsigned char)s[1]) || !isxdigit((unsigned char)s[2]) ||
			    sscanf(s + 1, "%2x", &hex) != 1 || !hex)
				return NULL;
			*to++ = (char)hex;
			s += 2;
			break;
		case '"':
		case '\\':
			*to++ = *s;
			break;
		default:
			return NULL;
		}
	}
	if (*s != '"')
		return NULL;
	*to = '\0';
	return s + 1;
}

/* Cut the next word off *line.  In key=value, *value is where the value begins; a quoted value
 * may hold blanks.  0 at the end of the line, -1 if a quotation is broken. */
static int word(char **line, char **key, char **value)
{
	char *s = *line + strspn(*line, " \t");

	if (!*s || *s == '#')
		return 0;
	*key = s;
	s += strcspn(s, "= \t");
	*value = NULL;
	if (*s == '=') {
		*s++ = '\0';
		*value = s;
		if (*s == '"') {
			*value = s + 1;
			s = unquote(s + 1);
			if (!s || (*s && !strchr(" \t", *s)))
				return -1;
			*line = s;
			return 1;
		}
		s += strcspn(s, " \t");
	}
	*line = *s ? s + 1 : s;
	*s = '\0';
	return 1;
}

static int set_field(const struct text *t, struct record *r, const char *key, char *value)
{
	const struct event_desc *d = &event_desc[r->kind];
	int i = event_field(r->kind, key);
	int64_t v;

	if (i < 0)
		return wrong(t, "field '%s': %s has no such field", key, d->name);
	if (d->field[i].type == FIELD_str) {
		if (*value)
			r->a[i].str = need_text(value);
		return 0;
	}
	if (number(value, &v) < 0 && (strcmp(key, "why") || wait_number(value, &v) < 0))
		return wrong(t, "field '%s': '%s' is not a number%s", key, value,
			     strcmp(key, "why") ? "" : " or a wait reason");
	if (d->field[i].type == FIELD_u32 && (v < 0 || v > UINT32_MAX))
		return wrong(t, "field '%s': %s does not fit 32 bits", key, value);
	r->a[i].i = v;
	return 0;
}

static int set_common(const struct text *t, struct record *r, const char *key, const char *value,
		      bool *has_seq)
{
	uint32_t *to = !strcmp(key, "m") ? &r->m : !strcmp(key, "seq") ? &r->seq : &r->pid;
	int64_t v;

	if (number(value, &v) < 0 || v < 0 || v > UINT32_MAX)
		return wrong(t, "field '%s': '%s' is not a number of 32 bits", key, value);
	*to = (uint32_t)v;
	*has_seq |= to == &r->seq;
	return 0;
}

static void number_event(struct text *t, struct record *r, bool has_seq)
{
	uint64_t thread = (uint64_t)r->pid << 32 | r->m;
	uintptr_t next = (uintptr_t)hash_get(&t->seqs, thread);

	if (!has_seq)
		r->seq = next ? (uint32_t)(next - 1) : 0;
	hash_put(&t->seqs, thread, (void *)((uintptr_t)(uint32_t)(r->seq + 1) + 1));
}

static struct record *add_line(struct text *t)
{
	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 256;
		t->lines = realloc(t->lines, t->room * sizeof *t->lines);
		if (!t->lines)
			die("no memory");
	}
	t->lines[t->n] = (struct line){.r = {.pid = 1, .m = 1}, .order = t->n};
	return &t->lines[t->n++].r;
}

static void begin_event(struct record *r, int kind)
{
	r->kind = (enum event)kind;
	for (int i = 0; i < event_desc[kind].nfields; i++)
		if (event_desc[kind].field[i].type == FIELD_str)
			r->a[i].str = "";
}

static int parse(struct text *t, char *line)
{
	bool has_event = false, has_seq = false;
	struct record *r;
	char *key, *value;
	int more, kind;

	if (word(&line, &key, &value) != 1)
		return 0;
	r = add_line(t);
	if (value || number(key, &r->ts) < 0)
		return wrong(t, "'%s': a line begins with a time in nanoseconds", key);
	while ((more = word(&line, &key, &value)) == 1) {
		if (value && (!strcmp(key, "m") || !strcmp(key, "seq") || !strcmp(key, "pid"))) {
			if (set_common(t, r, key, value, &has_seq) < 0)
				return -1;
		} else if (value && has_event) {
			if (set_field(t, r, key, value) < 0)
				return -1;
		} else if (value) {
			return wrong(t, "field '%s' comes before the event's name", key);
		} else if (has_event) {
			return wrong(t, "'%s': expected FIELD=VALUE", key);
		} else {
			kind = event_find(key);
			if (kind < 0)
				return wrong(t, "'%s': there is no such event", key);
			has_event = true;
			begin_event(r, kind);
		}
	}
	if (more < 0)
		return wrong(t,
			     "field '%s': the quotation is not closed, or has an escape other "
			     "than \\n \\t \\\" \\\\ \\xNN",
			     key);
	if (!has_event)
		return wrong(t, "there is no event after the time");
	number_event(t, r, has_seq);
	return 0;
}

static int read_file(struct text *t, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int err = 0;

	if (!f)
		return error("%s: %s", path, strerror(errno));
	t->path = path;
	t->line = 0;
	while (!err && (len = getline(&line, &room, f)) >= 0) {
		t->line++;
		if (len && line[len - 1] == '\n')
			line[--len] = '\0';
		if (!strncmp(line, "--", 2))
			break;
		if (strlen(line) != (size_t)len)
			err = wrong(t, "the line has a NUL byte");
		else
			err = parse(t, line);
	}
	if (!err && ferror(f))
		err = error("%s: %s", path, strerror(errno));
	free(line);
	fclose(f);
	return err;
}

static int in_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->r.ts != y->r.ts)
		return x->r.ts < y->r.ts ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void free_lines(struct text *t)
{
	for (size_t k = 0; k < t->n; k++) {
		const struct record *r = &t->lines[k].r;
		const struct event_desc *d = &event_desc[r->kind];

		for (int i = 0; i < d->nfields; i++)
			if (d->field[i].type == FIELD_str && r->a[i].str && *r->a[i].str)
				free((char *)r->a[i].str);
	}
	free(t->lines);
}

int text_read(char *const *paths, int npaths, int (*sink)(void *arg, const struct record *r),
	      void *arg)
{
	struct text t = {0};
	int err = 0;

	for (int i = 0; !err && i < npaths; i++)
		err = read_file(&t, paths[i]);
	if (!err && t.n)
		qsort(t.lines, t.n, sizeof *t.lines, in_time);
	for (size_t i = 0; !err && i < t.n; i++)
		err = sink(arg, &t.lines[i].r);
	free_lines(&t);
	hash_free(&t.seqs);
	return err;
}
