/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "error.h"
#include "guard.h"

#include <string.h>

static int run_job(void *arg)
{
	struct guard_job *job = arg;

	return job->run(job);
}

static void undo_job(void *arg)
{
	struct guard_job *job = arg;

	if (job->undo)
		job->undo(job);
}

int guard_read(struct guard_job *job, size_t size)
{
	int sig, err = guard_call(run_job, undo_job, job, size, &sig);

	if (err == GUARD_CRASHED) {
		job->careful = true;
		err = guard_call(run_job, undo_job, job, size, &sig);
	}
	if (err == GUARD_CRASHED)
		err = error("%s: cannot be read: whatever reads it is ended by signal %d (%s)",
			    job->path, sig, strsignal(sig));
	return err;
}
