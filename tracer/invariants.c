/* SPDX-License-Identifier: MIT */
/* The interface is in invariants.h.
 *
 * What goes through millions of rows looks at them in the order that they have in the file: where SQLite
 * would sort them, it is by grouped() and lagged() (grouped.h).
 */
#include "invariants.h"

/* Where events are lost, what follows from that is no finding of its own. */
#define WHOLE "o.pid NOT IN (SELECT pid FROM gap)"

/* The intervals, to which those sums belong that were made when the trace was loaded: goroutine by goroutine,
 * each one's in order of time. */
#define INTERVALS                                                                                  \
	"WITH i AS (SELECT o.g, s.ts, state, why, obj, s.site, waker, holder, f.id AS func,"        \
	" ifnull(s.dur, p.ts + p.dur - s.ts) AS time"                                               \
	" FROM goroutine AS o CROSS JOIN process AS p USING (pid) LEFT JOIN string AS f ON f.text = o.func" \
	" CROSS JOIN g_interval AS s USING (g)) "

/* For how long a goroutine was in a state, and how many times. */
#define TIMES(state)                                                                               \
	" sum(iif(state = " #state ", ifnull(s.dur, p.ts + p.dur - s.ts), 0)) AS t" #state ","      \
	" sum(state = " #state ") AS n" #state ","

/* The intervals of a group whose percentiles there are, and how many of them are below and not above each. */
#define SPREAD(why, obj, site, of)                                                                 \
	" SELECT k1, k2, k3, k4, n, s1, s2, s3, s4, s5, s6, runs FROM grouped('" INTERVALS          \
	"SELECT i.state, " why ", " obj ", " site ", time < p50, time <= p50, time < p90, time <= p90," \
	" time < p99, time <= p99, i.g FROM i LEFT JOIN spread AS s ON (s.state, s.why, s.obj, s.site)" \
	" IS (i.state, " why ", " obj ", " site ") WHERE " of "', 4)"

const struct invariant invariants[] = {
	{{"events are lost"},
	 "SELECT printf('%d between %.6f s and %.6f s, on thread %d of process %d', lost, ts / 1e9,"
	 " (ts + dur) / 1e9, m, pid), lost FROM gap ORDER BY ts"},
	{{"impossible transitions, or complaints about the trace"},
	 "SELECT printf('at %.6f s: %s', ts / 1e9, what), 1 FROM anomaly ORDER BY ts"},
	{{"goroutines whose states do not sum to their lifetime",
	  "goroutines whose sums are not those of their states",
	  "sums of a level of detail that are not those of the states"},
	 "WITH s AS MATERIALIZED (SELECT o.g, sum(s.dur) AS dur, count(s.dur) AS closed, count(*) AS n," TIMES(1) TIMES(2)
	 TIMES(3) TIMES(4) "max(s.ts) AS last, min(s.ts) AS first FROM goroutine AS o CROSS JOIN process AS p USING (pid)"
	 " CROSS JOIN g_interval AS s USING (g) GROUP BY o.g),"
	 " lane(lane, key, state, dur, n) AS MATERIALIZED (SELECT 'g', g, 1, t1, n1 FROM s UNION ALL SELECT 'g', g, 2, t2, n2"
	 "  FROM s UNION ALL SELECT 'g', g, 3, t3, n3 FROM s UNION ALL SELECT 'g', g, 4, t4, n4 FROM s)"
	 " SELECT printf('goroutine %d: %d ns of %d', g, s.dur, g.dur), 1, 0 FROM s JOIN goroutine AS g USING (g)"
	 " WHERE g.dur IS NOT NULL AND (s.dur IS NOT g.dur OR closed <> n)"
	 " UNION ALL SELECT printf('goroutine %d: %d, %d, %d, %d ns in %d runs and %d waits', g, t1, t2, t3, t4,"
	 "  n1, n4), 1, 1 FROM s JOIN goroutine AS g USING (g)"
	 "  WHERE (running, detached, runnable, waiting, runs, waits, g.last, g.ts)"
	 "  IS NOT (t1, t2, t3, t4, n1, n4, s.last, s.first)"
	 " UNION ALL SELECT printf('level %d of %s %d, state %d: %d ns and %d times too many', level, lane, key,"
	 "  state, sum(dur), sum(n)), 1, 2 FROM"
	 "  (SELECT level, lane, key, state, dur, n FROM lod_cell WHERE lane IN ('g', 'p', 'all')"
	 "   UNION ALL SELECT v.level, lane, key, state, -dur, -n FROM"
	 "   (SELECT * FROM lane UNION ALL SELECT 'all', 0, state, sum(dur), sum(n) FROM lane GROUP BY state"
	 "    UNION ALL SELECT 'p', k1, k2, s1, n FROM grouped('SELECT p, state, ifnull(dur, (SELECT k.ts + k.dur"
	 "     FROM process AS k WHERE k.seq = p / 10000) - ts) FROM p_interval', 2))"
	 "   CROSS JOIN lod_lane AS l USING (lane, key) JOIN lod_level AS v ON v.level >= l.level)"
	 "  GROUP BY level, lane, key, state HAVING sum(dur) <> 0 OR sum(n) <> 0"},
	{{"goroutines whose parent is not there, or no older than they"},
	 "SELECT printf('goroutine %d, of %d', o.g, o.parent), 1 FROM goroutine AS o LEFT JOIN goroutine AS p"
	 " ON p.g = o.parent WHERE o.parent IS NOT NULL AND (p.g IS NULL OR p.g = o.g OR p.ts > o.ts) AND " WHOLE},
	{{"goroutines without any state"},
	 "SELECT printf('goroutine %d', g), 1 FROM goroutine AS g"
	 " WHERE g.dur > 0 AND NOT EXISTS (SELECT 1 FROM g_interval AS s WHERE s.g = g.g)"},
	{{"states of goroutines that do not begin where the one before ends"},
	 "SELECT printf('goroutine %d at %d ns', c1, c2), 1 FROM lagged('SELECT g, ts, ts + ifnull(dur, -1), id"
	 " FROM g_interval ORDER BY g, ts, id') WHERE b3 <> c2 OR b4 > c4"},
	{{"states of workers that do not begin where the one before ends"},
	 "SELECT printf('worker %d at %d ns', c1, c2), 1 FROM lagged('SELECT p, ts, ts + ifnull(dur, -1)"
	 " FROM p_interval ORDER BY id') WHERE b3 <> c2"},
	{{"workers that ran for another time than goroutines ran on them, or others"},
	 "SELECT printf('worker %d: %d ns, goroutines %d ns%s', w.k1, w.s1, ifnull(g.s1, 0), "
	 " iif(w.s1 = g.s1, ', but not those', '')), 1"
	 " FROM grouped('SELECT p, dur, (g & 1023) * dur FROM p_interval WHERE state = 1', 1) AS w LEFT JOIN"
	 " (SELECT k1, s1, s2 FROM grouped('SELECT p, dur, (g & 1023) * dur FROM g_interval WHERE state = 1', 1)) AS g"
	 " USING (k1) WHERE (w.s1 <> ifnull(g.s1, 0)) + (w.s2 <> ifnull(g.s2, 0)) > 0"},
	{{"channel operations that leave more elements than the channel can hold",
	  "channel operations that leave another number of elements than they can",
	  "channel operations before the channel was made, or after it was freed"},
	 "SELECT printf('event %d: %s leaves %d in channel %d of %s, in which %d were', id,"
	 " (SELECT op FROM chan_op AS o WHERE o.id = x.id), len, obj, ifnull(cap, '?'), before), 1, column1 FROM"
	 " (SELECT c1 AS obj, c2 AS id, c3 AS len, cap, ifnull(b3, 0) AS before,"
	 "  c3 > cap AS full, c3 <> ifnull(b3, 0) + c4 AS jump, c5 < o.ts OR c5 > o.ts + o.dur AS early, o.pid"
	 "  FROM lagged('SELECT obj, id, len, iif(peer IS NULL, (op = ''send'') - (op = ''recv'' AND ok) - (op = ''drop''), 0), ts"
	 "   FROM chan_op ORDER BY id') LEFT JOIN chan AS c ON c.obj = c1 LEFT JOIN object AS o ON o.obj = c1"
	 "  WHERE full OR jump OR early) AS x CROSS JOIN (VALUES (0), (1), (2))"
	 " WHERE CASE column1 WHEN 0 THEN full WHEN 2 THEN early ELSE jump AND cap IS NOT NULL"
	 "  AND pid NOT IN (SELECT pid FROM gap)"
	 /* that a timer's value was dropped is told by its own events */
	 "  AND (obj NOT IN (SELECT obj FROM chan_op WHERE g = 0)"
	 "   OR 'time' NOT IN (SELECT event_set FROM unrecorded)) END"},
	{{"mutex operations that do not take turns: a lock, then an unlock"},
	 "SELECT printf('event %d: %s of mutex %d after %s', id, op, obj, op), 1 FROM (SELECT c1 AS obj, c2 AS id"
	 "  FROM lagged('SELECT obj, id, op = ''lock'' FROM mutex_op ORDER BY id') WHERE c3 = ifnull(b3, 0))"
	 " CROSS JOIN object AS o USING (obj) CROSS JOIN mutex_op USING (id, obj) WHERE " WHOLE},
	{{"waits for a lock that the goroutine's states do not have"},
	 "SELECT printf('event %d: goroutine %d, %d ns for object %d', id, g, dur, obj), 1 FROM"
	 " (SELECT id, ts, g, obj, dur FROM mutex_op WHERE op = 'lock' AND dur > 0"
	 "  UNION ALL SELECT id, ts, g, obj, dur FROM rwmutex_op"
	 "  WHERE op IN ('lock', 'rlock') AND dur > 0) AS x"
	 " WHERE NOT EXISTS (SELECT 1 FROM g_interval AS s WHERE s.g = x.g AND s.ts = x.ts - x.dur"
	 "  AND s.state = 4 AND s.obj = x.obj)"},
	{{"goroutines whose waits for one thing and another do not sum to what they waited"},
	 "SELECT printf('goroutine %d: %d ns of %d', t.g, ifnull(w.total, 0), t.waiting), 1"
	 " FROM g_total AS t LEFT JOIN (SELECT g, sum(total) AS total FROM g_wait GROUP BY g) AS w"
	 " USING (g) WHERE t.waiting <> ifnull(w.total, 0)"},
	{{"workers whose utilisation over time does not sum to what they ran"},
	 "SELECT printf('worker %d: %d ns of %d', p, w.running, t.running), 1 FROM worker_total AS t"
	 " JOIN (SELECT p, sum(running) AS running FROM worker_time GROUP BY p) AS w USING (p)"
	 " WHERE t.running <> w.running"},
	{{"sums of a function that are not those of its goroutines' states"},
	 "SELECT printf('%s, state %d, reason %s, object %s, site %s: %d times, %d ns, the longest %d"
	 " too many', (SELECT text FROM string WHERE id = func), state, why, obj, site, sum(n), sum(total), sum(max)),"
	 " 1 FROM (SELECT func, state, why, obj, site, n, total, max FROM g_sum"
	 "  UNION ALL SELECT k1, k2, k3, k4, k5, -n, -s1, -max FROM"
	 "  grouped('" INTERVALS "SELECT func, state, why, obj, site, time FROM i', 5))"
	 " GROUP BY func, state, why, obj, site HAVING sum(n) <> 0 OR sum(total) <> 0 OR sum(max) <> 0"
	 " UNION ALL SELECT printf('%s, state %d: not the longest of %d ns', f.text, s.state, max), 1"
	 " FROM g_sum AS s JOIN string AS f ON f.id = s.func LEFT JOIN g_interval AS i"
	 "  ON (i.g, i.ts, i.id) = (s.g, s.ts, s.id) LEFT JOIN goroutine AS o ON o.g = i.g"
	 "  LEFT JOIN process AS p USING (pid) WHERE (f.text, s.state, s.why, s.obj, s.site, max)"
	 " IS NOT (o.func, i.state, i.why, i.obj, i.site, ifnull(i.dur, p.ts + p.dur - i.ts))"},
	{{"culprits whose sums are not those of the waits because of them"},
	 "SELECT printf('object %d, goroutine %d: %d waits, %d ns too many', obj, culprit, sum(waits),"
	 " sum(total)), 1 FROM (SELECT * FROM blame_sum UNION ALL SELECT k1, k2, -n, -s1 FROM"
	 "  grouped('" INTERVALS "SELECT obj, coalesce(holder, waker), time FROM i"
	 "  WHERE state = 4 AND obj IS NOT NULL AND coalesce(holder, waker) > 0', 2))"
	 " GROUP BY obj, culprit HAVING sum(waits) <> 0 OR sum(total) <> 0"},
	{{"percentiles that are not those of the states"},
	 "WITH x(state, why, obj, site, n, b50, a50, b90, a90, b99, a99, gs) AS MATERIALIZED ("
	 SPREAD("i.why", "NULL", "NULL", "i.state IN (3, 4)") " UNION ALL"
	 SPREAD("NULL", "i.obj", "NULL", "i.state = 4 AND i.obj IS NOT NULL") " UNION ALL"
	 SPREAD("i.why", "NULL", "i.site", "i.state = 4 AND i.site IS NOT NULL")
	 ") SELECT printf('state %d, reason %s, object %s, site %s: %d intervals of %d goroutines', x.state, x.why,"
	 " x.obj, x.site, n, gs), 1 FROM x LEFT JOIN spread AS s ON (s.state, s.why, s.obj, s.site) IS (x.state, x.why,"
	 "  x.obj, x.site) WHERE iif(n = 1, goroutines IS NOT NULL, goroutines IS NOT gs"
	 "  OR (n * 50 + 99) / 100 NOT BETWEEN b50 + 1 AND a50 OR (n * 90 + 99) / 100 NOT BETWEEN b90 + 1 AND a90"
	 "  OR (n * 99 + 99) / 100 NOT BETWEEN b99 + 1 AND a99)"
	 " UNION ALL SELECT printf('state %d, reason %s, object %s, site %s: %d rows', state, why, obj, site, count(*)),"
	 " 1 FROM spread GROUP BY state, why, obj, site HAVING count(*) > 1"
	 " UNION ALL SELECT printf('state %d, reason %s, object %s, site %s: none', state, why, obj, site), 1 FROM"
	 " (SELECT state, why, obj, site FROM spread EXCEPT SELECT state, why, obj, site FROM x)"},
	{{"sums of channels and mutexes that are not those of their operations"},
	 "SELECT printf('channel %d: %d sends, %d receives', obj, s, r), 1 FROM chan LEFT JOIN"
	 " (SELECT k1 AS obj, s1 AS s, s2 AS r, s3 AS d, s4 AS sp, s5 AS rp, max AS l FROM grouped('SELECT obj,"
	 "  op = ''send'', op = ''recv'' AND ok, op <> ''close'' AND peer IS NOT NULL, op = ''send'' AND parked,"
	 "  op = ''recv'' AND parked, len FROM chan_op', 1)) USING (obj)"
	 " WHERE (sends, recvs, direct, sends_parked, recvs_parked, max_len)"
	 " IS NOT (ifnull(s, 0), ifnull(r, 0), ifnull(d, 0), ifnull(sp, 0), ifnull(rp, 0), l)"
	 " UNION ALL SELECT printf('mutex %d: held %d ns, waited for %d ns', obj, h, w), 1 FROM"
	 " (SELECT k1 AS obj, sum(iif(k2, n, 0)) AS n, sum(iif(k2, s1, 0)) AS c, sum(iif(k2, 0, s2)) AS h,"
	 "  max(iif(k2, 0, max)) AS hm, sum(iif(k2, s2, 0)) AS w, max(iif(k2, max, 0)) AS wm FROM"
	 "  grouped('SELECT obj, op = ''lock'', contended, dur FROM mutex_op', 2) GROUP BY k1) LEFT JOIN mutex USING (obj)"
	 " WHERE (locks, contended, held, held_max, waited, waited_max) IS NOT (n, c, h, hm, w, wm)"},
	{{"times that are negative"},
	 "SELECT printf('table %s, row %d: %d ns', what, id, dur), 1 FROM"
	 " (SELECT 'process' AS what, pid AS id, dur FROM process"
	 "  UNION ALL SELECT 'goroutine', g, min(ifnull(dur, 0), running, detached, runnable, waiting) FROM goroutine"
	 "  UNION ALL SELECT 'g_state', id, ifnull(dur, (SELECT p.ts + p.dur FROM goroutine AS o JOIN process AS p"
	 "   USING (pid) WHERE o.g = i.g) - ts) FROM g_interval AS i"
	 "  UNION ALL SELECT 'p_state', id, ifnull(dur, (SELECT k.ts + k.dur FROM process AS k WHERE k.seq = p / 10000)"
	 "   - ts) FROM p_interval"
	 "  UNION ALL SELECT 'g_sum', rowid, min(total, max) FROM g_sum"
	 "  UNION ALL SELECT 'object', obj, dur FROM object"
	 "  UNION ALL SELECT 'mutex_op', id, dur FROM mutex_op"
	 "  UNION ALL SELECT 'rwmutex_op', id, dur FROM rwmutex_op"
	 "  UNION ALL SELECT 'once_op', id, dur FROM once_op"
	 "  UNION ALL SELECT 'panic', id, dur FROM panic"
	 "  UNION ALL SELECT 'task', task, dur FROM task"
	 "  UNION ALL SELECT 'region', id, dur FROM region"
	 "  UNION ALL SELECT 'gap', rowid, dur FROM gap) WHERE dur < 0"},
	{{"events that come before the one before them"},
	 "SELECT printf('event after %d at %d ns', a.id, a.ts), 1 FROM fact AS a LEFT JOIN fact AS b ON b.id = a.id + 1"
	 " WHERE a.ts > ifnull(b.ts, (SELECT ts FROM fact AS c WHERE c.id > a.id ORDER BY id LIMIT 1))"},
	{{"counts of the run that are not those of its tables"},
	 "SELECT printf('%s: %d, and in tables %d', what, n, rows), 1 FROM"
	 " (SELECT 'events' AS what, events AS n, (SELECT count(*) FROM event) AS rows FROM run"
	 "  UNION ALL SELECT 'goroutines', goroutines, (SELECT count(*) FROM goroutine) FROM run"
	 "  UNION ALL SELECT 'ns', dur, (SELECT max(ts + dur) FROM process) FROM run"
	 "  UNION ALL SELECT 'lost', lost, (SELECT ifnull(sum(lost), 0) FROM gap) FROM run)"
	 " WHERE n <> rows"},
	{{"references to rows that are not there"},
	 "SELECT printf('table %s, row %s, to table %s', \"table\", rowid, parent), 1"
	 " FROM pragma_foreign_key_check"},
	{{"errors in the database file"},
	 "SELECT integrity_check, 1 FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
};

const int ninvariants = sizeof invariants / sizeof *invariants;
