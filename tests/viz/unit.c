/* SPDX-License-Identifier: MIT */
/* Runs the tests that are linked in. */
#include "unit.h"

static struct unit *units;
static bool failed;

void unit_add(struct unit *u)
{
	u->next = units;
	units = u;
}

void unit_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	failed = true;
}

int main(void)
{
	int passed = 0, all = 0;

	for (struct unit *u = units; u; u = u->next) {
		failed = false;
		u->run();
		printf("%s %s\n", failed ? "not ok" : "ok", u->name);
		passed += !failed;
		all++;
	}
	printf("%d passed, %d failed\n", passed, all - passed);
	return passed != all;
}
