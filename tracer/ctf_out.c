/* SPDX-License-Identifier: MIT */
/* The layout of packets is that of lttng-ust's, which repair.c knows. */
#define _GNU_SOURCE
#include "ctf_out.h"
#include "error.h"
#include "hash.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PAGE = 4096, PACKET = 1 << 20 };
#define MAGIC 0xc1fc1fc1u

struct __attribute__((packed)) header {
	uint32_t magic;
	uint8_t uuid[16];
	uint32_t stream;
	uint64_t instance;
	uint64_t begin, end;	  /* times of the first and the last event */
	uint64_t content, packet; /* bits */
	uint64_t number, discarded;
	uint32_t cpu;
};

struct out_proc {
	uint32_t pid;
	char *name, *dir;
	FILE *f;
	struct header h;
	char *bytes; /* of the packet that is being filled; h comes first */
	size_t n, room;
};

struct ctf_out {
	const char *dir;
	struct hash procs;
	int counts;  /* files of them */
	bool failed; /* was said */
};

struct ctf_out *ctf_out_new(const char *dir)
{
	struct ctf_out *out = need(sizeof *out);

	out->dir = dir;
	return out;
}

static int failed(struct ctf_out *out, const char *path)
{
	if (!out->failed)
		error("cannot write %s: %s", path, strerror(errno));
	out->failed = true;
	return -1;
}

static struct out_proc *proc_of(struct ctf_out *out, uint32_t pid)
{
	struct out_proc *pr = hash_get(&out->procs, pid);

	if (pr)
		return pr;
	pr = need(sizeof *pr);
	pr->pid = pid;
	pr->h = (struct header){.magic = MAGIC};
	memcpy(pr->h.uuid, "weft unpack", 11);
	memcpy(pr->h.uuid + 12, &pid, sizeof pid);
	hash_put(&out->procs, pid, pr);
	return pr;
}

void ctf_out_process(void *arg, uint32_t pid, const char *name)
{
	struct out_proc *pr = proc_of(arg, pid);

	if (!pr->name)
		pr->name = need_text(name);
}

/* The directory and the file of a process that has events.  Its name may be anything. */
static int open_stream(struct ctf_out *out, struct out_proc *pr)
{
	char *path, name[32];

	snprintf(name, sizeof name, "%s", pr->name ? pr->name : "process");
	for (char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_')
			*c = '-';
	if (asprintf(&pr->dir, "%s/%s-%u", out->dir, name, pr->pid) < 0 ||
	    asprintf(&path, "%s/stream", pr->dir) < 0)
		die("no memory");
	if (mkdir(pr->dir, 0777) == 0)
		pr->f = fopen(path, "wxe");
	if (!pr->f)
		failed(out, path);
	free(path);
	return pr->f ? 0 : -1;
}

/* ---- Packets ----------------------------------------------------------------------------- */

static char *room_for(struct out_proc *pr, size_t n)
{
	char *at;

	if (pr->n + n > pr->room) {
		pr->room = (pr->n + n + PACKET) / PAGE * PAGE;
		pr->bytes = realloc(pr->bytes, pr->room);
		if (!pr->bytes)
			die("no memory");
	}
	at = pr->bytes + pr->n;
	pr->n += n;
	return at;
}

static void put(struct out_proc *pr, uint64_t v, size_t n)
{
	v = htole64(v);
	memcpy(room_for(pr, n), &v, n);
}

static int end_packet(struct ctf_out *out, struct out_proc *pr)
{
	size_t content = pr->n, whole = (content + PAGE - 1) / PAGE * PAGE;

	if (!content)
		return 0;
	memset(room_for(pr, whole - content), 0, whole - content);
	pr->h.content = content * 8;
	pr->h.packet = whole * 8;
	memcpy(pr->bytes, &pr->h, sizeof pr->h);
	pr->h.number++;
	pr->n = 0;
	return fwrite(pr->bytes, whole, 1, pr->f) == 1 ? 0 : failed(out, pr->dir);
}

void ctf_out_discarded(void *arg, uint32_t pid, int64_t ts, int64_t n)
{
	struct out_proc *pr = proc_of(arg, pid);

	(void)ts; // the reader finds that between two packets
	end_packet(arg, pr);
	pr->h.discarded += (uint64_t)n;
}

void ctf_out_counted(void *arg, const struct thread_count *threads, size_t n)
{
	struct ctf_out *out = arg;
	char path[4096];

	snprintf(path, sizeof path, "%s/%d" COUNTS_SUFFIX, out->dir, ++out->counts);
	if (counts_write(path, threads, n) < 0)
		failed(out, path);
}

int ctf_out_event(void *arg, const struct record *r)
{
	const struct event_desc *d = &event_desc[r->kind];
	struct out_proc *pr = proc_of(arg, r->pid);
	uint64_t ts = (uint64_t)r->ts;

	if (!pr->f && open_stream(arg, pr) < 0)
		return -1;
	if (pr->n >= PACKET - PAGE && end_packet(arg, pr) < 0)
		return -1;
	if (!pr->n) {
		room_for(pr, sizeof pr->h);
		pr->h.begin = ts > pr->h.end ? ts : pr->h.end;
		pr->h.end = pr->h.begin;
	}
	if (ts < pr->h.end)
		ts = pr->h.end; // CTF has no time that goes back
	pr->h.end = ts;
	put(pr, r->kind, 2);
	put(pr, ts, 8);
	put(pr, r->m, 4);
	put(pr, r->seq, 4);
	for (int i = 0; i < d->nfields; i++) {
		if (d->field[i].type == FIELD_str) {
			size_t n = strlen(r->a[i].str) + 1;

			memcpy(room_for(pr, n), r->a[i].str, n);
		} else {
			put(pr, r->a[i].u, d->field[i].type == FIELD_u32 ? 4 : 8);
		}
	}
	return 0;
}

/* ---- Metadata ---------------------------------------------------------------------------- */

static void put_text(FILE *f, const char *name, const char *text)
{
	fprintf(f, "\t%s = \"", name);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', f);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, f);
	}
	fputs("\";\n", f);
}

/* A reader takes what follows a '#' for a program's number: as rt/trace.c has it, a name with a '#' in it gets one. */
static void put_process_name(FILE *f, const char *name)
{
	char *text;

	if (asprintf(&text, "%s%s", name, strchr(name, '#') ? "#1" : "") < 0)
		die("no memory");
	put_text(f, "procname", text);
	free(text);
}

static void put_event(FILE *f, int kind)
{
	static const char *const type[] = {"u64", "u32", "i64", "ptr", "string"};
	const struct event_desc *d = &event_desc[kind];

	fprintf(f,
		"event {\n\tname = \"weft:%s\";\n\tid = %d;\n\tstream_id = 0;\n\tloglevel = 13;\n"
		"\tfields := struct {\n\t\tu32 _m;\n\t\tu32 _seq;\n",
		d->name, kind);
	for (int i = 0; i < d->nfields; i++)
		fprintf(f, "\t\t%s _%s;\n", type[d->field[i].type], d->field[i].name);
	fprintf(f, "\t};\n};\n");
}

static void put_uuid(FILE *f, const uint8_t *uuid)
{
	fprintf(f, "\tuuid = \"");
	for (int i = 0; i < 16; i++)
		fprintf(f, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
	fprintf(f, "\";\n");
}

static void put_metadata(FILE *f, const struct out_proc *pr, const struct ctf_result *about)
{
	fprintf(f,
		"/* CTF 1.8 */\n"
		"/* Unpacked by weft.  Packets have the layout of lttng-ust's. */\n"
		"typealias integer { size = 8; align = 8; signed = false; } := u8;\n"
		"typealias integer { size = 16; align = 8; signed = false; } := u16;\n"
		"typealias integer { size = 32; align = 8; signed = false; } := u32;\n"
		"typealias integer { size = 64; align = 8; signed = false; } := u64;\n"
		"typealias integer { size = 64; align = 8; signed = true; } := i64;\n"
		"typealias integer { size = 64; align = 8; signed = false; base = 16; } := ptr;\n"
		"trace {\n\tmajor = 1;\n\tminor = 8;\n\tbyte_order = le;\n");
	put_uuid(f, pr->h.uuid);
	fprintf(f, "\tpacket.header := struct {\n\t\tu32 magic;\n\t\tu8 uuid[16];\n"
		   "\t\tu32 stream_id;\n\t\tu64 stream_instance_id;\n\t};\n};\n"
		   "env {\n\tdomain = \"ust\";\n");
	if (about->host)
		put_text(f, "hostname", about->host);
	if (pr->name)
		put_process_name(f, pr->name);
	fprintf(f,
		"\tvpid = %u;\n};\nclock {\n\tname = \"%s\";\n\tfreq = 1000000000;\n"
		"\toffset = 0;\n\tabsolute = %s;\n};\n",
		pr->pid, about->clock, about->since_epoch ? "true" : "false");
	fprintf(f,
		"typealias integer { size = 64; align = 8; signed = false;\n"
		"\tmap = clock.%s.value; } := time;\n"
		"stream {\n\tid = 0;\n"
		"\tevent.header := struct { u16 id; time timestamp; };\n"
		"\tpacket.context := struct {\n\t\ttime timestamp_begin;\n\t\ttime timestamp_end;\n"
		"\t\tu64 content_size;\n\t\tu64 packet_size;\n\t\tu64 packet_seq_num;\n"
		"\t\tu64 events_discarded;\n\t\tu32 cpu_id;\n\t};\n};\n",
		about->clock);
	for (int i = 0; i < EVENTS; i++)
		put_event(f, i);
}

/* The clock's name is written as an identifier. */
static bool plain_name(const char *name)
{
	if (!name || (!isalpha((unsigned char)*name) && *name != '_'))
		return false;
	while (isalnum((unsigned char)*name) || *name == '_')
		name++;
	return !*name;
}

static int write_metadata(struct ctf_out *out, struct out_proc *pr, const struct ctf_result *about)
{
	struct ctf_result plain = *about;
	char *path;
	FILE *f;

	if (!plain_name(plain.clock))
		plain.clock = "unnamed";
	if (asprintf(&path, "%s/metadata", pr->dir) < 0)
		die("no memory");
	f = fopen(path, "wxe");
	if (f)
		put_metadata(f, pr, &plain);
	if (!f || ferror(f) | fclose(f))
		failed(out, path);
	free(path);
	return out->failed ? -1 : 0;
}

int ctf_out_finish(struct ctf_out *out, const struct ctf_result *about)
{
	int err;

	for (struct hash_slot *s = NULL; (s = hash_next(&out->procs, s));) {
		struct out_proc *pr = s->value;

		if (pr->f && !out->failed && end_packet(out, pr) == 0)
			write_metadata(out, pr, about);
		if (pr->f && fclose(pr->f) != 0)
			failed(out, pr->dir);
		free(pr->name);
		free(pr->dir);
		free(pr->bytes);
		free(pr);
	}
	hash_free(&out->procs);
	err = out->failed ? -1 : 0;
	free(out);
	return err;
}
