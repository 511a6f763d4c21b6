/* SPDX-License-Identifier: MIT */
/* Every primitive at random, against each other, with invariants that are checked.
 *
 *     stress [SECONDS [SEED [WORKERS]]]
 *
 * Drivers run scenarios, one after the other, drawn at random; a scenario starts goroutines of its
 * own, waits for them, and knows what must hold then.  Those of channels, locks, timers and
 * goroutines are here, the others in files of their own.  Meanwhile signals arrive, workers come
 * and go, and goroutines lose theirs because they compute or block.  The runtime is made to take
 * unlikely ways by WEFT_DEBUG=chaos=SEED, which main sets.  A watchdog that is no goroutine sees to
 * it that scenarios go on ending; if none has for a while it asks for a dump (SIGQUIT) and aborts.
 *
 * The seed is printed, but a run cannot be repeated: threads race. */
#define _GNU_SOURCE
#include "stress.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STALL_S = 60, DRIVERS = 24 };

typedef weft_chan_of(int) int_chan;

static unsigned seed;
static uint64_t ended; /* scenarios; atomic */
static bool stop;
static int most_workers;

unsigned pick(unsigned *rng, unsigned n)
{
	return (unsigned)rand_r(rng) % n;
}

unsigned rng_new(void)
{
	return seed * 2654435761u + (unsigned)weft_id() * 40503u;
}

static void burn(int64_t ns)
{
	for (int64_t until = weft_now() + ns; weft_now() < until;)
		;
}

void dawdle(unsigned *rng)
{
	switch (pick(rng, 1000)) {
	case 0:
		burn(pick(rng, 15) * WEFT_MS);
		break;
	case 1:
		usleep(pick(rng, 15000));
		break;
	case 2:
	case 3:
		weft_sleep(pick(rng, 1000) * WEFT_US);
		break;
	case 4 ... 100:
		weft_yield();
		break;
	default:
		break;
	}
}

/* ---- Channels --------------------------------------------------------------------------- */

struct flow {
	int_chan c;
	int senders, each;
	int64_t sum, received; /* atomic */
	int next_sender;       /* atomic */
	weft_waitgroup sending, all;
};

static void flow_send(void *arg)
{
	struct flow *f = arg;
	int me = __atomic_fetch_add(&f->next_sender, 1, __ATOMIC_RELAXED);
	unsigned rng = rng_new();

	for (int i = 0; i < f->each; i++) {
		int v = me * f->each + i;

		if (pick(&rng, 4) || !weft_chan_try_send(f->c.chan, &v))
			weft_send(f->c, v);
		else
			continue;
		dawdle(&rng);
	}
	weft_waitgroup_done(&f->sending);
	weft_waitgroup_done(&f->all);
}

static void flow_recv(void *arg)
{
	struct flow *f = arg;
	unsigned rng = rng_new();
	int last[8], v;

	memset(last, -1, sizeof last);
	weft_range(f->c, got) {
		int from = got / f->each;

		MUST(from < f->senders && got > last[from]); // each sender's in order
		last[from] = got;
		__atomic_fetch_add(&f->sum, got, __ATOMIC_RELAXED);
		__atomic_fetch_add(&f->received, 1, __ATOMIC_RELAXED);
		dawdle(&rng);
	}
	MUST(!weft_recv(f->c, &v) && v == 0);
	weft_waitgroup_done(&f->all);
}

static void run_flow(unsigned *rng)
{
	struct flow f = {.c = weft_make(int_chan, pick(rng, 2) ? 0 : pick(rng, 20))};
	int receivers = 1 + (int)pick(rng, 4);
	int64_t n;

	f.senders = 1 + (int)pick(rng, 4);
	f.each = 1 + (int)pick(rng, 200);
	n = f.senders * f.each;
	weft_waitgroup_add(&f.sending, f.senders);
	weft_waitgroup_add(&f.all, f.senders + receivers);
	for (int i = 0; i < f.senders; i++)
		weft_go(flow_send, &f);
	for (int i = 0; i < receivers; i++)
		weft_go(flow_recv, &f);
	weft_waitgroup_wait(&f.sending);
	weft_close(f.c);
	weft_waitgroup_wait(&f.all);
	MUST(f.received == n && f.sum == n * (n - 1) / 2);
	weft_chan_unref(f.c.chan);
}

struct crossing {
	int_chan c[4];
	int sent[4], received[4]; /* atomic */
	int steps;
	weft_waitgroup wg;
};

/* Sends on some, receives from some, whichever can go on. */
static void cross(void *arg)
{
	struct crossing *x = arg;
	unsigned rng = rng_new();
	int v = 1, got[4];

	for (int i = 0; i < x->steps; i++) {
		weft_case cases[6];
		int n = 0, k, of[6];

		for (int j = 0; j < 4; j++) {
			if (pick(&rng, 3) == 0)
				continue;
			of[n] = j;
			cases[n++] = pick(&rng, 2) ? weft_on_send(x->c[j].chan, &v)
						   : weft_on_recv(x->c[j].chan, &got[j]);
		}
		of[n] = -1;
		cases[n++] = pick(&rng, 2) ? weft_on_default()
					   : weft_on_timeout(pick(&rng, 300) * WEFT_US);
		k = weft_select_cases(cases, (size_t)n);
		MUST(k >= 0 && k < n);
		if (of[k] >= 0 && cases[k].kind == WEFT_CASE_SEND)
			__atomic_fetch_add(&x->sent[of[k]], 1, __ATOMIC_RELAXED);
		else if (of[k] >= 0)
			__atomic_fetch_add(&x->received[of[k]], cases[k].ok ? got[of[k]] : 1000000,
					   __ATOMIC_RELAXED);
		dawdle(&rng);
	}
	weft_waitgroup_done(&x->wg);
}

static void run_crossing(unsigned *rng)
{
	struct crossing x = {.steps = 20 + (int)pick(rng, 100)};
	int n = 2 + (int)pick(rng, 6);

	for (int i = 0; i < 4; i++)
		x.c[i] = weft_make(int_chan, pick(rng, 3));
	weft_waitgroup_add(&x.wg, n);
	for (int i = 0; i < n; i++)
		weft_go(cross, &x);
	weft_waitgroup_wait(&x.wg);
	for (int i = 0; i < 4; i++) {
		MUST(x.sent[i] == x.received[i] + (int)weft_chan_len(x.c[i].chan));
		weft_chan_unref(x.c[i].chan);
	}
}

/* ---- sync ------------------------------------------------------------------------------- */

struct shared {
	weft_mutex mu;
	weft_rwmutex rw;
	weft_cond changed;
	weft_semaphore slots;
	weft_barrier meet;
	weft_once once;
	weft_waitgroup wg;
	int steps, a, b, x, y; /* a, b under mu; x, y under rw */
	int holders, onces, turn;
};

static void with_mutex(struct shared *s, unsigned *rng)
{
	if (pick(rng, 2) || !weft_mutex_try_lock(&s->mu))
		weft_mutex_lock(&s->mu);
	MUST(s->a == s->b);
	s->a++;
	dawdle(rng);
	s->b++;
	weft_mutex_unlock(&s->mu);
}

static void with_rwmutex(struct shared *s, unsigned *rng)
{
	if (pick(rng, 3)) {
		weft_rwmutex_rlock(&s->rw);
		MUST(s->x == s->y);
		dawdle(rng);
		MUST(s->x == s->y);
		weft_rwmutex_runlock(&s->rw);
	} else {
		weft_rwmutex_lock(&s->rw);
		s->x++;
		dawdle(rng);
		s->y++;
		weft_rwmutex_unlock(&s->rw);
	}
}

static void with_semaphore(struct shared *s, unsigned *rng)
{
	int n = 1 + (int)pick(rng, 3), held;

	if (pick(rng, 2) || !weft_semaphore_try_acquire(&s->slots, n))
		weft_semaphore_acquire(&s->slots, n);
	held = __atomic_add_fetch(&s->holders, n, __ATOMIC_RELAXED);
	MUST(held <= s->slots.size);
	dawdle(rng);
	__atomic_fetch_sub(&s->holders, n, __ATOMIC_RELAXED);
	weft_semaphore_release(&s->slots, n);
}

static void count_once(void *arg)
{
	struct shared *s = arg;

	weft_yield();
	s->onces++;
}

static void share(void *arg)
{
	struct shared *s = arg;
	unsigned rng = rng_new();

	for (int i = 0; i < s->steps; i++) {
		with_mutex(s, &rng);
		with_rwmutex(s, &rng);
		with_semaphore(s, &rng);
		weft_once_do(&s->once, count_once, s);
		MUST(s->onces == 1);
	}
	for (int i = 0; i < 3; i++)
		if (weft_barrier_wait(&s->meet))
			__atomic_fetch_add(&s->turn, 1, __ATOMIC_RELAXED);
	weft_waitgroup_done(&s->wg);
}

static void run_shared(unsigned *rng)
{
	int n = 2 + (int)pick(rng, 8);
	struct shared s = {.slots.size = 4, .meet.parties = n, .steps = 1 + (int)pick(rng, 30)};

	weft_waitgroup_add(&s.wg, n);
	for (int i = 0; i < n; i++)
		weft_go(share, &s);
	weft_waitgroup_wait(&s.wg);
	MUST(s.a == n * s.steps && s.b == s.a && s.x == s.y && s.turn == 3 && s.slots.held == 0);
}

/* They take turns, each waking all. */
static void take_turns(void *arg)
{
	struct shared *s = arg;
	unsigned rng = rng_new();
	int me;

	weft_mutex_lock(&s->mu);
	me = s->a++;
	for (int i = 0; i < s->steps; i++) {
		while (s->turn % s->b != me)
			weft_cond_wait(&s->changed, &s->mu);
		s->turn++;
		dawdle(&rng);
		weft_cond_broadcast(&s->changed);
	}
	weft_mutex_unlock(&s->mu);
	weft_waitgroup_done(&s->wg);
}

static void run_turns(unsigned *rng)
{
	struct shared s = {.steps = 1 + (int)pick(rng, 20), .b = 2 + (int)pick(rng, 4)};

	weft_waitgroup_add(&s.wg, s.b);
	for (int i = 0; i < s.b; i++)
		weft_go(take_turns, &s);
	weft_waitgroup_wait(&s.wg);
	MUST(s.turn == s.b * s.steps);
}

/* ---- Timers and contexts ---------------------------------------------------------------- */

static void count_up(void *arg)
{
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELEASE);
}

static void run_timers(unsigned *rng)
{
	int *ran = calloc(1, sizeof *ran), wanted = 0;
	weft_timer *tick = weft_ticker_make(200 * WEFT_US);

	for (int i = 0; i < 20; i++) {
		int64_t ns = pick(rng, 2000) * WEFT_US, when = 0, began = weft_now();
		weft_timer *t = weft_timer_make(ns), *f = weft_after_func(ns, count_up, ran);

		if (pick(rng, 2)) {
			weft_timer_reset(t, ns / 2);
			ns /= 2;
		}
		MUST(weft_chan_recv(weft_timer_chan(t), &when));
		MUST(when >= began + ns && weft_now() >= when);
		MUST(!weft_timer_stop(t));
		if (!weft_timer_stop(f))
			wanted++;
		weft_timer_unref(t);
		weft_timer_unref(f);
		MUST(weft_chan_recv(weft_timer_chan(tick), &when));
	}
	weft_timer_stop(tick);
	MUST(!weft_chan_try_recv(weft_timer_chan(tick), NULL, NULL));
	weft_timer_unref(tick);
	while (__atomic_load_n(ran, __ATOMIC_ACQUIRE) < wanted)
		weft_yield();
	MUST(__atomic_load_n(ran, __ATOMIC_RELAXED) == wanted);
	free(ran);
}

struct tree {
	weft_ctx *root;
	weft_waitgroup wg;
};

static void wait_below(void *arg)
{
	struct tree *t = arg;
	unsigned rng = rng_new();
	weft_ctx *ctx = pick(&rng, 2) ? weft_ctx_with_cancel(t->root)
				      : weft_ctx_with_timeout(t->root, pick(&rng, 3000) * WEFT_US);

	dawdle(&rng);
	if (pick(&rng, 4) == 0)
		weft_ctx_cancel(ctx, 7);
	weft_chan_recv(weft_ctx_done(ctx), NULL);
	MUST(weft_ctx_err(ctx) == ECANCELED || weft_ctx_err(ctx) == ETIMEDOUT);
	weft_ctx_unref(ctx);
	weft_waitgroup_done(&t->wg);
}

static void run_contexts(unsigned *rng)
{
	struct tree t = {.root = weft_ctx_with_cancel(weft_ctx_background())};
	weft_ctx *leaf = weft_ctx_with_cancel(t.root);
	int n = 1 + (int)pick(rng, 10);

	weft_waitgroup_add(&t.wg, n);
	for (int i = 0; i < n; i++)
		weft_go(wait_below, &t);
	dawdle(rng);
	weft_ctx_cancel(t.root, 9);
	MUST(weft_ctx_err(leaf) == ECANCELED && weft_ctx_cause(leaf) == 9);
	weft_waitgroup_wait(&t.wg);
	weft_ctx_unref(leaf);
	weft_ctx_unref(t.root);
}

/* ---- Goroutines, workers, signals ------------------------------------------------------- */

struct branch {
	int depth, *leaves;
	weft_waitgroup *wg;
};

static void grow(void *arg)
{
	struct branch b = *(struct branch *)arg;

	free(arg);
	for (int i = 0; b.depth && i < 3; i++) {
		struct branch *below = malloc(sizeof *below);

		*below = (struct branch){b.depth - 1, b.leaves, b.wg};
		weft_waitgroup_add(b.wg, 1);
		weft_go_with(grow, below, .stack = i ? 0 : 32 << 10);
	}
	if (!b.depth)
		count_up(b.leaves);
	weft_waitgroup_done(b.wg);
	if (b.depth == 1)
		weft_exit();
}

static void run_tree(unsigned *rng)
{
	struct branch *root = malloc(sizeof *root);
	weft_waitgroup wg = {.count = 0};
	int leaves = 0, depth = (int)pick(rng, 6), want = 1;

	*root = (struct branch){depth, &leaves, &wg};
	weft_waitgroup_add(&wg, 1);
	weft_go(grow, root);
	weft_waitgroup_wait(&wg);
	for (int i = 0; i < depth; i++)
		want *= 3;
	MUST(leaves == want);
}

static void run_blocking(unsigned *rng)
{
	int fds[2];
	char c = 'x';

	MUST(pipe(fds) == 0);
	for (int i = 0; i < 20; i++) {
		MUST(write(fds[1], &c, 1) == 1);
		burn(pick(rng, 3) * WEFT_MS);
		MUST(read(fds[0], &c, 1) == 1);
		weft_yield();
	}
	close(fds[0]);
	close(fds[1]);
}

static void run_signals(unsigned *rng)
{
	int_chan c = weft_make(int_chan, 1);
	int sig, which = pick(rng, 2) ? SIGUSR1 : SIGUSR2;

	MUST(weft_signal_notify(c.chan, which) == 0);
	for (int i = 0; i < 5; i++) {
		kill(getpid(), which);
		dawdle(rng);
		MUST(weft_recv(c, &sig) && sig == which);
	}
	weft_signal_stop(c.chan);
	while (weft_chan_try_recv(c.chan, NULL, NULL))
		;
	kill(getpid(), which);
	dawdle(rng);
	MUST(weft_chan_len(c.chan) == 0);
	weft_chan_unref(c.chan);
}

static void run_procs(unsigned *rng)
{
	weft_procs(1 + (int)pick(rng, (unsigned)most_workers));
	MUST(weft_procs(0) >= 1 && weft_procs(0) <= most_workers);
}

static void undo(void *arg)
{
	++*(int *)arg;
}

static void fail(void *arg)
{
	unsigned rng = rng_new();

	weft_defer(undo, arg);
	weft_defer(undo, arg);
	dawdle(&rng);
	weft_panic("on purpose in %lu", weft_id());
}

static void run_panics(unsigned *rng)
{
	weft_caught caught;
	int undone = 0, n = 1 + (int)pick(rng, 10);

	for (int i = 0; i < n; i++) {
		MUST(!weft_try(fail, &undone, &caught));
		MUST(caught.g == weft_id() && strncmp(caught.message, "on purpose", 10) == 0);
	}
	MUST(undone == 2 * n);
}

static void run_children(unsigned *rng)
{
	char *args[] = {"sh", "-c", "exit 7", NULL};
	pid_t child;
	int status;

	if (pick(rng, 2)) {
		MUST(posix_spawnp(&child, "sh", NULL, NULL, args, environ) == 0);
	} else {
		child = fork();
		if (!child) {
			execvp("sh", args);
			_exit(1);
		}
	}
	dawdle(rng);
	MUST(waitpid(child, &status, 0) == child);
	MUST(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

/* ---- Drivers ---------------------------------------------------------------------------- */

static struct scenario {
	const char *name;
	void (*run)(unsigned *rng);
	uint64_t times; /* atomic */
} scenarios[] = {
	{"flow", run_flow, 0},	       {"crossing", run_crossing, 0},
	{"shared", run_shared, 0},     {"turns", run_turns, 0},
	{"timers", run_timers, 0},     {"contexts", run_contexts, 0},
	{"tree", run_tree, 0},	       {"blocking", run_blocking, 0},
	{"signals", run_signals, 0},   {"panics", run_panics, 0},
	{"children", run_children, 0}, {"procs", run_procs, 0},
	{"groups", run_groups, 0},     {"scopes", run_scopes, 0},
	{"flights", run_flights, 0},   {"pool", run_pool, 0},
	{"map", run_map, 0},	       {"pins", run_pins, 0},
	{"cond", run_cond, 0},	       {"stream", run_stream, 0},
	{"echo", run_echo, 0},	       {"semaphore", run_semaphore, 0},
};

enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

static void drive(void *arg)
{
	unsigned rng = rng_new();

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		struct scenario *s = &scenarios[pick(&rng, SCENARIOS)];

		s->run(&rng);
		__atomic_fetch_add(&s->times, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&ended, 1, __ATOMIC_RELAXED);
	}
	weft_waitgroup_done(arg);
}

static void *watch(void *arg)
{
	uint64_t last = 0;
	int still = 0;

	(void)arg;
	for (;;) {
		uint64_t now = __atomic_load_n(&ended, __ATOMIC_RELAXED);

		still = now == last ? still + 1 : 0;
		last = now;
		if (still > STALL_S) {
			fprintf(stderr, "stress: nothing has ended for %d s (seed %u)\n", STALL_S,
				seed);
			kill(getpid(), SIGQUIT);
			sleep(5);
			abort();
		}
		sleep(1);
	}
	return NULL;
}

/* Descriptors of this process. */
static int open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	MUST(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static int last; /* what the last goroutine counts */

static int app(void *arg)
{
	enum { OWN_FILES = 8 }; // the runtime's, from when they are needed
	weft_waitgroup drivers = {.count = 0};
	int files = open_files();
	int64_t until = weft_now() + *(int *)arg * WEFT_S;

	weft_waitgroup_add(&drivers, DRIVERS);
	for (int i = 0; i < DRIVERS; i++)
		weft_go(drive, &drivers);
	while (weft_now() < until)
		weft_sleep(100 * WEFT_MS);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	weft_waitgroup_wait(&drivers);
	while (weft_count() > 1)
		weft_yield();
	MUST(open_files() <= files + OWN_FILES);
	for (int i = 0; i < SCENARIOS; i++)
		printf(" %s %lu", scenarios[i].name, scenarios[i].times);
	printf("\n%lu scenarios, %lu goroutines, nothing wrong\n", ended, weft_go(count_up, &last));
	return 0;
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 10;
	char text[64];
	pthread_t watchdog;

	seed = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : (unsigned)time(NULL);
	if (argc > 3)
		setenv("WEFT_PROCS", argv[3], 1);
	most_workers = argc > 3 && atoi(argv[3]) > 4 ? atoi(argv[3]) : 4;
	snprintf(text, sizeof text, "chaos=%u", seed);
	setenv("WEFT_DEBUG", text, 0);
	printf("stress: %d s, seed %u:", seconds, seed);
	fflush(stdout);
	/* Those that come when nobody listens any more. */
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	pthread_create(&watchdog, NULL, watch, NULL);
	return weft_run(app, &seconds);
}
