/* SPDX-License-Identifier: MIT */
/* A worker's run queue: one owner, two thieves (rt/runq.c, and enqueue of rt/sched.c).
 *
 * Worker 0 readies N goroutines in any order of runnext and tail, and pops; worker 1 steals, keeps
 * what it stole in its own ring and pops that; worker 2 steals from both.  Worker 0 swaps runnext in a
 * restartable sequence, whose steps are steps here.  The ring has RUNQ slots, so that a batch of it
 * overflows.  Each load, store and swap is a step; memory is sequentially
 * consistent (what acquire and release add is argued in rt/runq.c).  A worker that is alone has no
 * thieves, and swaps nothing: alone.pml.
 *
 * Always: each goroutine is taken by one worker, once; nobody takes more than there are; what
 * was readied is taken or in a queue in the end.
 *
 * run: safety | -DTHIEVES=2 -DRUNQ=2 -DN=3
 * run: safety | -DTHIEVES=1 -DRUNQ=4 -DN=5
 * run: safety | -DTHIEVES=1 -DRUNQ=4 -DBATCH=1 -DN=5
 * run: BUG_TAIL_FIRST | assertion violated | -DTHIEVES=2 -DRUNQ=2 -DN=3
 * run: BUG_TAKE_STORE | assertion violated | -DTHIEVES=2 -DRUNQ=2 -DN=3
 * run: BUG_MOMENT | assertion violated | -DTHIEVES=2 -DRUNQ=2 -DN=3
 * run: BUG_SLOT_LATE | assertion violated | -DTHIEVES=2 -DRUNQ=2 -DN=3
 * run: BUG_NEXT_STORE | assertion violated | -DTHIEVES=2 -DRUNQ=2 -DN=3
 * run: BUG_NO_RESTART | assertion violated | -DTHIEVES=2 -DRUNQ=2 -DN=3
 * run: BUG_NOT_TOLD | assertion violated | -DTHIEVES=2 -DRUNQ=2 -DN=3
 * run: BUG_TOLD_LATE | assertion violated | -DTHIEVES=2 -DRUNQ=2 -DN=3
 *
 * mirrors: rt/runq.c slot_load 1707911501
 * mirrors: rt/runq.c ring_take 4154138658
 * mirrors: rt/runq.c ring_overflow 3972553074
 * mirrors: rt/runq.c rt_runq_put 1279365582
 * mirrors: rt/runq.c rt_runq_pop 400976123
 * mirrors: rt/runq.h rt_runq_swap_next 2874872604
 * mirrors: rt/restart.h rt_restart_swap 4033889539
 * mirrors: rt/runq.c rob 2593085941
 * mirrors: rt/runq.h rt_runq_take_next 4156913589
 * mirrors: rt/runq.c rt_runq_steal 4169877154
 * mirrors: rt/runq.h rt_runq_len 3611476731
 * mirrors: rt/sched.c enqueue 4202715309
 * mirrors: rt/runq.h rt_runq_fill_next 2750206111
 * mirrors: rt/sched.c ready_next 1314995071
 * mirrors: rt/sched.c rt_ready 2555916045
 */
#ifndef N
#define N 5 /* goroutines, 1 to N */
#endif
#ifndef RUNQ
#define RUNQ 4
#endif
#ifndef BATCH
#define BATCH (RUNQ / 2) /* RUNQ_BATCH */
#endif

typedef ring {
	byte head, tail;
	byte runq[RUNQ]
};
ring p[3];
byte runnext;		      /* worker 0's */
byte robbed;
bit within;		      /* worker 0 is within a restartable sequence */
chan globq = [N] of { byte }; /* under rt.lock: one step */

bit taken[N + 1]; /* ghost: run by somebody */
byte ntaken, thieves = THIEVES;

inline takes(g)
{
	d_step {
		assert(g != 0 && !taken[g]);
		taken[g] = 1;
		ntaken++
	}
}

/* ring_take: the compare-and-swap of head. */
inline ring_take(q, from, n, won)
{
#ifdef BUG_TAKE_STORE /* looks, then stores */
	won = (p[q].head == from);
	if
	:: won -> p[q].head = from + n
	:: else
	fi
#else
	d_step {
		won = (p[q].head == from);
		if
		:: won -> p[q].head = from + n
		:: else
		fi
	}
#endif
}

/* rt_globq_put, under rt.lock: the batch, then g. */
inline to_globq(g)
{
	d_step {
		globq ! b;
#if BATCH == 2
		globq ! b2;
#endif
		globq ! g;
		b = 0;
		b2 = 0
	}
}

/* rt_runq_put and ring_overflow, of worker q by itself.  Uses h, won, b, b2. */
inline put(q, g)
{
	do
	:: h = p[q].head; /* head, acquire */
	   if
	   :: p[q].tail - h == RUNQ -> /* ring_overflow */
		   b = p[q].runq[h % RUNQ]; /* batch[i] = slot_load() */
#if BATCH == 2
		   b2 = p[q].runq[(h + 1) % RUNQ];
#endif
		   ring_take(q, h, BATCH, won);
		   if
		   :: !won /* thieves made room: once more */
		   :: won -> to_globq(g); break
		   fi
	   :: else ->
#ifdef BUG_TAIL_FIRST
		   p[q].tail++;
		   p[q].runq[(p[q].tail - 1) % RUNQ] = g;
#else
		   p[q].runq[p[q].tail % RUNQ] = g;
		   p[q].tail++; /* release */
#endif
		   break
	   fi
	od
}

/* rt_runq_pop, of worker q by itself: g, or 0. */
inline pop(q, g)
{
	do
	:: h = p[q].head;
	   if
	   :: h == p[q].tail -> g = 0; break
	   :: else ->
		   g = p[q].runq[h % RUNQ]; /* slot_load */
		   ring_take(q, h, 1, won);
		   if
		   :: won -> break
		   :: else
		   fi
	   fi
	od
}

/* rt_runq_swap_next, by the owner: what was there. */
inline exchange_next(to, was) { atomic { was = runnext; runnext = to } }

inline swap_next(to, was)
{
	was = runnext;
	within = 1; /* rt_restart_swap; what follows are its steps */
	if
#ifdef BUG_NOT_TOLD
	:: true ->
#elif defined(BUG_TOLD_LATE)
	:: runnext == was ->
#else
	:: !robbed ->
#endif
		if
#ifdef BUG_TOLD_LATE
		:: !robbed ->
#else
		:: runnext == was ->
#endif
			if
			:: d_step { within -> runnext = to; within = 0 }
			:: else -> exchange_next(to, was)
			fi
		:: else -> within = 0; exchange_next(to, was)
		fi
	:: else -> within = 0; exchange_next(to, was)
	fi
}

/* rob, by a thief: g, or 0. */
inline rob(g)
{
	if
	:: runnext == 0 -> g = 0
	:: else ->
		robbed++;
#ifndef BUG_NO_RESTART
		within = 0; /* rt_restart_others */
#endif
#ifdef BUG_NEXT_STORE /* loads, then stores */
		g = runnext;
		runnext = 0;
#else
		exchange_next(0, g);
#endif
		robbed--
	fi
}

/* rt_runq_steal, by worker q from v: g, or 0.  A batch is one goroutine while RUNQ is 2, two while
 * it is 4.  `leave` is 0 or 1. */
inline steal(q, v, g)
{
	do
	:: h = p[v].head; /* acquire */
	   size = p[v].tail - h; /* acquire */
	   if
	   :: size > RUNQ -> n = size /* head and tail were not of one moment */
	   :: size <= RUNQ && size > 0 -> n = (size + 1) / 2
	   :: size <= RUNQ && size > 1 -> n = size / 2 /* leave == 1 */
	   :: size <= RUNQ && size <= 1 -> size = 0; n = 0 /* not more than are left */
	   fi;
	   if
	   :: size == 0 ->
		   if
		   :: v == 0 -> rob(g) /* late */
		   :: g = 0
		   fi;
		   break
	   :: else ->
		   if
#ifndef BUG_MOMENT
		   :: n > RUNQ / 2 /* len > RUNQ: head and tail were not of one moment: again */
#endif
		   :: else ->
			   assert(n <= RUNQ / 2); /* else more than there are */
			   n = (n > BATCH -> BATCH : n);
#ifdef BUG_SLOT_LATE
			   ring_take(v, h, n, won);
#endif
			   g = p[v].runq[h % RUNQ]; /* batch[0] */
			   if
			   :: n > 1 -> x = p[v].runq[(h + 1) % RUNQ]
			   :: else
			   fi;
#ifndef BUG_SLOT_LATE
			   ring_take(v, h, n, won);
#endif
			   if
			   :: !won
			   :: won && n > 1 -> put(q, x); break
			   :: won && n <= 1 -> break
			   fi
		   fi
	   fi
	od
}

/* Forget what is not needed any more: fewer states to look at. */
inline forget()
{
	d_step { h = 0; b = 0; b2 = 0; g = 0; x = 0; size = 0; n = 0; won = false }
}

active proctype owner()
{
	byte h, b, b2, g, x, size, n, next = 1;
	bool won;

	do
	:: next <= N -> /* enqueue(pp, gp, next) */
		g = next;
		next++;
		if
		:: swap_next(g, x); g = x; x = 0
		:: true
		fi;
		if
		:: g -> put(0, g)
		:: else
		fi;
		forget()
	:: runnext || p[0].head < p[0].tail -> /* local() */
		if
		:: runnext -> swap_next(0, g) /* rt_runq_take_next */
		:: else
		fi;
		if
		:: g == 0 -> pop(0, g)
		:: else
		fi;
		if
		:: g -> takes(g)
		:: else
		fi;
		forget()
	:: next > N && thieves == 0 -> break
	od;
	/* whatever is left: */
	do
	:: runnext -> takes(runnext); runnext = 0
	:: p[0].head < p[0].tail -> takes(p[0].runq[p[0].head % RUNQ]); p[0].head++
	:: p[1].head < p[1].tail -> takes(p[1].runq[p[1].head % RUNQ]); p[1].head++
	:: len(globq) > 0 -> globq ? g; takes(g)
	:: else -> break
	od;
	assert(ntaken == N)
}

proctype thief(byte q)
{
	byte h, b, b2, g, x, size, n;
	bool won;

	do
	:: steal(q, 0, g); /* look_around() */
	   if
	   :: g -> takes(g); forget()
	   :: else -> break
	   fi
#if THIEVES == 1
	:: p[1].head < p[1].tail -> /* local(), of its own */
	   pop(1, g);
	   if
	   :: g -> takes(g); forget()
	   :: else
	   fi
#endif
	:: break
	od;
	thieves--
}

init
{
	atomic {
		run thief(1);
#if THIEVES == 2
		run thief(2)
#endif
	}
}
