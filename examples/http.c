/* SPDX-License-Identifier: MIT */
/* An HTTP/1.1 server that says hello: keep-alive, pipelined requests, requests in pieces.
 *
 * Run:   build/weft record -o http.db -- build/examples/http 127.0.0.1:8008 3
 *        and meanwhile, elsewhere: wrk -c16 -t1 -d2s http://127.0.0.1:8008/
 * Look:  build/weft latency http.db: how long a goroutine that is ready waits for a worker; and
 *        select * from conn_total, with build/weft sql: what went over each connection.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weft.h>

#define HELLO "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n"
#define BAD "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

static weft_waitgroup open_conns;

/* A request in [at, at + n), which begins with GET or HEAD and a target, has no body, and ends with
 * an empty line.  Its length, 0 if it is not whole yet, -1 if it is rubbish; *close if it says so.
 */
static int64_t parse(const char *at, size_t n, bool *head, bool *close)
{
	const char *end = memmem(at, n, "\r\n\r\n", 4), *line = memchr(at, '\n', n), *space;

	*head = n >= 5 && !memcmp(at, "HEAD ", 5);
	if (n < 5 ? memcmp(at, "GET /", n) && memcmp(at, "HEAD ", n)
		  : memcmp(at, "GET /", 5) && !*head)
		return -1;
	if (!line)
		return n < 8192 ? 0 : -1;
	space = memrchr(at, ' ', (size_t)(line - at));
	if (line - space != 10 || memcmp(space, " HTTP/1.", 8) ||
	    (space[8] != '0' && space[8] != '1') || line[-1] != '\r' || space == strchr(at, ' '))
		return -1;
	if (!end)
		return n < 8192 ? 0 : -1;
	*close = space[8] == '0';
	for (line++; line < end; line = (const char *)memchr(line, '\n', n) + 1) {
		if (!memchr(line, ':', (size_t)((const char *)memchr(line, '\n', n) - line)) ||
		    !strncasecmp(line, "Content-Length:", 15) ||
		    !strncasecmp(line, "Transfer-Encoding:", 18))
			return -1;
		*close |= !strncasecmp(line, "Connection: close", 17);
	}
	return end + 4 - at;
}

/* Serve what is whole in buf, all answers in one write; how much of it, or -1 to end. */
static int64_t answer(weft_conn c, const char *buf, size_t n)
{
	static const char *const ends[] = {"\r\nhello\n", "Connection: close\r\n\r\nhello\n"};
	char out[8192 + 256];
	size_t used = 0, len = 0;
	bool head, close = false;
	int64_t r = 0;

	while (!close && used < n && (r = parse(buf + used, n - used, &head, &close)) > 0) {
		int put = sprintf(out + len, "%s%s", HELLO, ends[close]);

		len += (size_t)put - (head ? 6 : 0);
		used += (size_t)r;
		if (len + 256 > sizeof out && weft_write(c, out, len) < 0)
			return -1;
		len = len + 256 > sizeof out ? 0 : len;
	}
	if (r < 0)
		len += (size_t)sprintf(out + len, BAD);
	return (len && weft_write(c, out, len) < 0) || close || r < 0 ? -1 : (int64_t)used;
}

static void serve(void *arg)
{
	weft_conn c = (weft_conn)(intptr_t)arg;
	char buf[8193];
	size_t have = 0;
	int64_t n;

	for (;;) {
		weft_conn_set_deadline(c, weft_now() + 30 * WEFT_S);
		if ((n = weft_read(c, buf + have, sizeof buf - 1 - have)) <= 0)
			break;
		buf[have += (size_t)n] = 0;
		if ((n = answer(c, buf, have)) < 0)
			break;
		memmove(buf, buf + n, have -= (size_t)n);
	}
	weft_conn_close(c);
	weft_waitgroup_done(&open_conns);
}

static int listen_and_serve(void *arg)
{
	char **argv = arg, addr[64];
	int64_t seconds = argv[1] && argv[2] ? atoll(argv[2]) : 0;
	weft_conn l = weft_listen(argv[1] ? argv[1] : "127.0.0.1:8008"), c;
	weft_ctx *stop = weft_ctx_with_timeout(weft_ctx_background(),
					       seconds ? seconds * WEFT_S : INT64_MAX);

	if (l < 0)
		return fprintf(stderr, "http: cannot listen: %s\n", strerror((int)-l)), 1;
	weft_conn_local_addr(l, addr, sizeof addr);
	printf("listening at http://%s/\n", addr);
	fflush(stdout);
	weft_conn_set_ctx(l, stop); // ends accept
	while ((c = weft_accept(l)) >= 0 || c == -EMFILE || c == -ENFILE) {
		if (c < 0) {
			weft_sleep(10 * WEFT_MS); // until somebody closes one
			continue;
		}
		weft_conn_set_ctx(c, stop); // and every read and write
		weft_waitgroup_add(&open_conns, 1);
		weft_go(serve, (void *)(intptr_t)c);
	}
	weft_conn_close(l);
	weft_waitgroup_wait(&open_conns);
	return printf("%zu goroutine left\n", weft_count()) < 0;
}

int main(int argc, char **argv)
{
	return argc > 3 ? 2 : weft_run(listen_and_serve, argv);
}
