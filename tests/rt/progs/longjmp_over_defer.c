/* SPDX-License-Identifier: MIT */
/* longjmp leaves a scope and what is deferred in it behind.
 *
 * not under: address thread
 * status: 2
 * says: weft: fatal: a scope with deferred functions or traps was left by longjmp
 */
#include <setjmp.h>
#include <weft.h>

static jmp_buf env;

static void nothing(void *arg)
{
	(void)arg;
}

static void leave(void)
{
	weft_defer(nothing, NULL);
	longjmp(env, 1);
}

static int app(void *arg)
{
	weft_defer(nothing, arg);
	if (!setjmp(env))
		leave();
	return 0;
}

int main(void)
{
	return weft_run(app, NULL);
}
