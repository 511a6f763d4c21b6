/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "env.h"

#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

long rt_env_number(const char *name, long least, long most, long otherwise, bool bytes)
{
	const char *s = getenv(name);
	char *end;
	long n;

	if (!s || !*s)
		return otherwise;
	errno = 0;
	n = strtol(s, &end, 10);
	if (bytes && end != s && *end) {
		const char *unit = strchr("KMG", toupper((unsigned char)*end));

		if (unit && !errno && !__builtin_mul_overflow(n, 1L << 10 * (unit - "KMG" + 1), &n))
			end++;
	}
	if (end == s || *end || errno || n < least || n > most) {
		fprintf(stderr, "weft: %s=%s: give a number from %ld to %ld%s\n", name, s, least,
			most, bytes ? ", in bytes, or as in 64K or 1M" : "");
		exit(2);
	}
	return n;
}

long rt_env_debug(const char *key, long least, long most, long otherwise)
{
	const char *s = getenv("WEFT_DEBUG");
	size_t len = strlen(key);
	char *end;
	long n;

	for (; s && *s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
		if (strncmp(s, key, len) || s[len] != '=')
			continue;
		errno = 0;
		n = strtol(s + len + 1, &end, 10);
		if (end != s + len + 1 && (!*end || *end == ',') && !errno && n >= least &&
		    n <= most)
			return n;
		fprintf(stderr, "weft: WEFT_DEBUG=%s: give %s a number from %ld to %ld\n", s, key,
			least, most);
		exit(2);
	}
	return otherwise;
}

long rt_env_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

/* All that rt_env_debug is asked for. */
static const char *const debug_keys[] = {"chaos", "guard", "sched"};

static bool known(const char *setting, size_t len)
{
	for (size_t i = 0; i < sizeof debug_keys / sizeof *debug_keys; i++)
		if (strlen(debug_keys[i]) == len && strncmp(setting, debug_keys[i], len) == 0)
			return true;
	return false;
}

void rt_env_debug_check(void)
{
	const char *all = getenv("WEFT_DEBUG");

	for (const char *s = all; s && *s; s += strcspn(s, ","), s += *s == ',') {
		size_t len = strcspn(s, "=,");

		if (s[len] == '=' && known(s, len))
			continue;
		fprintf(stderr,
			"weft: WEFT_DEBUG=%s: give settings from this list, with commas "
			"between them:",
			all);
		for (size_t i = 0; i < sizeof debug_keys / sizeof *debug_keys; i++)
			fprintf(stderr, " %s=NUMBER", debug_keys[i]);
		fprintf(stderr, "\n");
		exit(2);
	}
}
