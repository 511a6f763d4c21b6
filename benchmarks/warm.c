/* SPDX-License-Identifier: MIT */
/* Touch so many MiB of memory, and give them back: at most half of what is available.
 *
 *     warm MIB
 *
 * On a virtual machine who first touches memory, or does so after the host has taken it back, pays
 * for the host's page faults as well, up to ten times as much as for its own.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t half = (size_t)sysconf(_SC_AVPHYS_PAGES) / 2 * page;
	size_t bytes = argc == 2 ? strtoul(argv[1], NULL, 10) << 20 : 0;
	char *mem;

	if (!bytes) {
		fprintf(stderr, "usage: warm MIB\n");
		return 2;
	}
	if (bytes > half)
		bytes = half;
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED) {
		perror("warm: mmap");
		return 1;
	}
	madvise(mem, bytes / 8, MADV_HUGEPAGE); // those come from elsewhere, and some want them
	for (size_t at = 0; at < bytes; at += page)
		mem[at] = 1;
	return 0;
}
