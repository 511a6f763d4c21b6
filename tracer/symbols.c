/* SPDX-License-Identifier: MIT */
/* Each module has a Dwfl of its own, so that its addresses do not depend on the others'.  Answers
 * are kept: stacks of a program are at few places. */
#define _GNU_SOURCE
#include "symbols.h"
#include "error.h"
#include "hash.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct symbols_module {
	struct symbols_module *next;
	char *path, *build_id; /* build_id: NULL if any file of this name will do */
	Dwfl *dwfl;
	Dwfl_Module *mod; /* NULL: nothing can be read */
	uint64_t bias;
	const char *why;   /* nothing can be read, or NULL */
	struct hash found; /* by offset + 1: struct symbol, or &nothing */
};

struct symbols {
	struct symbols_module *modules;
	pid_t pid; /* whose modules these are; 0: of files here */
	char *debug_dir;
	char *debug_path; /* as libdwfl wants it; NULL: what it does by itself */
};

#define STANDARD_DIR "/usr/lib/debug"

static struct symbol nothing;

struct symbols *symbols_new(void)
{
	return need(sizeof(struct symbols));
}

int symbols_debug_dir(struct symbols *s, const char *dir)
{
	struct stat st;

	s->debug_dir = realpath(dir, NULL);
	if (!s->debug_dir)
		return error("%s: %s", dir, strerror(errno));
	if (stat(s->debug_dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return error("%s is not a directory", dir);
	if (strchr(s->debug_dir, ':'))
		return error("%s: a directory with debug information may have no : in its name",
			     s->debug_dir);
	if (asprintf(&s->debug_path, ":.debug:%s:%s", s->debug_dir, STANDARD_DIR) < 0)
		die("no memory");
	return 0;
}

void symbols_of_process(struct symbols *s, pid_t pid)
{
	s->pid = pid;
}

static void free_symbol(struct symbol *sym)
{
	struct symbol *outer;

	for (; sym && sym != &nothing; sym = outer) {
		outer = sym->outer;
		free(sym);
	}
}

void symbols_free(struct symbols *s)
{
	struct symbols_module *m;

	while ((m = s->modules)) {
		s->modules = m->next;
		for (struct hash_slot *at = NULL; (at = hash_next(&m->found, at));)
			free_symbol(at->value);
		hash_free(&m->found);
		if (m->dwfl)
			dwfl_end(m->dwfl);
		free(m->path);
		free(m->build_id);
		free(m);
	}
	free(s->debug_dir);
	free(s->debug_path);
	free(s);
}

/* ---- Finding a module's file -------------------------------------------------------------- */

static bool has_build_id(Dwfl_Module *mod, const char *want)
{
	const unsigned char *bits;
	GElf_Addr at;
	int n = dwfl_module_build_id(mod, &bits, &at);

	if (n <= 0)
		return !*want;
	if (strlen(want) != 2 * (size_t)n)
		return false;
	for (int i = 0; i < n; i++) {
		char hex[3];

		snprintf(hex, sizeof hex, "%02x", bits[i]);
		if (strncmp(hex, want + 2 * i, 2) != 0)
			return false;
	}
	return true;
}

static void close_file(struct symbols_module *m)
{
	if (m->dwfl)
		dwfl_end(m->dwfl);
	m->dwfl = NULL;
	m->mod = NULL;
}

/* Whether the module can be read from this file.  Frees its name. */
static bool try_file(struct symbols *s, struct symbols_module *m, char *file)
{
	static Dwfl_Callbacks callbacks = {.find_elf = dwfl_build_id_find_elf,
					   .find_debuginfo = dwfl_standard_find_debuginfo,
					   .section_address = dwfl_offline_section_address};
	struct stat st;
	GElf_Addr bias;

	if (stat(file, &st) == 0 && S_ISREG(st.st_mode)) {
		callbacks.debuginfo_path = s->debug_path ? &s->debug_path : NULL;
		m->dwfl = dwfl_begin(&callbacks);
		if (m->dwfl)
			m->mod = dwfl_report_offline(m->dwfl, m->path, file, -1);
		if (!m->mod || dwfl_report_end(m->dwfl, NULL, NULL) ||
		    !dwfl_module_getelf(m->mod, &bias)) {
			close_file(m);
		} else if (m->build_id && !has_build_id(m->mod, m->build_id)) {
			m->why = "its file is of another build";
			close_file(m);
		} else {
			m->bias = bias;
		}
	}
	free(file);
	return m->mod;
}

__attribute__((format(printf, 1, 2))) static char *name(const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		die("no memory");
	va_end(ap);
	return text;
}

/* By the number of its build, below a directory that is made for that: the module itself or, since
 * that will do as well, what was stripped off it. */
static bool try_build_id(struct symbols *s, struct symbols_module *m, const char *dir)
{
	const char *id = m->build_id;

	if (!id || strlen(id) < 3 || strspn(id, "0123456789abcdef") != strlen(id))
		return false;
	return try_file(s, m, name("%s/.build-id/%.2s/%s", dir, id, id + 2)) ||
	       try_file(s, m, name("%s/.build-id/%.2s/%s.debug", dir, id, id + 2));
}

static void open_module(struct symbols *s, struct symbols_module *m)
{
	const char *slash = strrchr(m->path, '/'), *dir = s->debug_dir;

	m->why = "its file is not there";
	if (s->pid && try_file(s, m,
			       name("/proc/%d/%s/%s", (int)s->pid, *m->path == '/' ? "root" : "cwd",
				    m->path)))
		return;
	if (try_file(s, m, need_text(m->path)))
		return;
	if (dir && (try_file(s, m, name("%s/%s", dir, m->path)) ||
		    try_file(s, m, name("%s/%s", dir, slash ? slash + 1 : m->path)) ||
		    try_build_id(s, m, dir)))
		return;
	try_build_id(s, m, STANDARD_DIR);
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

struct symbols_module *symbols_module(struct symbols *s, const char *path, const char *build_id)
{
	struct symbols_module *m = s->modules;

	while (m && (strcmp(m->path, path) != 0 || !is_same(m->build_id, build_id)))
		m = m->next;
	if (m)
		return m;
	m = need(sizeof *m);
	m->path = need_text(path);
	m->build_id = build_id ? need_text(build_id) : NULL;
	m->next = s->modules;
	s->modules = m;
	open_module(s, m);
	return m;
}

const char *symbols_why_not(const struct symbols_module *m)
{
	return m->mod ? NULL : m->why;
}

void symbols_complain(const struct symbols *s)
{
	for (const struct symbols_module *m = s->modules; m; m = m->next)
		if (!m->mod && strchr(m->path, '/')) // the kernel's linux-vdso.so.1 is no file
			note("functions and lines of %s are not known: %s; weft load "
			     "--debug-dir=DIR looks for it in DIR, too",
			     m->path, m->why);
}

/* ---- What is at an address ---------------------------------------------------------------- */

static struct symbol *symbol(const char *function, const char *file, int line)
{
	struct symbol *sym = need(sizeof *sym);

	*sym = (struct symbol){function, file, line, NULL};
	return sym;
}

/* Where an inlined function was called. */
static void call_of(Dwarf_Die *cu, Dwarf_Die *inlined, const char **file, int *line)
{
	Dwarf_Attribute attr;
	Dwarf_Files *files;
	Dwarf_Word n;

	*file = NULL;
	*line = 0;
	if (dwarf_getsrcfiles(cu, &files, NULL) == 0 &&
	    dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attr), &n) == 0)
		*file = dwarf_filesrc(files, n, NULL, NULL);
	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attr), &n) == 0)
		*line = (int)n;
}

/* The functions around an address: first those that were inlined there. */
static struct symbol *by_scopes(Dwarf_Die *cu, Dwarf_Addr pc, const char *file, int line)
{
	struct symbol *first = NULL, **end = &first;
	Dwarf_Die *in = NULL, *scopes = NULL;
	int n = dwarf_getscopes(cu, pc, &in), k;

	if (n <= 0)
		return NULL;
	k = dwarf_getscopes_die(&in[0],
				&scopes); // by nesting, not by where inlined code was written
	for (int i = 0; i < k; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine)
			continue;
		*end = symbol(dwarf_diename(&scopes[i]), file, line);
		end = &(*end)->outer;
		if (tag == DW_TAG_subprogram)
			break;
		call_of(cu, &scopes[i], &file, &line);
	}
	free(scopes);
	free(in);
	return first;
}

static struct symbol *look_up(struct symbols_module *m, uint64_t offset)
{
	Dwarf_Addr addr = m->bias + offset, bias = 0;
	Dwfl_Line *at = dwfl_module_getsrc(m->mod, addr);
	const char *file = NULL, *function;
	struct symbol *sym = NULL;
	Dwarf_Die *cu;
	int line = 0;

	if (at)
		file = dwfl_lineinfo(at, NULL, &line, NULL, NULL, NULL);
	cu = dwfl_module_addrdie(m->mod, addr, &bias);
	if (cu)
		sym = by_scopes(cu, addr - bias, file, line);
	if (sym)
		return sym;
	function = dwfl_module_addrname(m->mod, addr);
	return function || file ? symbol(function, file, line) : &nothing;
}

const struct symbol *symbols_at(struct symbols_module *m, uint64_t offset)
{
	struct symbol *sym;

	if (!m->mod)
		return NULL;
	sym = hash_get(&m->found, offset + 1);
	if (!sym) {
		sym = look_up(m, offset);
		hash_put(&m->found, offset + 1, sym);
	}
	return sym == &nothing ? NULL : sym;
}

const struct symbol *symbols_find(struct symbols *s, const char *path, uint64_t offset)
{
	return symbols_at(symbols_module(s, path, NULL), offset);
}
