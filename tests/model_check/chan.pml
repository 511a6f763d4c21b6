/* SPDX-License-Identifier: MIT */
/* A channel: hand-over, buffer, refill, close (rt/chan.c).
 *
 * Two senders send two values each, two receivers receive until the channel is closed, and one more
 * closes it once all is sent (with EARLY at any time, and a send on a closed channel ends its
 * sender).  The buffer has CAP slots.  What happens under c->lock is one step, as nobody else sees
 * it, but for the way to the park: there the lock is held until the commit.
 *
 * A value is the number of the send, in the order in which the sends came to the lock.
 *
 * Always: values come out in the order in which they went in, each once; the queues are as the
 * invariants at the top of rt/chan.c say; all who wait are woken by the end.
 *
 * run: safety | -DCAP=0
 * run: safety | -DCAP=1
 * run: safety | -DCAP=2
 * run: safety | -DCAP=1 -DEARLY
 * run: safety | -DCAP=0 -DEARLY
 * run: BUG_UNLOCK_FIRST | invalid end state | -DCAP=0
 * run: BUG_REFILL_NONE | assertion violated | -DCAP=1
 * run: BUG_SENDER_FIRST | assertion violated | -DCAP=1
 * run: BUG_CLOSE_RECEIVERS | invalid end state | -DCAP=1 -DEARLY
 * run: BUG_CLOSE_SENDERS | invalid end state | -DCAP=0 -DEARLY
 *
 * mirrors: rt/chan.c hand_to 3724684733
 * mirrors: rt/chan.c send 4050646626
 * mirrors: rt/chan.c rt_chan_send_locked 1601377195
 * mirrors: rt/chan.c take_from 1774664488
 * mirrors: rt/chan.c refill 1388786157
 * mirrors: rt/chan.c recv 534369094
 * mirrors: rt/chan.c commit_unlock 1533961257
 * mirrors: rt/chan.c unlock_and_wake 3064485521
 * mirrors: rt/chan.c wait_in 1108412310
 * mirrors: rt/chan.c send_locked 433349980
 * mirrors: rt/chan.c send_entering 3782967277
 * mirrors: rt/chan.c meet_quickly 2292329052
 * mirrors: rt/chan.c send_quickly 4164284139
 * mirrors: rt/chan.c weft_chan_send_at 1987747357
 * mirrors: rt/chan.c recv_locked 1271566002
 * mirrors: rt/chan.c recv_entering 1309328653
 * mirrors: rt/chan.c recv_quickly 3453264645
 * mirrors: rt/chan.c weft_chan_recv_at 855185222
 * mirrors: rt/chan.c drain 601517769
 * mirrors: rt/chan.c rt_chan_close 386479316
 */
#define NONE 9
#define SENDS 2

bit lock;
bit closed;
chan buf = [3] of { byte };   /* values; count is its length, at most CAP */
chan sendq = [4] of { byte }; /* who waits */
chan recvq = [4] of { byte };
byte value[4]; /* the waiter's: senders are 0 and 1, receivers 2 and 3 */
bit ok[4];
bit ready[4];

byte sends, next = 1, sent, senders_done; /* ghosts: came to the lock; to come out; completed; senders that ended */

inline rt_lock() { atomic { !lock -> lock = 1 } }

/* A value comes out. */
inline out(v)
{
	assert(v == next);
	next++;
	sent++
}

#define INVARIANTS \
	assert(len(sendq) == 0 || len(recvq) == 0); \
	assert(len(buf) == 0 || len(recvq) == 0); \
	assert(len(buf) == CAP || len(sendq) == 0)

proctype sender(byte g)
{
	byte i, w = NONE, v;

	for (i : 1 .. SENDS) {
		rt_lock();
		if
		:: closed -> lock = 0; break /* panic */
		:: else
		fi;
		atomic {
			sends++;
			v = sends;
			if
			:: len(recvq) > 0 -> /* hand_to */
				recvq ? w;
				value[w] = v;
				out(v);
				ok[w] = 1;
				lock = 0
			:: len(recvq) == 0 && len(buf) < CAP ->
				buf ! v;
				lock = 0
			:: else ->
				value[g] = v; /* wait_in */
#ifdef BUG_UNLOCK_FIRST
				lock = 0;
#else
				sendq ! g;
#endif
				w = g
			fi;
			v = 0
		}
		if
		:: w == g ->
#ifdef BUG_UNLOCK_FIRST
			sendq ! g;
#else
			atomic { INVARIANTS; lock = 0 } /* commit_unlock */
#endif
			w = NONE;
			d_step { ready[g] -> ready[g] = 0 }
			if
			:: !ok[g] -> break /* panic */
			:: else -> ok[g] = 0
			fi
		:: w != g && w != NONE -> ready[w] = 1; w = NONE /* rt_ready */
		:: else
		fi
	}
	senders_done++
}

proctype receiver(byte g)
{
	byte w = NONE, v;

	do
	:: rt_lock();
	   atomic {
		if
#ifdef BUG_SENDER_FIRST
		:: len(sendq) > 0 ->
			sendq ? w; v = value[w]; out(v); ok[w] = 1; lock = 0
		:: len(sendq) == 0 && len(buf) > 0 ->
#else
		:: len(buf) > 0 ->
#endif
			buf ? v;
			out(v);
#ifndef BUG_REFILL_NONE
			if
			:: len(sendq) > 0 -> sendq ? w; buf ! value[w]; ok[w] = 1 /* refill */
			:: else
			fi;
#endif
			INVARIANTS;
			lock = 0
		:: len(buf) == 0 && closed -> lock = 0; goto finished
#ifndef BUG_SENDER_FIRST
		:: len(buf) == 0 && !closed && len(sendq) > 0 -> /* take_from */
			sendq ? w;
			v = value[w];
			out(v);
			ok[w] = 1;
			lock = 0
#endif
		:: len(buf) == 0 && !closed && len(sendq) == 0 -> recvq ! g; w = g /* wait_in */
		fi;
		v = 0
	   }
	   if
	   :: w == g ->
		   w = NONE;
		   atomic { INVARIANTS; lock = 0 } /* commit_unlock */
		   d_step { ready[g] -> ready[g] = 0 }
		   if
		   :: !ok[g] -> goto finished /* closed */
		   :: else -> ok[g] = 0
		   fi
	   :: w != g && w != NONE -> ready[w] = 1; w = NONE /* rt_ready */
	   :: else
	   fi
	od;
finished:
	skip
}

proctype closer()
{
	byte w;
	bit wake[4];

#ifndef EARLY
	senders_done == 2;
#endif
	rt_lock();
	atomic {
		closed = 1;
#ifndef BUG_CLOSE_RECEIVERS
		do /* drain */
		:: len(recvq) > 0 -> recvq ? w; ok[w] = 0; wake[w] = 1
		:: else -> break
		od;
#endif
#ifndef BUG_CLOSE_SENDERS
		do
		:: len(sendq) > 0 -> sendq ? w; ok[w] = 0; wake[w] = 1; value[w] = 0
		:: else -> break
		od;
#endif
		lock = 0
	}
	for (w : 0 .. 3) {
		if
		:: wake[w] -> wake[w] = 0; ready[w] = 1
		:: else
		fi
	}
}

init
{
	atomic {
		run sender(0);
		run sender(1);
		run receiver(2);
		run receiver(3);
		run closer()
	}
}
