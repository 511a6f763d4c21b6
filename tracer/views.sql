-- SPDX-License-Identifier: MIT
-- The questions that people ask of a run, as views; `.schema NAME` or docs/schema.md shows how each
-- is answered.  The comment above a view is its documentation.
--
-- A state that was still going on when the trace ended counts until that end, so that totals are
-- those of the time recorded.  Percentiles are exact: the smallest value that at least that part
-- of all values does not exceed.

CREATE INDEX goroutine_parent ON goroutine (parent);
CREATE INDEX stack_caller ON stack (caller);

-- Every event as it was recorded.
CREATE VIEW event AS
SELECT id, ts, pid, m, p, kind,
	CASE WHEN kind IN (SELECT kind FROM event_kind WHERE name IN
			('chan_send', 'chan_recv', 'chan_close', 'mutex_lock', 'mutex_unlock'))
		THEN (SELECT addr FROM object WHERE obj = a0) ELSE a0 END AS a0,
	a1, a2, a3, a4, a5, a6, a7
FROM fact LEFT JOIN thread USING (thread);

-- What a goroutine did when: its states, one after the other, without a gap.
CREATE VIEW g_state AS
SELECT id, g, ts, dur,
	CASE state WHEN 1 THEN 'running' WHEN 2 THEN 'detached' WHEN 3 THEN 'runnable'
		WHEN 4 THEN 'waiting' END AS state,
	(SELECT name FROM reason WHERE reason.why = i.why) AS why,
	obj, p, (SELECT m FROM thread WHERE thread.thread = i.thread) AS m, waker, holder, site, stack,
	waker_stack
FROM g_interval AS i;

-- What a worker did when: it runs a goroutine, searches for one or is between two, or is stopped: no
-- thread has it.
CREATE VIEW p_state AS
SELECT id, p, ts, dur,
	CASE state WHEN 1 THEN 'running' WHEN 5 THEN 'searching' WHEN 6 THEN 'stopped' END AS state,
	g, (SELECT m FROM thread WHERE thread.thread = i.thread) AS m
FROM p_interval AS i;

-- Every completed operation on a channel: op is 'send', 'recv' or 'close', or 'drop' of what a timer had sent
-- and nobody received before it was stopped or set anew; g is who did it, 0 a timer, whose channel it is;
-- len how many elements are in the buffer after it; peer who was at the other end, when the value did not go
-- through the buffer; parked 1 if it had to wait; ok of a recv 0 if the channel was closed and empty.
CREATE VIEW chan_op AS
SELECT id, ts, a0 AS obj,
	CASE kind WHEN (SELECT kind FROM event_kind WHERE name = 'chan_send') THEN 'send'
		WHEN (SELECT kind FROM event_kind WHERE name = 'chan_recv') THEN 'recv'
		ELSE 'close' END AS op,
	a1 AS g, a2 AS len,
	CASE kind WHEN (SELECT kind FROM event_kind WHERE name = 'chan_send') THEN nullif(a3, 0)
		WHEN (SELECT kind FROM event_kind WHERE name = 'chan_recv') THEN iif(a4 AND a5, a3, nullif(a3, 0))
		END AS peer,
	iif(kind = (SELECT kind FROM event_kind WHERE name = 'chan_close'), 0, a4 <> 0) AS parked,
	iif(kind = (SELECT kind FROM event_kind WHERE name = 'chan_recv'), a5 <> 0, NULL) AS ok,
	CASE kind WHEN (SELECT kind FROM event_kind WHERE name = 'chan_send') THEN nullif(a5, 0)
		WHEN (SELECT kind FROM event_kind WHERE name = 'chan_recv') THEN nullif(a6, 0)
		ELSE nullif(a3, 0) END AS site
FROM fact
WHERE kind IN (SELECT kind FROM event_kind WHERE name IN ('chan_send', 'chan_recv', 'chan_close'))
UNION ALL -- of columns of the same affinities: else what asks for an order sorts all of it
SELECT id, ts, obj, 'drop', g, CAST(0 AS INTEGER), NULL, 0, NULL, +site FROM timer_drop;

-- Every lock and unlock of a mutex: op is 'lock' or 'unlock'; g is who did it; contended of a lock 1 if it
-- did not get it at once, of an unlock 1 if one waited; dur of a lock how long it waited, from when it was first
-- parked until it had it, 0 if it never was (it spun), of an unlock how long it was held, NULL if the lock was
-- not seen; owner of a lock who held it when the wait began, if it waited,
-- of an unlock who had locked it.
CREATE VIEW mutex_op AS
SELECT t.id, f.ts, f.a0 AS obj,
	iif(f.kind = (SELECT kind FROM event_kind WHERE name = 'mutex_lock'), 'lock', 'unlock') AS op,
	f.a1 AS g, f.a2 <> 0 AS contended, t.dur, t.owner, nullif(f.a3, 0) AS site
FROM mutex_time AS t CROSS JOIN fact AS f USING (id);

-- Every state of every goroutine, open ones until the end of their process (open = 1).
CREATE VIEW g_span AS
SELECT s.id, s.g, s.ts,
	coalesce(s.dur, (SELECT p.ts + p.dur FROM goroutine AS o JOIN process AS p USING (pid)
		WHERE o.g = s.g) - s.ts) AS dur,
	s.dur IS NULL AS open, s.state, s.why, s.obj, s.p, s.m, s.waker, s.holder, s.site,
	s.stack, s.waker_stack
FROM g_state AS s;

-- The sets of events that were left out when the run was recorded (weft record --events): what is
-- told by them is not in this database, though it may have happened.  Not cpu, which is only recorded
-- if it is asked for.
CREATE VIEW unrecorded AS
SELECT event_set, count(*) AS kinds
FROM event_kind, run
WHERE instr(',' || run.sets || ',', ',' || event_set || ',') = 0 AND event_set <> 'cpu'
GROUP BY event_set
ORDER BY min(kind);

-- Every wait: who, for what, how long, and whose fault it was: for a lock or a Once the goroutine that held
-- it (an RWMutex: for writing) or ran it when the wait began, else the one that ended the wait.
CREATE VIEW wait AS
SELECT s.id, s.g, s.ts, s.dur, s.open, s.why, s.obj, o.label, s.waker, s.holder,
	coalesce(s.holder, s.waker) AS culprit, s.site, s.stack, s.waker_stack
FROM g_span AS s LEFT JOIN object AS o USING (obj)
WHERE s.state = 'waiting';

-- What all goroutines did together: how long they were in each state, and how many times.
CREATE VIEW state_total AS
SELECT CASE state WHEN 1 THEN 'running' WHEN 2 THEN 'detached' WHEN 3 THEN 'runnable'
		WHEN 4 THEN 'waiting' END AS state,
	sum(total) AS total, sum(n) AS times
FROM g_sum
GROUP BY g_sum.state
ORDER BY sum(total) DESC;

-- Where the time of each goroutine went; the four states sum exactly to its lifetime.  Running and detached
-- are by the clock, in system calls too: for cpu time see oncpu_g.
CREATE VIEW g_total AS
SELECT g, name, func, ts, dur IS NULL AS alive, running + detached + runnable + waiting AS lifetime,
	running, detached, runnable, waiting, runs, waits
FROM goroutine WHERE last IS NOT NULL;

-- The same for each function that goroutines run, the one that held workers and threads longest first; for
-- cpu time see oncpu_func.
CREATE VIEW func_total AS
SELECT func, count(*) AS goroutines, sum(alive) AS alive, sum(lifetime) AS lifetime,
	sum(running) AS running, sum(detached) AS detached, sum(runnable) AS runnable,
	sum(waiting) AS waiting, sum(runs) AS runs, sum(waits) AS waits
FROM g_total
GROUP BY func
ORDER BY sum(running) + sum(detached) DESC, func;

-- How long the goroutines of each function lived, if one has ended; those that had not count as alive only.
CREATE VIEW lifetime AS
WITH ranked AS (
	SELECT func, dur, row_number() OVER (PARTITION BY func ORDER BY dur) AS rank,
		count(*) OVER (PARTITION BY func) AS n
	FROM goroutine WHERE dur IS NOT NULL)
SELECT func, n AS ended, (SELECT count(*) FROM goroutine AS a
		WHERE a.func = ranked.func AND a.dur IS NULL) AS alive,
	sum(dur) / n AS mean, min(dur) AS min,
	max(iif(rank = (n * 50 + 99) / 100, dur, 0)) AS p50,
	max(iif(rank = (n * 90 + 99) / 100, dur, 0)) AS p90,
	max(iif(rank = (n * 99 + 99) / 100, dur, 0)) AS p99, max(dur) AS max
FROM ranked
GROUP BY func
ORDER BY n DESC, func;

-- What the goroutines of each function waited for; sums to its waiting time.
CREATE VIEW func_wait AS
SELECT f.text AS func, r.name AS why, s.obj, o.label, sum(s.n) AS waits, sum(s.total) AS total,
	max(s.max) AS max
FROM g_sum AS s JOIN string AS f ON f.id = s.func JOIN reason AS r USING (why)
	LEFT JOIN object AS o USING (obj)
WHERE s.state = 4
GROUP BY s.func, s.why, s.obj
ORDER BY sum(s.total) DESC;

-- Where in the source goroutines waited, the place that cost most first.
CREATE VIEW site_wait AS
WITH stat AS (
	SELECT site, why, sum(n) AS waits, sum(total) AS total, max(max) AS max
	FROM g_sum WHERE state = 4 AND site IS NOT NULL GROUP BY site, why)
SELECT file || ':' || line AS place, func, r.name AS why, waits, total, ifnull(p50, max) AS p50,
	ifnull(p90, max) AS p90, ifnull(p99, max) AS p99, max
FROM stat JOIN site USING (site) JOIN reason AS r USING (why) LEFT JOIN
	(SELECT * FROM spread WHERE state = 4 AND site IS NOT NULL) USING (site, why)
ORDER BY total DESC;

-- What each goroutine waited for, by reason and object; sums to its waiting time.
CREATE VIEW g_wait AS
SELECT g, why, obj, label, count(*) AS waits, sum(dur) AS total, max(dur) AS max
FROM wait
GROUP BY g, why, obj
ORDER BY g, sum(dur) DESC;

-- Which channels, locks and other objects were waited for, the one that cost most first, but what is
-- no contention last: WaitGroups and groups, where goroutines join others, and connections.  why is the reason
-- and culprit the goroutine (as in the view wait) with the greatest part of total.  Waits for no object (sleep)
-- are not here: see wait_total.  A select of one channel that timed out is a wait for that channel (select_op
-- has how it ended), one of several is a wait for none.
CREATE VIEW contention AS
WITH
part AS (
	SELECT obj, why, sum(n) AS n, sum(total) AS total, max(max) AS max
	FROM g_sum WHERE state = 4 AND obj IS NOT NULL GROUP BY obj, why),
stat AS (SELECT obj, sum(n) AS n, sum(total) AS total, max(max) AS max FROM part GROUP BY obj),
reason_of AS ( -- of each object the row with the greatest total
	SELECT obj, why, max(total) FROM part GROUP BY obj),
blamed AS (SELECT obj, culprit, max(total) FROM blame_sum GROUP BY obj),
spread_of AS (SELECT obj, p50, p99, goroutines FROM spread WHERE obj IS NOT NULL)
SELECT o.label, o.kind, stat.n AS waits, stat.total, ifnull(p50, stat.max) AS p50,
	ifnull(p99, stat.max) AS p99, stat.max, ifnull(goroutines, 1) AS goroutines, r.name AS why,
	blamed.culprit, c.name AS culprit_name, o.obj
FROM stat JOIN object AS o USING (obj) JOIN reason_of USING (obj) JOIN reason AS r USING (why)
	LEFT JOIN spread_of USING (obj) LEFT JOIN blamed USING (obj)
	LEFT JOIN goroutine AS c ON c.g = blamed.culprit
ORDER BY o.kind IN ('waitgroup', 'group', 'conn'), stat.total DESC, o.obj;

-- How long goroutines waited for each reason.
CREATE VIEW wait_total AS
WITH stat AS (
	SELECT why, sum(n) AS waits, sum(total) AS total, max(max) AS max
	FROM g_sum WHERE state = 4 GROUP BY why)
SELECT name AS why, waits, total, ifnull(p50, max) AS p50, ifnull(p99, max) AS p99, max,
	ifnull(goroutines, 1) AS goroutines
FROM stat JOIN reason USING (why) LEFT JOIN
	(SELECT * FROM spread WHERE state = 4 AND obj IS NULL AND site IS NULL) USING (why)
ORDER BY total DESC;

-- Who waited because of whom: per waiting goroutine and object the culprit, as in the view wait: who held the
-- lock or ran the Once when the wait began, or ended the wait (0: the runtime, e.g. a timer; NULL: nobody).
CREATE VIEW blame AS
SELECT w.g, g.name, w.why, w.obj, w.label, w.culprit, c.name AS culprit_name,
	count(*) AS waits, sum(w.dur) AS total, max(w.dur) AS max
FROM wait AS w JOIN goroutine AS g USING (g) LEFT JOIN goroutine AS c ON c.g = w.culprit
WHERE w.obj IS NOT NULL
GROUP BY w.g, w.why, w.obj, w.culprit
ORDER BY sum(w.dur) DESC;

-- Each time that a goroutine was made ready: how long until it ran (latency), who woke it, and on
-- which worker it ran.
CREATE VIEW wakeup AS
SELECT s.id, s.g, s.ts, s.dur AS latency, s.open, s.waker,
	(SELECT n.p FROM g_interval AS n WHERE n.g = s.g AND n.ts = s.ts + s.dur
		AND n.id > s.id ORDER BY n.id LIMIT 1) AS p -- the next, also of several at one time
FROM g_span AS s
WHERE s.state = 'runnable' AND s.why = 'ready';

-- The distribution of those latencies, and of the other ways to become runnable. One that had not run when
-- the trace ended counts with what it had waited by then.
CREATE VIEW wakeup_latency AS
WITH stat AS (
	SELECT why, sum(n) AS wakeups, sum(total) AS total, max(max) AS max
	FROM g_sum WHERE state = 3 GROUP BY why)
SELECT name AS why, wakeups, total, total / wakeups AS mean, ifnull(p50, max) AS p50,
	ifnull(p90, max) AS p90, ifnull(p99, max) AS p99, max
FROM stat JOIN reason USING (why) LEFT JOIN (SELECT * FROM spread WHERE state = 3) USING (why)
ORDER BY wakeups DESC;

-- The distribution of the latencies of wake-ups by the worker that ran the goroutine then.
CREATE VIEW wakeup_by_worker AS
WITH ranked AS (
	SELECT p, latency AS dur, row_number() OVER (PARTITION BY p ORDER BY latency) AS rank,
		count(*) OVER (PARTITION BY p) AS n
	FROM wakeup WHERE p IS NOT NULL)
SELECT p, n AS wakeups, sum(dur) AS total, sum(dur) / n AS mean,
	max(iif(rank = (n * 50 + 99) / 100, dur, 0)) AS p50,
	max(iif(rank = (n * 90 + 99) / 100, dur, 0)) AS p90,
	max(iif(rank = (n * 99 + 99) / 100, dur, 0)) AS p99, max(dur) AS max
FROM ranked
GROUP BY p;

-- The same by the goroutine that woke the other (0: the runtime, e.g. a timer).
CREATE VIEW wakeup_by_waker AS
WITH ranked AS (
	SELECT waker, latency AS dur, row_number() OVER (PARTITION BY waker ORDER BY latency) AS rank,
		count(*) OVER (PARTITION BY waker) AS n
	FROM wakeup WHERE waker IS NOT NULL)
SELECT waker, iif(waker = 0, 'the runtime', (SELECT name FROM goroutine WHERE g = waker)) AS name,
	n AS wakeups, sum(dur) AS total, sum(dur) / n AS mean,
	max(iif(rank = (n * 50 + 99) / 100, dur, 0)) AS p50,
	max(iif(rank = (n * 90 + 99) / 100, dur, 0)) AS p90,
	max(iif(rank = (n * 99 + 99) / 100, dur, 0)) AS p99, max(dur) AS max
FROM ranked
GROUP BY waker
ORDER BY n DESC, waker;

-- How many goroutines were runnable and had no worker, from ts on for dur.
CREATE VIEW run_queue AS
WITH change AS (
	SELECT ts, sum(d) AS d FROM (
		SELECT ts, 1 AS d FROM g_span WHERE state = 'runnable'
		UNION ALL SELECT ts + dur, -1 FROM g_span WHERE state = 'runnable')
	GROUP BY ts)
SELECT ts, lead(ts, 1, (SELECT dur FROM run)) OVER (ORDER BY ts) - ts AS dur,
	sum(d) OVER (ORDER BY ts) AS runnable
FROM change;

-- The length of each run queue, from ts on for dur: how many goroutines were in the worker's own queue, or
-- in the global one (p is NULL).  id is the event that made it so.  A goroutine that a worker has taken out
-- counts until it starts.  In a trace with gaps the lengths are wrong after the first.
CREATE VIEW runq AS
WITH
e AS (SELECT e.id, e.ts, e.pid, k.name, e.p, e.a0, e.a1, e.a2
	FROM event_kind AS k JOIN event AS e USING (kind)),
change(id, ts, pid, p, d) AS (
	-- by a thread without a worker into the global one
	SELECT id, ts, pid, p, 1 FROM e WHERE name IN ('g_create', 'g_ready', 'g_yield', 'g_attach')
	UNION ALL SELECT id, ts, pid, a1, -1 FROM e WHERE name = 'g_start'
	UNION ALL SELECT id, ts, pid, a0, a2 FROM e WHERE name = 'p_steal'
	UNION ALL SELECT id, ts, pid, a1, -a2 FROM e WHERE name = 'p_steal'
	UNION ALL SELECT id, ts, pid, a0, iif(name = 'p_take', a1, -a1)
		FROM e WHERE name IN ('p_give', 'p_take')
	UNION ALL SELECT id, ts, pid, NULL, iif(name = 'p_take', -a1, a1)
		FROM e WHERE name IN ('p_give', 'p_take'))
SELECT id, ts, lead(ts, 1, (SELECT k.ts + k.dur FROM process AS k WHERE k.pid = change.pid))
		OVER queue - ts AS dur,
	pid, p, sum(d) OVER queue AS len
FROM change
WINDOW queue AS (PARTITION BY pid, p ORDER BY id);

-- How long the run queues were, each worker's and the global one (p is NULL): in the mean over the time of
-- the process, at most, and what part of the time in percent somebody was in it.
CREATE VIEW runq_total AS
SELECT q.pid, q.p, round(1.0 * sum(q.len * q.dur) / max(k.dur, 1), 2) AS mean, max(q.len) AS max,
	round(100.0 * sum(iif(q.len > 0, q.dur, 0)) / max(k.dur, 1), 1) AS used
FROM runq AS q JOIN process AS k USING (pid)
GROUP BY q.pid, q.p;

-- What goroutines did that lost their worker, since they computed or blocked in a system call for long: how
-- often, and how long they were detached.  syscall is NULL where it could not be known, 'none' if they
-- computed.
CREATE VIEW syscall_total AS
SELECT d.syscall, count(*) AS times, count(DISTINCT d.g) AS goroutines, sum(s.dur) AS total, max(s.dur) AS max
FROM detach AS d LEFT JOIN g_span AS s ON s.g = d.g AND s.ts = d.ts AND s.state = 'detached'
GROUP BY d.syscall
ORDER BY sum(s.dur) DESC;

-- Who woke whom, how often, and how long the woken had waited.
CREATE VIEW wakes AS
SELECT waker, g, why, count(*) AS wakes, sum(dur) AS waited
FROM g_state
WHERE state = 'waiting' AND waker IS NOT NULL
GROUP BY waker, g, why
ORDER BY count(*) DESC;

-- What each worker did; utilisation is the percentage of the run in which it ran a goroutine, also of a worker
-- that was there for a part of the run only, as in worker_time and in the pictures.
CREATE VIEW worker_total AS
WITH span AS (
	SELECT p, state, coalesce(dur, (SELECT k.ts + k.dur FROM process AS k
		WHERE k.seq = p / 10000) - ts) AS dur
	FROM p_state)
SELECT p, sum(iif(state = 'running', dur, 0)) AS running,
	sum(iif(state = 'searching', dur, 0)) AS searching,
	sum(iif(state = 'stopped', dur, 0)) AS stopped,
	sum(dur) AS total,
	round(100.0 * sum(iif(state = 'running', dur, 0)) / max((SELECT dur FROM run), 1), 1) AS utilisation,
	sum(state = 'running') AS runs,
	(SELECT coalesce(sum(n), 0) FROM p_steal WHERE p_steal.p = span.p) AS stolen
FROM span
GROUP BY p;

-- Utilisation over time: the run in 100 parts, and how long each worker ran goroutines in each.
CREATE VIEW worker_time AS
WITH RECURSIVE
part AS (SELECT max((dur + 99) / 100, 1) AS width FROM run),
turn AS ( -- what a worker ran at once
	SELECT p, ts, ts + coalesce(s.dur, (SELECT k.ts + k.dur FROM process AS k
		WHERE k.seq = p / 10000) - ts) AS end, ts / width AS n, width
	FROM p_state AS s CROSS JOIN part WHERE state = 'running'),
piece AS ( -- of what is in several parts, cut where one ends
	SELECT * FROM turn WHERE end > (n + 1) * width
	UNION ALL
	SELECT p, (n + 1) * width, end, n + 1, width FROM piece WHERE end > (n + 1) * width),
busy AS (
	SELECT p, n, sum(running) AS running FROM (
		SELECT p, n, end - ts AS running FROM turn WHERE end <= (n + 1) * width
		UNION ALL SELECT p, n, min(end, (n + 1) * width) - ts FROM piece)
	GROUP BY p, n),
number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 99)
SELECT p, n, n * width AS ts, width AS dur, ifnull(running, 0) AS running,
	round(100.0 * ifnull(running, 0) / width, 1) AS utilisation
FROM (SELECT DISTINCT p FROM p_state) CROSS JOIN number CROSS JOIN part LEFT JOIN busy USING (p, n)
ORDER BY p, n;

-- What went through each channel.  direct: handed from goroutine to goroutine, past the buffer.
CREATE VIEW chan_total AS
SELECT o.obj, o.label, c.cap, c.size, c.sends, c.recvs, c.direct, c.sends_parked, c.recvs_parked, c.max_len,
	c.closed
FROM chan AS c JOIN object AS o USING (obj);

-- Each channel as a queue, from its first operation to its last: through is how many values left its
-- buffer, those that a timer dropped too, mean_len how many were in it on average, and residence how long
-- each was, which is by Little's law mean_len times the time, divided by how many left.  Values that are
-- handed from goroutine to goroutine spend no time in the buffer.  full and empty are parts of the time, in
-- percent.
CREATE VIEW chan_queue AS
WITH step AS (
	SELECT obj, len, op, peer, ok, ts,
		lead(ts, 1, ts) OVER (PARTITION BY obj ORDER BY id) - ts AS dur
	FROM chan_op),
stat AS (
	SELECT obj, max(ts) - min(ts) AS dur, sum(len * dur) AS area, max(len) AS max_len,
		sum(op = 'drop' OR op = 'recv' AND ok AND peer IS NULL) AS through,
		sum(iif(len = 0, dur, 0)) AS empty, sum(iif(len > 0 AND len = cap, dur, 0)) AS full
	FROM step JOIN chan USING (obj) GROUP BY obj)
SELECT obj, label, cap, stat.dur, through,
	round(1e9 * through / max(stat.dur, 1), 1) AS per_second,
	round(1.0 * area / max(stat.dur, 1), 2) AS mean_len, stat.max_len,
	area / nullif(through, 0) AS residence,
	round(100.0 * full / max(stat.dur, 1), 1) AS full,
	round(100.0 * empty / max(stat.dur, 1), 1) AS empty
FROM stat JOIN chan USING (obj) JOIN object USING (obj)
ORDER BY area DESC, obj;

-- Which cases selects chose, by the place of the select.
CREATE VIEW select_total AS
SELECT file || ':' || line AS place, func, cases, chosen, kind, count(*) AS times,
	sum(parked) AS parked
FROM select_op LEFT JOIN site USING (site)
GROUP BY site, cases, chosen, kind
ORDER BY site, count(*) DESC;

-- How each mutex was used: held and waited are sums, and their longest.
CREATE VIEW mutex_total AS
SELECT o.obj, o.label, m.locks, m.contended, m.held, m.held_max, m.waited, m.waited_max
FROM mutex AS m JOIN object AS o USING (obj)
ORDER BY m.waited DESC, o.obj;

-- How long each lock was held, and waited for by those that did not get it at once (dur of mutex_op): the
-- distributions.  An RWMutex counts as held while one writes.  The views wait and contention have other
-- numbers: each time that a goroutine was parked is a wait there, until it was woken.  Here it is one until the
-- lock was had, with what the goroutine waited for a worker then and all that it was parked for anew; and who
-- never was parked counts, with 0.
CREATE VIEW lock_time AS
WITH
op AS (
	SELECT obj, op, contended, dur FROM mutex_op
	UNION ALL SELECT obj, op, contended, dur FROM rwmutex_op),
time AS (
	SELECT obj, 'hold' AS what, dur FROM op WHERE op = 'unlock' AND dur IS NOT NULL
	UNION ALL SELECT obj, 'wait', dur FROM op WHERE op IN ('lock', 'rlock') AND contended),
ranked AS (
	SELECT obj, what, dur, row_number() OVER (PARTITION BY obj, what ORDER BY dur) AS rank,
		count(*) OVER (PARTITION BY obj, what) AS n
	FROM time)
SELECT o.obj, o.label, o.kind, what, n, sum(ranked.dur) AS total, sum(ranked.dur) / n AS mean,
	max(iif(rank = (n * 50 + 99) / 100, ranked.dur, 0)) AS p50,
	max(iif(rank = (n * 90 + 99) / 100, ranked.dur, 0)) AS p90,
	max(iif(rank = (n * 99 + 99) / 100, ranked.dur, 0)) AS p99, max(ranked.dur) AS max
FROM ranked JOIN object AS o USING (obj)
GROUP BY o.obj, what
ORDER BY sum(ranked.dur) DESC, o.obj;

-- How long the regions of each name took, those that ended.
CREATE VIEW region_total AS
WITH ranked AS (
	SELECT name, dur, row_number() OVER (PARTITION BY name ORDER BY dur) AS rank,
		count(*) OVER (PARTITION BY name) AS n
	FROM region WHERE dur IS NOT NULL)
SELECT name, n, sum(dur) AS total, sum(dur) / n AS mean,
	max(iif(rank = (n * 50 + 99) / 100, dur, 0)) AS p50,
	max(iif(rank = (n * 90 + 99) / 100, dur, 0)) AS p90,
	max(iif(rank = (n * 99 + 99) / 100, dur, 0)) AS p99, max(dur) AS max
FROM ranked
GROUP BY name
ORDER BY sum(dur) DESC;

-- Every value that the program told of a counter of its own (weft_counter): name has it from ts on, until
-- the next one of the same process and name.
CREATE VIEW counter AS
SELECT id, ts, pid, g, name, coalesce(value, -9223372036854775808) AS value -- in a fact that is no number
FROM ev_user_counter;

-- The values of each counter: how many it had, the least, the greatest, the last, and the mean over time: a
-- value counts for as long as the counter had it, the last until the end of its process.  The mean is NULL if
-- that is no time.
CREATE VIEW counter_total AS
WITH held AS (
	SELECT c.pid, c.name, c.value, p.ts + p.dur AS end, c.ts, lead(c.ts) OVER w AS next
	FROM counter AS c JOIN process AS p USING (pid)
	WINDOW w AS (PARTITION BY c.pid, c.name ORDER BY c.id))
SELECT pid, name, count(*) AS n, min(value) AS min, max(value) AS max,
	max(iif(next IS NULL, value, NULL)) AS last,
	sum(1.0 * value * (coalesce(next, end) - ts)) / sum(coalesce(next, end) - ts) AS mean
FROM held
GROUP BY pid, name
ORDER BY pid, name;

-- What went over each connection, in bytes and in waits.
CREATE VIEW conn_total AS
SELECT o.obj, o.label, c.how, c.fd, count(*) FILTER (WHERE x.op = 'read' AND x.result > 0) AS reads,
	count(*) FILTER (WHERE x.op = 'read' AND x.parked) AS reads_parked,
	sum(iif(x.op = 'read', max(x.result, 0), 0)) AS bytes_read,
	count(*) FILTER (WHERE x.op = 'write' AND x.result >= 0) AS writes,
	count(*) FILTER (WHERE x.op = 'write' AND x.parked) AS writes_parked,
	sum(iif(x.op = 'write', max(x.result, 0), 0)) AS bytes_written,
	count(*) FILTER (WHERE x.op = 'accept' AND x.result >= 0) AS accepts,
	count(*) FILTER (WHERE x.op <> 'close' AND x.result < 0) AS errors, c.closed
FROM conn AS c JOIN object AS o USING (obj) LEFT JOIN io_op AS x USING (obj)
GROUP BY o.obj;

-- Every goroutine under the one that spawned it, indented; depth first.
CREATE VIEW spawn_tree AS
WITH RECURSIVE tree AS (
	SELECT g, 0 AS depth FROM goroutine AS r
	WHERE parent IS NULL OR NOT EXISTS (SELECT 1 FROM goroutine AS p WHERE p.g = r.parent)
	UNION ALL
	SELECT c.g, tree.depth + 1 FROM tree JOIN goroutine AS c ON c.parent = tree.g
	ORDER BY depth DESC, g LIMIT -1) -- without a limit SQLite drops the order in a join
SELECT tree.g, printf('%*s', 2 * depth, '') || name AS name, parent, depth,
	file || ':' || line AS place, ts, dur
FROM tree CROSS JOIN goroutine USING (g) LEFT JOIN site USING (site);

-- The stacks with what their innermost call is: text is its function or else module and offset, or
-- "..." where calls are missing; place is the line, if that is known.
CREATE VIEW call AS
SELECT s.stack, s.caller, s.depth,
	CASE WHEN s.frame IS NULL THEN '...' WHEN f.func IS NOT NULL THEN f.func
		WHEN m.path IS NULL THEN printf('0x%x', f.address)
		ELSE printf('%s+0x%x', replace(m.path, rtrim(m.path, replace(m.path, '/', '')), ''),
			f.offset) END AS text,
	f.file || ':' || f.line AS place, f.func, f.file, f.line, f.inlined, f.address, m.path AS module, f.offset
FROM stack AS s LEFT JOIN frame AS f USING (frame) LEFT JOIN module AS m USING (module);

-- Each stack as a line: its functions, outermost first, with ; between them.
CREATE VIEW stack_text AS
WITH RECURSIVE line(stack, depth, text) AS (
	SELECT stack, depth, text FROM call WHERE caller IS NULL
	UNION ALL
	SELECT c.stack, c.depth, line.text || ';' || c.text
	FROM line JOIN call AS c ON c.caller = line.stack)
SELECT stack, depth, text FROM line;

-- Each stack as its calls, level 0 the innermost.
CREATE VIEW stack_call AS
WITH RECURSIVE up(stack, level, at) AS (
	SELECT stack, 0, stack FROM stack
	UNION ALL
	SELECT up.stack, up.level + 1, s.caller
	FROM up JOIN stack AS s ON s.stack = up.at WHERE s.caller IS NOT NULL)
SELECT up.stack, up.level, c.text, c.place, c.func, c.file, c.line, c.inlined, c.module, c.offset
FROM up JOIN call AS c ON c.stack = up.at;

-- How long goroutines waited at each stack (off-cpu time), by reason; the longest first.  stack is
-- NULL for waits of which none was recorded, so this sums to all waiting time.  A flame graph is
-- made of: SELECT text || ' ' || total FROM offcpu WHERE stack IS NOT NULL.
CREATE VIEW offcpu AS
SELECT w.stack, t.text, (SELECT place FROM call WHERE call.stack = w.stack) AS place, w.why, w.waits,
	w.total, w.max, w.goroutines
FROM (SELECT stack, why, count(*) AS waits, sum(dur) AS total, max(dur) AS max,
		count(DISTINCT g) AS goroutines
	FROM g_span WHERE state = 'waiting' GROUP BY stack, why) AS w
	LEFT JOIN stack_text AS t USING (stack)
ORDER BY w.total DESC, w.stack;

-- Which code waited until which code woke it: time by the stack that waited and the stack that ended
-- the wait; waker_stack is NULL if that was the runtime (a timer, I/O), or if it never ended.
CREATE VIEW blocked_by AS
SELECT w.stack, b.text, (SELECT place FROM call WHERE call.stack = w.stack) AS place, w.why,
	w.waker_stack, k.text AS waker_text,
	(SELECT place FROM call WHERE call.stack = w.waker_stack) AS waker_place, w.waits, w.total, w.max
FROM (SELECT stack, why, waker_stack, count(*) AS waits, sum(dur) AS total, max(dur) AS max
	FROM g_span WHERE state = 'waiting' AND stack IS NOT NULL
	GROUP BY stack, why, waker_stack) AS w
	JOIN stack_text AS b USING (stack) LEFT JOIN stack_text AS k ON k.stack = w.waker_stack
ORDER BY w.total DESC, w.stack, w.waker_stack;

-- How long goroutines waited in each function and what it calls (total), and in the function itself
-- (self).  A wait counts once for a function, however often that is in its stack.
CREATE VIEW offcpu_func AS
WITH RECURSIVE cost AS (
	SELECT stack, count(*) AS waits, sum(dur) AS total
	FROM g_span WHERE state = 'waiting' AND stack IS NOT NULL GROUP BY stack),
up(stack, level, at) AS (
	SELECT stack, 0, stack FROM cost
	UNION ALL
	SELECT up.stack, up.level + 1, s.caller
	FROM up JOIN stack AS s ON s.stack = up.at WHERE s.caller IS NOT NULL),
inside AS (
	SELECT up.stack, c.text AS func, min(up.level) AS level
	FROM up JOIN call AS c ON c.stack = up.at GROUP BY up.stack, c.text)
SELECT i.func, sum(cost.waits) AS waits, sum(cost.total) AS total,
	sum(iif(i.level = 0, cost.total, 0)) AS self
FROM inside AS i JOIN cost USING (stack)
GROUP BY i.func
ORDER BY sum(cost.total) DESC, i.func;

-- How much cpu time the stacks took that samples found (weft record --cpu), the one that took most first.
-- A flame graph is made of: SELECT text || ' ' || total FROM oncpu WHERE stack IS NOT NULL.
CREATE VIEW oncpu AS
SELECT c.stack, t.text, (SELECT place FROM call WHERE call.stack = c.stack) AS place, c.samples, c.total,
	c.goroutines
FROM (SELECT stack, count(*) AS samples, sum(ns) AS total, count(DISTINCT g) AS goroutines
	FROM cpu_sample GROUP BY stack) AS c LEFT JOIN stack_text AS t USING (stack)
ORDER BY c.total DESC, c.stack;

-- How much cpu time each function took, with what it calls (total), and itself (self).  A sample counts
-- once for a function, however often that is in its stack.
CREATE VIEW oncpu_func AS
WITH RECURSIVE cost AS (
	SELECT stack, count(*) AS samples, sum(ns) AS total
	FROM cpu_sample WHERE stack IS NOT NULL GROUP BY stack),
up(stack, level, at) AS (
	SELECT stack, 0, stack FROM cost
	UNION ALL
	SELECT up.stack, up.level + 1, s.caller
	FROM up JOIN stack AS s ON s.stack = up.at WHERE s.caller IS NOT NULL),
inside AS (
	SELECT up.stack, c.text AS func, min(up.level) AS level
	FROM up JOIN call AS c ON c.stack = up.at GROUP BY up.stack, c.text)
SELECT i.func, sum(cost.samples) AS samples, sum(iif(i.level = 0, cost.total, 0)) AS self,
	sum(cost.total) AS total,
	round(100.0 * sum(cost.total) / (SELECT sum(ns) FROM cpu_sample), 1) AS percent
FROM inside AS i JOIN cost USING (stack)
GROUP BY i.func
ORDER BY 3 DESC, sum(cost.total) DESC, i.func;

-- How much cpu time each goroutine took, by samples; g is NULL for what the runtime did between goroutines.
CREATE VIEW oncpu_g AS
SELECT c.g, g.name, g.func, count(*) AS samples, sum(c.ns) AS total,
	round(100.0 * sum(c.ns) / (SELECT sum(ns) FROM cpu_sample), 1) AS percent
FROM cpu_sample AS c LEFT JOIN goroutine AS g USING (g)
GROUP BY c.g
ORDER BY sum(c.ns) DESC, c.g;

-- Goroutines that had not ended when the trace did: what they were doing, for what, since when.
CREATE VIEW leak AS
SELECT g.g, g.name, s.state, s.why, s.obj, o.label, s.ts AS since, s.dur,
	(SELECT file || ':' || line FROM site WHERE site.site = s.site) AS place,
	(SELECT file || ':' || line FROM site WHERE site.site = g.site) AS spawned
FROM goroutine AS g CROSS JOIN g_span AS s ON s.g = g.g AND s.ts = g.last AND s.open LEFT JOIN object AS o USING (obj)
WHERE g.dur IS NULL
ORDER BY g.g;

-- The level-of-detail pyramid: how long each lane was in which state in each bucket of a level.  Ask it
-- with level, lane and key given, and a range of bucket.  A lane is 'g', 'p' or 'm' with a number as
-- key, or 'all' (key 0), where dur sums over all goroutines: divided by width it is how many were in that
-- state on average.
CREATE VIEW lod AS
SELECT level, lane, key, bucket, bucket * width AS ts, width,
	CASE state WHEN 1 THEN 'running' WHEN 2 THEN 'detached' WHEN 3 THEN 'runnable'
		WHEN 4 THEN 'waiting' WHEN 5 THEN 'searching' WHEN 6 THEN 'stopped' END AS state,
	dur, n
FROM lod_cell JOIN lod_level USING (level)
WHERE state <= 6;

-- The same of objects, by time: divided by width, the columns are how many there were on average.  held is
-- that of a mutex, of an RWMutex by who reads too, each for itself (lock_time has who writes alone), and of a
-- semaphore as much as is held.  A wait in a select of several is not in it, because which channel it is for is
-- not known before it ends.
CREATE VIEW lod_object AS
SELECT level, key AS obj, bucket, bucket * width AS ts, width,
	max(iif(state = 7, n, 0)) AS len_max, sum(iif(state = 7, dur, 0)) AS len_sum,
	sum(iif(state = 8, dur, 0)) AS senders, sum(iif(state = 9, dur, 0)) AS receivers,
	sum(iif(state = 10, dur, 0)) AS waiters, sum(iif(state = 11, dur, 0)) AS held
FROM lod_cell JOIN lod_level USING (level)
WHERE lane = 'o'
GROUP BY level, lane, key, bucket;
