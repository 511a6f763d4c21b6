/* SPDX-License-Identifier: MIT */
/* Who waits for whom: the goroutines that wait for locks, those that have the locks, and what is
 * wrong with that.
 *
 * The graph is made anew for each report, of what is seen while others may run, so it may be wrong
 * in what changes meanwhile.  A finding is of waits that have not ended when it is returned.
 */
#ifndef RT_WAITFOR_H
#define RT_WAITFOR_H

#include "describe.h"

struct rt_wf_lock;

/* Who has a lock. */
struct rt_wf_holder {
	uint64_t id;
	struct rt_wf_lock *lock;
	struct rt_wf_holder *next; /* of the same lock */
	bool reads;
	bool found; /* it is alive */
	struct rt_seen seen;
};

/* A lock that somebody waits for: a mutex, an RWMutex, a Once, a call of a flight. */
struct rt_wf_lock {
	const void *obj; /* rt_owned(&waiter) */
	struct rt_seen waiter; /* who has waited longest */
	struct rt_seen writer; /* of an RWMutex: one who waits to write; or id 0 */
	uint32_t waiters;
	uint64_t owner;		/* 0: not known, or it is read-locked */
	const weft_site *where; /* where the owner locked it */
	uint32_t readers;
	struct rt_wf_holder *holders;

	/* While findings are searched. */
	struct rt_wf_lock *below; /* the path: whose holder waits for this one */
	struct rt_wf_lock *above; /* of a cycle: the other way */
	struct rt_wf_holder *at;  /* the holder that is being followed */
	enum { RT_WF_NEW, RT_WF_ON_PATH, RT_WF_DONE } state;
};

enum rt_cause { RT_SELF_LOCK, RT_CYCLE, RT_OWNER_GONE, RT_OWNER_BLOCKED };

enum { RT_WF_INVOLVED = 8 };

struct rt_finding {
	enum rt_cause cause;
	uint64_t key;	 /* the same for what is found again */
	char text[1024]; /* a sentence; of a cycle more lines follow */
	struct rt_seen involved[RT_WF_INVOLVED];
	int ninvolved;
};

/* Make the graph of the waits that began before a time.  False if another report does not end.
 * Until rt_wf_done the graph is the caller's alone. */
bool rt_wf_make(struct rt_peek *pk, int64_t before);
void rt_wf_done(void);

/* All that is wrong, each thing once, up to a limit; how many there are.  `certain`: nothing runs,
 * so that an owner who waits is blocked however it does.  In the next call they are overwritten. */
int rt_wf_find(struct rt_peek *pk, bool certain, const struct rt_finding **findings);

/* What a goroutine that waits for a lock waits for, with who has it: more of them if the graph is
 * made. */
bool rt_wf_describe(struct rt_peek *pk, const struct rt_seen *s, bool graph, char *buf,
		    size_t size);

/* The name of a cause, for the trace. */
const char *rt_cause_name(enum rt_cause cause);

/* A goroutine ends that has RWMutexes for reading: remember that. */
void rt_wf_readers_left(const struct g *gp);

#endif
