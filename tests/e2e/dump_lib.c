/* SPDX-License-Identifier: MIT */
/* A library that the program dumped calls. */
#include <weft.h>

void library_waits(void *chan);

void library_waits(void *chan)
{
	weft_chan_recv(chan, NULL);
	__asm__ volatile("");
}
