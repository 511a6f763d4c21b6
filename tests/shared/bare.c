/* SPDX-License-Identifier: MIT */
/* A program that knows nothing of weft loads the library that its argument names, and runs it. */
#include <dlfcn.h>
#include <stdio.h>

/* weft_run_at: the macro needs the header, and this has none. */
struct site {
	const char *file, *func, *what;
	unsigned line, id;
};

static int app(void *arg)
{
	(void)arg;
	puts("ran");
	return 3;
}

int main(int argc, char **argv)
{
	static struct site site = {__FILE__, "main", "app", 26, 0};
	void *weft = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
	int (*run)(int (*fn)(void *arg), void *arg, struct site *site);

	if (!weft) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	*(void **)&run = dlsym(weft, "weft_run_at");
	return run(app, NULL, &site);
}
