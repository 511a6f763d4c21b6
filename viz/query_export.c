/* SPDX-License-Identifier: MIT */
#include "query_export.h"

#include <stddef.h>

/* Lanes of the Chrome format are threads of processes: workers are those of process 1, goroutines of
 * 2, and channels' counters are in 3.  Its times are microseconds. */
#define US(ns) ns " / 1000.0"

static const char lane_names[] =
	"SELECT json_object('ph', 'M', 'pid', column1, 'name', 'process_name', 'args',"
	" json_object('name', column2))"
	" FROM (VALUES (1, 'workers'), (2, 'goroutines'), (3, 'channels')) UNION ALL "
	"SELECT json_object('ph', 'M', 'pid', 1, 'tid', p, 'name', 'thread_name', 'args',"
	" json_object('name', 'worker ' || p)) FROM (SELECT DISTINCT p FROM p_state) UNION ALL "
	"SELECT json_object('ph', 'M', 'pid', 2, 'tid', g, 'name', 'thread_name', 'args',"
	" json_object('name', 'g' || g || ' ' || name)) FROM goroutine";

static const char worker_slices[] =
	"SELECT json_object('ph', 'X', 'pid', 1, 'tid', s.p, 'ts', " US("s.ts") ", 'dur', "
	US("coalesce(s.dur, (SELECT ts + dur FROM process WHERE seq = s.p / 10000) - s.ts)")
	", 'name', 'g' || s.g || ' ' || g.name, 'cat', 'running', 'args', json_object('g', s.g))"
	" FROM p_state AS s JOIN goroutine AS g USING (g) WHERE s.state = 'running' ORDER BY s.id";

static const char goroutine_slices[] =
	"SELECT json_object('ph', 'X', 'pid', 2, 'tid', s.g, 'ts', " US("s.ts") ", 'dur', " US("s.dur")
	", 'name', iif(s.state = 'waiting', replace(s.why, '_', ' ') || coalesce(' ' || o.label, ''),"
	" s.state), 'cat', s.state, 'args', json_object('object', o.label, 'place',"
	" t.file || ':' || t.line, 'worker', s.p, 'waker', s.waker, 'holder', s.holder))"
	" FROM g_span AS s LEFT JOIN object AS o USING (obj) LEFT JOIN site AS t"
	" ON t.site = s.site ORDER BY s.id";

/* From who woke to who was woken. */
static const char wake_flows[] =
	"SELECT json_object('ph', column1, 'pid', 2, 'tid', iif(column1 = 's', waker, g), 'ts', "
	US("ts") ", 'id', id, 'name', 'wakes', 'cat', 'wakes', 'bp', 'e')"
	" FROM g_state, (VALUES ('s'), ('f')) WHERE state = 'runnable' AND why = 'ready'"
	" AND waker > 0 ORDER BY id";

static const char channel_counters[] =
	"SELECT json_object('ph', 'C', 'pid', 3, 'ts', " US("x.ts") ", 'name', o.label || ' #' || o.obj,"
	" 'args', json_object('elements', x.len))"
	" FROM chan_op AS x JOIN object AS o USING (obj) JOIN chan AS c USING (obj)"
	" WHERE c.cap > 0 ORDER BY x.id";

/* A semicolon parts calls, and a space the count from them. */
#define FRAME(text) "replace(replace(" text ", ';', ':'), char(10), ' ')"

static const char offcpu_folded[] =
	"SELECT coalesce(t.text, " FRAME("w.func") ") || ';' || " FRAME("replace(w.why, '_', ' ') || "
	"coalesce(' ' || w.label, '')") " || ' ' || w.total FROM (SELECT g.func, s.why, o.label, s.stack,"
	" sum(s.dur) AS total FROM g_span AS s JOIN goroutine AS g USING (g) LEFT JOIN object AS o"
	" USING (obj) WHERE s.state = 'waiting' GROUP BY g.func, s.why, o.label, s.stack) AS w"
	" LEFT JOIN stack_text AS t USING (stack) WHERE w.total > 0 ORDER BY w.total DESC, 1";

#define QUOTED(text) "'\"' || replace(replace(replace(" text ", '\\', '\\\\'), '\"', '\\\"'), char(10), '\\n') || '\"'"

static const char wakes_dot[] =
	"SELECT '  ' || " QUOTED("w.func") " || ' -> ' || " QUOTED("g.func") " || ' [label=\"'"
	" || sum(s.n) || ' times\\n' || round(sum(s.waited) / 1e6, 3) || ' ms\", weight=' || sum(s.n) || '];'"
	" FROM (SELECT waker, g, sum(wakes) AS n, sum(waited) AS waited FROM wakes GROUP BY waker, g) AS s"
	" JOIN goroutine AS g USING (g) JOIN (SELECT g, func FROM goroutine UNION ALL SELECT 0, 'the runtime')"
	" AS w ON w.g = s.waker GROUP BY w.func, g.func ORDER BY sum(s.n) DESC, 1";

const struct export_format export_formats[EXPORT_FORMATS] = {
	{"chrome", "JSON for ui.perfetto.dev, chrome://tracing and Speedscope: workers, goroutines, who\n"
		   "           woke whom, what channels hold",
	 "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n", ",\n", "\n]}\n",
	 {lane_names, worker_slices, goroutine_slices, wake_flows, channel_counters}, NULL},
	{"folded", "lines for flame graphs: where goroutines waited, in nanoseconds; with the calls that led\n"
		   "           there if stacks were recorded",
	 "", "\n", "\n", {offcpu_folded}, "no goroutine waited"},
	{"dot", "a graph for Graphviz: which functions' goroutines wake which",
	 "digraph wakes {\n  node [shape=box];\n", "\n", "\n}\n", {wakes_dot}, NULL},
};
