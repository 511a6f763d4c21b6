#!/bin/sh
# SPDX-License-Identifier: MIT
# All of tests/rt/progs/*.c are linked into one program, for linking takes longer than compiling: this
# prints its main, which is called by the name of one of them and runs that one's.
#
#     progs_main.sh NAME...
cat <<'END'
#include <stdio.h>
#include <string.h>

END
printf 'int main_%s(int argc, char **argv);\n' "$@"
cat <<'END'

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*main)(int argc, char **argv);
	} progs[] = {
END
for name; do
	printf '\t\t{"%s", main_%s},\n' "$name" "$name"
done
cat <<'END'
	};
	const char *name = strrchr(argv[0], '/');

	name = name ? name + 1 : argv[0];
	for (size_t i = 0; i < sizeof progs / sizeof progs[0]; i++)
		if (strcmp(progs[i].name, name) == 0)
			return progs[i].main(argc, argv);
	fprintf(stderr, "%s: no program of tests/rt/progs has this name\n", argv[0]);
	return 125;
}
END
