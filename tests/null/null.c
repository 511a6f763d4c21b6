/* SPDX-License-Identifier: MIT */
/* NULL for each pointer argument of the API, one case a process:
 *
 *     null        the cases: number, what is expected, function, call
 *     null N      case N
 *
 * dies: a panic or fatal message and status 2, or the report of a SIGSEGV that names the goroutine.
 * works: the contract allows it, and says that the call is true.  waits: for ever, a deadlock.
 * (A weft_site is passed by the macros, never NULL.) */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weft.h>

/* The compiler must not see that it is NULL. */
static void *volatile null;
#define NIL ((void *)null)

static weft_mutex locked;
static weft_map map;
static weft_pool pool;
static weft_group group;
static weft_flight flight;
static weft_cond cond;
static weft_once once;
static weft_semaphore sem = {.size = 1};
static weft_chan *full, *empty;
static weft_ctx *ctx;
static int fds[2];
static int v;
static char key;

static void nothing(void *arg)
{
	(void)arg;
}

static int made(void *arg, void **value)
{
	(void)arg;
	(void)value;
	return 7;
}

static void panics(void *arg)
{
	(void)arg;
	weft_panic("so be it");
}

static weft_conn conn(int which)
{
	if (write(fds[1], "x", 1) != 1)
		return -1;
	return weft_conn_open(fds[which]);
}

static bool map_load_or_store_twice(void)
{
	weft_map_store(&map, weft_key_int(1), &v);
	return weft_map_load_or_store(&map, weft_key_int(1), &v, NIL);
}

static void defer_null(void)
{
	weft_defer(NIL, NULL);
}

static int wait_with(weft_locker l)
{
	return weft_cond_wait_locker(&cond, l, ctx);
}

static int local_addr(void)
{
	return weft_conn_local_addr(weft_listen("127.0.0.1:0"), NIL, 64);
}

static int remote_addr(void)
{
	char addr[64];
	weft_conn l = weft_listen("127.0.0.1:0");

	weft_conn_local_addr(l, addr, sizeof addr);
	return weft_conn_remote_addr(weft_connect(addr), NIL, 64);
}

static bool each(weft_key k, void *value, void *arg)
{
	(void)k, (void)value, (void)arg;
	return true;
}

static int child(weft_ctx *c, void *arg)
{
	(void)c, (void)arg;
	return 0;
}

enum { CALLS_DONE = 50, NOT_AS_SAID };

static int number;

static int app(void *arg)
{
	int64_t when;
	void *p;
	int n = 0;

	(void)arg;
	full = weft_chan_make(sizeof(int), 1);
	empty = weft_chan_make(sizeof(int), 1);
	ctx = weft_ctx_with_cancel(weft_ctx_background());
	weft_chan_send(full, &v);
	weft_mutex_lock(&locked);
	if (pipe(fds) != 0)
		return 1;
#define dies(name, call)                                                                           \
	if (++n == number) {                                                                       \
		call;                                                                              \
		weft_yield();                                                                      \
		return CALLS_DONE;                                                                 \
	}
#define waits dies
#define works(name, call)                                                                          \
	if (++n == number)                                                                         \
		return (call) ? CALLS_DONE : NOT_AS_SAID;
#include "cases.def"
#undef dies
#undef waits
#undef works
	(void)when, (void)p;
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 2) {
		number = atoi(argv[1]);
		return number == 1 ? weft_run(NIL, NULL) : weft_run(app, NULL);
	}
	int n = 0;
#define dies(name, call) printf("%d dies %s %s\n", ++n, #name, #call);
#define waits(name, call) printf("%d waits %s %s\n", ++n, #name, #call);
#define works(name, call) printf("%d works %s %s\n", ++n, #name, #call);
#include "cases.def"
	return 0;
}
