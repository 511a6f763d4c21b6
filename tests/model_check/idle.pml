/* SPDX-License-Identifier: MIT */
/* Who looks for work, who sleeps, who is woken, and when it is a deadlock (rt/idle.c,
 * rt/thread.c).
 *
 * Three threads and two workers.  The first goroutine runs; one that runs may start another (as
 * long as there are fewer than GOROUTINES in all), sleep on a timer (TIMERS times in all), be
 * detached (TAKES times in all), or end, which stands for parking for ever too; with HOG one of them
 * may also compute until it is the last.  A queue is a number, a heap holds one timer, the clock
 * goes on when it likes.  The monitor only takes workers here: nothing may depend on its looking
 * after idle ones.
 *
 * With IOS goroutines wait for a descriptor too (so many times in all); then the keeper sleeps in
 * epoll, and workers look there in passing.  An edge comes when it likes.
 *
 * Not modelled: goroutines pinned to threads, and workers given up for them (pin.pml); how a wait
 * misses no edge (netpoll.pml); the first descriptor, until which the keeper sleeps on its note; what
 * is in runnext, which belongs to a worker that is not idle; the number of workers changing; threads
 * that cannot be started; signals, and the end of the program; timers that are put off for each other
 * (rt/gather.c): they are as good as due at that time, and no worker more is woken for them, but by the
 * monitor.
 *
 * A fence keeps a store from being late and a load from being early; without it (BUG_*_FENCE) the
 * two change places.
 *
 * Always: deadlock is said only when no goroutine is left that could run; once nothing happens any
 * more every goroutine has run to its end, no queue has anything in it, and deadlock was said.
 *
 * run: safety | -DGOROUTINES=3 -DHOG
 * run: safety | -DGOROUTINES=2 -DTIMERS=1
 * run: safety | -DGOROUTINES=2 -DTAKES=1
 * run: safety | -DGOROUTINES=2 -DIOS=1
 * run: safety | -DGOROUTINES=1 -DIOS=1 -DTIMERS=1
 * run: BUG_SUBMITTER_FENCE | assertion violated | -DGOROUTINES=3 -DHOG
 * run: BUG_LOOKER_FENCE | assertion violated | -DGOROUTINES=3 -DHOG
 * run: BUG_LAST_LOOK | assertion violated | -DGOROUTINES=3 -DHOG
 * run: BUG_SLEEPER_NO_LOOK | assertion violated | -DGOROUTINES=3 -DHOG
 * run: BUG_NO_KEEPER | assertion violated | -DGOROUTINES=2 -DTIMERS=1
 * run: BUG_ATTACH_LATE | assertion violated | -DGOROUTINES=2 -DTAKES=1
 * run: BUG_OUTSIDE_EARLY | assertion violated | -DGOROUTINES=2 -DIOS=1
 * run: BUG_NOT_CALLED | assertion violated | -DGOROUTINES=2 -DIOS=1 -DTIMERS=1
 *
 * mirrors: rt/procs.c rt_worker_pop 2480686157
 * mirrors: rt/procs.c rt_worker_push 1775122070
 * mirrors: rt/thread.c rt_thread_start 1115830702
 * mirrors: rt/thread.c rt_wake_worker 2136033806
 * mirrors: rt/thread.h rt_pushed 2601045989
 * mirrors: rt/thread.c rt_stop_spinning 2263972515
 * mirrors: rt/thread.c found 2733562136
 * mirrors: rt/idle.c rt_timers_first 362758979
 * mirrors: rt/idle.c deadlocked 2522033341
 * mirrors: rt/idle.c rt_keeper_wake 464865389
 * mirrors: rt/idle.c rt_keeper_hurry 2667007138
 * mirrors: rt/idle.c keeper_end 1137887739
 * mirrors: rt/idle.c keep_polling 2531454198
 * mirrors: rt/idle.c ready_globally 3286850153
 * mirrors: rt/idle.c rt_poll_here 2771832541
 * mirrors: rt/idle.c sleep_until_given 4027473896
 * mirrors: rt/idle.c rt_idle 2262253387
 * mirrors: rt/thread.c search 3905884378
 * mirrors: rt/thread.c look_around 2488153370
 * mirrors: rt/thread.c fire_timers 1891910619
 * mirrors: rt/thread.c next 3236281416
 * mirrors: rt/thread.c rt_nearest 3284507695
 * mirrors: rt/sched.c attach 2052497612
 * mirrors: rt/sched.c commit_attach 1088818236
 * mirrors: rt/sysmon.c take 3615764130
 * mirrors: rt/runq.c rt_runq_any 1512634567
 */
#define WORKERS 2
#define THREADS 3
#ifndef TIMERS
#define TIMERS 0
#endif
#ifndef TAKES
#define TAKES 0
#endif
#ifndef IOS
#define IOS 0
#endif
#define NONE 9
#define NEVER 9
#define ENDS_AT 2 /* the clock's last */

byte now;

/* Under rt.lock: */
byte lock = NONE; /* who has it */
bit idle_p[WORKERS];
bit idle_m[THREADS], unborn[THREADS];
byte given[THREADS] = NONE;
bit given_spinning[THREADS];
byte keeper = NONE, keeper_until;
bit called; /* rt.keeper_called, and the descriptor that wakes it */
/* Atomic: */
byte nidle, spinning, detached, outside, globq;

byte ring[WORKERS];
byte timer[WORKERS] = NEVER; /* the heap's first */
bit note[THREADS];

bit in_user[THREADS], taken[THREADS]; /* see take.pml */
byte mp_p[THREADS] = NONE;

/* epoll's. */
bit edge;
bit waits; /* a goroutine, for it */

/* Ghosts. */
byte alive, born, timers, takes, ios, back; /* goroutines that have not ended; of each, how many so far */
bit verdict, hog;

#define ANY (globq || ring[0] || ring[1])

inline rt_lock() { atomic { lock == NONE -> lock = m } }
inline rt_unlock() { lock = NONE }

/* Under the lock. */
inline idle_pop(pp)
{
	d_step {
		if
		:: idle_p[0] -> idle_p[0] = 0; nidle--; pp = 0
		:: !idle_p[0] && idle_p[1] -> idle_p[1] = 0; nidle--; pp = 1
		:: else -> pp = NONE
		fi
	}
}

/* start(pp, spin), by whom m is.  Who finds no thread would make one; here it waits for one that is
 * on its way.  (At WEFT_MAXTHREADS it is refused, and the monitor, which is not modelled, tries again.) */
inline start(pp, spin)
{
	atomic {
		lock == NONE && (idle_m[0] || idle_m[1] || idle_m[2] || unborn[0] || unborn[1] || unborn[2]) ->
		d_step {
			x = 0;
			do
			:: x < THREADS && !idle_m[x] && !unborn[x] -> x++
			:: else -> break
			od;
			idle_m[x] = 0;
			unborn[x] = 0;
			given[x] = pp;
			given_spinning[x] = spin
		}
	}
	d_step { /* rt_note_wake, or the new thread begins */
		note[x] = 1;
		x = 0
	}
}

/* rt_wake_worker */
inline wake_worker()
{
	do
	:: if
	   :: nidle == 0 -> break
	   :: else
	   fi;
	   if
	   :: spinning -> break
	   :: else
	   fi;
	   atomic { /* compare-and-swap */
		if
		:: spinning == 0 -> spinning = 1
		:: else -> break
		fi
	   }
	   atomic { rt_lock(); idle_pop(y) ; rt_unlock() }
	   if
	   :: y != NONE -> start(y, 1); y = 0; break
	   :: else
	   fi;
	   y = 0;
	   spinning--;
	   if
	   :: ANY /* again */
	   :: else -> break
	   fi
	od
}

/* One more in this worker's ring, with pushed(). */
inline push(pp)
{
#ifdef BUG_SUBMITTER_FENCE
	any = nidle && !spinning;
	ring[pp]++;
	if
	:: any -> any = 0; wake_worker()
	:: else
	fi
#else
	ring[pp]++;
	wake_worker()
#endif
}

/* fire_timers, by the thread that has p: enqueue wakes only if there are two. */
inline fire_timers(q)
{
	if
	:: timer[q] <= now ->
		d_step { /* rt_timers_due, under the heap's lock */
			if
			:: timer[q] <= now -> timer[q] = NEVER; ring[p]++
			:: else
			fi
		}
		if
		:: ring[p] >= 2 -> wake_worker()
		:: else
		fi
	:: else
	fi
}

/* rt_poll_here, by the thread that has p. */
inline poll_here()
{
#if IOS > 0
	if
	:: outside ->
		d_step {
			if
			:: edge && waits ->
				edge = 0;
				waits = 0;
				back++;
				ring[p]++;
#ifdef BUG_OUTSIDE_EARLY
				outside--
#endif
			:: else
			fi
		}
		if
		:: ring[p] >= 2 -> wake_worker()
		:: else
		fi
	:: else
	fi
#endif
}

proctype thread(byte m)
{
	byte p = NONE, x, y, first, until;
	bit spins, keep, any, polls, got;

end_unborn:
	d_step { note[m] -> note[m] = 0 } /* thread_new: it begins */
	goto woken;

next:	if
	:: p == NONE -> goto idle
	:: else
	fi;
	if
	:: fire_timers(p)
	:: ring[p] || globq /* whose turn it is */
	fi;
	/* local() */
	if
	:: d_step { ring[p] -> ring[p]-- } goto found
	:: else
	fi;
	/* rt_globq_get */
	if
	:: globq ->
		atomic {
			rt_lock();
			rt_unlock();
			if
			:: globq -> globq--; goto found
			:: else
			fi
		}
	:: else
	fi;
#if IOS > 0
	poll_here();
	if
	:: d_step { ring[p] -> ring[p]-- } goto found
	:: else
	fi;
#endif
	/* search() */
	if
	:: spins
	:: !spins && 2 * spinning >= WORKERS - nidle -> goto idle
	:: else -> spins = 1; spinning++
	fi;
	fire_timers(1 - p); /* look_around() */
	if
	:: d_step { ring[1 - p] -> ring[1 - p]-- } goto found
	:: true /* or that is left to it */
	fi;
	if
	:: d_step { ring[p] -> ring[p]-- } goto found
	:: else
	fi;
	if
	:: globq ->
		atomic {
			rt_lock();
			rt_unlock();
			if
			:: globq -> globq--; goto found
			:: else
			fi
		}
	:: else
	fi;
#if IOS > 0
	poll_here();
	if
	:: d_step { ring[p] -> ring[p]-- } goto found
	:: else
	fi;
#endif
	goto idle;

found:	if
	:: spins -> /* stop_spinning */
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

#if IOS > 0
	skip;
	d_step { /* it was waiting for an edge, perhaps */
		if
#ifdef BUG_OUTSIDE_EARLY
		:: back -> back--
#else
		:: back -> back--; outside--
#endif
		:: else
		fi
	}
#endif
	/* A goroutine runs. */
go:	if
	:: atomic { ios < IOS -> ios++; outside++ }
	   waits = 1; /* its commit */
	   goto next
	:: goto ends
#ifdef HOG
	:: atomic { !hog -> hog = 1 }
	   alive == 1; /* computes until all others have ended */
	   goto ends
#endif
	:: atomic { born < GOROUTINES -> born++; alive++ } /* weft_go */
	   push(p);
	   goto go
	:: atomic { timers < TIMERS && now < ENDS_AT && timer[p] == NEVER -> timers++; timer[p] = now + 1 }
	   goto next /* its commit started the timer */
	:: takes < TAKES ->
	   in_user[m] = 1;
	   if
	   :: atomic { in_user[m] -> in_user[m] = 0 } /* comes back in time */
	   :: atomic { taken[m] -> taken[m] = 0 } goto attach
	   fi;
	   goto go
	fi;
ends:	alive--;
	goto next;

attach:	mp_p[m] = NONE;
	p = NONE;
	atomic {
		rt_lock();
		idle_pop(y);
#ifndef BUG_ATTACH_LATE
		if
		:: y != NONE -> detached--
		:: else
		fi;
#endif
		rt_unlock()
	}
	if
	:: y != NONE -> p = y; y = 0; mp_p[m] = p; goto go
	:: else -> y = 0
	fi;
	atomic { /* commit_attach */
		rt_lock();
		globq++;
		detached--;
		rt_unlock()
	}
	wake_worker();
	goto next;

idle:	if
	:: p != NONE ->
		rt_lock();
		if
		:: globq -> rt_unlock(); goto next
		:: else
		fi;
		d_step { idle_p[p] = 1; nidle++; mp_p[m] = NONE; p = NONE }
		rt_unlock()
	:: else
	fi;
	if
	:: spins ->
		spins = 0;
#ifdef BUG_LOOKER_FENCE
		any = ANY;
		spinning--;
#else
		spinning--;
		any = ANY;
#endif
#ifdef BUG_LAST_LOOK
		any = 0;
#endif
		if
		:: any ->
			any = 0;
			atomic { rt_lock(); idle_pop(y); rt_unlock() }
			if
			:: y != NONE ->
				p = y;
				y = 0;
				mp_p[m] = p;
				spins = 1;
				spinning++;
				goto next
			:: else -> y = 0
			fi
		:: else
		fi
	:: else ->
#ifndef BUG_SLEEPER_NO_LOOK
		if
		:: ANY -> wake_worker()
		:: else
		fi
#endif
	fi;

	/* sleep_until_given */
#ifndef BUG_NO_KEEPER
	keep = 1;
#endif
again:	rt_lock();
	d_step {
		until = NEVER;
		first = (timer[0] < timer[1] -> timer[0] : timer[1]);
		if /* deadlocked() */
		:: nidle == WORKERS && !globq && first == NEVER && !detached && !outside ->
			assert(alive == 0);
			verdict = 1
		:: else
		fi;
		if
		:: (first != NEVER || IOS) && keeper == NONE && keep ->
			keeper = m;
			keeper_until = first;
			until = first;
			polls = (IOS > 0)
		:: else ->
			if
			:: keeper != NONE && first < keeper_until ->
				keeper_until = first;
				if /* rt_keeper_wake */
#ifndef BUG_NOT_CALLED
				:: IOS -> called = 1
#endif
				:: else -> note[keeper] = 1
				fi
			:: else
			fi;
			idle_m[m] = 1
		fi;
		first = 0;
		keep = 0
	}
	rt_unlock();
end_sleep:
	if
	:: d_step { /* rt_note_sleep */
		!polls && (note[m] || until <= now) ->
		note[m] = 0;
		until = 0
	   }
#if IOS > 0
	:: d_step { polls && (called || until <= now) -> until = 0; polls = 0 } /* keep_polling */
	:: d_step {
		polls && edge && waits ->
		until = 0;
		polls = 0;
		edge = 0;
		waits = 0;
		got = 1;
#ifdef BUG_OUTSIDE_EARLY
		outside--
#endif
	   }
#endif
	fi;
woken:	rt_lock();
	d_step {
		if
		:: keeper == m ->
			keeper = NONE; /* keeper_end */
			note[m] = 0;
			called = 0;
			idle_pop(y);
			p = y;
			if
			:: p != NONE -> spinning++; spins = 1
			:: else -> globq = globq + got; back = back + got; got = 0 /* ready_globally */
			fi
		:: else ->
			p = given[m];
			given[m] = NONE;
			spins = given_spinning[m];
			given_spinning[m] = 0
		fi;
		y = 0;
		mp_p[m] = p
	}
	rt_unlock();
	if
	:: p == NONE -> goto again
	:: else
	fi;
#if IOS > 0
	if
	:: got ->
		d_step { got = 0; back++; ring[p]++ }
		if
		:: ring[p] >= 2 -> wake_worker()
		:: else
		fi
	:: else
	fi;
#endif
	goto next
}

#if IOS > 0
proctype world()
{
end_world:
	do
	:: waits && !edge -> edge = 1
	od
}
#endif

/* Takes workers. */
proctype monitor()
{
	byte m = THREADS, x, v, q;

end:	do
	:: takes < TAKES && in_user[0] -> v = 0; goto take
	:: takes < TAKES && in_user[1] -> v = 1; goto take
	:: takes < TAKES && in_user[2] -> v = 2;
take:		atomic {
			if
			:: in_user[v] -> in_user[v] = 0; takes++; q = mp_p[v]; detached++
			:: else -> goto end
			fi
		}
		taken[v] = 1;
		start(q, 0)
	od
}

proctype clock()
{
	do
	:: now < ENDS_AT -> now++
	:: else -> break
	od
}

/* Nothing can go on. */
proctype watch()
{
	timeout;
	assert(!ANY && timer[0] == NEVER && timer[1] == NEVER && alive == 0 && spinning == 0);
	assert(verdict)
}

init
{
	atomic {
		unborn[1] = 1; unborn[2] = 1;
		/* weft_run: worker 0 goes to the first thread */
		idle_p[1] = 1;
		nidle = 1;
		ring[0] = 1;
		alive = 1;
		born = 1;
		given[0] = 0;
		note[0] = 1;
		run thread(0);
		run thread(1);
		run thread(2);
		run monitor();
		run clock();
#if IOS > 0
		run world();
#endif
		run watch()
	}
}
