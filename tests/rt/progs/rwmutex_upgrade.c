/* SPDX-License-Identifier: MIT */
/* A goroutine wants to write what it reads.
 *
 * status: 2
 * says: ^    goroutine 1 \(app\) locks the RWMutex "cache" that it reads itself$
 */
#include <weft.h>

static weft_rwmutex cache;

static int app(void *arg)
{
	(void)arg;
	weft_name(&cache, "cache");
	weft_rwmutex_rlock(&cache);
	weft_rwmutex_lock(&cache);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
