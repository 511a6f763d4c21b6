/* SPDX-License-Identifier: MIT */
/* A SIGSEGV that was sent kills as one that an instruction caused.
 *
 * not under: address thread undefined
 * signal: 11
 */
#include <signal.h>
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	raise(SIGSEGV);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
