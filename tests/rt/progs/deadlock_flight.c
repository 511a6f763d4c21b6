/* SPDX-License-Identifier: MIT */
/* Two functions of one flight wait for each other's key, and a third caller for a call that waits
 * for a message: each is told apart by its key, and who runs it.
 *
 * status: 2
 * says: weft: fatal: all goroutines are asleep - deadlock!
 * says: order cycle: goroutine 2 -> 3 -> 2
 * says: goroutine 2 \(left\) waits for the flight "users", run by goroutine 3 \(right\) at .*deadlock_flight.c:45
 * says: goroutine 4 \(late\) waits for the flight "users", which goroutine 1 \(app\) runs while it waits itself, in chan receive at
 * says: goroutine 2 \(left\): waiting in flight at .*deadlock_flight.c:31
 * says: for flight "users", key 2, run by goroutine 3 \(right\) at .*deadlock_flight.c:45
 * says: for flight "users", key "slow", run by goroutine 1 \(app\) at .*deadlock_flight.c:68
 */
#include <weft.h>

static weft_flight users;
static weft_waitgroup both;

static int nothing(void *arg, void **value)
{
	(void)arg;
	(void)value;
	return 0;
}

static int other(void *arg, void **value)
{
	(void)value;
	weft_waitgroup_done(&both);
	weft_waitgroup_wait(&both);
	return weft_flight_do(&users, weft_key_int(*(uint64_t *)arg), nothing, NULL, NULL);
}

static uint64_t one = 1, two = 2;

static void left(void *arg)
{
	(void)arg;
	weft_flight_do(&users, weft_key_int(1), other, &two, NULL);
}

static void right(void *arg)
{
	(void)arg;
	weft_flight_do(&users, weft_key_int(2), other, &one, NULL);
}

static void late(void *arg)
{
	(void)arg;
	weft_flight_do(&users, weft_key_str("slow"), nothing, NULL, NULL);
}

static int slow(void *arg, void **value)
{
	(void)value;
	weft_go(late, NULL);
	return weft_chan_recv(arg, NULL);
}

static int app(void *arg)
{
	(void)arg;
	weft_name(&users, "users");
	weft_waitgroup_add(&both, 2);
	weft_go(left, NULL);
	weft_go(right, NULL);
	return weft_flight_do(&users, weft_key_str("slow"), slow, weft_chan_make(0, 0), NULL);
}

int main(void)
{
	return weft_run(app, NULL);
}
