/* SPDX-License-Identifier: MIT */
/* What reports can say of goroutines and of what they wait for.
 *
 * Reports read what belongs to others, who may be running.  A struct g is never unmapped; what is
 * read of it is believed if it was the same before and after (rt_see, rt_still).  An object is the
 * program's, and may be freed once nobody waits for it.  So it is read through the kernel
 * (rt_peek), which reports what would kill the program if it were read with a load, and what was
 * read is believed if afterwards a goroutine still waits for the object.
 */
#ifndef RT_DESCRIBE_H
#define RT_DESCRIBE_H

#include "g.h"

/* A pipe: what is written into it is read by the kernel, which refuses memory that is not there. */
struct rt_peek {
	bool tried; /* to make it */
	int out, in;
};
#define RT_PEEK                                                                                    \
	{                                                                                          \
		false, -1, -1                                                                      \
	}

void rt_peek_close(struct rt_peek *pk);
/* Copy n bytes, 4096 at most; false if they are not there, or if there is no descriptor free for
 * the pipe, which is made for the first copy: then reports say less. */
bool rt_peek(struct rt_peek *pk, void *to, const void *from, size_t n);

/* A goroutine as it was at a moment. */
struct rt_seen {
	const struct g *g;
	uint64_t id;
	uint32_t status; /* enum g_status */
	enum wait why;
	const void *obj;
	union {
		const void *select; /* WAIT_select: see rt_select_look */
		const void *call;   /* WAIT_flight_do: see flight.h */
	};
	const weft_site *wait_site;
	int64_t since;
	const weft_site *site;
	uint64_t parent;
	char name[sizeof((struct g_stack *)0)->name];
};

/* False if it is dead. */
bool rt_see(const struct g *gp, struct rt_seen *s);
/* True if it is as it was seen: alive, and in the same wait if it was in one. */
bool rt_still(const struct rt_seen *s);
/* "goroutine 7 (worker)"; without the label if it is empty. */
void rt_seen_text(const struct rt_seen *s, char *buf, size_t size);

/* Who can end a wait. */
enum rt_waits_for {
	RT_FOR_OWNER,	 /* the goroutine that has the object, which is known */
	RT_FOR_PEER,	 /* some other goroutine */
	RT_FOR_NOBODY,	 /* nobody ever */
	RT_FOR_THE_WORLD /* time, or what is outside the program */
};
enum rt_waits_for rt_waits_for(enum wait why);
/* What has the owner that s waits for: the object, or of a flight the call. */
static inline const void *rt_owned(const struct rt_seen *s)
{
	return s->why == WAIT_flight_do ? s->call : s->obj;
}
/* What that other goroutine would have to do: "send". */
const char *rt_peer_would(enum wait why);

/* Its name, in quotes; false if it has none. */
bool rt_name_of(const void *obj, char *buf, size_t size);
/* `mutex "db"`, or with its address where it has no name. */
void rt_object_text(enum wait why, const void *obj, char *buf, size_t size);
/* The same of what s waits for, with what its state is; false if there is nothing to say.  Of a
 * wait for an owner, waitfor.h says more. */
bool rt_describe(struct rt_peek *pk, const struct rt_seen *s, char *buf, size_t size);
/* A wait for a peer that may also end of itself, by a timer or a time-out. */
bool rt_wait_ends(struct rt_peek *pk, const struct rt_seen *s);

/* A goroutine ends: remember for a while who it was.  By its worker's thread. */
struct p;
void rt_ended_add(struct p *pp, const struct g *gp);
/* Who it was, if it ended not long ago; else only its number is known. */
void rt_ended_look(uint64_t id, struct rt_seen *s);

#endif
