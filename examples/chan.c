/* SPDX-License-Identifier: MIT */
/* One value through a channel.
 *
 * Run:   build/weft record -o chan.db -- build/examples/chan        (and press Enter)
 *        build/weft sql chan.db "select ts, op, g, peer, parked from chan_op"
 * Look:  an unbuffered channel is a meeting: whoever comes first waits (parked is 1), and the other
 *        hands the value over and wakes it: the arrow in the timeline.
 */
#include <stdio.h>
#include <weft.h>

typedef weft_chan_of(int) int_chan;

static void receiver(void *arg)
{
	int_chan answers = {arg};
	int answer;

	weft_recv(answers, &answer);
	printf("received %d\n", answer);
}

static int app(void *arg)
{
	(void)arg;
	int_chan answers = weft_make(int_chan, 0);

	weft_name(answers.chan, "answers");
	weft_go(receiver, answers.chan);
	weft_send(answers, 42);
	puts("sent; press Enter to end");
	getchar();
	return 0;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	return weft_run(app, NULL);
}
