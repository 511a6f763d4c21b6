/* SPDX-License-Identifier: MIT */
/* What a server of HTTP may be sent: requests in pieces, many in one piece, rubbish.
 * Its argument is the address of examples/http. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weft.h>

#define ASK "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
#define LAST "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"
#define OK_ "HTTP/1.1 200 OK\r\n"
#define HELLO "\r\n\r\nhello\n"

static const char *addr;
static char got[1 << 20];

#define EXPECT(cond)                                                                               \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "line %d: not so: %s; got: %.200s\n", __LINE__, #cond,     \
				got);                                                              \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

/* Send n bytes, `piece` at a time, then an end; what comes back is in got. */
static void talk(const char *text, size_t n, size_t piece)
{
	weft_conn c = weft_connect(addr);
	int64_t r;

	EXPECT(c > 0);
	weft_conn_set_deadline(c, weft_now() + 60 * WEFT_S);
	for (size_t i = 0; i < n; i += piece) {
		/* The server may have answered and gone. */
		if (weft_write(c, text + i, piece < n - i ? piece : n - i) < 0)
			break;
		if (piece < n)
			weft_sleep(WEFT_MS);
	}
	weft_conn_close_write(c);
	r = weft_read_full(c, got, sizeof got - 1);
	got[r > 0 ? r : 0] = 0;
	weft_conn_close(c);
}

static int count(const char *what)
{
	int n = 0;

	for (const char *at = got; (at = strstr(at, what)); at++)
		n++;
	return n;
}

static bool ends_with(const char *what)
{
	return strlen(got) >= strlen(what) && !strcmp(got + strlen(got) - strlen(what), what);
}

static void rubbish(const char *text, size_t n)
{
	talk(text, n, n);
	EXPECT(!strncmp(got, "HTTP/1.1 400 ", 13));
}

static int app(void *arg)
{
	static const char *const bad[] = {
		"\r\n\r\n",
		"rubbish\r\n\r\n",
		"GET /\r\n\r\n",
		"GET / HTTP/2.0\r\n\r\n",
		"POST / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nno colon\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
	};
	static char many[1000 * sizeof ASK], zeros[100], long_one[8192];

	addr = arg;
	talk(ASK, strlen(ASK), strlen(ASK));
	EXPECT(!strncmp(got, OK_, strlen(OK_)) && ends_with(HELLO) && count("hello") == 1);
	talk(ASK, strlen(ASK), 1);
	EXPECT(!strncmp(got, OK_, strlen(OK_)) && ends_with(HELLO) && count("hello") == 1);
	for (int i = 0; i < 1000; i++)
		strcat(many + i * strlen(ASK), ASK);
	talk(many, strlen(many), strlen(many));
	EXPECT(count(OK_) == 1000 && count(HELLO) == 1000 && ends_with(HELLO));
	talk(many, 20 * strlen(ASK), strlen(ASK) + 7);
	EXPECT(count(OK_) == 20 && count(HELLO) == 20);
	talk("HEAD / HTTP/1.1\r\n\r\n", 19, 19);
	EXPECT(count(OK_) == 1 && ends_with("\r\n\r\n"));
	talk(LAST ASK, strlen(LAST ASK), strlen(LAST ASK));
	EXPECT(count("hello") == 1 && count("Connection: close") == 1);
	talk("GET / HTTP/1.0\r\n\r\n" ASK, 18 + strlen(ASK), 100);
	EXPECT(count("hello") == 1);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		rubbish(bad[i], strlen(bad[i]));
	rubbish(zeros, sizeof zeros);
	memset(memcpy(long_one, "GET /", 5) + 5, 'x', sizeof long_one - 5);
	rubbish(long_one, sizeof long_one);
	talk(ASK "rubbish", strlen(ASK "rubbish"), 100);
	EXPECT(count(OK_) == 1 && count("HTTP/1.1 400 ") == 1);
	return 0;
}

int main(int argc, char **argv)
{
	return argc == 2 ? weft_run(app, argv[1]) : 2;
}
