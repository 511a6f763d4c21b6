/* SPDX-License-Identifier: MIT */
/* Fences in other threads: fence.h. */
#define _GNU_SOURCE
#include "fence.h"
#include "throw.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TRIES = 100, NONE = -1 };

static int command = NONE; // constant after the start, too

static long membarrier(int cmd)
{
	return syscall(SYS_membarrier, cmd, 0, 0);
}

bool rt_membarrier_try(int cmd)
{
	return membarrier(cmd) == 0;
}

void rt_membarrier(int cmd)
{
	int saved = errno, tries = 0;

	while (!rt_membarrier_try(cmd)) {
		if (++tries == TRIES)
			rt_fatal(NULL, "membarrier cannot be called any more: %s", strerror(errno));
		sched_yield();
	}
	errno = saved;
}

void rt_fence_init(void)
{
	long commands = membarrier(MEMBARRIER_CMD_QUERY); // -1 has every bit

	if (rt_membarrier_try(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) &&
	    rt_membarrier_try(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		command = MEMBARRIER_CMD_PRIVATE_EXPEDITED;
	else if (commands & MEMBARRIER_CMD_GLOBAL && rt_membarrier_try(MEMBARRIER_CMD_GLOBAL))
		command = MEMBARRIER_CMD_GLOBAL;
}

bool rt_fence_can_ask(void)
{
	return command != NONE;
}

void rt_fence_ask(void)
{
	rt_membarrier(command);
}
