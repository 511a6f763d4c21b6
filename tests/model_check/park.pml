/* SPDX-License-Identifier: MIT */
/* Park and ready: a goroutine leaves its stack, and is published by a commit that runs on another
 * (rt/sched.c); the commits are those of channels and mutexes, which unlock the queue, and that of
 * conds, which may refuse (rt/cond.c).
 *
 * THREADS threads, each with a worker, and GOROUTINES goroutines.  Together these do OPS things: each
 * waits in the queue under the lock, or in the cond's, or wakes who waits there, or yields; then it
 * ends.  A queue is a set here: who wakes takes anyone.  Threads steal from each other, the goroutine
 * in runnext too.
 *
 * Always: a stack is used by one thread, and entered only where it was left; nothing of a waiter is
 * touched after it was published; who was woken runs: in the end each goroutine has ended, or waits
 * where it can be found.
 *
 * Not modelled: pinned goroutines, which go to their thread's own stack and which next_at_hand
 * leaves to it (pin.pml), as it does those that need a new stack: to = OWN may be at any time; who
 * sleeps and is woken (idle.pml); a worker that is taken (take.pml).
 *
 * run: safety | -DTHREADS=2 -DGOROUTINES=3 -DOPS=4
 * run: BUG_PUBLISH_FIRST | assertion violated | -DTHREADS=2 -DGOROUTINES=3 -DOPS=4
 * run: BUG_PUT_BACK_FIRST | assertion violated | -DTHREADS=2 -DGOROUTINES=3 -DOPS=4
 * run: BUG_TOUCH | assertion violated | -DTHREADS=2 -DGOROUTINES=3 -DOPS=4
 * run: BUG_COND_STORE | assertion violated | -DTHREADS=2 -DGOROUTINES=3 -DOPS=4
 * run: BUG_COND_READY | assertion violated | -DTHREADS=2 -DGOROUTINES=3 -DOPS=4
 *
 * mirrors: rt/sched.c leave_stack 111347615
 * mirrors: rt/sched.c arrive 1293144160
 * mirrors: rt/sched.c refused 689259725
 * mirrors: rt/sched.c commit_put_back 2287550684
 * mirrors: rt/thread.c run 3996035482
 * mirrors: rt/sched.c next_at_hand 753620103
 * mirrors: rt/sched.c rt_park 1052523125
 * mirrors: rt/sched.c g_main 75982120
 * mirrors: rt/sched.c enqueue 4202715309
 * mirrors: rt/chan.c commit_unlock 1533961257
 * mirrors: rt/cond.c commit_parked 1559876710
 * mirrors: rt/cond.c weft_cond_wait_at 2208995009
 * mirrors: rt/cond.c wake 711258320
 */
#define OWN 0 /* the thread's own stack; goroutines are 1 to GOROUTINES */

mtype = { AWAKE, PARKED, SIGNALLED };
mtype = { UNLOCK, COND, YIELD, EXIT, PUT_BACK }; /* commits */

/* Goroutines. */
bit saved[GOROUTINES + 1]; /* its context is */
bit ended[GOROUTINES + 1];
byte ops = OPS;
mtype state[GOROUTINES + 1]; /* the cond's waiter, on its stack */

/* Threads and workers. */
byte runnext[THREADS];
chan ring[THREADS] = [GOROUTINES] of { byte };
byte mp_left[THREADS];
mtype mp_commit[THREADS];
byte curg[THREADS];

/* Queues of waiters. */
bit lock;
bit in_queue[GOROUTINES + 1]; /* under the lock */
bit in_cond[GOROUTINES + 1];  /* under the cond's, which is held for a step */

/* Ghosts. */
byte on_stack[GOROUTINES + 1]; /* threads that use it */

/* rt_runq_put_next: exchange, and what was there to the ring. */
inline put_next(g)
{
	atomic {
		if
		:: runnext[t] -> ring[t] ! runnext[t]
		:: else
		fi;
		runnext[t] = g
	}
}

/* rt_context_switch: from g's stack to `to`, where it was left. */
inline switch(to)
{
	d_step {
		if
		:: g != OWN -> assert(on_stack[g] == 1); saved[g] = 1; on_stack[g]--
		:: else
		fi;
		g = to;
		if
		:: g != OWN -> assert(saved[g] && on_stack[g] == 0); saved[g] = 0; on_stack[g]++
		:: else
		fi
	}
}

inline ready(x)
{
	assert(!ended[x]);
	put_next(x)
}

/* mp->commit(left): ok, or it refuses. */
inline commit()
{
	ok = true;
	if
	:: mp_commit[t] == UNLOCK ->
		lock = 0;
#ifdef BUG_TOUCH /* looks at its argument again */
		assert(on_stack[left] == 0 && saved[left])
#endif
	:: mp_commit[t] == COND ->
#ifdef BUG_COND_STORE
		state[left] = PARKED
#else
		d_step { /* compare-and-swap */
			if
			:: state[left] == AWAKE -> state[left] = PARKED
			:: else -> ok = false
			fi
		}
#endif
	:: mp_commit[t] == YIELD -> ring[t] ! left
	:: mp_commit[t] == PUT_BACK -> put_next(left)
	:: mp_commit[t] == EXIT -> ended[left] = 1
	fi
}

proctype thread(byte t)
{
	byte g = OWN, left, to;
	bool ok;

next:	/* on its own stack: next(), which steals */
	assert(g == OWN && curg[t] == 0);
end_next:
	if
	:: d_step { runnext[t] -> to = runnext[t]; runnext[t] = 0 }
	:: d_step { len(ring[t]) > 0 -> ring[t] ? to }
	:: d_step { len(ring[1 - t]) > 0 -> ring[1 - t] ? to }
	:: d_step { runnext[1 - t] -> to = runnext[1 - t]; runnext[1 - t] = 0 } /* late */
	fi;
enter:	switch(to);

arrive: /* on g's stack */
	to = 0;
	if
	:: mp_left[t] ->
		left = mp_left[t];
		mp_left[t] = 0;
		commit();
		if
		:: ok -> left = 0
		:: else -> /* unpark */
			to = left;
			left = 0;
#ifdef BUG_PUT_BACK_FIRST
			put_next(g);
#else
			mp_left[t] = g;
			mp_commit[t] = PUT_BACK;
#endif
			switch(to);
			goto arrive
		fi
	:: else
	fi;
	if
	:: curg[t] == g /* unparked */
	:: else -> curg[t] = g
	fi;

	/* The goroutine's own code. */
again:	if
	:: ops == 0 -> mp_commit[t] = EXIT; goto leave_stack
	:: atomic { ops > 0 -> ops-- }
	fi;
	if
	:: mp_commit[t] = YIELD; goto leave_stack
	:: atomic { lock == 0 -> lock = 1 } /* rt_lock */
	   if
	   :: in_queue[g] = 1; /* rt_waitq_push */
	      mp_commit[t] = UNLOCK;
#ifdef BUG_PUBLISH_FIRST
	      lock = 0;
#endif
	      goto leave_stack
	   :: d_step { in_queue[1] -> in_queue[1] = 0; to = 1 } /* rt_waitq_pop */
	   :: d_step { in_queue[2] -> in_queue[2] = 0; to = 2 }
	   :: d_step { in_queue[3] -> in_queue[3] = 0; to = 3 }
	   :: to = 0
	   fi;
	   lock = 0;
	   if
	   :: to -> ready(to); to = 0
	   :: else
	   fi
	:: state[g] = AWAKE; /* weft_cond_wait */
	   in_cond[g] = 1;
	   mp_commit[t] = COND;
	   goto leave_stack
	:: if /* weft_cond_signal */
	   :: d_step { in_cond[1] -> in_cond[1] = 0; to = 1 }
	   :: d_step { in_cond[2] -> in_cond[2] = 0; to = 2 }
	   :: d_step { in_cond[3] -> in_cond[3] = 0; to = 3 }
	   fi;
	   atomic {
		ok = (state[to] == PARKED); /* exchange */
		state[to] = SIGNALLED
	   }
	   if
#ifdef BUG_COND_READY
	   :: true -> ready(to)
#else
	   :: ok -> ready(to)
	   :: !ok
#endif
	   fi;
	   to = 0
	fi;
	goto again;

leave_stack:
	if /* next_at_hand */
	:: d_step { runnext[t] -> to = runnext[t]; runnext[t] = 0 }
	:: d_step { len(ring[t]) > 0 -> ring[t] ? to }
	:: to = OWN
	fi;
	mp_left[t] = g;
	if
	:: to != OWN -> switch(to); goto arrive
	:: else -> switch(OWN)
	fi;

	/* run(), on the thread's own stack */
	left = mp_left[t];
	mp_left[t] = 0;
	commit();
	if
	:: !ok -> to = left; left = 0; goto enter /* unpark */
	:: else -> left = 0; curg[t] = 0; goto next
	fi
}

/* Nothing can go on: see "Always". */
proctype watch()
{
	byte g;

	timeout ->
	for (g : 1 .. GOROUTINES) {
		assert(ended[g] || (in_queue[g] && saved[g]) || (in_cond[g] && state[g] == PARKED))
	}
}

init
{
	byte g;

	atomic {
		for (g : 1 .. GOROUTINES) {
			saved[g] = 1;
			ring[0] ! g
		}
		g = 0;
		run thread(0);
		run thread(1);
		run watch()
	}
}
