/* SPDX-License-Identifier: MIT */
/* Drives a headless Chromium through a page, with real input, over its DevTools pipe.
 *
 *     browser SCENARIO NAME=VALUE...
 *
 * A scenario is a command a line; $NAME stands for the value given.  EXPR is JavaScript, evaluated
 * in the page; PLACE is an EXPR that gives [x, y] in the window.
 *
 *     open FILE[#FRAGMENT]        size WIDTH HEIGHT          media print|screen light|dark
 *     expect NAME: EXPR           is to become true, within 20 s
 *     print NAME: EXPR            print its value
 *     key KEY [shift|ctrl]        type TEXT                  eval STATEMENTS
 *     move PLACE                  click PLACE                double PLACE
 *     drag PLACE to PLACE         shiftdrag PLACE to PLACE   wheel DELTA PLACE
 *     shot FILE.png               scripts on|off             gc
 *     cpu NAME                    print the time that the page has taken of a cpu since the last time
 *     memory NAME                 print what the page's process has in memory, and had at most
 *
 * The page has no network.  What it logs as an error, or throws, fails the scenario.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DEADLINE = 20 };

static struct {
	pid_t pid;
	int in, out; /* what it reads, what it writes */
	char *buf;
	size_t len, cap;
	int id;
	char session[64];
	int errors;
} chrome;

static int passed, failed, patience = DEADLINE;
static char **names; /* NAME=VALUE */

__attribute__((format(printf, 1, 2), noreturn)) static void give_up(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stdout, fmt, ap);
	va_end(ap);
	fputc('\n', stdout);
	if (chrome.pid > 0)
		kill(-chrome.pid, SIGKILL);
	exit(1);
}

/* ---- JSON, as little as is needed ---- */

static char *quoted(const char *s)
{
	char *out = malloc(strlen(s) * 6 + 3), *o = out;

	*o++ = '"';
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			*o++ = '\\';
		if ((unsigned char)*s < 0x20)
			o += sprintf(o, "\\u%04x", *s);
		else
			*o++ = *s;
	}
	strcpy(o, "\"");
	return out;
}

/* The text of the first member of that name, unescaped as far as ASCII goes; NULL if there is none.
 */
static char *member(const char *json, const char *name)
{
	char key[64], *out, *o;
	const char *at;

	snprintf(key, sizeof key, "\"%s\":\"", name);
	at = strstr(json, key);
	if (!at)
		return NULL;
	o = out = malloc(strlen(at));
	for (at += strlen(key); *at && *at != '"'; at++) {
		if (*at == '\\' && at[1] == 'n')
			*o++ = '\n', at++;
		else if (*at == '\\' && at[1] != 'u')
			*o++ = *++at;
		else
			*o++ = *at;
	}
	*o = 0;
	return out;
}

/* ---- The pipe ---- */

static void start(const char *profile)
{
	int in[2], out[2];
	char dir[300];

	if (pipe(in) < 0 || pipe(out) < 0)
		give_up("no pipe: %s", strerror(errno));
	snprintf(dir, sizeof dir, "--user-data-dir=%s", profile);
	chrome.pid = fork();
	if (chrome.pid == 0) {
		int null = open("/dev/null", O_RDWR);

		setpgid(0, 0);
		/* Out of the way of 3 and 4, then there. */
		in[0] = fcntl(in[0], F_DUPFD, 10);
		out[1] = fcntl(out[1], F_DUPFD, 10);
		dup2(in[0], 3);
		dup2(out[1], 4);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execlp("chromium", "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
		       "--remote-debugging-pipe", "--no-first-run", "--disable-extensions",
		       "--disable-background-networking", "--disable-component-update",
		       "--disable-dev-shm-usage", "--hide-scrollbars",
		       "--host-resolver-rules=MAP * ~NOTFOUND", dir, "about:blank", NULL);
		_exit(127);
	}
	setpgid(chrome.pid, chrome.pid);
	close(in[0]);
	close(out[1]);
	chrome.in = in[1];
	chrome.out = out[0];
}

/* The next message, until the one after; NULL if none comes in time. */
static char *receive(time_t until)
{
	static size_t used;
	char *end;

	memmove(chrome.buf, chrome.buf + used, chrome.len - used);
	chrome.len -= used;
	used = 0;
	while (!(end = chrome.len ? memchr(chrome.buf, 0, chrome.len) : NULL)) {
		struct pollfd p = {.fd = chrome.out, .events = POLLIN};
		ssize_t n;

		if (chrome.cap - chrome.len < 65536)
			chrome.buf = realloc(chrome.buf, chrome.cap = 2 * chrome.cap + 131072);
		if (time(NULL) >= until || poll(&p, 1, 1000) < 0)
			return NULL;
		if (!p.revents)
			continue;
		n = read(chrome.out, chrome.buf + chrome.len, chrome.cap - chrome.len);
		if (n <= 0)
			give_up("not ok browser - Chromium has ended");
		chrome.len += (size_t)n;
	}
	used = (size_t)(end + 1 - chrome.buf);
	return chrome.buf;
}

static bool begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* What the page complains about. */
static void look_at(const char *message)
{
	bool bad = strstr(message, "\"method\":\"Runtime.exceptionThrown\"") ||
		   (strstr(message, "\"method\":\"Runtime.consoleAPICalled\"") &&
		    strstr(message, "\"type\":\"error\"")) ||
		   (strstr(message, "\"method\":\"Log.entryAdded\"") &&
		    strstr(message, "\"level\":\"error\""));

	if (bad) {
		chrome.errors++;
		printf("the page complains: %.600s\n", message);
	}
}

/* Send a command, with parameters as JSON; the answer, until the next one. */
__attribute__((format(printf, 2, 3))) static char *command(const char *method, const char *fmt, ...)
{
	char *params, *text, *answer, want[32];
	time_t until = time(NULL) + 120;
	va_list ap;
	size_t n, at = 0;

	va_start(ap, fmt);
	if (vasprintf(&params, fmt, ap) < 0)
		abort();
	va_end(ap);
	if (asprintf(&text, "{\"id\":%d,\"method\":\"%s\",\"params\":{%s}%s%s%s}", ++chrome.id,
		     method, params, *chrome.session ? ",\"sessionId\":\"" : "", chrome.session,
		     *chrome.session ? "\"" : "") < 0)
		abort();
	for (n = strlen(text) + 1; at < n;) {
		ssize_t w = write(chrome.in, text + at, n - at);

		if (w <= 0)
			give_up("not ok browser - Chromium does not listen");
		at += (size_t)w;
	}
	free(params);
	free(text);
	snprintf(want, sizeof want, "{\"id\":%d,", chrome.id);
	while ((answer = receive(until))) {
		if (begins(answer, want))
			return answer;
		look_at(answer);
	}
	give_up("not ok browser - Chromium does not answer to %s", method);
}

/* ---- Input ---- */

/* What an expression gives, as text, to be freed; an exception is its text. */
static char *evaluate(const char *expr)
{
	char *text, *q, *answer, *value;

	if (asprintf(&text, "(async () => String(await (%s)))()", expr) < 0)
		abort();
	q = quoted(text);
	answer = command("Runtime.evaluate", "\"awaitPromise\":true,\"expression\":%s", q);
	value = member(answer, strstr(answer, "exceptionDetails") ? "description" : "value");
	free(q);
	free(text);
	return value ? value : strdup("nothing");
}

static void place(const char *expr, double *x, double *y)
{
	char *v = evaluate(expr);

	if (sscanf(v, "%lf,%lf", x, y) != 2)
		give_up("not ok browser - no place: %s is %s", expr, v);
	free(v);
}

static void mouse(const char *type, double x, double y, int buttons, int clicks, int modifiers)
{
	command("Input.dispatchMouseEvent",
		"\"type\":\"%s\",\"x\":%g,\"y\":%g,\"button\":\"%s\",\"buttons\":%d,\"clickCount\":"
		"%d,"
		"\"modifiers\":%d",
		type, x, y, strcmp(type, "mouseMoved") || buttons ? "left" : "none", buttons,
		clicks, modifiers);
}

static void click(const char *expr, int times)
{
	double x, y;

	place(expr, &x, &y);
	mouse("mouseMoved", x, y, 0, 0, 0);
	for (int i = 1; i <= times; i++) {
		mouse("mousePressed", x, y, 1, i, 0);
		mouse("mouseReleased", x, y, 0, i, 0);
	}
}

static void drag(char *from, int modifiers)
{
	char *to = strstr(from, " to ");
	double x0, y0, x1, y1;

	if (!to)
		give_up("not ok browser - drag to where?");
	*to = 0;
	place(from, &x0, &y0);
	place(to + 4, &x1, &y1);
	mouse("mouseMoved", x0, y0, 0, 0, modifiers);
	mouse("mousePressed", x0, y0, 1, 1, modifiers);
	for (int i = 1; i <= 8; i++)
		mouse("mouseMoved", x0 + (x1 - x0) * i / 8, y0 + (y1 - y0) * i / 8, 1, 0,
		      modifiers);
	mouse("mouseReleased", x1, y1, 0, 1, modifiers);
}

static void wheel(char *args)
{
	double x, y;
	char *rest;
	long delta = strtol(args, &rest, 10);

	place(rest, &x, &y);
	command("Input.dispatchMouseEvent",
		"\"type\":\"mouseWheel\",\"x\":%g,\"y\":%g,\"deltaX\":0,\"deltaY\":%ld", x, y,
		delta);
}

static void key(char *args)
{
	char *more = strchr(args, ' '), *k;
	int modifiers = more && strstr(more, "shift") ? 8 : more && strstr(more, "ctrl") ? 2 : 0;
	bool text;

	if (more)
		*more = 0;
	text = strlen(args) == 1;
	k = quoted(args);
	command("Input.dispatchKeyEvent", "\"type\":\"keyDown\",\"key\":%s,\"modifiers\":%d%s%s", k,
		modifiers, text ? ",\"text\":" : "", text ? k : "");
	command("Input.dispatchKeyEvent", "\"type\":\"keyUp\",\"key\":%s,\"modifiers\":%d", k,
		modifiers);
	free(k);
}

/* ---- Commands ---- */

static void open_page(const char *file)
{
	char *q = quoted(file), *state;
	time_t until = time(NULL) + 120;

	/* The same page with another fragment would not be loaded anew. */
	command("Page.navigate", "\"url\":\"about:blank\"");
	command("Page.navigate", "\"url\":%s", q);
	free(q);
	do {
		state = evaluate("document.readyState + location.href.startsWith('file:')");
		if (strcmp(state, "completetrue") == 0)
			break;
		free(state);
		usleep(20000);
	} while (time(NULL) < until);
}

static void expect(char *args)
{
	char *colon = strstr(args, ": "), *value = NULL;
	time_t until = time(NULL) + patience;

	if (!colon)
		give_up("not ok browser - expect NAME: EXPR");
	*colon = 0;
	do {
		free(value);
		value = evaluate(colon + 2);
		if (strcmp(value, "true") == 0) {
			passed++;
			printf("ok %s\n", args);
			free(value);
			return;
		}
		usleep(30000);
	} while (time(NULL) < until);
	failed++;
	patience = 2; /* the rest is likely to fail too */
	printf("not ok %s - it is %s: %s\n", args, value, colon + 2);
	free(value);
}

static void shot(const char *file)
{
	char *png = member(command("Page.captureScreenshot", "\"format\":\"png\""), "data");
	char *cmd;
	FILE *to;

	if (!png || asprintf(&cmd, "base64 -d >'%s'", file) < 0)
		give_up("not ok browser - no picture");
	to = popen(cmd, "w");
	fputs(png, to);
	pclose(to);
	free(cmd);
	free(png);
}

static void media(const char *args)
{
	command("Emulation.setEmulatedMedia",
		"\"media\":\"%s\",\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"%"
		"s\"}]",
		strstr(args, "print") ? "print" : "screen",
		strstr(args, "dark") ? "dark" : "light");
}

static void cpu(const char *name)
{
	static double before;
	const char *said = strstr(command("Performance.getMetrics", "%s", ""),
				  "\"TaskDuration\",\"value\":");
	double now = said ? atof(strchr(said, ':') + 1) : 0;

	printf("%s: %.2f\n", name, now - before);
	before = now;
}

/* A field of /proc/PID/status, in kB; 0 if it is not there. */
static long status_field(int pid, const char *field)
{
	char path[64], line[256];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof line, f))
		if (begins(line, field))
			kb = atol(line + strlen(field));
	if (f)
		fclose(f);
	return kb;
}

/* Of the largest process of the browser's that draws pages. */
static void memory(const char *name)
{
	long now = 0, most = 0;
	DIR *proc = opendir("/proc");
	struct dirent *e;

	while (proc && (e = readdir(proc))) {
		int pid = atoi(e->d_name);
		char path[64], args[4096] = "";
		FILE *f;

		if (pid <= 0 || getpgid(pid) != chrome.pid)
			continue;
		snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
		f = fopen(path, "r");
		if (f) {
			size_t n = fread(args, 1, sizeof args - 1, f);

			fclose(f);
			if (memmem(args, n, "--type=renderer", 15) &&
			    status_field(pid, "VmHWM:") > most) {
				now = status_field(pid, "VmRSS:");
				most = status_field(pid, "VmHWM:");
			}
		}
	}
	if (proc)
		closedir(proc);
	printf("%s: %ld\n%s at most: %ld\n", name, now / 1024, name, most / 1024);
}

static void obey(char *line)
{
	char *args = strchr(line, ' '), *said;
	int w, h;

	if (args)
		*args++ = 0;
	else
		args = line + strlen(line);
	if (strcmp(line, "open") == 0) {
		open_page(args);
	} else if (strcmp(line, "size") == 0 && sscanf(args, "%d %d", &w, &h) == 2) {
		command("Emulation.setDeviceMetricsOverride",
			"\"width\":%d,\"height\":%d,\"deviceScaleFactor\":1,\"mobile\":false", w,
			h);
	} else if (strcmp(line, "expect") == 0) {
		expect(args);
	} else if (strcmp(line, "print") == 0 && strstr(args, ": ")) {
		said = evaluate(strstr(args, ": ") + 2);
		printf("%.*s: %s\n", (int)(strstr(args, ": ") - args), args, said);
		free(said);
	} else if (strcmp(line, "eval") == 0) {
		if (asprintf(&said, "(() => { %s; return true })()", args) < 0)
			abort();
		args = evaluate(said);
		if (strcmp(args, "true") != 0)
			give_up("not ok browser - %s: %s", said, args);
		free(args);
		free(said);
	} else if (strcmp(line, "key") == 0) {
		key(args);
	} else if (strcmp(line, "type") == 0) {
		said = quoted(args);
		command("Input.insertText", "\"text\":%s", said);
		free(said);
	} else if (strcmp(line, "move") == 0) {
		double x, y;

		place(args, &x, &y);
		mouse("mouseMoved", x, y, 0, 0, 0);
	} else if (strcmp(line, "click") == 0) {
		click(args, 1);
	} else if (strcmp(line, "double") == 0) {
		click(args, 2);
	} else if (strcmp(line, "drag") == 0) {
		drag(args, 0);
	} else if (strcmp(line, "shiftdrag") == 0) {
		drag(args, 8);
	} else if (strcmp(line, "wheel") == 0) {
		wheel(args);
	} else if (strcmp(line, "shot") == 0) {
		shot(args);
	} else if (strcmp(line, "media") == 0) {
		media(args);
	} else if (strcmp(line, "cpu") == 0) {
		cpu(args);
	} else if (strcmp(line, "memory") == 0) {
		memory(args);
	} else if (strcmp(line, "gc") == 0) {
		command("HeapProfiler.collectGarbage", "%s", "");
	} else if (strcmp(line, "scripts") == 0) {
		command("Emulation.setScriptExecutionDisabled", "\"value\":%s",
			strcmp(args, "off") == 0 ? "true" : "false");
	} else {
		give_up("not ok browser - what is '%s %s'?", line, args);
	}
}

/* With $NAME replaced. */
static void put_names(char *out, size_t size, const char *line)
{
	size_t n = 0;

	for (; *line && n + 1 < size; line++) {
		bool found = false;

		for (char **v = names; *line == '$' && *v && !found; v++) {
			const char *eq = strchr(*v, '=');
			size_t len = (size_t)(eq - *v);

			if (strncmp(line + 1, *v, len) == 0) {
				n += (size_t)snprintf(out + n, size - n, "%s", eq + 1);
				line += len;
				found = true;
			}
		}
		if (!found)
			out[n++] = *line;
	}
	out[n < size ? n : size - 1] = 0;
}

int main(int argc, char **argv)
{
	static char line[65536], full[131072];
	char profile[] = "/tmp/weft-browser.XXXXXX", *id, *cmd;
	FILE *f = argc > 1 ? fopen(argv[1], "r") : NULL;

	if (!f)
		give_up("usage: browser SCENARIO NAME=VALUE...");
	names = argv + 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(profile))
		give_up("no temporary directory");
	start(profile);
	id = member(command("Target.createTarget", "\"url\":\"about:blank\""), "targetId");
	id = member(command("Target.attachToTarget", "\"targetId\":\"%s\",\"flatten\":true", id),
		    "sessionId");
	snprintf(chrome.session, sizeof chrome.session, "%s", id);
	command("Page.enable", "%s", "");
	command("Runtime.enable", "%s", "");
	command("Log.enable", "%s", "");
	command("Network.enable", "%s", "");
	command("Performance.enable", "\"timeDomain\":\"threadTicks\"");
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = 0;
		if (*line && *line != '#') {
			put_names(full, sizeof full, line);
			obey(full);
		}
	}
	if (chrome.errors) {
		printf("not ok no_error_is_logged - %d were\n", chrome.errors);
		failed++;
	} else {
		printf("ok no_error_is_logged\n");
		passed++;
	}
	printf("%d passed, %d failed\n", passed, failed);
	kill(-chrome.pid, SIGKILL);
	waitpid(chrome.pid, NULL, 0);
	if (asprintf(&cmd, "rm -rf '%s'", profile) < 0 || system(cmd) != 0)
		return 1;
	return failed > 0;
}
