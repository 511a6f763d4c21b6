/* SPDX-License-Identifier: MIT */
/* Where all that are left wait for a peer, none is left; the main function's own status stays.
 *
 * env: WEFT_LEAKS=1
 * status: 7
 * says: ^weft: 2 goroutines were left when the main function returned:$
 * says: ^    no peer left: goroutine [23] \(sender\) and 1 more wait in chan send at .* for channel "results" \(0 of 0 buffered\), and nobody is left who could receive$
 * says: ^    1 more goroutine waits like this one: [34] \(sender\)$
 */
#include <weft.h>

static void sender(void *arg)
{
	weft_chan_send(arg, NULL);
}

static int app(void *arg)
{
	weft_chan *results = weft_chan_make(0, 0);

	(void)arg;
	weft_name(results, "results");
	for (int i = 0; i < 3; i++)
		weft_go(sender, results);
	weft_chan_recv(results, NULL);
	return 7;
}

int main(void)
{
	return weft_run(app, NULL);
}
