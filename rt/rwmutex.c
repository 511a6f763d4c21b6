/* SPDX-License-Identifier: MIT */
/* RWMutexes.
 *
 * The state is one word (see busy.h): WRITING, a goroutine has it for writing; QUEUED, goroutines
 * wait; BUSY, which protects the queues; and above them how many goroutines read.  Who unlocks
 * hands it on: nobody who was woken has to try again, so everyone's turn comes.
 *
 * Readers and writers alternate.  Who stops writing lets in all readers that wait, or if there are
 * none the first writer; the last who stops reading lets in the first writer.  A reader waits when
 * someone writes or waits to write, so it waits for one writer, however many there are.
 *
 * Held by readers with QUEUED, a writer waits.  Free, nobody waits.  The store that unlocks is the
 * last touch: whoever locks next may free the memory.
 */
#include "busy.h"
#include "throw.h"
#include "waitq.h"

enum { WRITING = 1, QUEUED = 2, READER = 8 };

static bool swap(weft_rwmutex *rw, uint32_t from, uint32_t to)
{
	return rt_word_swap(&rw->state, from, to);
}

static bool commit_queued(struct g *gp, void *arg)
{
	weft_rwmutex *rw = arg;

	(void)gp;
	rt_word_set(&rw->state, (rt_word_look(&rw->state) & ~BUSY) | QUEUED);
	return true;
}

/* Wait in q until the lock is handed over.  With BUSY. */
static void queue(weft_rwmutex *rw, weft_waitq *q, enum wait why, weft_site *site)
{
	struct weft_waiter w = {.g = rt_curg(), .site = site};

	rt_waitq_push(q, &w);
	rt_park(why, rw, site, commit_queued, rw);
}

static struct weft_waiter *take_all(weft_waitq *q, uint32_t *n)
{
	struct weft_waiter *first = q->head;

	*n = 0;
	for (struct weft_waiter *w = first; w; w = w->next)
		++*n;
	*q = (weft_waitq){0};
	return first;
}

/* Hand it on: its owner, for reports, is who is woken, though that has not run yet. */
static uint32_t hand_to_writer(weft_rwmutex *rw, const struct weft_waiter *w)
{
	__atomic_store_n(&rw->owner, w->g->id, __ATOMIC_RELAXED);
	__atomic_store_n(&rw->where, w->site, __ATOMIC_RELAXED);
	return WRITING;
}

/* ---- Writing ---------------------------------------------------------------------------- */

/* For reports, which read without a lock. */
static void own(weft_rwmutex *rw, weft_site *site, bool contended)
{
	__atomic_store_n(&rw->owner, rt_curg()->id, __ATOMIC_RELAXED);
	__atomic_store_n(&rw->where, site, __ATOMIC_RELAXED);
	rt_acquire(&rw->writers);
	rt_acquire(&rw->readers);
	rt_trace(rwmutex_lock, rw, rt_curg()->id, contended, rt_trace_site(site));
}

/* True if it had to wait. */
static bool lock_slow(weft_rwmutex *rw, weft_site *site)
{
	if (!rt_word_take(&rw->state)) {
		rt_word_set(&rw->state, WRITING);
		return false;
	}
	queue(rw, &rw->writers, WAIT_rwmutex_lock, site);
	return true;
}

void weft_rwmutex_lock_at(weft_rwmutex *rw, weft_site *site)
{
	bool contended;

	rt_enter("weft_rwmutex_lock");
	rt_reads(rw, 1);
	contended = !swap(rw, 0, WRITING) && lock_slow(rw, site);
	own(rw, site, contended);
	rt_leave();
}

bool weft_rwmutex_try_lock_at(weft_rwmutex *rw, weft_site *site)
{
	struct m *mp = rt_enter("weft_rwmutex_try_lock");
	bool locked = swap(rw, 0, WRITING);

	rt_reads(rw, 1);
	if (locked)
		own(rw, site, false);
	else
		rt_polled(mp);
	rt_leave();
	return locked;
}

/* With others waiting, or recorded. */
static void unlock_slow(weft_rwmutex *rw, weft_site *site)
{
	struct weft_waiter *next;
	uint32_t n, state;

	if (!(rt_word_take(&rw->state) & WRITING))
		rt_fatal(site, "unlock of unlocked RWMutex");
	__atomic_store_n(&rw->owner, 0, __ATOMIC_RELAXED);
	next = take_all(&rw->readers, &n);
	state = n * READER;
	if (!n && (next = rt_waitq_pop(&rw->writers))) {
		next->next = NULL;
		state = hand_to_writer(rw, next);
		n = 1;
	}
	if (rw->writers.head)
		state |= QUEUED;
	rt_trace(rwmutex_unlock, rw, rt_curg()->id, n, rt_trace_site(site));
	rt_word_set(&rw->state, state);
	rt_waitq_ready(next);
}

void weft_rwmutex_unlock_at(weft_rwmutex *rw, weft_site *site)
{
	rt_enter_unlock("weft_rwmutex_unlock");
	rt_reads(rw, 1);
	rt_release(&rw->writers);
	if (rt_trace_on() || !swap(rw, WRITING, 0))
		unlock_slow(rw, site);
	rt_leave();
}

/* ---- Reading ---------------------------------------------------------------------------- */

/* For reports, the goroutine notes what it reads.  Another may unlock it, and then the note stays:
 * waitfor.c knows. */
static void note(struct g *gp, const weft_rwmutex *rw)
{
	uint32_t n = gp->nreads;

	if (n < RT_READS)
		__atomic_store_n(&gp->stack->reads[n], rw, __ATOMIC_RELAXED);
	__atomic_store_n(&gp->nreads, n + 1, __ATOMIC_RELAXED);
}

static void unnote(struct g *gp, const weft_rwmutex *rw)
{
	uint32_t n = gp->nreads, i = n < RT_READS ? n : RT_READS;

	while (i > 0 && gp->stack->reads[i - 1] != rw)
		i--;
	if (i == 0 && n <= RT_READS)
		return; // another's
	for (; i > 0 && i < n && i < RT_READS; i++)
		__atomic_store_n(&gp->stack->reads[i - 1], gp->stack->reads[i], __ATOMIC_RELAXED);
	if (i == RT_READS && n > RT_READS) // what moves up was not noted
		__atomic_store_n(&gp->stack->reads[i - 1], NULL, __ATOMIC_RELAXED);
	__atomic_store_n(&gp->nreads, n - 1, __ATOMIC_RELAXED);
}

/* What writers released happens before this; what readers did does not. */
static void read(weft_rwmutex *rw, weft_site *site, bool contended)
{
	struct g *gp = rt_curg();

	rt_acquire(&rw->writers);
	note(gp, rw);
	rt_trace(rwmutex_rlock, rw, gp->id, contended, rt_trace_site(site));
}

/* Add a reader, if nobody writes or waits. */
static bool add_reader(weft_rwmutex *rw)
{
	uint32_t state = rt_word_look(&rw->state);

	while (!(state & (WRITING | QUEUED | BUSY))) {
		if (swap(rw, state, state + READER))
			return true;
		state = rt_word_look(&rw->state);
	}
	return false;
}

/* True if it had to wait. */
static bool rlock_slow(weft_rwmutex *rw, weft_site *site)
{
	uint32_t state = rt_word_take(&rw->state);

	if (!(state & (WRITING | QUEUED))) {
		rt_word_set(&rw->state, state + READER);
		return false;
	}
	queue(rw, &rw->readers, WAIT_rwmutex_rlock, site);
	return true;
}

void weft_rwmutex_rlock_at(weft_rwmutex *rw, weft_site *site)
{
	bool contended;

	rt_enter("weft_rwmutex_rlock");
	rt_reads(rw, 1);
	contended = !add_reader(rw) && rlock_slow(rw, site);
	read(rw, site, contended);
	rt_leave();
}

bool weft_rwmutex_try_rlock_at(weft_rwmutex *rw, weft_site *site)
{
	struct m *mp = rt_enter("weft_rwmutex_try_rlock");
	uint32_t state;
	int pauses = 0;
	bool locked;

	rt_reads(rw, 1);
	/* BUSY alone is no reason: it may be a reader who leaves. */
	while (!(locked = add_reader(rw))) {
		state = rt_word_look(&rw->state);
		if (state & (WRITING | QUEUED))
			break;
		rt_spin_wait(&pauses);
	}
	if (locked)
		read(rw, site, false);
	else
		rt_polled(mp);
	rt_leave();
	return locked;
}

/* Remove a reader, if nobody waits. */
static bool remove_reader(weft_rwmutex *rw)
{
	uint32_t state = rt_word_look(&rw->state);

	while (!(state & (QUEUED | BUSY)) && state >= READER) {
		if (swap(rw, state, state - READER))
			return true;
		state = rt_word_look(&rw->state);
	}
	return false;
}

static void runlock_slow(weft_rwmutex *rw, weft_site *site)
{
	uint32_t state = rt_word_take(&rw->state);
	struct weft_waiter *next = NULL;

	if (state < READER)
		rt_fatal(site, "runlock of an RWMutex that is not read-locked");
	state -= READER;
	if (state < READER && (next = rt_waitq_pop(&rw->writers)))
		state = hand_to_writer(rw, next) |
			(rw->writers.head || rw->readers.head ? QUEUED : 0);
	rt_trace(rwmutex_runlock, rw, rt_curg()->id, next ? next->g->id : 0, rt_trace_site(site));
	rt_word_set(&rw->state, state);
	if (next)
		rt_ready(next->g);
}

void weft_rwmutex_runlock_at(weft_rwmutex *rw, weft_site *site)
{
	unnote(rt_enter_unlock("weft_rwmutex_runlock")->curg, rw);
	rt_reads(rw, 1);
	rt_release(&rw->readers);
	if (rt_trace_on() || !remove_reader(rw))
		runlock_slow(rw, site);
	rt_leave();
}

/* ---- Reports ---------------------------------------------------------------------------- */

uint64_t rt_rwmutex_writer(const weft_rwmutex *rw)
{
	return rt_word_look(&rw->state) & WRITING ? rw->owner : 0;
}

uint32_t rt_rwmutex_readers(const weft_rwmutex *rw)
{
	return rt_word_look(&rw->state) / READER;
}
