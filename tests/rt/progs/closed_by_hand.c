/* SPDX-License-Identifier: MIT */
/* The descriptor of a listener is closed behind its back, and another socket gets its number.
 *
 * status: 2
 * says: ^weft: fatal: descriptor [0-9]+ was closed, but not by weft_conn_close$
 * says: ^goroutine 1 \(app\): running at .*closed_by_hand.c:15$
 */
#include <unistd.h>
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	close(weft_conn_fd(weft_listen("127.0.0.1:0")));
	weft_listen("127.0.0.1:0");
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
