/* SPDX-License-Identifier: MIT */
/* Taking a worker back from a thread that runs user code (rt/sysmon.c, rt_enter of rt/sched.c), on
 * a machine with store buffers.
 *
 * THREADS threads, WORKERS workers and the monitor.  A thread enters the runtime and leaves it as
 * often as it likes; inside it may give its worker back and sleep, or change to an idle one; thread
 * 0 may end the program (not if SMALL).  The monitor asks for any worker at any time, and wakes
 * threads for idle workers.
 *
 * Memory.  A thread's plain stores wait in its buffer, and reach the memory in any order, but that
 * stores to one variable stay in order, and a release store, a compare-and-swap and an unlock wait
 * until all before them are out (weaker than x86, which keeps all in order).  A thread sees its own
 * stores at once.  membarrier() waits until each buffer was empty once.  Reading early is the same
 * as writing late here, since a thread that enters writes before it reads.
 *
 * Always: two threads are never in the runtime with the same worker; a worker that is handed on
 * was left whole (nothing of it waits in a buffer); who loses one runs a goroutine; each worker is
 * in one place.
 *
 * run: safety | -DTHREADS=2 -DWORKERS=1
 * run: safety | -DTHREADS=2 -DWORKERS=2 -DSMALL
 * run: BUG_NO_MEMBARRIER | assertion violated | -DTHREADS=2 -DWORKERS=1
 * run: BUG_NO_SWAP | assertion violated | -DTHREADS=2 -DWORKERS=1
 * run: BUG_LEAVE_RELAXED | assertion violated | -DTHREADS=2 -DWORKERS=1
 * run: BUG_NO_P_CHECK | assertion violated | -DTHREADS=2 -DWORKERS=2 -DSMALL
 * run: BUG_END_ASKS | assertion violated | -DTHREADS=2 -DWORKERS=1
 *
 * mirrors: rt/sysmon.c ask 1632650896
 * mirrors: rt/sysmon.c take 3615764130
 * mirrors: rt/thread.c rt_worker_acquire 4008894866
 * mirrors: rt/thread.c rt_worker_release 3715860438
 * mirrors: rt/thread.c rt_thread_start 1115830702
 * mirrors: rt/sched.h rt_enter 2068025041
 * mirrors: rt/sched.h rt_enter_unlock 159939349
 * mirrors: rt/sched.c rt_enter_slow 3635682786
 * mirrors: rt/sched.h rt_enter_quick 3558996877
 * mirrors: rt/sched.h rt_leave 2826573158
 * mirrors: rt/sched.c enter_wanted 1674855821
 * mirrors: rt/sched.c attach 2052497612
 * mirrors: rt/sched.c ended 4290322143
 * mirrors: rt/run.c main_main 4224627649
 */
#define NONE 15

mtype = { NO, ASKED, TAKING, TAKEN, TO_END };
mtype = { INSIDE, WANTED, MP, PM, WHOLE }; /* variables in buffers */

/* The memory. */
bit inside[THREADS] = 1;
mtype wanted[THREADS] = NO;
byte mp_p[THREADS] = NONE; /* m->p */
byte pp_m[WORKERS] = NONE; /* p->m */
bit whole[WORKERS] = 1;	   /* stands for all that a worker has */
bit stopping;

/* The buffers: variable, which of them, value, whether it is a release. */
chan buffer[THREADS] = [5] of { mtype, byte, byte, bit };
byte waiting_no[THREADS]; /* stores of NO to wanted that are in the buffer */

/* Under rt.lock: one step each. */
bit idle_p[WORKERS];
bit idle_m[THREADS];
byte given[THREADS] = NONE;

/* Ghosts. */
byte users[WORKERS]; /* threads in the runtime with it */
bit curg[THREADS];   /* runs a goroutine */

/* A store reaches the memory. */
inline apply(m, var, i, v)
{
	if
	:: var == INSIDE -> inside[m] = v
	:: var == WANTED -> wanted[m] = NO; waiting_no[m]--
	:: var == MP -> mp_p[m] = v
	:: var == PM -> pp_m[i] = v
	:: var == WHOLE -> whole[i] = v
	fi
}

/* The buffer of thread m. */
proctype drain(byte m)
{
	byte i, v;
	mtype var;
	bit rel;

end:	do
	:: d_step { buffer[m] ? var, i, v, rel -> apply(m, var, i, v); i = 0; v = 0; var = 0; rel = 0 }
	/* overtaking relaxed ones: none of the same variable is before it */
	:: d_step { buffer[m] ?? [WANTED, _, _, _] -> buffer[m] ?? WANTED, i, v, rel; apply(m, WANTED, i, v); i = 0; v = 0; rel = 0 }
	:: d_step { buffer[m] ?? [MP, _, _, _] -> buffer[m] ?? MP, i, v, rel; apply(m, MP, i, v); i = 0; v = 0; rel = 0 }
	:: d_step { buffer[m] ?? [WHOLE, _, _, _] -> buffer[m] ?? WHOLE, i, v, rel; apply(m, WHOLE, i, v); i = 0; v = 0; rel = 0 }
	:: d_step { buffer[m] ?? [INSIDE, _, 1, 0] && !buffer[m] ?? [INSIDE, _, 0, _] ->
		buffer[m] ?? INSIDE, i, v, rel; apply(m, INSIDE, i, v); i = 0; v = 0; rel = 0 }
#ifdef BUG_LEAVE_RELAXED
	:: d_step { buffer[m] ?? [INSIDE, _, 0, 0] && !buffer[m] ?? [INSIDE, _, 1, _] ->
		buffer[m] ?? INSIDE, i, v, rel; apply(m, INSIDE, i, v); i = 0; v = 0; rel = 0 }
#endif
	od
}

/* In the runtime with worker p from here on, and no longer. */
inline begin_use(p)
{
	d_step {
		users[p]++;
		assert(users[p] == 1)
	}
}

inline end_use(p)
{
	users[p]--
}

inline acquire(m, pp)
{
	p = pp;
	begin_use(p);
	assert(whole[p]);
	buffer[m] ! MP, 0, p, 0;
	atomic { buffer[m] ! WANTED, 0, 0, 0; waiting_no[m]++ }
	buffer[m] ! PM, p, m, 1
}

/* In the unlock that follows, all of it is out. */
inline release(m)
{
	end_use(p);
	buffer[m] ! PM, p, NONE, 1;
	buffer[m] ! MP, 0, NONE, 0;
	atomic { buffer[m] ! WANTED, 0, 0, 0; waiting_no[m]++ }
	p = NONE
}

/* idle_worker_pop, under rt.lock. */
inline idle_pop(pp)
{
	atomic {
		empty(buffer[m]);
		if
		:: idle_p[0] -> idle_p[0] = 0; pp = 0
#if WORKERS > 1
		:: idle_p[1] -> idle_p[1] = 0; pp = 1
#endif
		:: else -> pp = NONE
		fi
	}
}

inline idle_push(pp)
{
	atomic {
		empty(buffer[m]); /* the unlock */
		assert(!idle_p[pp]);
		idle_p[pp] = 1
	}
}

proctype thread(byte m)
{
	byte p = NONE, q = NONE;
	mtype w;

	goto asleep;

asleep: /* sleep_until_given, thread_main */
	atomic { empty(buffer[m]); idle_m[m] = 1 }
end_asleep:
	atomic { given[m] != NONE -> q = given[m]; given[m] = NONE }
	acquire(m, q);
	q = NONE;

loop: /* next(): in the runtime, with a worker, running no goroutine */
	if
	:: stopping -> goto leave
	:: else
	fi;
	if
	:: curg[m] = 1; goto go /* run(): a goroutine that leaves the runtime */
	:: q = p; /* idle() */
	   release(m);
	   idle_push(q);
	   q = NONE;
	   if
	   :: goto asleep
	   :: idle_pop(q); /* something came in between */
	      if
	      :: q == NONE -> goto asleep
	      :: else -> acquire(m, q); q = NONE; goto loop
	      fi
	   fi
	fi;

go:
#ifndef SMALL
	buffer[m] ! WHOLE, p, 0, 0; /* what the runtime does with the worker */
	buffer[m] ! WHOLE, p, 1, 0;
#endif
	end_use(p);
#ifdef BUG_LEAVE_RELAXED
	buffer[m] ! INSIDE, 0, 0, 0;
#else
	buffer[m] ! INSIDE, 0, 0, 1; /* rt_leave */
#endif
user:	/* here the user's code runs */
	buffer[m] ! INSIDE, 0, 1, 0; /* rt_enter, rt_enter_quick */
	w = (waiting_no[m] -> NO : wanted[m]);
	if
	:: w == NO -> goto inside_again
	:: w != NO -> buffer[m] ! INSIDE, 0, 0, 1; goto user /* a fast path gives up */
	:: w != NO
	fi;
	do /* enter_wanted */
	:: w = (waiting_no[m] -> NO : wanted[m]);
	   if
	   :: w == TAKEN -> goto attach
	   :: w == NO -> goto inside_again
	   :: w == TAKING /* again */
	   :: w == ASKED || w == TO_END ->
#ifdef BUG_NO_SWAP
		   atomic { buffer[m] ! WANTED, 0, 0, 0; waiting_no[m]++ }
		   break
#else
		   atomic {
			   empty(buffer[m]); /* compare-and-swap */
			   if
			   :: wanted[m] == w -> wanted[m] = NO; break
			   :: else
			   fi
		   }
#endif
	   fi
	od;
	begin_use(p);
	curg[m] = 0; /* yields */
	if
	:: stopping -> goto leave /* ended(): commit_stay */
	:: else -> goto loop	  /* commit_preempted */
	fi;

inside_again:
	begin_use(p);
	if
	:: goto go
	:: curg[m] = 0; goto loop /* parks, or ends */
#ifndef SMALL
	:: m == 0 && !stopping -> /* main_main */
		atomic { empty(buffer[m]); stopping = 1 }
		q = 0;
		do
		:: q < THREADS ->
			atomic {
				empty(buffer[m]);
				if
#ifdef BUG_END_ASKS
				:: wanted[q] == NO -> wanted[q] = ASKED
#else
				:: wanted[q] == NO -> wanted[q] = TO_END
#endif
				:: else
				fi
			}
			q++
		:: else -> break
		od;
		q = NONE;
		curg[m] = 0;
		goto loop
#endif
	fi;

attach: p = NONE;
	buffer[m] ! MP, 0, NONE, 0;
	if
	:: stopping && m != 0 -> curg[m] = 0; goto gone
	:: else
	fi;
	idle_pop(q);
	if
	:: q == NONE -> /* commit_attach: to the global queue */
		atomic { buffer[m] ! WANTED, 0, 0, 0; waiting_no[m]++ }
		curg[m] = 0;
		goto asleep
	:: else ->
		acquire(m, q);
		q = NONE;
		if
		:: stopping && m != 0 -> curg[m] = 0; goto leave
		:: else -> goto go
		fi
	fi;

leave:	release(m);
gone:	curg[m] = 0
}

/* A thread for a worker that nobody has. */
inline start(pp)
{
	if /* a thread that sleeps, or else a new one: then there are enough */
	:: atomic { idle_m[0] -> idle_m[0] = 0; given[0] = pp }
	:: atomic { idle_m[1] -> idle_m[1] = 0; given[1] = pp }
#if THREADS > 2
	:: atomic { idle_m[2] -> idle_m[2] = 0; given[2] = pp }
#endif
	fi
}

#if THREADS > 2
#define SPARE (idle_m[0] || idle_m[1] || idle_m[2])
#else
#define SPARE (idle_m[0] || idle_m[1])
#endif

inline ask(pp)
{
	m = pp_m[pp];
	if
	:: m == NONE -> goto next
	:: else
	fi;
	d_step { /* compare-and-swap */
		if
		:: wanted[m] == NO -> wanted[m] = ASKED
		:: else
		fi
	}
#ifndef BUG_NO_MEMBARRIER
	i = 0;
	do /* membarrier */
	:: i < THREADS -> empty(buffer[i]); i++
	:: else -> i = 0; break
	od;
#endif
	if
	:: inside[m] -> goto next
	:: else
	fi;
	if
	:: stopping -> goto next
	:: else
	fi;
#ifndef BUG_NO_P_CHECK
	if
	:: mp_p[m] != pp -> goto next
	:: else
	fi;
#endif
	atomic { /* compare-and-swap */
		if
		:: wanted[m] == ASKED -> wanted[m] = TAKING
		:: else -> goto next
		fi
	}
	assert(curg[m]); /* take */
	pp_m[pp] = NONE;
	wanted[m] = TAKEN;
	start(pp)
}

active proctype monitor()
{
	byte m = NONE, i;

	idle_p[0] = 1;
#if WORKERS > 1
	idle_p[1] = 1;
#endif
	atomic {
		for (i : 0 .. THREADS - 1) {
			run thread(i);
			run drain(i)
		}
		i = 0
	}
end:	do
	:: stopping -> break
	:: !stopping && SPARE -> ask(0)
#if WORKERS > 1
	:: !stopping && SPARE -> ask(1)
#endif
	:: atomic { SPARE && idle_p[0] -> idle_p[0] = 0; start(0) }
#if WORKERS > 1
	:: atomic { SPARE && idle_p[1] -> idle_p[1] = 0; start(1) }
#endif
	:: false;
next:	   m = NONE; i = 0
	od
}
