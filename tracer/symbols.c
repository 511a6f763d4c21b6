/* SPDX-License-Identifier: MIT */
/* Each module has a Dwfl of its own, so that its addresses do not depend on the others'.  Answers
 * are kept: stacks of a program are at few places. */
#define _GNU_SOURCE
#include "symbols.h"
#include "error.h"
#include "hash.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct module {
	struct module *next;
	char *path;
	Dwfl *dwfl;
	Dwfl_Module *mod; /* NULL: nothing can be read */
	uint64_t bias;
	struct hash found; /* by offset + 1: struct symbol, or &nothing */
};

struct symbols {
	struct module *modules;
	pid_t pid; /* whose modules these are; 0: of files here */
};

static struct symbol nothing;

struct symbols *symbols_new(void)
{
	return need(sizeof(struct symbols));
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
	struct module *m;

	while ((m = s->modules)) {
		s->modules = m->next;
		for (struct hash_slot *at = NULL; (at = hash_next(&m->found, at));)
			free_symbol(at->value);
		hash_free(&m->found);
		if (m->dwfl)
			dwfl_end(m->dwfl);
		free(m->path);
		free(m);
	}
	free(s);
}

static void open_module(struct module *m, pid_t pid)
{
	static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_build_id_find_elf,
						 .find_debuginfo = dwfl_standard_find_debuginfo,
						 .section_address = dwfl_offline_section_address};
	GElf_Addr bias;
	char *path;

	if (asprintf(&path, "/proc/%d/%s/%s", (int)pid, *m->path == '/' ? "root" : "cwd", m->path) <
	    0)
		die("no memory");
	m->dwfl = dwfl_begin(&callbacks);
	if (m->dwfl)
		m->mod = dwfl_report_offline(m->dwfl, m->path,
					     pid && access(path, R_OK) == 0 ? path : m->path, -1);
	if (m->mod && (dwfl_report_end(m->dwfl, NULL, NULL) || !dwfl_module_getelf(m->mod, &bias)))
		m->mod = NULL;
	if (m->mod)
		m->bias = bias;
	free(path);
}

static struct module *module(struct symbols *s, const char *path)
{
	struct module *m = s->modules;

	while (m && strcmp(m->path, path) != 0)
		m = m->next;
	if (m)
		return m;
	m = need(sizeof *m);
	m->path = need_text(path);
	m->next = s->modules;
	s->modules = m;
	open_module(m, s->pid);
	return m;
}

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

static struct symbol *look_up(struct module *m, uint64_t offset)
{
	Dwarf_Addr addr = m->bias + offset, bias = 0;
	Dwfl_Line *at = dwfl_module_getsrc(m->mod, addr);
	const char *file = NULL, *name;
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
	name = dwfl_module_addrname(m->mod, addr);
	return name || file ? symbol(name, file, line) : &nothing;
}

const struct symbol *symbols_find(struct symbols *s, const char *path, uint64_t offset)
{
	struct module *m = module(s, path);
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
