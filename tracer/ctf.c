/* SPDX-License-Identifier: MIT */
/* Reads CTF traces through libbabeltrace2: one source for each trace directory, a muxer that puts
 * their events into order of time, and a sink that turns them into records.
 */
#define _GNU_SOURCE
#include "ctf.h"
#include "ctf_class.h"
#include "ctf_traces.h"
#include "error.h"
#include "guard.h"
#include "hash.h"
#include "packed.h"

#include <babeltrace2/babeltrace.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const struct ctf_sink *sink;
	struct ctf_result *result;
	bt_message_iterator *messages;
	struct hash classes;   /* bt_event_class * -> struct class */
	struct hash traces;    /* bt_trace * -> struct origin */
	struct origins *origins;
	struct hash discarded; /* messages about discarded events that were seen, by their hash */
	struct packed *packed; /* or NULL: nothing is unpacked */
	struct paths lefts;    /* what is to be given to it yet */
	int64_t shift;	       /* from the trace's clock to records' times, with the first block */
	bool has_shift;
	uint64_t end;		   /* of the trace, by its clock, or 0 */
	uint64_t *words;	   /* of a block */
	size_t room;
	bool stopped; /* by the sink */
	int64_t last; /* time of the newest event */
};

/* ---- Event classes ----------------------------------------------------------------------- */

static const char *env_text(const bt_trace *trace, const char *name)
{
	const bt_value *v = bt_trace_borrow_environment_entry_value_by_name_const(trace, name);

	return v && bt_value_is_string(v) ? bt_value_string_get(v) : NULL;
}

static bool env_number(const bt_trace *trace, const char *name, int64_t *n)
{
	const bt_value *v = bt_trace_borrow_environment_entry_value_by_name_const(trace, name);

	if (!v || !bt_value_is_signed_integer(v))
		return false;
	*n = bt_value_integer_signed_get(v);
	return true;
}

/* The program that a trace is of; NULL if it does not say. */
static const struct origin *origin_of(struct reader *rd, const bt_trace *trace)
{
	const struct origin *o = hash_get(&rd->traces, (uintptr_t)trace);
	const char *name = env_text(trace, "procname"), *begun = env_text(trace, "vpid_datetime");
	const struct ctf_sink *sink = rd->sink;
	int64_t pid;
	bool is_new;

	if (o || !env_number(trace, "vpid", &pid))
		return o;
	o = origins_find(rd->origins, (uint32_t)pid, name ? name : "", begun ? begun : "", &is_new);
	hash_put(&rd->traces, (uintptr_t)trace, (void *)o);
	if (is_new && *o->name)
		sink->process(sink->arg, o->pid, o->name);
	if (is_new && o->nthreads)
		sink->counted(sink->arg, o->threads, o->nthreads);
	return o;
}

static void learn_trace(struct reader *rd, struct class *c, const bt_trace *trace)
{
	const char *host = env_text(trace, "hostname");

	c->origin = origin_of(rd, trace);
	c->pid = c->origin ? c->origin->pid : 0;
	if (host && !rd->result->host)
		rd->result->host = need_text(host);
}

/* An error that is left makes babeltrace2 end the program at its next call. */
static void forget_error(void)
{
	const bt_error *e = bt_current_thread_take_error();

	if (e)
		bt_error_release(e);
}

static void learn_clock(struct reader *rd, const bt_clock_snapshot *clock)
{
	const bt_clock_class *cc = bt_clock_snapshot_borrow_clock_class_const(clock);
	const char *name = bt_clock_class_get_name(cc);

	if (rd->result->clock)
		return;
	rd->result->clock = need_text(name ? name : "unnamed");
	rd->result->since_epoch = bt_clock_class_origin_is_unix_epoch(cc);
	if (rd->end)
		bt_clock_class_cycles_to_ns_from_origin(cc, rd->end, &rd->result->end);
	forget_error();
}

static struct class *class_of(struct reader *rd, const bt_event *event)
{
	const bt_event_class *ec = bt_event_borrow_class_const(event);
	struct class *c = hash_get(&rd->classes, (uintptr_t)ec);

	if (c)
		return c;
	c = need(sizeof *c);
	learn_class(c, ec);
	c->pid_index = c->kind == NOT_OURS ? -1 : find_pid(ec);
	if (c->kind != NOT_OURS)
		learn_trace(rd, c,
			    bt_stream_borrow_trace_const(bt_event_borrow_stream_const(event)));
	hash_put(&rd->classes, (uintptr_t)ec, c);
	return c;
}

/* ---- Messages ---------------------------------------------------------------------------- */

static size_t take_words(struct reader *rd, const bt_field *f)
{
	uint64_t n = bt_field_array_get_length(f);

	if (n > rd->room) {
		free(rd->words);
		rd->words = need(n * sizeof *rd->words);
		rd->room = n;
	}
	for (uint64_t i = 0; i < n; i++)
		rd->words[i] = htole64(bt_field_integer_unsigned_get_value(
			bt_field_array_borrow_element_field_by_index_const(f, i)));
	return n * sizeof *rd->words;
}

/* What is left of a killed program, or, without one, of all that have no trace. */
static void take_lefts(struct reader *rd, const struct origin *o)
{
	struct paths *l = &rd->lefts;
	int n = 0, left;

	for (int i = 0; i < l->n; i++) {
		left = o ? origin_left(o, l->path[i]) : -1;
		if (left)
			packed_left(rd->packed, l->path[i], left > 0 ? o->pid : 0, rd->shift);
		else
			l->path[n++] = l->path[i];
	}
	l->n = n;
}

/* ts is when it was written, and shift leads to there from the trace's clock. */
static int take_packed(struct reader *rd, struct class *c, const bt_event *event,
		       uint32_t pid, int64_t ts, int64_t shift)
{
	const bt_field *payload = bt_event_borrow_payload_field_const(event);
	struct packed_block b = {.pid = pid, .written = ts, .data = rd->words};
	const char *table = "";
	uint64_t v[INS] = {0};

	for (int i = 0; i < c->n; i++) {
		const struct member *m = &c->member[i];
		const bt_field *f =
			bt_field_structure_borrow_member_field_by_index_const(payload, (uint64_t)i);

		if (m->to == IN_PAYLOAD)
			b.size = take_words(rd, f);
		else if (m->to == IN_TABLE)
			table = text_of(f);
		else if (m->to != TO_NOTHING)
			v[m->to] = (uint64_t)integer(f, m->is_signed);
	}
	/* From its table on, which comes before its blocks and tells how clocks differ: a program may have been
	 * killed before its first block was full. */
	rd->shift = shift;
	rd->has_shift = true;
	if (c->origin && !c->begun) {
		packed_begin(rd->packed, pid, ts);
		take_lefts(rd, c->origin);
	}
	c->begun = true;
	if (c->kind == TABLE) {
		packed_kinds(rd->packed, (uint32_t)v[IN_KINDS], table);
		return 0;
	}
	b.m = (uint32_t)v[IN_M];
	b.seq = (uint32_t)v[IN_SEQ];
	b.count = (uint32_t)v[IN_COUNT];
	b.kinds = (uint32_t)v[IN_KINDS];
	b.raw = v[IN_RAW];
	b.mono = (int64_t)(v[IN_MONO] + (uint64_t)shift);
	b.data = rd->words;
	return packed_add(rd->packed, &b);
}

static int take_event(struct reader *rd, const bt_message *msg)
{
	const bt_event *event = bt_message_event_borrow_event_const(msg);
	struct class *c = class_of(rd, event);
	const bt_clock_snapshot *clock;
	struct record r;

	if (c->kind == NOT_OURS || (c->kind < 0 && !rd->packed)) {
		rd->result->unknown++;
		return 0;
	}
	r.pid = pid_of(c, event);
	clock = bt_message_event_borrow_default_clock_snapshot_const(msg);
	learn_clock(rd, clock);
	if (bt_clock_snapshot_get_ns_from_origin(clock, &r.ts) !=
	    BT_CLOCK_SNAPSHOT_GET_NS_FROM_ORIGIN_STATUS_OK) {
		forget_error();
		r.ts = rd->last;
	}
	rd->last = r.ts;
	if (c->kind < 0)
		return take_packed(rd, c, event, r.pid, r.ts,
				   r.ts - (int64_t)bt_clock_snapshot_get_value(clock));
	r.kind = (enum event)c->kind;
	take_fields(&r, c, event);
	return rd->packed ? packed_ordinary(rd->packed, &r) : rd->sink->event(rd->sink->arg, &r);
}

/* The trace and what lttng-crash saved of it may say the same thing twice. */
static void take_discarded(struct reader *rd, const bt_message *msg)
{
	const bt_stream *stream = bt_message_discarded_events_borrow_stream_const(msg);
	const bt_stream_class *sc = bt_stream_borrow_class_const(stream);
	const struct origin *o;
	int64_t begin = 0, end = 0;
	uint32_t pid;
	uint64_t n, key;

	/* the tracer's counter may go back; babeltrace2 makes that a count near 2^64 */
	if (bt_message_discarded_events_get_count(msg, &n) != BT_PROPERTY_AVAILABILITY_AVAILABLE ||
	    n > INT64_MAX)
		return;
	if (bt_stream_class_discarded_events_have_default_clock_snapshots(sc)) {
		bt_clock_snapshot_get_ns_from_origin(
			bt_message_discarded_events_borrow_beginning_default_clock_snapshot_const(
				msg),
			&begin);
		bt_clock_snapshot_get_ns_from_origin(
			bt_message_discarded_events_borrow_end_default_clock_snapshot_const(msg),
			&end);
	}
	o = origin_of(rd, bt_stream_borrow_trace_const(stream));
	pid = o ? o->pid : 0;
	key = ((uint64_t)begin * 31 + n) * 31 + pid;
	if (hash_get(&rd->discarded, key))
		return;
	hash_put(&rd->discarded, key, rd);
	rd->sink->discarded(rd->sink->arg, pid, end, (int64_t)n);
}

static bt_graph_simple_sink_component_initialize_func_status
sink_begin(bt_message_iterator *messages, void *arg)
{
	struct reader *rd = arg;

	bt_message_iterator_get_ref(messages);
	rd->messages = messages;
	return BT_GRAPH_SIMPLE_SINK_COMPONENT_INITIALIZE_FUNC_STATUS_OK;
}

static bt_graph_simple_sink_component_consume_func_status
sink_consume(bt_message_iterator *messages, void *arg)
{
	struct reader *rd = arg;
	bt_message_array_const msgs;
	uint64_t n;
	bt_message_iterator_next_status status = bt_message_iterator_next(messages, &msgs, &n);
	const bt_error *error;

	if (status != BT_MESSAGE_ITERATOR_NEXT_STATUS_OK)
		return (bt_graph_simple_sink_component_consume_func_status)status;
	error = bt_current_thread_take_error(); // what the muxer met after these messages
	for (uint64_t i = 0; i < n; i++) {
		if (rd->stopped)
			; /* only release the rest */
		else if (bt_message_get_type(msgs[i]) == BT_MESSAGE_TYPE_EVENT)
			rd->stopped = take_event(rd, msgs[i]) != 0;
		else if (bt_message_get_type(msgs[i]) == BT_MESSAGE_TYPE_DISCARDED_EVENTS)
			take_discarded(rd, msgs[i]);
		bt_message_put_ref(msgs[i]);
	}
	if (error) {
		bt_current_thread_move_error(error);
		return BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_ERROR;
	}
	return rd->stopped ? BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_END
			   : BT_GRAPH_SIMPLE_SINK_COMPONENT_CONSUME_FUNC_STATUS_OK;
}

static void sink_end(void *arg)
{
	struct reader *rd = arg;

	BT_MESSAGE_ITERATOR_PUT_REF_AND_RESET(rd->messages);
}

/* ---- The graph --------------------------------------------------------------------------- */

/* The first cause in the trace itself, as babeltrace tells it; to be freed. */
static char *take_error(void)
{
	const bt_error *e = bt_current_thread_take_error();
	char *why = NULL;

	if (!e)
		return need_text("babeltrace2 gives no reason");
	if (bt_error_get_cause_count(e))
		why = need_text(bt_error_cause_get_message(bt_error_borrow_cause_by_index(e, 0)));
	bt_error_release(e);
	return why ? why : need_text("babeltrace2 gives no reason");
}

const bt_component_class_source *fs_class(void)
{
	static const bt_plugin *plugin; /* stays loaded */

	if (!plugin)
		bt_plugin_find("ctf", BT_FALSE, BT_FALSE, BT_TRUE, BT_FALSE, BT_FALSE, &plugin);
	return plugin ? bt_plugin_borrow_source_component_class_by_name_const(plugin, "fs") : NULL;
}

const bt_component_class_filter *muxer_class(void)
{
	static const bt_plugin *plugin;

	if (!plugin)
		bt_plugin_find("utils", BT_FALSE, BT_FALSE, BT_TRUE, BT_FALSE, BT_FALSE, &plugin);
	return plugin ? bt_plugin_borrow_filter_component_class_by_name_const(plugin, "muxer")
		      : NULL;
}

static const bt_component_source *add_source(bt_graph *graph, const char *dir, int number)
{
	char name[32]; /* its own: one directory may be given twice */
	bt_value *params = bt_value_map_create(), *inputs = bt_value_array_create();
	const bt_component_source *source = NULL;

	if (!params || !inputs)
		die("no memory");
	bt_value_array_append_string_element(inputs, dir);
	bt_value_map_insert_entry(params, "inputs", inputs);
	snprintf(name, sizeof name, "trace %d", number);
	bt_graph_add_source_component(graph, fs_class(), name, params, BT_LOGGING_LEVEL_NONE,
				      &source);
	bt_value_put_ref(inputs);
	bt_value_put_ref(params);
	return source;
}

/* Connect every stream of a source to the muxer, which always has one free input. */
static int connect_source(bt_graph *graph, const bt_component_source *source,
			  const bt_component_filter *muxer)
{
	uint64_t n = bt_component_source_get_output_port_count(source);

	for (uint64_t i = 0; i < n; i++) {
		uint64_t in = bt_component_filter_get_input_port_count(muxer) - 1;

		if (bt_graph_connect_ports(
			    graph, bt_component_source_borrow_output_port_by_index_const(source, i),
			    bt_component_filter_borrow_input_port_by_index_const(muxer, in),
			    NULL) != BT_GRAPH_CONNECT_PORTS_STATUS_OK)
			return -1;
	}
	return 0;
}

static int build(bt_graph *graph, char *const *dirs, int ndirs, struct reader *rd)
{
	const bt_component_filter *muxer;
	const bt_component_sink *sink;

	if (bt_graph_add_filter_component(graph, muxer_class(), "muxer", NULL,
					  BT_LOGGING_LEVEL_NONE,
					  &muxer) != BT_GRAPH_ADD_COMPONENT_STATUS_OK)
		return -1;
	for (int i = 0; i < ndirs; i++) {
		const bt_component_source *source = add_source(graph, dirs[i], i);

		if (!source || connect_source(graph, source, muxer) < 0)
			return -1;
	}
	if (bt_graph_add_simple_sink_component(graph, "weft", sink_begin, sink_consume, sink_end,
					       rd, &sink) != BT_GRAPH_ADD_COMPONENT_STATUS_OK ||
	    bt_graph_connect_ports(graph,
				   bt_component_filter_borrow_output_port_by_index_const(muxer, 0),
				   bt_component_sink_borrow_input_port_by_index_const(sink, 0),
				   NULL) != BT_GRAPH_CONNECT_PORTS_STATUS_OK)
		return -1;
	return 0;
}

/* Read the traces to their end: 0, or -1 with babeltrace's error set. */
static int run_graph(char *const *dirs, int ndirs, struct reader *rd)
{
	bt_graph *graph = bt_graph_create(0);
	int err;

	if (!graph)
		die("no memory");
	err = build(graph, dirs, ndirs, rd);
	if (!err && bt_graph_run(graph) != BT_GRAPH_RUN_STATUS_OK)
		err = -1;
	bt_graph_put_ref(graph);
	for (struct hash_slot *s = NULL; (s = hash_next(&rd->classes, s));)
		free(s->value);
	hash_free(&rd->classes);
	hash_free(&rd->traces);
	hash_free(&rd->discarded);
	return err;
}

static int count_event(void *arg, const struct record *r)
{
	(void)r;
	++*(int64_t *)arg;
	return 0;
}

static void ignore_process(void *arg, uint32_t pid, const char *name)
{
	(void)arg, (void)pid, (void)name;
}

static void ignore_discarded(void *arg, uint32_t pid, int64_t ts, int64_t n)
{
	(void)arg, (void)pid, (void)ts, (void)n;
}

struct counting {
	char *dir;
	int64_t n;
	struct ctf_result result; /* in the child */
};

static int count_in(void *arg)
{
	struct counting *c = arg;
	const struct ctf_sink sink = {.arg = &c->n,
				      .event = count_event,
				      .process = ignore_process,
				      .discarded = ignore_discarded};
	struct reader rd = {.sink = &sink, .result = &c->result, .origins = origins_new()};

	return run_graph(&c->dir, 1, &rd);
}

int64_t count_events(const char *dir)
{
	struct counting c = {.dir = (char *)dir};
	int sig, err = guard_call(count_in, NULL, &c, sizeof c, &sig);
	int64_t n = c.n + c.result.unknown;

	return err ? -1 - n : n;
}

/* The counts that no trace, or none by itself, can be found for. */
static void give_counts(struct reader *rd, bool old)
{
	size_t n;
	struct thread_count *threads = origins_take(rd->origins, old, &n);

	rd->sink->counted(rd->sink->arg, threads, n);
	free(threads);
}

int ctf_read(struct ctf *c, const struct ctf_sink *sink, struct ctf_result *result)
{
	struct reader rd = {.sink = sink,
			    .result = result,
			    .origins = origins_new(),
			    .packed = packed_new(sink, result),
			    .lefts.path = need((size_t)(c->lefts.n + 1) * sizeof *c->lefts.path),
			    .lefts.n = c->lefts.n,
			    .end = c->last};
	char **dirs = need((size_t)c->n * sizeof *dirs), *why;
	int n = 0, err;
	bool counted;

	for (int i = 0; i < c->n; i++) {
		struct repair *r = &c->traces[i].repair;

		if (!r->unreadable)
			dirs[n++] = r->dir ? r->dir : c->traces[i].dir;
	}
	for (int i = 0; i < c->lefts.n; i++)
		rd.lefts.path[i] = c->lefts.path[i];
	counted = read_counts(&c->counts, rd.origins);
	if (counted)
		give_counts(&rd, true);
	err = run_graph(dirs, n, &rd);
	free(dirs);
	if (rd.has_shift)
		take_lefts(&rd, NULL);
	if (counted && !rd.stopped)
		give_counts(&rd, false);
	if (!err && !rd.stopped)
		rd.stopped = packed_finish(rd.packed) != 0;
	packed_free(rd.packed);
	origins_free(rd.origins);
	free(rd.lefts.path);
	free(rd.words);
	if (rd.stopped)
		return -1;
	if (!err) {
		give_complaints(c, sink);
		return 0;
	}
	why = take_error();
	if (!c->repaired) {
		free(why);
		return repair_all(c) < 0 ? -1 : CTF_AGAIN;
	}
	error("%s: cannot be read: %s", c->traces[0].dir, why);
	free(why);
	return -1;
}

void ctf_result_free(struct ctf_result *result)
{
	free(result->host);
	free(result->clock);
	*result = (struct ctf_result){0};
}
