/* SPDX-License-Identifier: MIT */
/* A function of a context is stopped twice.
 *
 * only under: debug
 * status: 2
 * says: ^weft: fatal: weft_ctx_stop of the function of a context 0x[0-9a-f]+, which was freed$
 * says: ^    made at .*freed_ctx_func.c:19 by goroutine 1$
 */
#include <stddef.h>
#include <weft.h>

static void nothing(void *arg)
{
	(void)arg;
}

static int app(void *arg)
{
	weft_ctx_func *f = weft_ctx_after_func(weft_ctx_background(), nothing, arg);

	weft_ctx_stop(f);
	weft_ctx_stop(f);
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
