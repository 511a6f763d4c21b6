/* SPDX-License-Identifier: MIT */
/* A context is asked after its last reference was dropped.
 *
 * only under: debug
 * status: 2
 * says: ^weft: fatal: weft_ctx_err of the context 0x[0-9a-f]+, which was freed$
 * says: ^    made at .*freed_ctx.c:14 by goroutine 1$
 * says: ^    freed, with its last reference, by goroutine 1 \(app\)$
 */
#include <weft.h>

static int app(void *arg)
{
	weft_ctx *ctx = weft_ctx_with_timeout(weft_ctx_background(), WEFT_S);

	(void)arg;
	weft_ctx_unref(ctx);
	return weft_ctx_err(ctx);
}

int main(void)
{
	return weft_run(app, NULL);
}
