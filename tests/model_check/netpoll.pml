/* SPDX-License-Identifier: MIT */
/* Readers of one descriptor, which epoll tells of edge by edge (rt/io.c, rt/conn_ops.c, rt/netpoll.c).
 *
 * The peer sends UNITS units, when it likes, and ends the stream once nothing can go on, with EARLY
 * at once.  READERS goroutines read up to BUF units, each until it has read once, or in vain.  (One
 * that accepts, writes or waits is a reader too, of connections, of room, of a look.)  Two threads
 * ask epoll; what they were told they do later.  With EXACT a short read shows that nothing is
 * left, as of a TCP connection.  With DEADLINES a goroutine sets deadlines while others wait, and
 * the clock goes on when it likes; with CLOSES one closes the descriptor.
 *
 * The kernel: whatever arrives makes an edge, and those that come before anybody asks are one.  Who
 * asks is told how it is then.
 *
 * Always: the descriptor is closed by its last user, and who waits is made ready once.  When
 * nothing can go on nobody waits who could read, or whose deadline has passed, or whose descriptor
 * was closed.  Each reader ends.
 *
 * Not modelled: the second direction of a connection; contexts, which end waits as deadlines do;
 * another use of the record; who asks epoll, and when (idle.pml).
 *
 * run: safety | -DREADERS=2 -DBUF=1
 * run: safety | -DREADERS=2 -DBUF=2 -DEXACT
 * run: safety | -DREADERS=2 -DBUF=2 -DEXACT -DEARLY -DUNITS=1
 * run: safety | -DREADERS=2 -DBUF=1 -DCLOSES -DUNITS=1
 * run: safety | -DREADERS=1 -DBUF=1 -DDEADLINES -DUNITS=1 -DCLOSES
 * run: liveness ends | -DREADERS=2 -DBUF=1
 * run: liveness ends | -DREADERS=1 -DBUF=1 -DDEADLINES -DUNITS=0
 * run: BUG_EDGE_TAKEN | assertion violated | -DREADERS=2 -DBUF=1
 * run: BUG_WOKEN_ONLY | assertion violated | -DREADERS=2 -DBUF=1
 * run: BUG_WAKE_ONE | assertion violated | -DREADERS=2 -DBUF=1
 * run: BUG_LOOK_LATE | assertion violated | -DREADERS=2 -DBUF=1
 * run: BUG_DRAINED_LATE | assertion violated | -DREADERS=2 -DBUF=2 -DEXACT
 * run: BUG_EXACT_LATE | assertion violated | -DREADERS=2 -DBUF=2 -DEXACT -DEARLY -DUNITS=1
 * run: BUG_CHECK_UNLOCKED | assertion violated | -DREADERS=2 -DBUF=1 -DCLOSES -DUNITS=1
 * run: BUG_CLOSE_QUIET | assertion violated | -DREADERS=2 -DBUF=1 -DCLOSES -DUNITS=1
 * run: BUG_TIMER_STAYS | assertion violated | -DREADERS=1 -DBUF=1 -DDEADLINES -DUNITS=0
 * run: BUG_ANY_EDGE | ends | -DREADERS=2 -DBUF=1 -DUNITS=1
 * run: BUG_NOT_YET_PASSED | ends | -DREADERS=1 -DBUF=1 -DDEADLINES -DUNITS=0
 *
 * mirrors: rt/netpoll.c rt_conn_take 3216525251
 * mirrors: rt/netpoll.c count_edge 2741913631
 * mirrors: rt/netpoll.c edge 3555894488
 * mirrors: rt/io.h rt_io_edges 2654299211
 * mirrors: rt/io.c rt_io_hold 2174731459
 * mirrors: rt/io.c drop 3694792706
 * mirrors: rt/io.c rt_io_check 3248311465
 * mirrors: rt/io.c stop_timer 3412490556
 * mirrors: rt/io.c place_timer 346479367
 * mirrors: rt/io.c take_expired 2744671168
 * mirrors: rt/io.c expire 3653355421
 * mirrors: rt/io.c commit_unlock 2516132427
 * mirrors: rt/io.c rt_io_wait 1714556612
 * mirrors: rt/conn_ops.c try_read 466219009
 * mirrors: rt/conn_ops.c read_some 1984124526
 * mirrors: rt/io.c set_deadline 2194241444
 * mirrors: rt/io.c weft_conn_close_at 2615452669
 */
#ifndef UNITS
#define UNITS 2
#endif
#define NEVER 9
#define ENDS_AT 2
#ifdef EXACT
#define IS_EXACT 1
#else
#define IS_EXACT 0
#endif

mtype = { FINE, BADF, TIMEDOUT };

/* The kernel's. */
byte data;	/* what can be read */
bit end;	/* and then the stream ends */
bit told = 1;	/* there was no edge since somebody asked */
byte now;

/* The connection. */
bit closed;	 /* state: CONN_CLOSED */
byte users = 1;	 /* and how many use it; its being open is one */
byte edges;	 /* how many there were */
byte drained = 99; /* it was found empty after so many */
bit exact = IS_EXACT;
/* Under its lock: */
bit lock;
bit waits[READERS];
mtype result[READERS];
byte deadline; /* 0: none */
bit in;	       /* the timer was put into a heap */
/* Under the heap's: */
bit heap; /* it is in one */
byte timer;

bit ready[READERS];

/* Ghosts. */
bit released;
byte ended;

#define PASSED (deadline && deadline <= now)

inline rt_lock() { atomic { !lock -> lock = 1 } }

/* In a step: rt_conn_take, of all; `woken` are to be made ready. */
inline take_all(r)
{
	for (i : 0 .. READERS - 1) {
		if
		:: waits[i] -> waits[i] = 0; result[i] = r; woken[i] = 1
		:: else
		fi
	}
	i = 0
}

inline ready_all()
{
	for (i : 0 .. READERS - 1) {
		if
		:: woken[i] -> d_step { assert(!ready[i]); woken[i] = 0; ready[i] = 1 }
		:: else
		fi
	}
	i = 0
}

/* In a step, under both locks: nobody holds a heap's for longer. */
inline stop_timer()
{
	if
	:: in -> heap = 0
	:: else
	fi;
	in = 0
}

/* The same. */
inline place_timer()
{
	if
	:: !(waits[0] || waits[READERS - 1]) || !deadline
	:: else ->
		if
		:: in && timer <= deadline
#ifdef BUG_TIMER_STAYS
		:: in && timer > deadline
#endif
		:: else ->
			stop_timer();
			assert(!heap);
			in = 1;
			heap = 1;
			timer = deadline
		fi
	fi
}

inline hold(ok)
{
	d_step { /* compare-and-swap */
		ok = !closed;
		if
		:: ok -> users++
		:: else
		fi
	}
}

inline drop()
{
	d_step {
		users--;
		if
		:: users == 0 -> assert(closed && !released); released = 1
		:: else
		fi
	}
}

proctype reader(byte g)
{
	byte seen, n;
	bit ok;
	mtype r = FINE;

	hold(ok);
	if
	:: !ok -> goto ends
	:: else
	fi;
again:	if /* rt_io_check */
	:: PASSED -> goto drops
	:: else
	fi;
	/* try_read */
#ifndef BUG_LOOK_LATE
	seen = edges;
#endif
	if
	:: IS_EXACT && exact ->
		if
		:: drained == seen -> goto wait
		:: else
		fi
	:: else
	fi;
	d_step { /* recv */
		assert(!released);
		n = (data < BUF -> data : BUF);
		data = data - n;
		ok = (n > 0 || end)
	}
	if
	:: IS_EXACT && n < BUF && (n > 0 || !ok) ->
#ifdef BUG_DRAINED_LATE
		drained = edges
#else
		drained = seen
#endif
	:: else
	fi;
	if
	:: ok -> goto drops
	:: else
	fi;
#ifdef BUG_LOOK_LATE
	seen = edges;
#endif
wait:	skip; /* rt_io_wait */
#ifdef BUG_CHECK_UNLOCKED
	r = (closed -> BADF : (PASSED -> TIMEDOUT : FINE));
	rt_lock();
#else
	rt_lock();
	r = (closed -> BADF : (PASSED -> TIMEDOUT : FINE));
#endif
	if
	:: r != FINE -> lock = 0; goto drops
#ifdef BUG_EDGE_TAKEN /* it is whose that comes first */
	:: r == FINE && edges -> edges = 0; lock = 0; goto again
#elif defined(BUG_ANY_EDGE) /* also one that came before it looked */
	:: r == FINE && edges -> lock = 0; seen = 0; goto again
#else
	:: r == FINE && edges != seen -> lock = 0; seen = 0; goto again
#endif
	:: else
	fi;
	d_step { waits[g] = 1; place_timer(); seen = 0 }
	lock = 0; /* commit_unlock */
	d_step { ready[g] -> ready[g] = 0; r = result[g]; result[g] = 0 }
	if
	:: r == FINE -> goto again
	:: else
	fi;
drops:	drop();
ends:	ended++
}

/* A thread in rt_netpoll. */
proctype poller()
{
	byte i;
	bit some, last, woken[READERS];

end_poller:
	do
	:: d_step { !told -> told = 1; last = end; some = (end || data > 0) } /* epoll_wait */
	   rt_lock(); /* edge */
	   if
	   :: !closed && some ->
#ifdef BUG_EXACT_LATE
		edges++;
#endif
		if
		:: last -> exact = 0
		:: else
		fi;
#ifdef BUG_WOKEN_ONLY /* who was woken tries, so nobody else needs to */
		if
		:: waits[0] || waits[READERS - 1]
		:: else -> edges++
		fi;
#elif defined(BUG_EDGE_TAKEN)
		edges = 1;
#elif !defined(BUG_EXACT_LATE)
		edges++;
#endif
		d_step {
#ifdef BUG_WAKE_ONE
			if
			:: waits[0] -> waits[0] = 0; result[0] = FINE; woken[0] = 1
			:: else -> take_all(FINE)
			fi
#else
			take_all(FINE)
#endif
		}
	   :: else
	   fi;
	   d_step { some = 0; last = 0; lock = 0 }
	   ready_all()
	od
}

#ifdef DEADLINES
/* A thread fires what is due. */
proctype heaps()
{
	byte i;
	bit woken[READERS];

end_heaps:
	do
	:: d_step { heap && timer <= now -> heap = 0 }
	   rt_lock(); /* expire */
	   d_step {
		stop_timer();
		if
#ifdef BUG_NOT_YET_PASSED /* while the heap takes it for due */
		:: deadline && deadline < now -> take_all(TIMEDOUT)
#else
		:: PASSED -> take_all(TIMEDOUT)
#endif
		:: else
		fi;
		place_timer()
	   }
	   lock = 0;
	   ready_all()
	od
}

inline set_deadline(at)
{
	rt_lock();
	d_step {
		deadline = at;
		if
		:: PASSED -> take_all(TIMEDOUT)
		:: else
		fi;
		place_timer()
	}
	lock = 0;
	ready_all()
}

proctype setter()
{
	byte i;
	bit woken[READERS];

	set_deadline(NEVER);
	if
	:: set_deadline(1)
	:: set_deadline(0)
	fi;
	set_deadline(2)
}

proctype clock()
{
	do
	:: now < ENDS_AT -> now++
	:: else -> break
	od
}
#endif

#ifdef CLOSES
proctype closer()
{
	byte i;
	bit ok, woken[READERS];

	hold(ok);
	d_step { assert(!closed); closed = 1 }
#ifndef BUG_CLOSE_QUIET
	rt_lock();
	d_step { stop_timer(); take_all(BADF) }
	lock = 0;
	ready_all();
#endif
	drop(); /* of its being open */
	drop()
}
#endif

/* Edges come: data, and in the end the end. */
proctype peer()
{
	byte i;

	do
	:: i < UNITS -> d_step { i++; data++; told = 0 }
	:: else -> break
	od;
	i = 0;
#ifndef EARLY
	timeout;
	d_step {
		assert(!lock && told);
		for (i : 0 .. READERS - 1) {
			assert(!waits[i] || (!data && !PASSED && !closed))
		}
	}
#endif
	d_step { end = 1; told = 0 }
	timeout;
	assert(ended == READERS && released == closed)
}

init
{
	byte i;

	atomic {
		for (i : 0 .. READERS - 1) {
			run reader(i)
		}
		run poller();
		run poller();
#ifdef DEADLINES
		run heaps();
		run setter();
		run clock();
#endif
#ifdef CLOSES
		run closer();
#endif
		run peer()
	}
}

ltl ends { <> (ended == READERS) }
