/* SPDX-License-Identifier: MIT */
/* Nothing traps the panic of a goroutine in a group: it comes out where the group is waited for.
 *
 * status: 2
 * says: weft: panic: no such file \(in goroutine 2\)
 * says: goroutine 1 \(app\): running at .*panic_in_group.c:13
 */
#include <weft.h>

static int load(weft_ctx *ctx, void *arg)
{
	(void)ctx;
	weft_panic("no such %s", (const char *)arg);
}

static int app(void *arg)
{
	weft_group g = {0};

	(void)arg;
	weft_group_go(&g, load, "file");
	return weft_group_wait(&g);
}

int main(void)
{
	return weft_run(app, NULL);
}
