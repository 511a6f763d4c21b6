/* SPDX-License-Identifier: MIT */
/* A mutex (rt/mutex.c on rt/busy.h).
 *
 * GOROUTINES goroutines, each on a thread of its own, lock and unlock it ROUNDS times.  Who unlocks
 * it last of all frees its memory at once.  Whether a waiter has waited long enough to be handed the
 * mutex is anybody's guess; so is whether a goroutine spins or queues.  A look and a store of a
 * restartable sequence are steps of their own; whom rt_restart_others meets in between stores nothing.
 * There are several workers; one alone is alone.pml's.
 *
 * Always: one at a time has it; nobody touches it after it was freed; nobody is left waiting (the
 * end is reached).
 *
 * run: safety | -DGOROUTINES=3 -DROUNDS=2
 * run: BUG_NO_RESTART | invalid end state | -DGOROUTINES=3 -DROUNDS=2
 * run: BUG_TAKE_STORE | invalid end state | -DGOROUTINES=3 -DROUNDS=2
 * run: BUG_NO_QUEUED | invalid end state | -DGOROUTINES=3 -DROUNDS=2
 * run: BUG_HAND_OVER_FREE | assertion violated | -DGOROUTINES=3 -DROUNDS=2
 * run: BUG_LAST_TOUCH | assertion violated | -DGOROUTINES=3 -DROUNDS=2
 *
 * mirrors: rt/busy.h rt_word_swap 1505349047
 * mirrors: rt/busy.h rt_word_set 314185320
 * mirrors: rt/restart.h rt_restart_clear 116250885
 * mirrors: rt/mutex.c share 838055282
 * mirrors: rt/mutex.c commit_queued 215179781
 * mirrors: rt/mutex.c queue 2300855058
 * mirrors: rt/mutex.c lock_slow 3060789769
 * mirrors: rt/mutex.c lock_entering 2429344051
 * mirrors: rt/mutex.c weft_mutex_lock_at 1041234461
 * mirrors: rt/mutex.c unlock_slow 2138091789
 * mirrors: rt/mutex.c let_go 2844900746
 * mirrors: rt/mutex.c unlock_entering 2040238735
 * mirrors: rt/mutex.c weft_mutex_unlock_at 3899150919
 */
#define LOCKED 1
#define QUEUED 2
#define BUSY 4

byte word;			     /* mu->state */
chan q = [GOROUTINES] of { byte };   /* mu->q, under BUSY */
bit owns[GOROUTINES];		     /* in the waiter */
bit ready[GOROUTINES];		     /* rt_ready was called */
byte having, left = GOROUTINES * ROUNDS; /* ghosts: who has it; locks to come */
bit freed;
byte shared;			     /* mu->shared */
bit within[GOROUTINES];		     /* a restartable sequence */

inline touch() { assert(!freed) }

/* rt_word_swap */
inline swap(from, to, won)
{
	d_step {
		touch();
		won = (word == from);
		if
		:: won -> word = to
		:: else
		fi
	}
}
/* By a restartable sequence, where there is one; or by a swap */
inline let_go(won)
{
	if
	:: within[g] = 1; /* rt_restart_clear */
	   won = (shared == 0);
	   if
	   :: won -> d_step { touch(); won = (word == LOCKED) }
	   :: else
	   fi;
	   d_step {
		won = won && within[g];
		within[g] = 0;
		if
		:: won -> touch(); word = 0
		:: else
		fi
	   }
	:: won = 0 /* there are none */
	fi;
	if
	:: won
	:: else -> swap(LOCKED, 0, won)
	fi
}

proctype goroutine(byte g)
{
	byte state, rounds, w;
	bit won, since, own;

again:	if
	:: rounds == ROUNDS -> goto done
	:: else -> rounds++
	fi;

	/* weft_mutex_lock */
	swap(0, LOCKED, won);
	if
	:: won -> goto locked
	:: else -> since = 0
	fi;
	do /* lock_slow */
	:: touch();
	   state = word;
	   if
	   :: !(state & (LOCKED | BUSY)) ->
		   swap(state, state | LOCKED, won);
		   if
		   :: won -> break
		   :: else
		   fi
	   :: state & BUSY /* rt_word_wait */
	   :: (state & LOCKED) && !(state & BUSY) && shared != 2 -> /* share() */
		   shared = 1;
#ifndef BUG_NO_RESTART
		   d_step { /* rt_restart_others */
			for (w : 0 .. GOROUTINES - 1) {
				within[w] = 0
			}
			w = 0
		   }
#endif
		   shared = 2
	   :: (state & LOCKED) && !(state & BUSY) && shared == 2 ->
#ifdef BUG_TAKE_STORE /* BUSY by a store */
		   won = 1;
		   word = state | BUSY;
#else
		   swap(state, state | BUSY, won);
#endif
		   if
		   :: won -> /* queue() */
			   atomic {
				owns[g] = 0;
				if
				:: since /* push_front: with q[GOROUTINES] in turn */
				   w = len(q);
				   q ! g;
				   do
				   :: w > 0 -> q ? state; q ! state; w--
				   :: else -> break
				   od;
				:: else -> q ! g
				fi;
				since = 1;
				state = 0
			   }
			   d_step { /* commit_queued */
				touch();
#ifdef BUG_NO_QUEUED
				word = LOCKED
#else
				word = LOCKED | QUEUED
#endif
			   }
			   d_step { ready[g] -> ready[g] = 0 } /* parked */
			   if
			   :: owns[g] -> owns[g] = 0; break
			   :: else
			   fi
		   :: else
		   fi
	   fi
	od;

locked:	skip;
	d_step {
		touch();
		having++;
		assert(having == 1);
		state = 0;
		since = 0;
		left--
	}

	/* weft_mutex_unlock; who is the last frees it */
	own = (left == 0);
	d_step { assert(having == 1); having-- }
	if
	:: let_go(won) /* the quick way, if there is nothing to see to first */
	:: won = 0
	fi;
	if
	:: won -> goto unlocked
	:: else
	fi;
	touch(); /* unlock_entering */
	won = (word == LOCKED);
	if
	:: won -> let_go(won)
	:: else
	fi;
	if
	:: won -> goto unlocked
	:: else
	fi;
	do /* unlock_slow */
	:: touch();
	   state = word;
	   assert(state & LOCKED); /* else: unlock of unlocked mutex */
	   if
	   :: state & BUSY
	   :: else ->
		   swap(state, state | BUSY, won);
		   if
		   :: won -> break
		   :: else
		   fi
	   fi
	od;
	skip;
	d_step {
		touch();
		w = GOROUTINES;
		if
		:: len(q) > 0 -> q ? w
		:: else
		fi;
		state = (len(q) > 0 -> QUEUED : 0)
	}
	if
	:: w != GOROUTINES -> /* it has waited for STARVING_NS */
		owns[w] = 1;
#ifndef BUG_HAND_OVER_FREE
		state = state | LOCKED
#endif
	:: true
	fi;
	d_step { touch(); word = state; state = 0 } /* rt_word_set */
	if
	:: w != GOROUTINES -> ready[w] = 1
	:: else
	fi;
	w = 0;
#ifdef BUG_LAST_TOUCH
	touch();
#endif

unlocked:
	if
	:: own -> d_step { touch(); freed = 1 }
	:: else
	fi;
	goto again;
done:	skip
}

init
{
	byte g;

	atomic {
		for (g : 0 .. GOROUTINES - 1) {
			run goroutine(g)
		}
	}
}
