/* SPDX-License-Identifier: MIT */
/* A library in the middle of a stack: it calls back. */
void library_call(void (*f)(void *), void *arg);

static __attribute__((noinline, noclone)) void library_inner(void (*f)(void *), void *arg)
{
	f(arg);
	__asm__ volatile("");
}

void library_call(void (*f)(void *), void *arg)
{
	library_inner(f, arg);
	__asm__ volatile("");
}
