/* SPDX-License-Identifier: MIT */
/* A run from its first goroutine to its end. */
#define _GNU_SOURCE
#include "thread.h"

#include "dump.h"
#include "env.h"
#include "fault.h"
#include "fence.h"
#include "local.h"
#include "procs.h"
#include "restart.h"
#include "sample.h"
#include "schedtrace.h"
#include "throw.h"
#include "watch.h"

#include <time.h>
#include <unistd.h>

static struct {
	int (*fn)(void *arg);
	void *arg;
} main_of;

static void main_main(void *arg)
{
	(void)arg;
	rt.status = main_of.fn(main_of.arg);
	rt_locals_end(rt_curg());
	if (rt_watch_leaks() && !rt.status)
		rt.status = 3;
	rt_enter("");
	while (__atomic_load_n(&rt.stopping, __ATOMIC_ACQUIRE))
		pause(); // another thread is ending the program, with its own status
	rt_trace(run_stop, rt.status);
	rt_trace(g_exit, 1);
	rt_release(&rt.done);
	__atomic_store_n(&rt.stopping, true, __ATOMIC_RELEASE);
	__atomic_fetch_or(&rt.detour, DETOUR_END, __ATOMIC_RELAXED);
	for (struct m *mp = __atomic_load_n(&rt.all, __ATOMIC_ACQUIRE); mp; mp = mp->all) {
		uint32_t no = WANTED_NO; // so that they stop where they next enter the runtime

		/* Not ASKED: the monitor may have asked for the worker before, and seen inside at
		 * 0, and would take this for its own. */
		__atomic_compare_exchange_n(&mp->wanted, &no, WANTED_TO_END, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED);
	}
	rt_note_wake(&rt.done);
	rt_g_gone();
}

static void init(void)
{
	uint32_t n = (uint32_t)rt_env_number(
		"WEFT_PROCS", 1, WORKERS_MAX,
		rt_env_cpus() < WORKERS_MAX ? rt_env_cpus() : WORKERS_MAX, false);

	rt_stack_default = rt_stack_round(
		(size_t)rt_env_number("WEFT_STACK", RT_STACK_MIN, RT_STACK_MAX, 64 << 10, true));
	rt.threads_max = (uint32_t)rt_env_number("WEFT_MAXTHREADS", n, 1 << 20, 10000, false);
	rt.pid = getpid();
	pthread_atfork(NULL, NULL, rt_forked);
	rt_env_debug_check();
	rt_schedtrace_init();
	rt.chaos = (uint64_t)rt_env_debug("chaos", 0, INT64_MAX, 0);
	rt.slow = rt.chaos || rt_trace_on();
	rt_watch_init();
	rt_workers_init(n);
	rt.coarse = rt_now();
	rt_catch_faults();
	rt_dump_start();
	rt_sample_init();
	rt_fence_init();
	rt_restart_init();
	rt_trace(run_start, WEFT_VERSION, n, rt_stack_default, rt_trace_sets);
}

/* Let idle threads say goodbye in the trace; those in users' code are not waited for. */
static void say_goodbye(void)
{
	int64_t deadline = rt_now() + 50 * WEFT_MS;

	rt_lock(&rt.lock);
	for (struct m *mp = rt.all; mp; mp = mp->all) // idle ones, and pinned ones that wait
		rt_note_wake(&mp->note);
	if (rt.keeper)
		rt_keeper_wake();
	rt_unlock(&rt.lock);
	rt_note_wake(&rt.monitor);
	rt_watch_stop();
	while (rt_now() < deadline) {
		uint32_t busy = 0;

		for (struct m *mp = __atomic_load_n(&rt.all, __ATOMIC_ACQUIRE); mp; mp = mp->all)
			busy += !__atomic_load_n(&mp->inside, __ATOMIC_RELAXED);
		if (__atomic_load_n(&rt.leaving, __ATOMIC_ACQUIRE) <= busy)
			return;
		nanosleep(&(struct timespec){0, 50000}, NULL);
	}
}

/* Meanwhile most signals come to this thread. */
static void wait_for_end(void)
{
	rt_expect_signals();
#if WEFT_TSAN // it keeps signals back until a thread blocks in a call that it knows
	while (!__atomic_load_n(&rt.done.set, __ATOMIC_ACQUIRE))
		usleep(1000);
#endif
	rt_note_sleep(&rt.done, INT64_MAX);
}

int weft_run_at(int (*fn)(void *arg), void *arg, weft_site *site)
{
	const weft_go_opts opts = {NULL, rt_stack_default < (1 << 20) ? 1 << 20 : 0};
	struct p *pp;

	if (rt_is_forked())
		rt_refuse_forked();
	if (rt.nworkers)
		rt_fatal(site, "weft_run was called a second time");
	if (!fn)
		rt_fatal(site, "weft_run of a NULL function");
	main_of.fn = fn;
	main_of.arg = arg;
	init();
	pp = &rt.workers[0];
	pp->runnext = rt_g_make(&pp->dead, main_main, NULL, &opts, site, 0, 0);
	rt_trace(p_take, pp->id, 1); // what is made by no worker is in the global queue
	rt_sysmon_start();
	rt_thread_start(pp, false);
	wait_for_end();
	rt_acquire(&rt.done);
	if (rt_trace_on())
		say_goodbye();
	return rt.status;
}
