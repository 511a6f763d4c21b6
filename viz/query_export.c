/* SPDX-License-Identifier: MIT */
#include "query_export.h"

#include <stddef.h>

/* ---- Lines -------------------------------------------------------------------------------------- */

/* Lanes of the Chrome format are threads of processes: workers are those of process 1, goroutines of
 * 2, channels' counters are in 3, and the program's own of its k-th process in 4 + k.  Its times are
 * microseconds. */
#define US(ns) ns " / 1000.0"

/* Objects that are alike but for a number have one name in profiles, and in counters the number of the object. */
#define ALIKE(label) "iif(rtrim(" label ", '0123456789') LIKE '% #', rtrim(rtrim(" label ", '0123456789'), ' #'), " label ")"

static const char lane_names[] =
	"SELECT json_object('ph', 'M', 'pid', column1, 'name', 'process_name', 'args',"
	" json_object('name', column2))"
	" FROM (VALUES (1, 'workers'), (2, 'goroutines'), (3, 'channels') UNION ALL "
	"SELECT 4 + seq, 'counters' FROM process WHERE pid IN (SELECT pid FROM counter)) UNION ALL "
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
	", 'name', iif(s.state = 'waiting', coalesce(replace(s.why, '_', ' '), 'unknown') ||"
	" coalesce(' ' || o.label, ''),"
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
	"SELECT json_object('ph', 'C', 'pid', 3, 'ts', " US("x.ts") ", 'name', " ALIKE("o.label") " || ' #' || o.obj,"
	" 'args', json_object('elements', x.len)), x.id"
	" FROM chan_op AS x JOIN object AS o USING (obj) JOIN chan AS c USING (obj)"
	" WHERE c.cap > 0 ORDER BY x.id";

/* What was in a channel that was freed has gone with it. */
static const char channel_ends[] =
	"SELECT json_object('ph', 'C', 'pid', 3, 'ts', " US("(ts + dur)") ", 'name', " ALIKE("label") " || ' #' || obj,"
	" 'args', json_object('elements', 0)) FROM object JOIN chan USING (obj)"
	" WHERE cap > 0 AND dur IS NOT NULL ORDER BY ts + dur";

static const char user_counters[] =
	"SELECT json_object('ph', 'C', 'pid', 4 + p.seq, 'ts', " US("c.ts") ", 'name', c.name,"
	" 'args', json_object('value', c.value)) FROM counter AS c JOIN process AS p USING (pid) ORDER BY c.id";

/* A semicolon parts calls, and a space the count from them. */
#define FRAME(text) "replace(replace(" text ", ';', ':'), char(10), ' ')"

static const char offcpu_folded[] =
	"SELECT coalesce(t.text, " FRAME("w.func") ") || ';' || " FRAME("coalesce(replace(w.why, '_', ' '), "
	"'unknown') || coalesce(' ' || w.label, '')") " || ' ' || w.total FROM (SELECT g.func, s.why, "
	ALIKE("o.label") " AS label, s.stack, sum(s.dur) AS total FROM g_span AS s JOIN goroutine AS g USING (g) LEFT JOIN object AS o"
	" USING (obj) WHERE s.state = 'waiting' GROUP BY g.func, s.why, " ALIKE("o.label") ", s.stack) AS w"
	" LEFT JOIN stack_text AS t USING (stack) WHERE w.total > 0 ORDER BY w.total DESC, 1";

#define QUOTED(text) "'\"' || replace(replace(replace(" text ", '\\', '\\\\'), '\"', '\\\"'), char(10), '\\n') || '\"'"

static const char wakes_dot[] =
	"SELECT '  ' || " QUOTED("w.func") " || ' -> ' || " QUOTED("g.func") " || ' [label=\"'"
	" || sum(s.n) || iif(sum(s.n) = 1, ' time', ' times') || '\\n' || round(sum(s.waited) / 1e6, 3) || ' ms\", weight=' || sum(s.n) || '];'"
	" FROM (SELECT waker, g, sum(wakes) AS n, sum(waited) AS waited FROM wakes GROUP BY waker, g) AS s"
	" JOIN goroutine AS g USING (g) JOIN (SELECT g, func FROM goroutine UNION ALL SELECT 0, 'the runtime')"
	" AS w ON w.g = s.waker GROUP BY w.func, g.func ORDER BY sum(s.n) DESC, 1";

const char *const chrome_sql[] = {lane_names,	      worker_slices,	goroutine_slices,
				  wake_flows, channel_counters, channel_ends,  user_counters, NULL};
const char *const folded_sql[] = {offcpu_folded, NULL};
const char *const dot_sql[] = {wakes_dot, NULL};

/* ---- Perfetto --------------------------------------------------------------------------------- */

/* Kinds of tracks: 0 groups, 1 workers, 2 goroutines, 3 channels, 4 states, 5 regions of a goroutine,
 * 6 threads that lost events, 7 the program's counters, each by its first event's id. */
#define STATES "(VALUES (0, 'running'), (1, 'detached'), (2, 'runnable'), (3, 'waiting'))"

const char perfetto_tracks_sql[] =
	"SELECT 0, column1, NULL, NULL, column2, NULL FROM (VALUES (1, 'workers'), (2, 'goroutines'),"
	" (3, 'channels'), (4, 'goroutines by state'), (6, 'lost events'), (7, 'counters'))"
	" WHERE column1 NOT IN (3, 6, 7) OR column1 = 3 AND EXISTS (SELECT 1 FROM chan WHERE cap > 0)"
	" OR column1 = 6 AND EXISTS (SELECT 1 FROM gap) OR column1 = 7 AND EXISTS (SELECT 1 FROM counter)"
	" UNION ALL "
	"SELECT 1, p, 0, 1, 'worker ' || p, NULL FROM (SELECT DISTINCT p FROM p_state) UNION ALL "
	"SELECT 2, g, 0, 2, 'g' || g || ' ' || name, NULL FROM goroutine UNION ALL "
	"SELECT 3, obj, 0, 3, " ALIKE("label") " || ' #' || obj, 'elements' FROM chan JOIN object USING (obj)"
	" WHERE cap > 0 UNION ALL "
	"SELECT 4, column1, 0, 4, column2, 'goroutines' FROM " STATES " UNION ALL "
	"SELECT 5, g, 2, g, 'regions', NULL FROM (SELECT DISTINCT g FROM region) UNION ALL "
	"SELECT 6, m, 0, 6, 'thread ' || m, NULL FROM (SELECT DISTINCT m FROM gap) UNION ALL "
	"SELECT 7, min(id), 0, 7, name, '' FROM counter GROUP BY pid, name";

/* A flow begins at the event that comes first: instants before slices. */
static const char perfetto_instants[] =
	"SELECT 2, s.waker, s.ts, -1, 'wakes g' || s.g || ' ' || g.name, 'wakes', s.id"
	" FROM g_state AS s JOIN goroutine AS g USING (g)"
	" WHERE s.state = 'runnable' AND s.why = 'ready' AND s.waker > 0 UNION ALL "
	"SELECT 2, g, ts, -1, message, category, NULL FROM log WHERE g > 0";

static const char perfetto_workers[] =
	"SELECT 1, s.p, s.ts, s.dur, 'g' || s.g || ' ' || g.name, 'running', NULL, s.m AS thread"
	" FROM p_state AS s JOIN goroutine AS g USING (g) WHERE s.state = 'running' ORDER BY s.id";

static const char perfetto_goroutines[] =
	"SELECT 2, s.g, s.ts, s.dur, iif(s.state = 'waiting', coalesce(replace(s.why, '_', ' '), 'unknown')"
	" || coalesce(' ' || o.label, ''), s.state), s.state,"
	" iif(s.state = 'runnable' AND s.why = 'ready' AND s.waker > 0, s.id, NULL),"
	" o.label AS object, t.file || ':' || t.line AS place, s.p AS worker,"
	" 'g' || s.waker || coalesce(' ' || w.name, '') AS waker,"
	" 'g' || s.holder || coalesce(' ' || h.name, '') AS holder"
	" FROM g_state AS s LEFT JOIN object AS o USING (obj) LEFT JOIN site AS t ON t.site = s.site"
	" LEFT JOIN goroutine AS w ON w.g = s.waker LEFT JOIN goroutine AS h ON h.g = s.holder ORDER BY s.id";

static const char perfetto_regions[] =
	"SELECT 5, g, ts, dur, name, 'region', NULL, task FROM region ORDER BY g, ts, depth";

static const char perfetto_gaps[] =
	"SELECT 6, m, ts, dur, lost || ' events are lost', 'lost', NULL FROM gap ORDER BY ts";

const char *const perfetto_slices_sql[] = {perfetto_instants, perfetto_workers, perfetto_goroutines,
					   perfetto_regions, perfetto_gaps, NULL};

static const char perfetto_channels[] =
	"SELECT 3, obj, ts, len, chan_op.id FROM chan_op JOIN chan USING (obj) WHERE cap > 0 ORDER BY chan_op.id";

static const char perfetto_channel_ends[] =
	"SELECT 3, obj, ts + dur, 0 FROM object JOIN chan USING (obj) WHERE cap > 0 AND dur IS NOT NULL"
	" ORDER BY 3";

static const char perfetto_states[] =
	"SELECT 4, column1, ts, sum(sum(d)) OVER (PARTITION BY column1 ORDER BY ts) FROM ("
	"SELECT ts, state, 1 AS d FROM g_state UNION ALL "
	"SELECT ts + dur, state, -1 FROM g_state WHERE dur IS NOT NULL) JOIN " STATES
	" ON column2 = state GROUP BY column1, ts";

static const char perfetto_user_counters[] =
	"SELECT 7, min(id) OVER (PARTITION BY pid, name), ts, value FROM counter ORDER BY id";

const char *const perfetto_counters_sql[] = {perfetto_channels, perfetto_channel_ends, perfetto_states,
					     perfetto_user_counters, NULL};

/* ---- pprof ------------------------------------------------------------------------------------ */

#define REASON "replace(s.why, '_', ' ') AS reason"

static const char pprof_block[] =
	"SELECT s.stack, s.site, g.func, count(*), sum(s.dur), " ALIKE("o.label") " AS object, " REASON
	" FROM g_span AS s JOIN goroutine AS g USING (g) LEFT JOIN object AS o USING (obj)"
	" WHERE s.state = 'waiting' AND s.why <> 'sleep' AND s.why NOT LIKE 'io@_%' ESCAPE '@'"
	" GROUP BY s.stack, s.site, g.func, " ALIKE("o.label") ", s.why ORDER BY 5 DESC, 3, 2";

/* Where the one that a lock was waited for gave it back: the last unlock of that lock before the wait
 * ended, if the waker's stack is not known. */
static const char pprof_mutex[] =
	"WITH op(obj, ts, id) AS (SELECT obj, ts, id FROM mutex_op WHERE op = 'unlock' UNION ALL "
	"SELECT obj, ts, id FROM rwmutex_op WHERE op IN ('unlock', 'runlock')),"
	" ended AS (SELECT obj, ts + dur AS ts, dur, why, waker, waker_stack, open FROM g_span"
	"  WHERE why IN ('mutex_lock', 'rwmutex_lock', 'rwmutex_rlock')),"
	" both AS (SELECT obj, ts, 0 AS wait, NULL AS dur, NULL AS why, NULL AS waker,"
	"  NULL AS waker_stack, NULL AS open, id FROM op UNION ALL "
	"  SELECT obj, ts, 1, dur, why, waker, waker_stack, open, NULL FROM ended),"
	" found AS (SELECT *, max(id) OVER (PARTITION BY obj ORDER BY ts, wait) AS last FROM both)"
	" SELECT f.waker_stack, coalesce(m.site, r.site), g.func, count(*), sum(f.dur),"
	" " ALIKE("o.label") " AS object, replace(f.why, '_', ' ') AS reason FROM found AS f"
	" JOIN goroutine AS g ON g.g = f.waker JOIN object AS o USING (obj)"
	" LEFT JOIN mutex_op AS m ON m.id = f.last LEFT JOIN rwmutex_op AS r ON r.id = f.last"
	" WHERE f.wait AND NOT f.open"
	" GROUP BY f.waker_stack, coalesce(m.site, r.site), g.func, " ALIKE("o.label") ", f.why ORDER BY 5 DESC, 3, 2";

/* The place of a goroutine that could run is where it waited before; a new one has none yet. */
static const char pprof_sched[] =
	"WITH s AS (SELECT g, state, why, dur, lag(stack) OVER w AS stack, lag(site) OVER w AS site"
	" FROM g_span WINDOW w AS (PARTITION BY g ORDER BY id))"
	" SELECT s.stack, s.site, g.func, count(*), sum(s.dur), " REASON
	" FROM s JOIN goroutine AS g USING (g) WHERE s.state = 'runnable'"
	" GROUP BY s.stack, s.site, g.func, s.why ORDER BY 5 DESC, 3, 2";

static const char pprof_goroutine[] =
	"SELECT s.stack, s.site, g.func, count(*), 0, " ALIKE("o.label") " AS object, s.state, " REASON
	" FROM g_state AS s JOIN goroutine AS g USING (g) LEFT JOIN object AS o USING (obj)"
	" WHERE iif(?1 IS NULL, s.dur IS NULL, s.ts <= ?1 AND (s.dur IS NULL OR s.ts + s.dur > ?1))"
	" GROUP BY s.stack, s.site, g.func, " ALIKE("o.label") ", s.state, s.why ORDER BY 4 DESC, 3, 2";

/* Also of threads between goroutines, which are the runtime's. */
static const char pprof_cpu[] =
	"SELECT c.stack, NULL, coalesce(g.func, 'the runtime'), count(*), sum(c.ns)"
	" FROM cpu_sample AS c LEFT JOIN goroutine AS g USING (g)"
	" GROUP BY c.stack, g.func ORDER BY 5 DESC, 3, 1";

const struct pprof_kind pprof_kinds[] = {
	{"block", "where goroutines waited for each other", "contentions", "delay",
	 "no goroutine waited for another", pprof_block},
	{"mutex", "where locks were given back for which others waited", "contentions", "delay",
	 "no goroutine waited for a lock", pprof_mutex},
	{"sched", "how long goroutines that could run had no worker, by where they go on", "wakeups",
	 "delay", "no goroutine was runnable", pprof_sched},
	{"goroutine", "where goroutines were at the end, or --at a time", "goroutines", NULL,
	 "there was no goroutine then", pprof_goroutine},
	{"cpu", "which code took the cpus", "samples", "cpu",
	 "there is no sample: record with --cpu", pprof_cpu},
	{0},
};

const char pprof_call_sql[] =
	"SELECT s.caller, (SELECT text FROM call WHERE call.stack = s.stack), f.file, f.line, f.address,"
	" coalesce(f.module, 1) FROM stack AS s LEFT JOIN frame AS f USING (frame) WHERE s.stack = ?";
const char pprof_site_sql[] = "SELECT func, file, line FROM site WHERE site = ?";
const char pprof_mappings_sql[] =
	"SELECT module, lo, hi, lo - base, path, build_id, problem IS NULL FROM module UNION ALL "
	"SELECT 1, 0, 0, 0, coalesce(program, 'program'), NULL, 1 FROM run"
	" WHERE NOT EXISTS (SELECT 1 FROM module) ORDER BY 1";
const char pprof_time_sql[] =
	"SELECT coalesce(CAST(strftime('%s', started) AS INTEGER), 0) * 1000000000, dur FROM run";
const char pprof_lost_sql[] =
	"SELECT lost || ' events are missing from the trace: what is summed up may be wrong' FROM run "
	"WHERE lost > 0";

const char export_tables_sql[] =
	"SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite@_%'"
	" ESCAPE '@' ORDER BY name";
