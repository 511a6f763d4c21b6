/* SPDX-License-Identifier: MIT */
/* Restartable sequences: restart.h. */
#define _GNU_SOURCE
#include "arch/switch.h"

#include "restart.h"
#include "throw.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#if RT_RESTART
enum { TRIES = 100 };

static bool restartable; // written before there are threads

static long membarrier(int cmd)
{
	return syscall(SYS_membarrier, cmd, 0, 0);
}

void rt_restart_init(void)
{
	restartable = __rseq_size > 0 &&
		      membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ) == 0 &&
		      membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) == 0;
}

struct rseq *rt_restart_area(void)
{
	return restartable ? (void *)((char *)__builtin_thread_pointer() + __rseq_offset) : NULL;
}

void rt_restart_others(void)
{
	int tries = 0;

	if (!restartable)
		return;
	while (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) != 0) {
		if (++tries == TRIES)
			rt_fatal(NULL, "membarrier worked, and now does not: %s", strerror(errno));
		sched_yield();
	}
}
#else
void rt_restart_init(void)
{
}

struct rseq *rt_restart_area(void)
{
	return NULL;
}

void rt_restart_others(void)
{
}
#endif
