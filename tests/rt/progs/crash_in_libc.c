/* SPDX-License-Identifier: MIT */
/* A crash in a C library's function that keeps no frame pointer, called from a goroutine: the
 * caller is not missing.
 *
 * not under: address thread undefined
 * signal: 11
 * says: weft: fatal: SIGSEGV at address 0x[08] .* in goroutine 1 \(app\)$
 * says: libc.so.6\+0x
 * says: ^ +/[^ ]+/crash_in_libc\+0x[0-9a-f]+$
 */
#include <string.h>
#include <weft.h>

static char *volatile text = (char *)8;
static volatile size_t length;

static int app(void *arg)
{
	(void)arg;
	length = strlen(text);
	return (int)length;
}

int main(void)
{
	return weft_run(app, NULL);
}
