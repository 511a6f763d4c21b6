/* SPDX-License-Identifier: MIT */
/* A handler of the program's own for SIGSEGV, which logs the crash by a channel.  The crash is the
 * runtime's, with the lock of that channel: it is given an address to receive into where nothing is.
 *
 * not under: address thread undefined
 * status: 2
 * says: ^weft: fatal: weft_chan_try_send was called in a signal handler, which interrupted the runtime$
 * says: ^    a handler may call nothing of weft's: let a goroutine receive the signal from a channel, see weft_signal_notify$
 * says: ^goroutine 1 \(app\): running$
 * says: ^ +/[^ ]+/handler_in_runtime\+0x[0-9a-f]+$
 */
#include <signal.h>
#include <weft.h>

static weft_chan *crashes;

static void on_crash(int sig)
{
	weft_chan_try_send(crashes, &sig);
}

static int app(void *arg)
{
	int sig = 0;

	(void)arg;
	crashes = weft_chan_make(sizeof(int), 1);
	weft_chan_send(crashes, &sig);
	signal(SIGSEGV, on_crash);
	weft_chan_recv(crashes, (void *)64);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
