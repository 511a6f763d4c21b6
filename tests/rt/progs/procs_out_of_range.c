/* SPDX-License-Identifier: MIT */
/* status: 2
 * says: weft: panic: weft_procs of 257 workers; from 1 to 256
 */
#include <weft.h>

static int app(void *arg)
{
	(void)arg;
	return weft_procs(257);
}

int main(void)
{
	return weft_run(app, NULL);
}
