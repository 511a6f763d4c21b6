/* SPDX-License-Identifier: MIT */
/* The result, an int, could not say which.
 *
 * status: 2
 * says: weft: fatal: select of 2147483648 cases; the result could not say which
 * says: running at .*select_of_too_many.c:14
 */
#include <weft.h>

static int app(void *arg)
{
	weft_case one = weft_on_default();

	weft_select_cases(&one, (size_t)1 << 31);
	return arg != NULL;
}

int main(void)
{
	return weft_run(app, NULL);
}
