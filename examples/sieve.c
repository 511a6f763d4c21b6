/* SPDX-License-Identifier: MIT */
/* The prime sieve: a chain of goroutines, one for each prime found.
 *
 * Run:   build/weft record -o sieve.db -- build/examples/sieve
 *        build/weft timeline sieve.db --lanes goroutines -o sieve.svg
 * Look:  a staircase: each filter starts when its prime comes out at the end of the chain.
 */
#include <stdio.h>
#include <weft.h>

enum { PRIMES = 60 };

typedef weft_chan_of(int) int_chan;

static struct filter {
	int_chan in, out;
	int prime;
} filters[PRIMES];

static void generate(void *arg)
{
	int_chan out = {arg};

	for (int i = 2;; i++)
		weft_send(out, i);
}

static void filter(void *arg)
{
	struct filter *f = arg;

	weft_range(f->in, n) {
		if (n % f->prime)
			weft_send(f->out, n);
	}
}

static int app(void *arg)
{
	(void)arg;
	int_chan end = weft_make(int_chan, 0);

	weft_go(generate, end.chan);
	for (struct filter *f = filters; f < filters + PRIMES; f++) {
		*f = (struct filter){.in = end, .out = weft_make(int_chan, 0)};
		weft_recv(end, &f->prime);
		printf("%d\n", f->prime);
		weft_go(filter, f);
		end = f->out;
	}
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
