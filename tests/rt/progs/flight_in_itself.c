/* SPDX-License-Identifier: MIT */
/* The function of a call of a flight calls with the same key.
 *
 * status: 2
 * says: weft: fatal: weft_flight_do called with its own key from the function that it runs
 * says: goroutine 1 \(app\): running at .*flight_in_itself.c:15
 */
#include <weft.h>

static weft_flight f;

static int again(void *arg, void **value)
{
	(void)value;
	return weft_flight_do(&f, weft_key_int(1), again, arg, NULL);
}

static int app(void *arg)
{
	return weft_flight_do(&f, weft_key_int(1), again, arg, NULL);
}

int main(void)
{
	return weft_run(app, NULL);
}
