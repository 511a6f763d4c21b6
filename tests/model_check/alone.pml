/* SPDX-License-Identifier: MIT */
/* One worker, where who is inside changes words without locked instructions (rt_alone of rt/lock.h);
 * and a second that is made meanwhile.
 *
 * THREADS threads do one of two things ROUNDS times: lock a mutex and unlock it, as weft_mutex_lock
 * does when nobody waits, or do something under a spin lock, inside.  The first worker is taken from
 * a thread that is outside whenever the monitor likes; thread 0 makes the second.  That a thread sees
 * that its worker is wanted, or the monitor that the thread is inside, is for take.pml, and is one
 * step here; so is what comes of it: a thread without a worker that enters waits for one.
 *
 * Always: one at a time has the mutex, one the spin lock; the end is reached.
 *
 * run: safety | -DTHREADS=2 -DROUNDS=2
 * run: safety | -DTHREADS=3 -DROUNDS=1
 * run: BUG_OUTSIDE | assertion violated | -DTHREADS=2 -DROUNDS=2
 * run: BUG_LATE | assertion violated | -DTHREADS=2 -DROUNDS=2
 * run: BUG_SPIN_BY_MONITOR | assertion violated | -DTHREADS=2 -DROUNDS=2
 *
 * mirrors: rt/lock.h rt_alone 2269077215
 * mirrors: rt/lock.h rt_spin_try_lock 2807279336
 * mirrors: rt/mutex.c swap 4073650117
 * mirrors: rt/mutex.c lock_alone 3221354165
 * mirrors: rt/mutex.c unlock_alone 4046781085
 * mirrors: rt/mutex.c weft_mutex_lock_at 1041234461
 * mirrors: rt/mutex.c weft_mutex_unlock_at 3899150919
 * mirrors: rt/procs.c add_worker 2144059372
 * mirrors: rt/sched.h rt_enter_quick 3558996877
 * mirrors: rt/sched.h rt_pass_quick 1663069963
 */
bit not_alone;
bit mutex, spin;	    /* mu->state, without waiters; c->lock */
byte having, under;	    /* ghosts: how many have the mutex, are under the spin lock */
bit inside[THREADS];
bit has[THREADS];	    /* a worker; not: it was taken, and `wanted` says so */
byte idle_workers = 1;
byte running = THREADS;

/* rt_enter: who has lost the worker waits for one. */
inline enter(t)
{
	atomic {
		(has[t] || idle_workers > 0);
		if
		:: !has[t] -> has[t] = 1; idle_workers--
		:: else
		fi;
		inside[t] = 1
	}
}

/* rt_enter_quick: false without a worker. */
inline enter_quick(t)
{
	d_step {
		quick = has[t];
		inside[t] = has[t]
	}
}

inline leave(t) { inside[t] = 0 }

inline swap(word, from, to)
{
	d_step {
		won = (word == from);
		if
		:: won -> word = to
		:: else
		fi
	}
}

/* A look and a store, between which others may do something. */
inline swap_plainly(word, from, to)
{
	won = (word == from);
	if
	:: won -> word = to
	:: else
	fi
}

/* From one state to the other, inside at last: others wait, or spin, in the meantime. */
inline change(t, from, to)
{
	won = 0;
	if
	:: !not_alone ->
#ifdef BUG_OUTSIDE
		   swap_plainly(mutex, from, to)
#else
		   enter_quick(t);
		   if
		   :: quick -> swap_plainly(mutex, from, to); leave(t)
		   :: else
		   fi
#endif
	:: else /* rt_pass_quick: the worker may be taken at any time */
		   if
		   :: has[t] -> swap(mutex, from, to)
		   :: else
		   fi
	fi;
	do /* lock_entering, unlock_entering */
	:: won -> break
	:: else ->
		   enter(t);
		   if
		   :: !not_alone -> swap_plainly(mutex, from, to)
		   :: else -> swap(mutex, from, to)
		   fi;
		   leave(t)
	od
}

proctype thread(byte t)
{
	byte rounds;
	bit won, quick;

	do
	:: rounds == ROUNDS -> break
	:: rounds < ROUNDS ->
		   rounds++;
		   change(t, 0, 1);
		   having++;
		   assert(having == 1);
		   having--;
		   change(t, 1, 0)
	:: rounds < ROUNDS ->
		   rounds++;
		   enter(t);
		   do /* rt_spin_try_lock */
		   :: if
		      :: !not_alone -> swap_plainly(spin, 0, 1)
		      :: else -> swap(spin, 0, 1)
		      fi;
		      if
		      :: won -> break
		      :: else
		      fi
		   od;
		   under++;
		   assert(under == 1);
		   under--;
		   spin = 0;
		   leave(t)
	:: t == 0 && !not_alone -> /* weft_procs */
		   enter(t);
#ifdef BUG_LATE
		   idle_workers++;
		   not_alone = 1;
#else
		   not_alone = 1;
		   idle_workers++;
#endif
		   leave(t)
	od;
	atomic {
		if
		:: has[t] -> has[t] = 0; idle_workers++
		:: else
		fi;
		running--
	}
}

active proctype monitor()
{
	byte t;
	bit won;

	do
	:: running == 0 -> break
	:: running > 0 ->
		   select(t : 0 .. THREADS - 1);
		   atomic {
			if
			:: has[t] && !inside[t] -> has[t] = 0; idle_workers++
			:: else
			fi
		   }
#ifdef BUG_SPIN_BY_MONITOR /* who sends signals to a channel that nobody was told of */
	:: running > 0 && !not_alone ->
		   swap_plainly(spin, 0, 1);
		   if
		   :: won -> under++; assert(under == 1); under--; spin = 0
		   :: else
		   fi
#endif
	od
}

init
{
	byte t;

	atomic {
		for (t : 0 .. THREADS - 1) {
			run thread(t)
		}
	}
}
