/* SPDX-License-Identifier: MIT */
/* Loads the plugin that its argument names, in a goroutine. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <weft.h>

static int app(void *arg)
{
	void *plugin = dlopen(arg, RTLD_NOW | RTLD_LOCAL);
	int (*sum)(int, weft_caught *);
	weft_caught caught = {"", NULL, 0};

	if (!plugin) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	*(void **)&sum = dlsym(plugin, "plugin_sum");
	printf("sum %d\n", sum(100, &caught));
	printf("caught %s in %s\n", caught.message, caught.site->func);
	return 0;
}

int main(int argc, char **argv)
{
	return argc == 2 ? weft_run(app, argv[1]) : 2;
}
