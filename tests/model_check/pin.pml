/* SPDX-License-Identifier: MIT */
/* Goroutines that are pinned to their thread (rt/pin.c, and the loop of rt/thread.c).
 *
 * WORKERS workers, and threads enough.  GOROUTINES goroutines are runnable at first; together they
 * do OPS things: one that runs pins itself to its thread (the first PINS may) or unpins itself,
 * makes a parked one ready, yields, parks, ends, loses its worker (TAKES times in all) or sleeps
 * (TIMERS times).  With PINNED the first PINS are pinned from the start, each to a thread.  Who
 * looks for work, who is woken and who keeps the time is as in idle.pml, in larger steps.
 *
 * Always: a goroutine runs on one thread, which has a worker that no other has, and if it is pinned
 * on its own; that thread runs no other.  Deadlock is said only when each goroutine is parked or
 * has ended; in the end that is so, and deadlock was said: no goroutine and no worker was lost.
 *
 * Not modelled: fences (idle.pml); switching from one goroutine straight to the next, which is not
 * done to or from a pinned one (park.pml); stealing what is in runnext; edges; workers that are
 * removed; the end of the program.
 *
 * run: safety | -DGOROUTINES=2 -DOPS=3 -DPINS=1
 * run: safety | -DGOROUTINES=2 -DOPS=3 -DPINS=2 -DPINNED -DWORKERS=1
 * run: safety | -DGOROUTINES=2 -DOPS=3 -DPINS=1 -DWORKERS=1 -DTAKES=1
 * run: safety | -DGOROUTINES=1 -DOPS=3 -DPINS=1 -DTIMERS=1
 * run: liveness ends | -DGOROUTINES=2 -DOPS=3 -DPINS=2 -DPINNED -DWORKERS=1
 * run: BUG_RUN_ANYWHERE | assertion violated | -DGOROUTINES=2 -DOPS=3 -DPINS=1
 * run: BUG_NOTE_FIRST | assertion violated | -DGOROUTINES=2 -DOPS=3 -DPINS=1
 * run: BUG_NEXT_LOST | assertion violated | -DGOROUTINES=2 -DOPS=3 -DPINS=1
 * run: BUG_NO_VERDICT | assertion violated | -DGOROUTINES=2 -DOPS=3 -DPINS=1
 * run: BUG_UNKEPT | assertion violated | -DGOROUTINES=1 -DOPS=3 -DPINS=1 -DTIMERS=1
 * run: BUG_LOOKS_AGAIN | ends | -DGOROUTINES=2 -DOPS=3 -DPINS=2 -DPINNED -DWORKERS=1
 *
 * mirrors: rt/pin.c weft_pin_at 4062439333
 * mirrors: rt/pin.c weft_unpin_at 3680001684
 * mirrors: rt/pin.c rt_pin_end 3947228929
 * mirrors: rt/pin.c rt_pin_hand_over 3954165376
 * mirrors: rt/pin.c give_worker_up 4102379870
 * mirrors: rt/pin.c rt_pin_next 1802720088
 * mirrors: rt/thread.c rt_nearest 3284507695
 * mirrors: rt/thread.c next 3236281416
 * mirrors: rt/thread.c thread_main 3877675077
 * mirrors: rt/idle.c rt_keeper_hurry 2667007138
 * mirrors: rt/idle.c sleep_until_given 4027473896
 * mirrors: rt/idle.c rt_idle 2262253387
 * mirrors: rt/sched.c leave_stack 111347615
 * mirrors: rt/sched.c next_at_hand 753620103
 * mirrors: rt/sched.c attach 2052497612
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#define THREADS (2 + PINS) /* as many as may be needed */
#ifndef TAKES
#define TAKES 0
#endif
#ifndef TIMERS
#define TIMERS 0
#endif
#define NONE 9
#define NEVER 9

byte now;

/* Under rt.lock, which is held for a step: */
bit idle_p[2];
bit idle_m[THREADS], unborn[THREADS];
byte given[THREADS] = NONE;
byte keeper = NONE;
chan globq = [GOROUTINES] of { byte };
/* Atomic: */
byte nidle, spinning, detached;

byte runnext[2] = NONE;
chan ring[2] = [GOROUTINES] of { byte };
byte timer[2] = NEVER;		       /* the heap's first */
byte sleeper;				       /* whose it is */
bit note[THREADS];
bit given_spins[THREADS];

byte pinned[GOROUTINES] = NONE;	 /* gp->pinned */
byte mp_pinned[THREADS] = NONE;	 /* mp->pinned */
bit parked[GOROUTINES];

/* Ghosts. */
byte ops, takes, timers; /* so many, so far */
bit ended[GOROUTINES];
byte runs[GOROUTINES] = NONE; /* the thread on which it runs */
byte has[2] = NONE;     /* the thread that has it */
bit verdict;

#if THREADS == 3
#define SPARE (idle_m[0] || idle_m[1] || idle_m[2] || unborn[1] || unborn[2])
#else
#define SPARE \
	(idle_m[0] || idle_m[1] || idle_m[2] || idle_m[3] || unborn[1] || unborn[2] || unborn[3])
#endif
#define ANY (len(globq) || len(ring[0]) || len(ring[1]))

/* In a step, under the lock. */
inline idle_pop(q)
{
	if
	:: idle_p[0] -> idle_p[0] = 0; nidle--; q = 0
	:: !idle_p[0] && idle_p[1] -> idle_p[1] = 0; nidle--; q = 1
	:: else -> q = NONE
	fi
}

/* In a step, under the lock: rt_worker_give_up. */
inline give_up()
{
	has[p] = NONE;
	idle_p[p] = 1;
	nidle++;
	p = NONE
}

inline acquire(q)
{
	d_step {
		assert(p == NONE && has[q] == NONE);
		has[q] = m;
		p = q;
		q = NONE
	}
}

/* In a step. */
inline check_deadlock()
{
	if
	:: nidle == WORKERS && !len(globq) && timer[0] == NEVER && timer[1] == NEVER && !detached ->
		for (x : 0 .. GOROUTINES - 1) {
			assert(parked[x] || ended[x])
		}
		x = 0;
		verdict = 1
	:: else
	fi
}

/* rt_thread_start of q.  Who finds no thread would make one; here it waits for one that is on its
 * way. */
inline start(q, spin)
{
	atomic {
		SPARE ->
		d_step {
			x = 0;
			do
			:: !idle_m[x] && !unborn[x] -> x++
			:: else -> break
			od;
			idle_m[x] = 0;
			unborn[x] = 0;
			given[x] = q;
			given_spins[x] = spin;
			q = NONE
		}
	}
	d_step { note[x] = 1; x = 0 }
}

/* rt_wake_worker; the thread that looks is announced before a worker is found for it. */
inline wake_worker()
{
	if
	:: nidle && !spinning ->
		d_step {
			q = NONE;
			if
			:: nidle && !spinning -> spinning++; idle_pop(q)
			:: else
			fi
		}
		if
		:: q != NONE -> start(q, 1)
		:: else
		fi
	:: else
	fi
}

/* In a step: rt_nearest. */
inline nearest()
{
	if
	:: timer[p] <= now -> timer[p] = NEVER; ring[p] ! sleeper
	:: else
	fi;
	if
	:: runnext[p] != NONE -> g = runnext[p]; runnext[p] = NONE
	:: runnext[p] == NONE && len(ring[p]) -> ring[p] ? g
	:: runnext[p] == NONE && !len(ring[p]) && len(globq) -> globq ? g
	:: else
	fi
}

#define FIRST (timer[0] < timer[1] -> timer[0] : timer[1])

proctype thread(byte m)
{
	byte p = NONE, q = NONE, g = NONE, x;
	bit spins, keep;

	if
	:: m && mp_pinned[m] != NONE -> goto pin_sleep
	:: else
	fi;
end_unborn:
	d_step { note[m] -> note[m] = 0; q = given[m]; given[m] = NONE; spins = given_spins[m] }
	acquire(q);

loop:	if
	:: mp_pinned[m] != NONE -> goto pin_next
	:: else
	fi;
	if
	:: p == NONE -> goto idle
	:: else
	fi;
	/* rt_nearest */
	d_step {
		nearest()
	}
	if
	:: g != NONE -> goto found
	:: else
	fi;
	/* search */
	if
	:: !spins && 2 * spinning >= WORKERS - nidle -> goto idle
	:: !spins && 2 * spinning < WORKERS - nidle -> spins = 1; spinning++
	:: spins
	fi;
	d_step {
		if
		:: timer[1 - p] <= now -> timer[1 - p] = NEVER; ring[p] ! sleeper
		:: else
		fi;
		if
		:: len(ring[1 - p]) -> ring[1 - p] ? g
		:: !len(ring[1 - p]) && len(ring[p]) -> ring[p] ? g
		:: !len(ring[1 - p]) && !len(ring[p]) && len(globq) -> globq ? g
		:: else
		fi
	}
	if
	:: g != NONE -> goto found
	:: else -> goto idle
	fi;

found:	if
	:: spins -> /* rt_stop_spinning */
		spins = 0;
		spinning--;
		if
		:: nidle ->
			if
			:: ANY -> wake_worker()
			:: else
			fi
		:: else
		fi
	:: else
	fi;
	if
#ifdef BUG_RUN_ANYWHERE
	:: goto go
#endif
	:: pinned[g] == m || pinned[g] == NONE -> goto go
	:: else -> goto hand_over
	fi;

hand_over: /* rt_pin_hand_over */
	skip;
#ifdef BUG_LOOKS_AGAIN /* who is given the worker has to look for its goroutine */
	ring[p] ! g;
#endif
	d_step { q = p; has[q] = NONE; p = NONE; x = pinned[g]; g = NONE }
#ifdef BUG_NOTE_FIRST
	note[x] = 1;
	d_step { given[x] = q; q = NONE; x = 0 }
#else
	d_step { assert(given[x] == NONE); given[x] = q; q = NONE }
	d_step { note[x] = 1; x = 0 }
#endif
	goto loop;

go:	skip;
	d_step {
		assert(p != NONE && has[p] == m && runs[g] == NONE && !parked[g]);
		assert((pinned[g] == NONE && mp_pinned[m] == NONE) ||
		       (pinned[g] == m && mp_pinned[m] == g));
		runs[g] = m
	}
again:	if
	:: ops == OPS -> goto parks
	:: atomic { ops < OPS -> ops++ }
	fi;
	if
	:: g < PINS && pinned[g] == NONE -> d_step { pinned[g] = m; mp_pinned[m] = g } goto again
	:: pinned[g] == m -> d_step { pinned[g] = NONE; mp_pinned[m] = NONE } goto again
	:: d_step { /* rt_ready of one that waits */
		x = 0;
		do
		:: x < GOROUTINES && !parked[x] -> x++
		:: else -> break
		od;
		if
		:: x < GOROUTINES ->
			parked[x] = 0;
			if
			:: runnext[p] != NONE -> ring[p] ! runnext[p]
			:: else
			fi;
			runnext[p] = x
		:: else
		fi;
		x = 0
	   }
	   if
	   :: len(ring[p]) -> wake_worker()
	   :: else
	   fi;
	   goto again
	:: d_step { runs[g] = NONE; ring[p] ! g; g = NONE } /* yields */
	   if
	   :: len(ring[p]) + (runnext[p] != NONE) >= 2 -> wake_worker()
	   :: else
	   fi;
	   goto loop
	:: takes < TAKES && SPARE ->
	   d_step { takes++; detached++; has[p] = NONE; q = p; p = NONE } /* by the monitor */
	   start(q, 0);
	   d_step { /* attach */
		idle_pop(q);
		if
		:: q != NONE -> detached--
		:: else
		fi
	   }
	   if
	   :: q != NONE -> acquire(q); goto again
	   :: else
	   fi;
	   d_step { runs[g] = NONE; globq ! g; g = NONE; detached-- } /* commit_attach */
	   wake_worker();
	   goto loop
	:: d_step { /* sleeps */
		!now && timers < TIMERS ->
		timers++;
		timer[p] = 1;
		sleeper = g;
		runs[g] = NONE;
		g = NONE
	   }
	   goto loop
	:: goto parks
	:: d_step { /* ends */
		if
		:: pinned[g] == m -> pinned[g] = NONE; mp_pinned[m] = NONE
		:: else
		fi;
		runs[g] = NONE;
		x = g;
		g = NONE;
		ended[x] = 1;
		x = 0
	   }
	   goto loop
	fi;
parks:	skip;
	d_step { runs[g] = NONE; parked[g] = 1; g = NONE }
	goto loop;

pin_next:
	if
	:: p == NONE -> goto pin_sleep
	:: else
	fi;
	d_step { /* rt_nearest */
		nearest()
	}
	if
	:: g != NONE && g == mp_pinned[m] -> goto go
	:: g != NONE && g != mp_pinned[m] && pinned[g] != NONE -> goto hand_over
	:: else
	fi;
	/* give_worker_up */
	d_step {
#ifdef BUG_NEXT_LOST
		g = NONE;
#else
		if
		:: g != NONE -> globq ! g; g = NONE
		:: else
		fi;
#endif
		do /* rt_runq_flush */
		:: runnext[p] != NONE -> globq ! runnext[p]; runnext[p] = NONE
		:: runnext[p] == NONE && len(ring[p]) -> ring[p] ? x; globq ! x
		:: else -> break
		od;
		x = 0;
		give_up();
#ifndef BUG_NO_VERDICT
		check_deadlock();
#endif
		if /* rt_keeper_hurry */
		:: keeper != NONE && FIRST != NEVER -> note[keeper] = 1
		:: else
		fi;
		keep = (keeper == NONE && FIRST != NEVER) /* unkept */
	}
	if
#ifdef BUG_UNKEPT
	:: ANY -> wake_worker()
#else
	:: ANY || keep -> wake_worker()
#endif
	:: else
	fi;
	keep = 0;
pin_sleep:
	skip;
end_pin_sleep:
	d_step { note[m] -> note[m] = 0 }
	d_step { q = given[m]; given[m] = NONE }
	if
	:: q == NONE -> goto pin_sleep
	:: else -> acquire(q)
	fi;
#ifdef BUG_LOOKS_AGAIN
	goto pin_next;
#endif
	g = mp_pinned[m];
	goto go;

idle:	if
	:: p != NONE ->
		d_step {
			if
			:: !len(globq) -> give_up()
			:: else
			fi
		}
		if
		:: p != NONE -> goto loop
		:: else
		fi
	:: else
	fi;
	if
	:: spins ->
		spins = 0;
		spinning--;
		if
		:: ANY ->
			d_step { idle_pop(q) }
			if
			:: q != NONE -> acquire(q); spins = 1; spinning++; goto loop
			:: else
			fi
		:: else
		fi
	:: else ->
		if
		:: ANY -> wake_worker()
		:: else
		fi
	fi;
	keep = 1;
sleep:	skip;
	d_step { /* sleep_until_given */
		check_deadlock();
		if
		:: FIRST != NEVER && keeper == NONE && keep -> keeper = m
		:: else ->
			if
			:: keeper != NONE && FIRST != NEVER -> note[keeper] = 1
			:: else
			fi;
			idle_m[m] = 1
		fi;
		keep = 0
	}
end_sleep:
	d_step { note[m] || (keeper == m && FIRST <= now) -> note[m] = 0 }
	d_step {
		if
		:: keeper == m ->
			keeper = NONE;
			note[m] = 0;
			idle_pop(q);
			if
			:: q != NONE -> spins = 1; spinning++
			:: else
			fi
		:: else -> q = given[m]; given[m] = NONE; spins = given_spins[m]
		fi
	}
	if
	:: q == NONE -> goto sleep
	:: else -> acquire(q); goto loop
	fi
}

proctype clock()
{
	do
	:: now < 1 -> now++
	:: else -> break
	od
}

/* Nothing can go on. */
proctype watch()
{
	byte x;

	timeout;
	assert(!ANY && timer[0] == NEVER && timer[1] == NEVER && nidle == WORKERS && !spinning);
	for (x : 0 .. GOROUTINES - 1) {
		assert(parked[x] || ended[x])
	}
	assert(verdict)
}

init
{
	byte g;

	atomic {
		for (g : 1 .. THREADS - 1) {
			unborn[g] = 1
		}
#ifdef PINNED
		for (g : 0 .. PINS - 1) {
			pinned[g] = g;
			mp_pinned[g] = g;
			unborn[g] = 0
		}
#endif
		idle_p[1] = (WORKERS > 1);
		nidle = WORKERS - 1;
		for (g : 0 .. GOROUTINES - 1) {
			ring[0] ! g
		}
		given[0] = 0;
		note[0] = 1;
		for (g : 0 .. THREADS - 1) {
			run thread(g)
		}
		run clock();
		run watch()
	}
}

ltl ends { <> verdict }
