/* SPDX-License-Identifier: MIT */
/* Restartable sequences: restart.h. */
#define _GNU_SOURCE
#include "arch/switch.h"

#include "fence.h"
#include "restart.h"

#include <linux/membarrier.h>
#include <stddef.h>

#if RT_RESTART
static bool restartable; // written before there are threads

void rt_restart_init(void)
{
	restartable = __rseq_size > 0 &&
		      rt_membarrier_try(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ) &&
		      rt_membarrier_try(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ);
}

struct rseq *rt_restart_area(void)
{
	return restartable ? (void *)((char *)__builtin_thread_pointer() + __rseq_offset) : NULL;
}

void rt_restart_others(void)
{
	if (restartable)
		rt_membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ);
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
