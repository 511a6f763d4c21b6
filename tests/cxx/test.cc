// SPDX-License-Identifier: MIT
// The whole of weft.h from C++: each macro once at least, and what C++ adds.  With an argument, the
// ways to leave by an exception, which end the program.
#include <weft.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

#define EXPECT(cond)                                                                               \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond);    \
			std::exit(1);                                                              \
		}                                                                                  \
	} while (0)

struct job {
	int id;
	double weight;
};
typedef weft_chan_of(job) job_chan;
typedef weft_chan_of(int) int_chan;

static void worker(void *arg)
{
	job_chan jobs = {(weft_chan *)arg}; // as weft.h says

	for (int i = 0; i < 10; i++)
		weft_send(jobs, (job{i, i / 2.0}));
	weft_close(jobs);
}

static void channels()
{
	job_chan jobs = weft_make(job_chan, 2);
	double sum = 0;
	job first;

	weft_name(jobs.chan, "jobs");
	weft_go(worker, jobs.chan);
	EXPECT(weft_recv(jobs, &first) && first.id == 0);
	weft_range(jobs, j)
		sum += j.weight;
	EXPECT(sum == 22.5);
	EXPECT(!weft_recv(jobs, NULL));
	weft_chan_unref(jobs.chan);
}

static void selects()
{
	int_chan a = weft_make(int_chan, 1), b = weft_make(int_chan, 0);
	int in = 0, out = 5;

	EXPECT(weft_select(weft_on_recv(b.chan, &in), weft_on_send(a.chan, &out)) == 1);
	switch (weft_select(weft_on_recv(a.chan, &in), weft_on_timeout(WEFT_S))) {
	case 0:
		EXPECT(in == 5);
		break;
	default:
		EXPECT(!"the time-out");
	}
	EXPECT(weft_select(weft_on_recv(b.chan, nullptr), weft_on_default()) == 1);
	EXPECT(weft_select(weft_on_recv(b.chan, NULL), weft_on_timeout(WEFT_US)) == 1);
	weft_chan_unref(a.chan);
	weft_chan_unref(b.chan);
}

static void add(void *arg)
{
	++*static_cast<int *>(arg);
}

static void sync()
{
	weft_mutex mu = {};
	weft_rwmutex rw = {};
	weft_waitgroup wg = {};
	weft_once once = {};
	weft_semaphore s = {};
	weft_barrier b = {};
	int n = 0;

	s.size = 2;
	b.parties = 1;
	weft_mutex_lock(&mu);
	EXPECT(!weft_mutex_try_lock(&mu));
	weft_mutex_unlock(&mu);
	weft_rwmutex_rlock(&rw);
	weft_rwmutex_runlock(&rw);
	weft_waitgroup_add(&wg, 1);
	// a lambda without captures is a function
	weft_go([](void *arg) { weft_waitgroup_done(static_cast<weft_waitgroup *>(arg)); }, &wg);
	weft_waitgroup_wait(&wg);
	weft_once_do(&once, add, &n);
	weft_once_do(&once, add, &n);
	EXPECT(n == 1);
	weft_semaphore_acquire(&s, 2);
	weft_semaphore_release(&s, 2);
	EXPECT(weft_barrier_wait(&b));
}

static void times()
{
	weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), WEFT_MS);
	weft_timer *t = weft_timer_make(WEFT_US);

	weft_sleep(WEFT_US);
	EXPECT(weft_chan_recv(weft_timer_chan(t), NULL));
	EXPECT(!weft_timer_reset(t, WEFT_S));
	EXPECT(weft_timer_stop(t));
	weft_timer_unref(t);
	EXPECT(!weft_chan_recv(weft_ctx_done(ctx), NULL));
	weft_ctx_unref(ctx);
}

// An exception runs what is deferred, as it runs destructors.
static void throws(int *n)
{
	weft_defer(add, n);
	weft_yield();
	throw std::runtime_error("within the goroutine");
}

static void catches(void *arg)
{
	weft_chan *done = static_cast<weft_chan *>(arg);
	int n = 0;

	for (int i = 0; i < 100; i++) {
		try {
			throws(&n);
		} catch (const std::exception &e) {
			EXPECT(std::string(e.what()) == "within the goroutine");
		}
	}
	EXPECT(n == 100);
	weft_chan_send(done, NULL);
}

// While it is unwound or handled others run, and do the same.
struct unwound {
	bool *seen;

	~unwound()
	{
		weft_yield();
		*seen = std::uncaught_exceptions() == 1;
	}
};

static void handles(void *arg)
{
	for (int i = 0; i < 20; i++) {
		const std::string name = std::to_string(weft_id()) + "/" + std::to_string(i);
		bool unwinding = false, again = false;

		try {
			unwound u = {&unwinding};
			throw std::runtime_error(name);
		} catch (const std::exception &e) {
			EXPECT(unwinding);
			weft_yield();
			EXPECT(e.what() == name);
			try {
				throw;
			} catch (const std::exception &same) {
				weft_sleep(WEFT_US);
				again = same.what() == name;
			}
		}
		EXPECT(again && std::uncaught_exceptions() == 0 && !std::current_exception());
	}
	weft_chan_send(static_cast<weft_chan *>(arg), NULL);
}

// A panic leaves a handler, or a destructor that an exception runs.
static void panics_in_handler(void *)
{
	try {
		throw 1;
	} catch (int) {
		weft_panic("handler");
	}
}

struct panics_at_end {
	int depth; // so that a compiler does not know that this never returns

	~panics_at_end()
	{
		if (depth == std::uncaught_exceptions())
			weft_panic("destructor");
	}
};

static void panics_unwinding(void *)
{
	try {
		panics_at_end p = {1};
		throw 2;
	} catch (int) {
	}
}

static void interrupted()
{
	try {
		throw 0;
	} catch (int) {
		EXPECT(!weft_try(panics_in_handler, NULL, NULL));
		EXPECT(!weft_try(panics_unwinding, NULL, NULL));
		EXPECT(std::uncaught_exceptions() == 0);
		try {
			throw;
		} catch (int n) {
			EXPECT(n == 0);
		}
	}
	EXPECT(!std::current_exception());
}

static void exceptions()
{
	weft_chan *done = weft_chan_make(0, 0);

	for (int i = 0; i < 10; i++)
		weft_go_with(catches, done, "catcher", 256 << 10);
	for (int i = 0; i < 10; i++)
		weft_chan_recv(done, NULL);
	for (int i = 0; i < 20; i++)
		weft_go_with(handles, done, "handler", 256 << 10);
	for (int i = 0; i < 20; i++)
		weft_chan_recv(done, NULL);
	interrupted();
	weft_chan_unref(done);
}

static void panics(void *arg)
{
	weft_defer(add, arg);
	weft_panic("from %s", "C++");
}

static weft_local key;

static int child(weft_ctx *ctx, void *arg)
{
	add(arg);
	return weft_ctx_err(ctx);
}

static void scopes()
{
	weft_caught caught;
	int n = 0;

	EXPECT(!weft_try(panics, &n, &caught));
	EXPECT(n == 1 && std::strcmp(caught.message, "from C++") == 0);
	EXPECT(weft_try(add, &n, nullptr));
	weft_local_set(&key, &n);
	EXPECT(weft_local_get(&key) == &n);
	weft_group_scope(g);
	weft_group_go(&g, child, &n);
	EXPECT(weft_group_wait(&g) == 0);
	EXPECT(n == 3);
}

static void throw_it(void *)
{
	throw std::runtime_error("nobody catches this");
}

static int app(void *arg)
{
	const std::string how = arg ? static_cast<const char *>(arg) : "";
	weft_once once = {};

	try {
		if (how == "goroutine") {
			weft_go(throw_it, NULL);
			weft_chan_recv(NULL, NULL);
		} else if (how == "main") {
			throw std::runtime_error("nobody catches this");
		} else if (how == "try") {
			weft_try(throw_it, NULL, NULL);
		} else if (how == "once") {
			weft_once_do(&once, throw_it, NULL);
		}
	} catch (const std::logic_error &) {
		return 1; // it is none
	} catch (...) {
		if (how != "main")
			return 1; // it has left a function of weft's
		throw;
	}
	channels();
	selects();
	sync();
	times();
	exceptions();
	scopes();
	std::puts("all of it");
	return 0;
}

int main(int argc, char **argv)
{
	return weft_run(app, argc > 1 ? argv[1] : NULL);
}
