/* SPDX-License-Identifier: MIT */
/* The settings here were measured: with eight sub-buffers of 1 MiB for each cpu nothing is lost at
 * 20 million events a second; buffers of each process's own do not hang the daemon when a program
 * is killed in the middle of an event, which shared ones do; and buffers in files (shm-path) can
 * be read after that (lttng-crash), and do not fail silently when /dev/shm is small.
 */
#define _GNU_SOURCE
#include "lttng.h"

#include <lttng/lttng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SESSION "weft"
#define CHANNEL "weft"

enum {
	SUBBUF = 1 << 20,
	SUBBUF_MIN = 64 << 10,
	COUNT = 8,
	COUNT_MIN = 4,
	METADATA_US = 100 * 1000,
	PATIENCE_US = 15 * 1000 * 1000,
	SHARE = 4, /* the buffers take at most 1/SHARE of the room; the rest is the trace's */
};

uint64_t lttng_bytes(const struct lttng_plan *plan)
{
	return plan->subbuf * plan->count * (uint64_t)sysconf(_SC_NPROCESSORS_CONF);
}

int lttng_size(struct lttng_plan *plan, uint64_t room)
{
	plan->subbuf = SUBBUF;
	plan->count = COUNT;
	while (lttng_bytes(plan) > room / SHARE) {
		if (plan->subbuf > SUBBUF_MIN)
			plan->subbuf /= 2;
		else if (plan->count > COUNT_MIN)
			plan->count /= 2;
		else
			return -1;
	}
	return plan->subbuf == SUBBUF;
}

static int failed(char *why, const char *what, int err)
{
	snprintf(why, LTTNG_WHY, "%s: %s", what, lttng_strerror(err < 0 ? err : -err));
	return -1;
}

static struct lttng_handle *open_handle(void)
{
	struct lttng_domain domain = {.type = LTTNG_DOMAIN_UST, .buf_type = LTTNG_BUFFER_PER_PID};

	return lttng_create_handle(SESSION, &domain);
}

static struct lttng_channel *channel(struct lttng_handle *handle, const char *name, uint64_t subbuf,
				     uint64_t count)
{
	struct lttng_channel *chan = lttng_channel_create(&handle->domain);

	if (!chan)
		return NULL;
	snprintf(chan->name, sizeof chan->name, "%s", name);
	chan->attr.overwrite = 0;
	chan->attr.subbuf_size = subbuf;
	chan->attr.num_subbuf = count;
	return chan;
}

/* What is needed to read a trace is else written at its end, when the disk may be full: so that
 * nothing of it could be read.  LTTng knows the channel by its name. */
static int enable_metadata(struct lttng_handle *handle)
{
	struct lttng_channel *chan = channel(handle, "metadata", 4096, 2);
	int err = -LTTNG_ERR_NOMEM;

	if (chan) {
		chan->attr.switch_timer_interval = METADATA_US;
		err = lttng_enable_channel(handle, chan);
	}
	lttng_channel_destroy(chan);
	return err;
}

/* Lossless, an event waits for room for as long as PATIENCE_US.  Not for ever: a thread that waits
 * keeps the program from seeing that its session is gone (LTTng waits for the thread first), so
 * that it would hang if the consumer was killed.  Once one wait has ended so, none begins. */
static int enable_channel(struct lttng_handle *handle, const struct lttng_plan *plan)
{
	struct lttng_channel *chan = channel(handle, CHANNEL, plan->subbuf, plan->count);
	int err = chan ? 0 : -LTTNG_ERR_NOMEM;

	if (!err && plan->lossless)
		err = lttng_channel_set_blocking_timeout(chan, PATIENCE_US) < 0 ? -LTTNG_ERR_INVALID : 0;
	if (!err)
		err = lttng_enable_channel(handle, chan);
	lttng_channel_destroy(chan);
	return err;
}

static int enable_events(struct lttng_handle *handle)
{
	struct lttng_event *event = lttng_event_create();
	int err;

	if (!event)
		return -LTTNG_ERR_NOMEM;
	snprintf(event->name, sizeof event->name, "weft:*");
	event->type = LTTNG_EVENT_TRACEPOINT;
	event->loglevel_type = LTTNG_EVENT_LOGLEVEL_ALL;
	err = lttng_enable_event(handle, event, CHANNEL);
	lttng_event_destroy(event);
	return err;
}

int lttng_begin(const struct lttng_plan *plan, char *why)
{
	struct lttng_handle *handle = NULL;
	int err;

	/* Members of this group would be sent to root's daemon. */
	lttng_set_tracing_group("weft-none");
	err = lttng_create_session(SESSION, plan->trace);
	if (err < 0)
		return failed(why, "cannot create a trace session", err);
	err = lttng_set_session_shm_path(SESSION, plan->shm);
	if (err < 0)
		return failed(why, "cannot place the trace's buffers", err);
	handle = open_handle();
	if (!handle)
		return failed(why, "cannot create a trace session", LTTNG_ERR_NOMEM);
	err = enable_metadata(handle);
	if (!err)
		err = enable_channel(handle, plan);
	if (err < 0) {
		failed(why, "cannot create the trace's buffers", err);
		goto out;
	}
	err = enable_events(handle);
	if (err < 0) {
		failed(why, "cannot enable weft's events", err);
		goto out;
	}
	err = lttng_start_tracing(SESSION);
	if (err < 0)
		failed(why, "cannot start tracing", err);
out:
	lttng_destroy_handle(handle);
	return err < 0 ? -1 : 0;
}

static int count_discarded(int64_t *discarded)
{
	struct lttng_handle *handle = open_handle();
	struct lttng_channel *chans = NULL;
	uint64_t n;
	int nchans;

	if (!handle)
		return -LTTNG_ERR_NOMEM;
	nchans = lttng_list_channels(handle, &chans);
	for (int i = 0; i < nchans; i++)
		if (lttng_channel_get_discarded_event_count(&chans[i], &n) == 0)
			*discarded += (int64_t)n;
	free(chans);
	lttng_destroy_handle(handle);
	return nchans < 0 ? nchans : 0;
}

int lttng_finish(int64_t *discarded, char *why)
{
	int err;

	lttng_set_tracing_group("weft-none");
	err = lttng_stop_tracing_no_wait(SESSION);
	if (err < 0 && err != -LTTNG_ERR_TRACE_ALREADY_STOPPED)
		return failed(why, "cannot stop tracing", err);
	for (long us = 100; (err = lttng_data_pending(SESSION)) == 1; us = us < 10000 ? 2 * us : us)
		usleep((useconds_t)us);
	if (err < 0)
		return failed(why, "cannot wait for the trace's data", err);
	err = count_discarded(discarded);
	if (err < 0)
		return failed(why, "cannot count the discarded events", err);
	return 0;
}
