/* SPDX-License-Identifier: MIT */
/* Two goroutines that could work at the same time, and take turns: each waits for the other's
 * answer before it goes on.
 *
 * Run:   build/weft record -o run.db -- build/examples/bottlenecks/ping_pong && build/weft stat
 * run.db Look:  parallel is about 1, with two workers.  Whoever waits for question or answer waits
 * for the other to compute. Mend:  ask the next question before the answer to the last one has
 * come: buffers of some elements, and a goroutine that only receives.
 */
#include <stdio.h>
#include <weft.h>

enum { ROUNDS = 40 };
typedef weft_chan_of(uint64_t) number_chan;
static number_chan question, answer;

static uint64_t compute(uint64_t x, int n)
{
	for (int i = 0; i < n; i++)
		x = x * 6364136223846793005 + 1442695040888963407;
	return x;
}

static void oracle(void *arg)
{
	(void)arg;
	weft_range(question, x) {
		x = compute(x, 3000000);
		weft_send(answer, x); // the bottleneck
	}
}

static int app(void *arg)
{
	uint64_t x = 1, sum = 0;

	(void)arg;
	question = weft_make(number_chan, 0);
	answer = weft_make(number_chan, 0);
	weft_name(question.chan, "question");
	weft_name(answer.chan, "answer");
	weft_go(oracle, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		weft_send(question, x);
		weft_recv(answer, &x);
		sum += compute(x, 300000);
	}
	return printf("sum %llx\n", (unsigned long long)sum) < 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
