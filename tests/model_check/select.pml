/* SPDX-License-Identifier: MIT */
/* Select: two cases on two channels, and who else uses these (rt/select.c, rt/chan.c, rt/waitq.h).
 *
 * SCENE says which goroutines there are.  Each does its rounds of a select with two cases, or of a
 * single send or receive.  What is done under a channel's lock is a step for each waiter that is
 * looked at: another, under the other channel's lock or by the timer, may win a select in between.
 * Whether a case seems ready, without the lock, is anybody's guess.  Once nothing can go on the
 * channels are closed, with EARLY at any time.
 *
 * The commit of a park runs on another thread: a goroutine that is woken before its commit has
 * unlocked the last channel goes on meanwhile.
 *
 * Always: of a select that case is done which it returns, and no other; a value goes one way, once.
 * Nothing of an operation is touched after it has returned, and who waits is made ready once.  When
 * nothing can go on no lock is held, and nobody waits for what another offers; a close ends all
 * that wait.  Each goroutine ends.
 *
 * Not modelled: the default (a select that does not enqueue), a channel in two cases, the channels
 * of timers, more than two channels, chance.
 *
 * run: safety | -DSCENE=1 -DCAP=0
 * run: safety | -DSCENE=1 -DCAP=1
 * run: safety | -DSCENE=2 -DCAP=0
 * run: safety | -DSCENE=3 -DCAP=1 -DROUNDS=3
 * run: safety | -DSCENE=4 -DCAP=0 -DEARLY
 * run: safety | -DSCENE=4 -DCAP=0 -DTIMED
 * run: liveness ends | -DSCENE=4 -DCAP=0 -DEARLY
 * run: BUG_WIN_STORE | assertion violated | -DSCENE=1 -DCAP=0
 * run: BUG_LOOK_EACH | assertion violated | -DSCENE=1 -DCAP=0
 * run: BUG_UNLOCK_FORWARD | assertion violated | -DSCENE=1 -DCAP=0
 * run: BUG_NO_DEQUEUE | assertion violated | -DSCENE=1 -DCAP=0
 * run: BUG_CASE_ORDER | assertion violated | -DSCENE=4 -DCAP=0
 * run: BUG_SEEN_LIVE | assertion violated | -DSCENE=2 -DCAP=0
 * run: BUG_POP_ONE | assertion violated | -DSCENE=1 -DCAP=0 -DROUNDS=1
 * run: BUG_CLOSE_ALL | assertion violated | -DSCENE=4 -DCAP=0 -DEARLY
 * run: BUG_TIMER_STAYS | assertion violated | -DSCENE=4 -DCAP=0 -DTIMED
 * run: BUG_STAYS_QUEUED | assertion violated | -DSCENE=2 -DCAP=0
 * run: BUG_LOST_STAYS | ends | -DSCENE=4 -DCAP=0 -DTIMED
 *
 * mirrors: rt/waitq.h rt_waiter_win 1027752893
 * mirrors: rt/waitq.h rt_waitq_pop 1067450238
 * mirrors: rt/waitq.h rt_waitq_remove 335224959
 * mirrors: rt/select.c lock_all 941361513
 * mirrors: rt/select.c unlock_all 931029301
 * mirrors: rt/select.c live 557934253
 * mirrors: rt/select.c is_ready 159676383
 * mirrors: rt/select.c do_case 3581565420
 * mirrors: rt/select.c try_one 1023245786
 * mirrors: rt/select.c try_all 3612811400
 * mirrors: rt/select.c timed_out 2113585639
 * mirrors: rt/select.c commit_select 2933784836
 * mirrors: rt/select.c enqueue 3871094863
 * mirrors: rt/select.c leave_queue 4142152103
 * mirrors: rt/select.c dequeue 3299663154
 * mirrors: rt/select.c wait 3488453127
 * mirrors: rt/select.c choose_locked 3682736658
 * mirrors: rt/select.c choose 3874457214
 * mirrors: rt/chan.c hand_to 3724684733
 * mirrors: rt/chan.c send 4050646626
 * mirrors: rt/chan.c rt_chan_send_locked 1601377195
 * mirrors: rt/chan.c take_from 1774664488
 * mirrors: rt/chan.c refill 1388786157
 * mirrors: rt/chan.c recv 534369094
 * mirrors: rt/chan.c drain 601517769
 * mirrors: rt/chan.c rt_chan_close 386479316
 */
#define NONE 15
#ifndef ROUNDS
#define ROUNDS 2
#endif
#define RECV 0
#define SEND 1
#if SCENE < 3
#define GOROUTINES 4
#else
#define GOROUTINES (6 - SCENE)
#endif

mtype = { WOULD_WAIT, DONE, CLOSED };	/* enum rt_chan_result */
mtype = { NOTHING, ONE, ALL };		/* which channels are locked */

/* Channels. */
bit lock[2], closed[2];
chan buf[2] = [1] of { byte }; /* at most CAP values */
chan queue[4] = [GOROUTINES] of { byte }; /* of waiters */
#define recvq(c) queue[c]
#define sendq(c) queue[2 + (c)]

/* On the stacks of goroutines; case i of goroutine g is waiter 2 * g + i. */
bit frame[GOROUTINES]; /* it is in the operation: the rest is valid */
bit selects[GOROUTINES];
bit won[GOROUTINES];
byte woken[GOROUTINES];
byte value[2 * GOROUTINES]; /* to send, or received, or 0 */
bit ok[2 * GOROUTINES];

mtype commits[GOROUTINES] = NOTHING; /* the goroutine has left its stack: what it unlocks */
bit at[GOROUTINES];		     /* the channel, if one */
bit timed[GOROUTINES];		     /* in a heap */
bit parked[GOROUTINES], ready[GOROUTINES];

/* Ghosts. */
bit sent[16], received[16]; /* values that were */
byte running = GOROUTINES; /* goroutines that have not ended */

inline rt_lock(c) { atomic { !lock[c] -> lock[c] = 1 } }

/* rt_ready */
inline make_ready(x)
{
	d_step {
		assert(parked[x]);
		parked[x] = 0;
		ready[x] = 1
	}
}

/* A step: rt_waiter_win; `mine` if w is. */
inline win(w, mine)
{
	assert(frame[w / 2]);
	if
	:: !selects[w / 2] -> mine = 1
	:: selects[w / 2] && won[w / 2] -> mine = 0
	:: else -> won[w / 2] = 1; woken[w / 2] = w; mine = 1
	fi
}

/* rt_waitq_pop: w, or NONE. */
inline pop(q, w, mine)
{
	do
	:: len(q) == 0 -> w = NONE; break
	:: len(q) > 0 ->
#ifdef BUG_WIN_STORE
		d_step { q ? w; mine = !selects[w / 2] || !won[w / 2] }
		d_step {
			if
			:: mine && selects[w / 2] -> won[w / 2] = 1; woken[w / 2] = w
			:: else
			fi
		}
#elif defined(BUG_LOST_STAYS) /* the select takes it out itself */
		d_step {
			q ? <w>;
			win(w, mine);
			if
			:: mine -> q ? w
			:: else
			fi
		}
#else
		d_step { q ? w; win(w, mine) }
#endif
		if
		:: mine -> mine = 0; break
#ifdef BUG_POP_ONE
		:: else -> w = NONE; break
#else
		:: else
#endif
		fi
	od;
	skip
}

/* In a step: a value moves, from who sends it. */
inline moves(v)
{
	assert(v != 0 && !sent[v]);
	sent[v] = 1
}

inline arrives(v)
{
	assert(sent[v] && !received[v]);
	received[v] = 1
}

/* In a step: somebody in q is still to be woken. */
inline live(q, is)
{
	y = len(q);
	is = 0;
	do
	:: y > 0 ->
		q ? x;
		q ! x;
		assert(frame[x / 2]);
		is = is || !selects[x / 2] || !won[x / 2];
		y--
	:: else -> break
	od;
	x = 0
}

/* In a step. */
inline is_ready(k, c, is)
{
	live(queue[2 * (1 - k) + c], is);
	if
	:: k == SEND -> is = is || closed[c] || len(buf[c]) < CAP
	:: else -> is = is || closed[c] || len(buf[c]) > 0
	fi
}

inline leave_queue(k, c, w)
{
	if
	:: queue[2 * k + c] ?? [eval(w)] -> queue[2 * k + c] ?? eval(w)
	:: else
	fi
}

#define WAITER (2 * g + i)
#define VALUE(r, i) (1 + 2 * (r) + (i) + first)

/* Case i is of kind k[i] on channel c[i]; `first` is the least of its values. */
proctype goroutine(byte g; byte rounds; bit k0; bit c0; bit k1; bit c1; byte first)
{
	bit k[2], c[2], is0, is1, mine;
	byte i, r, w = NONE, got, x, y;
	mtype result, locked = NOTHING;

	k[0] = k0; k[1] = k1;
	c[0] = c0; c[1] = c1;
again:	if
	:: r == rounds -> goto end_goroutine
	:: else
	fi;
	d_step {
		frame[g] = 1;
		won[g] = 0;
		woken[g] = NONE;
		value[2 * g] = (k[0] == SEND -> VALUE(r, 0) : 0);
		value[2 * g + 1] = (k[1] == SEND && selects[g] -> VALUE(r, 1) : 0)
	}
	if
	:: !selects[g] || true -> /* a single operation; try_one, of one that seems ready */
		if
		:: i = 0
		:: selects[g] -> i = 1
		fi;
		rt_lock(c[i]);
		locked = ONE;
		if
		:: selects[g] ->
			d_step { is_ready(k[i], c[i], is0); y = 0 }
			if
			:: !is0 -> lock[c[i]] = 0; goto all
			:: else -> is0 = 0
			fi
		:: else
		fi
	:: selects[g] ->
all:		locked = ALL;
		/* lock_all: first case i */
#ifdef BUG_CASE_ORDER
		i = 0;
#else
		i = c[0];
#endif
		rt_lock(c[i]);
		d_step { is_ready(k[i], c[i], is0); y = 0 }
#ifdef BUG_LOOK_EACH /* its lock is not held from the look on */
		lock[c[i]] = 0;
		rt_lock(c[i]);
#endif
		if
		:: !is0 -> d_step { queue[2 * k[i] + c[i]] ! WAITER; i = 1 - i }
		:: else -> i = 1 - i
		fi;
		rt_lock(c[i]);
		d_step { is_ready(k[i], c[i], is1); y = 0 }
		if
		:: !is0 && !is1 -> d_step { queue[2 * k[i] + c[i]] ! WAITER }; goto park
		:: else -> i = 1 - i
		fi;
#ifndef BUG_STAYS_QUEUED
		d_step { leave_queue(k[i], c[i], WAITER) }
#endif
		/* try_all */
look:		skip;
		d_step { is_ready(k[0], c[0], is0); is_ready(k[1], c[1], is1); y = 0 }
		if
		:: is0 -> i = 0
		:: is1 -> i = 1
		:: !is0 && !is1 -> goto enqueue
		fi;
		d_step { is0 = 0; is1 = 0 }
	fi;

	/* do_case, or the single operation */
	result = WOULD_WAIT;
	w = NONE;
	if
	:: k[i] == SEND ->
		if
		:: closed[c[i]] -> result = CLOSED
		:: else ->
			pop(recvq(c[i]), w, mine);
			d_step {
				if
				:: w != NONE -> /* hand_to */
					moves(value[WAITER]);
					assert(value[w] == 0 && frame[w / 2]);
					value[w] = value[WAITER];
					ok[w] = 1;
					result = DONE
				:: w == NONE && len(buf[c[i]]) < CAP ->
					moves(value[WAITER]);
					buf[c[i]] ! value[WAITER];
					result = DONE
				:: else
				fi
			}
		fi
	:: k[i] == RECV && len(buf[c[i]]) > 0 ->
		d_step { buf[c[i]] ? got; arrives(got); got = 0; result = DONE }
		pop(sendq(c[i]), w, mine);
		d_step {
			if
			:: w != NONE -> /* refill */
				moves(value[w]);
				buf[c[i]] ! value[w];
				ok[w] = 1
			:: else
			fi
		}
	:: k[i] == RECV && len(buf[c[i]]) == 0 && closed[c[i]] -> result = CLOSED
	:: k[i] == RECV && len(buf[c[i]]) == 0 && !closed[c[i]] ->
		pop(sendq(c[i]), w, mine);
		d_step {
			if
			:: w != NONE -> /* take_from */
				moves(value[w]);
				arrives(value[w]);
				ok[w] = 1;
				result = DONE
			:: else
			fi
		}
	fi;
	if
	:: result == WOULD_WAIT && locked == ALL ->
#ifdef BUG_SEEN_LIVE
		result = DONE
#else
		goto look
#endif
	:: result == WOULD_WAIT && locked == ONE && selects[g] ->
#ifdef BUG_SEEN_LIVE
		result = DONE
#else
		lock[c[i]] = 0;
		goto all
#endif
	:: result == WOULD_WAIT && locked == ONE && !selects[g] -> goto enqueue
	:: else
	fi;
	if
	:: locked == ALL -> lock[1] = 0; lock[0] = 0
	:: else -> lock[c[i]] = 0
	fi;
	if
	:: w != NONE -> make_ready(w / 2); w = NONE
	:: else
	fi;
	goto done;

enqueue:
	skip;
	d_step {
		queue[2 * k[0] + c[0]] ! 2 * g;
		if
		:: selects[g] -> queue[2 * k[1] + c[1]] ! 2 * g + 1
		:: else
		fi
	}
park:	skip;
	d_step {
		is0 = 0;
		is1 = 0;
		parked[g] = 1;
		at[g] = c[0];
		commits[g] = locked;
		i = 0
	}
	/* rt_park */
	d_step { ready[g] -> ready[g] = 0 }
	if
	:: selects[g] -> /* dequeue */
#ifndef BUG_NO_DEQUEUE
		do
		:: i == 2 -> break
		:: i < 2 && woken[g] == WAITER -> i++
		:: i < 2 && woken[g] != WAITER ->
			rt_lock(c[i]);
			d_step { leave_queue(k[i], c[i], WAITER) }
			lock[c[i]] = 0;
			i++
		od;
#endif
#ifndef BUG_TIMER_STAYS
		timed[g] = 0; /* rt_timer_stop */
#endif
		if
		:: woken[g] == NONE -> result = WOULD_WAIT; i = NONE; goto done /* the time-out */
		:: else -> i = woken[g] - 2 * g
		fi
	:: else
	fi;
	d_step {
		if
		:: !ok[WAITER] -> result = CLOSED
		:: else ->
			result = DONE;
			if
			:: k[i] == RECV -> arrives(value[WAITER]); value[WAITER] = 0
			:: else
			fi
		fi;
		ok[WAITER] = 0
	}

done:	skip;
	d_step { /* the operation returns */
		if
		:: k[0] == SEND -> assert(sent[VALUE(r, 0)] == (i == 0 && result == DONE))
		:: else -> assert(!value[2 * g])
		fi;
		if
		:: !selects[g] -> skip
		:: selects[g] && k[1] == SEND ->
			assert(sent[VALUE(r, 1)] == (i == 1 && result == DONE))
		:: else -> assert(!value[2 * g + 1])
		fi;
		assert(!ok[2 * g] && !ok[2 * g + 1] && !parked[g] && !ready[g]);
		frame[g] = 0;
		won[g] = 0;
		woken[g] = NONE;
		value[2 * g] = 0;
		value[2 * g + 1] = 0;
		locked = NOTHING;
		r++
	}
	if
	:: i != NONE && k[i] == SEND && result == CLOSED /* panic */
	:: else -> i = 0; goto again
	fi;
end_goroutine:
	running--
}

/* The commits of goroutine g, on another stack, and perhaps another thread. */
proctype commit(byte g)
{
end:	do
	:: commits[g] == ONE -> atomic { commits[g] = NOTHING; lock[at[g]] = 0 } /* commit_unlock */
	:: commits[g] == ALL -> /* commit_select */
#ifdef TIMED
		timed[g] = 1;
#endif
		assert(frame[g]);
#ifdef BUG_UNLOCK_FORWARD
		lock[0] = 0;
		assert(frame[g]); /* i < s->norder */
		lock[1] = 0;
		assert(frame[g]);
		commits[g] = NOTHING
#else
		lock[1] = 0;
		atomic { commits[g] = NOTHING; lock[0] = 0 } /* the last touch */
#endif
	od
}

#ifdef TIMED
/* The heap's lock makes a fire one step; then its goroutine is made ready. */
proctype heap(byte g)
{
	bit mine;

end:	do
	:: d_step { /* timed_out */
		timed[g] ->
		timed[g] = 0;
		assert(frame[g]);
		mine = !won[g];
		won[g] = 1
	   }
	   if
	   :: mine -> mine = 0; make_ready(g)
	   :: else
	   fi
	od
}
#endif

/* In a step: nobody waits for what another offers. */
inline check_queues(c)
{
	live(sendq(c), is);
	mine = is;
	live(recvq(c), is);
	assert(!is || !mine);
	assert(!is || len(buf[c]) == 0);
	assert(!mine || len(buf[c]) == CAP);
	is = 0;
	mine = 0
}

/* rt_chan_close */
inline close(c)
{
	rt_lock(c);
	closed[c] = 1;
	q = 2;
	do /* drain: of the receivers, then of the senders */
	:: q > 0 ->
		q--;
		do
#ifdef BUG_CLOSE_ALL /* also selects that another has won */
		:: len(queue[2 * (1 - q) + c]) > 0 ->
			queue[2 * (1 - q) + c] ? w;
			wake[w / 2] = 1
		:: len(queue[2 * (1 - q) + c]) == 0 -> break
#else
		:: pop(queue[2 * (1 - q) + c], w, mine);
		   if
		   :: w != NONE -> wake[w / 2] = 1
		   :: else -> break
		   fi
#endif
		od
	:: else -> break
	od;
	lock[c] = 0;
	for (w : 0 .. GOROUTINES - 1) {
		if
		:: wake[w] -> wake[w] = 0; make_ready(w)
		:: else
		fi
	}
}

proctype closer()
{
	byte w, x, y, q;
	bit is, mine, wake[GOROUTINES];

#ifndef EARLY
	timeout;
	d_step {
		assert(!lock[0] && !lock[1]);
		check_queues(0);
		check_queues(1);
		y = 0
	}
#endif
	close(0);
	close(1)
}

init
{
	byte g;

	atomic {
#if SCENE == 1 /* a select and a receiver, and two senders */
		selects[0] = 1;
		run goroutine(0, ROUNDS, RECV, 0, RECV, 1, 0);
		run goroutine(1, 1, SEND, 0, 0, 0, 4);
		run goroutine(2, 1, SEND, 1, 0, 0, 6);
		run goroutine(3, 1, RECV, 1, 0, 0, 8);
#elif SCENE == 2 /* a select sends to another and a receiver, which others send to */
		selects[0] = 1;
		selects[1] = 1;
		run goroutine(0, 1, SEND, 0, SEND, 1, 0);
		run goroutine(1, 1, RECV, 1, RECV, 0, 2);
		run goroutine(2, 1, SEND, 0, 0, 0, 4);
		run goroutine(3, 1, RECV, 1, 0, 0, 6);
#elif SCENE == 3 /* a select fills two buffers, two receivers empty them */
		selects[0] = 1;
		run goroutine(0, ROUNDS, SEND, 0, SEND, 1, 0);
		run goroutine(1, 2, RECV, 0, 0, 0, 0);
		run goroutine(2, 2, RECV, 1, 0, 0, 0);
#else /* two selects send to each other */
		selects[0] = 1;
		selects[1] = 1;
		run goroutine(0, 1, SEND, 0, RECV, 1, 0);
		run goroutine(1, 1, SEND, 1, RECV, 0, 2);
#endif
		for (g : 0 .. GOROUTINES - 1) {
			run commit(g);
#ifdef TIMED
			run heap(g)
#endif
		}
		run closer()
	}
}

ltl ends { <> (running == 0) }
