/* SPDX-License-Identifier: MIT */
#include "query_stat.h"

#include <stddef.h>

#define MS(column) "round(" #column " / 1e6, 3) AS " #column "_ms"
#define US(column) "round(" #column " / 1e3, 3) AS " #column "_us"

const struct stat_table stat_tables[STAT_TABLES] = {
	{"run", NULL, "SELECT * FROM run LIMIT ?"},
	{"states", "What all goroutines did together",
	 "SELECT state, round(total / 1e6, 3) AS total_ms,"
	 " round(100.0 * total / max(1, sum(total) OVER ()), 1) AS percent, times FROM state_total"
	 " ORDER BY total DESC LIMIT ?"},
	{"functions", "Functions, those that held workers and threads longest first",
	 "SELECT func, goroutines, " MS(running) ", " MS(detached) ", " MS(runnable) ", " MS(
		 waiting) ", runs, waits FROM func_total LIMIT ?"},
	{"goroutines", "Goroutines, those that held workers and threads longest first",
	 "SELECT 'g' || g AS g, name, " MS(lifetime) ", " MS(running) ", " MS(detached) ", " MS(
		 runnable) ", " MS(waiting) ", waits, alive FROM g_total "
			   "ORDER BY running + detached DESC, g_total.g LIMIT ?"},
	{"waited_for", "Channels and locks, those that cost most first",
	 "SELECT label, kind, waits, " MS(total) ", " US(p50) ", " US(p99) ", " US(
		 max) ", goroutines,"
		      " 'g' || culprit || coalesce(' ' || culprit_name, '') AS culprit FROM "
		      "contention LIMIT ?"},
	{"wakeups", "From runnable to running, by how it became runnable",
	 "SELECT why, wakeups, " US(p50) ", " US(p90) ", " US(p99) ", " US(
		 max) " FROM wakeup_latency LIMIT ?"},
	{"anomalies", "Impossible transitions",
	 "SELECT what, count(*) AS times, min(ts) AS first_ts FROM anomaly GROUP BY what"
	 " ORDER BY 2 DESC, what LIMIT ?"},
};
