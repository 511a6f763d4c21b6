/* SPDX-License-Identifier: MIT */
/* A timer of the API: armed, stopped and reset while it fires (rt/time.c on rt/timer.c).
 *
 * Two users do OPS operations each.  User 0 stops, resets and tries to receive; user 1 receives,
 * and may give up waiting, as a select does that another case has won.  With FN the timer has a
 * function, and both stop and reset it.  With TICKER it has a period.  Two threads fire what is due,
 * in either heap.  Each user and each thread puts the timer into its own worker's heap.  The clock
 * goes on when it likes, up to ENDS_AT; some times never come.
 *
 * What is done under a heap's lock is a step; the timer's own lock is held for several.
 *
 * Always: once it was stopped or reset it does not fire for its old time, and its old value is not
 * received; of each time that it was armed either it comes, once, or a stop or reset says that it
 * did not.  When its lock is free it is in a heap in time, or about to be run, if it is armed and
 * has a function or somebody waits; else in none, but for one that is due.  It is freed when nobody
 * can touch it any more.  Users end, and what is due comes.
 *
 * Not modelled: the order within a heap; who looks at which heap when (idle.pml); a worker that is
 * removed while the timer is in its heap; timers that fire under the heap's lock (select.pml).
 *
 * run: safety | -DOPS=2 -DENDS_AT=2
 * run: safety | -DOPS=2 -DENDS_AT=2 -DTICKER
 * run: safety | -DOPS=2 -DENDS_AT=1 -DFN
 * run: liveness ends | -DOPS=1 -DENDS_AT=2 -DFN
 * run: liveness ends | -DOPS=2 -DENDS_AT=1 -DTICKER
 * run: liveness ends | -DOPS=1 -DENDS_AT=1 -DFN -DTICKER
 * run: BUG_STALE_VALUE | assertion violated | -DOPS=2 -DENDS_AT=1
 * run: BUG_FIRE_STOPPED | assertion violated | -DOPS=2 -DENDS_AT=1 -DFN
 * run: BUG_IN_AGAIN | assertion violated | -DOPS=2 -DENDS_AT=1
 * run: BUG_SAME_PLACE | assertion violated | -DOPS=2 -DENDS_AT=1
 * run: BUG_NOT_PLACED | assertion violated | -DOPS=2 -DENDS_AT=1 -DTICKER
 * run: BUG_NO_REF | assertion violated | -DOPS=2 -DENDS_AT=1
 * run: BUG_DROPPED_TWICE | assertion violated | -DOPS=2 -DENDS_AT=1
 * run: BUG_NOT_WOKEN | ends | -DOPS=1 -DENDS_AT=1
 * run: BUG_TICK_NOW | ends | -DOPS=1 -DENDS_AT=1 -DFN -DTICKER
 *
 * mirrors: rt/timer.c rt_timer_start 2676065861
 * mirrors: rt/timer.c rt_timer_stop 342380781
 * mirrors: rt/timer.c rt_timers_due 3539039637
 * mirrors: rt/time.c take_out 2137879508
 * mirrors: rt/time.c place 2767861628
 * mirrors: rt/time.c send_time 2534755638
 * mirrors: rt/time.c fire_if_due 2964462722
 * mirrors: rt/time.c drop 2646740040
 * mirrors: rt/time.c run 402885260
 * mirrors: rt/time.c disarm 3066948763
 * mirrors: rt/time.c arm 4233869532
 * mirrors: rt/time.c rt_timer_disarm 1504600579
 * mirrors: rt/time.c weft_timer_reset_at 153044428
 * mirrors: rt/time.c rt_timer_waited_for 3114893064
 * mirrors: rt/chan.c wait_in 1108412310
 * mirrors: rt/chan.c recv 534369094
 * mirrors: rt/chan.c rt_chan_send_runtime 3192548110
 */
#define NONE 9
#define NEVER 9
#define EPOCHS 8

byte now;

/* The timer.  Under its lock: */
bit lock;
bit armed = 1;
byte when = 1;
byte in = NONE;		 /* the heap that it was put into last */
byte buffer;		 /* the channel's: an epoch, or 0 */
bit waits, lost;	 /* user 1 is in recvq; another case of its select has won */
/* Under the lock of the heap that it is in: */
byte heap = NONE;
byte node_when;
/* Atomic: */
byte refs = 2; /* the users' */

bit ready; /* user 1 was made so */

/* Ghosts. */
bit freed;
byte epoch = 1;		   /* how often it was armed */
bit stopped[EPOCHS];	   /* by a stop or a reset, which returned true */
bit came[EPOCHS];	   /* was received, or run */
byte running;		   /* was taken out of a heap to be run */
byte ended;		   /* users that have */

#define DUE (armed && when <= now)
#ifdef FN
#define WANTED armed
#define FUNCTION 1
#else
#define WANTED (armed && waits)
#define FUNCTION 0
#endif

inline rt_lock() { atomic { !lock -> assert(!freed); lock = 1 } }

inline rt_unlock()
{
	d_step {
		assert(heap == NONE || WANTED || node_when <= now);
		assert(!(WANTED) || (heap != NONE && node_when <= when) || running);
		lock = 0
	}
}

/* In a step: the time or the function of this epoch. */
inline comes(e)
{
	assert(!stopped[e]);
#ifndef TICKER
	assert(!came[e]);
#endif
	came[e] = 1
}

/* ---- Under the timer's lock */

/* take_out, with rt_timer_stop in one step. */
inline take_out()
{
	d_step {
		if
#ifdef BUG_DROPPED_TWICE
		:: in != NONE ->
#else
		:: in != NONE && heap != NONE ->
#endif
			assert(heap == NONE || heap == in);
			heap = NONE;
#ifndef BUG_NO_REF
			refs--;
			assert(refs > 0)
#endif
		:: else
		fi;
		in = NONE
	}
}

inline place(h)
{
	if
#ifdef BUG_SAME_PLACE
	:: in != NONE && !(WANTED) -> take_out()
#else
	:: in != NONE && (!(WANTED) || node_when != when) -> take_out()
#endif
	:: else
	fi;
	if
	:: WANTED && in == NONE ->
		in = h;
		d_step { /* rt_timer_start */
			assert(heap == NONE);
#ifndef BUG_NO_REF
			refs++;
#endif
			node_when = when;
			heap = h
		}
	:: else
	fi
}

/* In a step. */
inline fire_if_due()
{
	if
	:: DUE ->
#ifdef BUG_TICK_NOW /* no period is added when it is in time */
		when = now;
#elif defined(TICKER)
		when = now + 1;
#else
		armed = 0;
#endif
#ifdef FN
		comes(epoch) /* rt_go */
#else
		/* send_time */
		if
#ifdef BUG_NOT_WOKEN
		:: waits && !lost -> waits = 0; comes(epoch)
#else
		:: waits && !lost -> waits = 0; comes(epoch); ready = 1
#endif
		:: else ->
			waits = 0; /* one that has lost is dropped */
			if
			:: !buffer -> buffer = epoch
			:: else
			fi
		fi
#endif
	:: else
	fi
}

/* In a step. */
inline disarm()
{
#ifndef FN
	fire_if_due();
#endif
	if
	:: armed || buffer ->
#ifndef TICKER
		assert(!came[epoch]);
#endif
		stopped[epoch] = 1
	:: else -> assert(came[epoch] || stopped[epoch])
	fi;
	armed = 0;
#ifndef BUG_STALE_VALUE
	buffer = 0
#endif
}

/* In a step. */
inline arm(at)
{
	epoch++;
	when = at;
	armed = 1;
#ifndef FN
	fire_if_due()
#endif
}

inline stop(h)
{
	rt_lock();
	d_step { disarm() }
	place(h);
	rt_unlock()
}

inline reset(h, at)
{
	rt_lock();
	d_step { disarm(); arm(at) }
	place(h);
	rt_unlock()
}

/* ---- Without it */

inline drop()
{
	d_step {
		assert(refs > 0 && !freed);
		refs--;
		if
		:: refs == 0 -> freed = 1
		:: else
		fi
	}
}

/* What weft_chan_recv and a try have in common, in a step: `did`, or it would wait. */
inline receive(did)
{
	fire_if_due(); /* rt_timer_poll */
	did = (buffer != 0);
	if
	:: buffer -> comes(buffer); buffer = 0
	:: else
	fi
}

proctype user(byte g)
{
	byte ops;
	bit did;

	do
	:: ops == OPS -> break
	:: ops < OPS ->
		ops++;
		if
		:: g == 0 || FUNCTION -> stop(g)
		:: g == 0 || FUNCTION ->
			if
			:: reset(g, now)
			:: now < ENDS_AT -> reset(g, now + 1)
			:: reset(g, NEVER)
			fi
#ifndef FN
		:: g == 0 -> /* weft_chan_try_recv */
			rt_lock();
			d_step { receive(did); did = 0 }
			rt_unlock()
		:: g == 1 -> /* weft_chan_recv, or a select */
			rt_lock();
			d_step {
				receive(did);
				if
				:: !did -> waits = 1; lost = 0
				:: else
				fi
			}
			if
			:: did -> did = 0; rt_unlock()
			:: else ->
				place(g);
				rt_unlock();
				if
				:: ready -> ready = 0
				:: atomic { waits && !lost -> lost = 1 } /* won by another case */
				   rt_lock(); /* dequeue */
				   waits = 0;
				   lost = 0;
				   place(g);
				   rt_unlock()
				fi
			fi
#endif
		fi
	od;
	drop();
	ended++
}

/* A thread in rt_timers_due, of worker h. */
proctype thread(byte h)
{
end:	do
	:: d_step { heap != NONE && node_when <= now -> assert(!freed); heap = NONE; running++ }
	   /* run */
	   atomic { rt_lock(); running-- }
#ifdef BUG_IN_AGAIN /* it is in no heap, since it was taken out of one */
	   in = NONE;
#else
	   take_out();
#endif
#ifdef BUG_FIRE_STOPPED
	   armed = 1;
#endif
	   d_step { fire_if_due() }
#ifndef BUG_NOT_PLACED
	   place(h);
#endif
	   rt_unlock();
#ifndef BUG_NO_REF
	   drop()
#endif
	od
}

proctype clock()
{
	do
	:: now < ENDS_AT -> now++
	:: else -> break
	od
}

/* Once nothing can go on. */
proctype closer()
{
	timeout;
	assert(!lock && !(DUE && (WANTED)));
	do
	:: ended == 2 -> break
	:: atomic { waits && !lock -> lock = 1 } /* user 1 is not to wait for ever */
	   d_step { disarm(); arm(now) }
	   place(0);
	   rt_unlock()
	od;
	timeout;
	assert(freed == (heap == NONE))
}

ltl ends { <> (ended == 2 && (freed || (armed && heap != NONE && node_when > ENDS_AT))) }

init
{
	atomic {
#ifdef FN
		in = 0;
		heap = 0;
		node_when = when;
#ifndef BUG_NO_REF
		refs++;
#endif
#endif
		run user(0);
		run user(1);
		run thread(0);
		run thread(1);
		run clock();
		run closer()
	}
}
