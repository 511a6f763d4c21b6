/* SPDX-License-Identifier: MIT */
/* Lost events: a thread numbers its events, so what is missing between two is seen at the second;
 * and it counts them where that outlives it, so what is missing after its last is seen at the end.
 */
#include "error.h"
#include "state.h"

#include <inttypes.h>
#include <stdlib.h>

/* What threads under one number, one after the other, counted. */
struct counted {
	size_t n, now; /* the one whose events come now */
	uint32_t *events;
};

static void put_gap(struct model *md, struct proc *pr, uint32_t m, int64_t ts, int64_t end,
		    int64_t lost)
{
	db_put(md->db, gap, .ts = ts, .dur = end - ts, .pid = pr->pid, .m = m, .lost = lost);
}

static void write_gap(struct model *md, struct proc *pr, struct m *mp)
{
	if (mp->gap_lost)
		put_gap(md, pr, mp->m, mp->gap_ts, mp->gap_end, mp->gap_lost);
	mp->gap_lost = 0;
}

static void count_lost(struct model *md, struct proc *pr, int64_t lost)
{
	pr->lost += lost;
	md->counts.lost += lost;
}

static void found_gap(struct model *md, struct proc *pr, struct m *mp, uint32_t lost, int64_t end)
{
	write_gap(md, pr, mp);
	mp->gap_seq = mp->next;
	mp->gap_lost = lost;
	mp->gap_ts = mp->seen ? mp->last : pr->ts;
	mp->gap_end = end;
	count_lost(md, pr, lost);
}

/* An event that its thread numbered before the newest one: true if it was missing, false if it is
 * there twice. */
static bool fills_gap(struct model *md, struct proc *pr, struct m *mp, uint32_t seq)
{
	if (!mp->gap_lost || seq - mp->gap_seq >= mp->next - mp->gap_seq)
		return false;
	if (seq != mp->gap_seq && seq != mp->gap_seq + mp->gap_lost - 1)
		return false;
	mp->gap_seq += seq == mp->gap_seq;
	mp->gap_lost--;
	count_lost(md, pr, -1);
	return true;
}

/* All events of a thread are missing: it was there at some time of its process. */
static void lost_all(struct model *md, struct proc *pr, uint32_t m, uint32_t events)
{
	bool known = pr->ts != NONE;

	put_gap(md, pr, m, known ? pr->ts : 0, known ? pr->last : md->now, events);
	count_lost(md, pr, events);
}

/* No more events of this thread come, until then at least: did it count more? */
static void end_numbers(struct model *md, struct proc *pr, struct m *mp, int64_t end)
{
	struct counted *c = hash_get(&pr->counted, mp->m);
	int32_t missing;

	while (c && c->now < c->n) {
		missing = (int32_t)(c->events[c->now] - mp->next);
		if (missing < 0 && c->now + 1 < c->n) { // they are those of a later one
			lost_all(md, pr, mp->m, c->events[c->now++]);
			continue;
		}
		c->now++;
		if (missing > 0)
			found_gap(md, pr, mp, (uint32_t)missing, end);
		break;
	}
	write_gap(md, pr, mp);
}

bool gap_event(struct model *md, struct proc *pr, struct m *mp, uint32_t seq, int64_t ts)
{
	int32_t ahead = (int32_t)(seq - mp->next);

	if (mp->seen && ts <= mp->last && ahead < 0)
		return fills_gap(md, pr, mp, seq);
	if (ahead < 0 || (mp->ended && ts > mp->last)) {
		/* the number of a thread that ended serves another */
		end_numbers(md, pr, mp, md->now);
		mp->seen = mp->ended = false;
		mp->next = 0;
	}
	if (seq != mp->next)
		found_gap(md, pr, mp, seq - mp->next, md->now);
	mp->next = seq + 1;
	mp->last = md->now;
	mp->seen = true;
	return true;
}

void gap_counted(struct proc *pr, uint32_t m, uint32_t events)
{
	struct counted *c = hash_get(&pr->counted, m);

	if (!c) {
		c = need(sizeof *c);
		hash_put(&pr->counted, m, c);
	}
	c->events = realloc(c->events, (c->n + 1) * sizeof *c->events);
	if (!c->events)
		die("no memory");
	c->events[c->n++] = events;
}

/* Of a recording in which threads count: those for which there was no room, or which cannot get at
 * it. */
static void say_uncounted(struct model *md, struct proc *pr)
{
	int64_t n = 0;

	for (struct hash_slot *s = NULL; (s = hash_next(&pr->ms, s));)
		n += !hash_get(&pr->counted, s->key);
	if (n)
		anomaly(md, NULL, NULL,
			"process %" PRIu32 ": of %" PRId64
			" of its threads it is not known how many events "
			"they emitted: the last may be missing",
			pr->pid, n);
}

void gap_finish(struct model *md, struct proc *pr)
{
	int64_t more;

	if (md->counted)
		say_uncounted(md, pr);
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->ms, s));)
		end_numbers(md, pr, s->value, pr->last);
	for (struct hash_slot *s = NULL; (s = hash_next(&pr->counted, s));) {
		struct counted *c = s->value;

		while (c->now < c->n)
			lost_all(md, pr, (uint32_t)s->key, c->events[c->now++]);
		free(c->events);
	}
	/* What the tracer discarded, and no thread's count shows. */
	more = pr->discarded - pr->lost;
	if (more > 0) {
		put_gap(md, pr, 0, pr->discarded_ts, pr->discarded_ts, more);
		count_lost(md, pr, more);
	}
}
