/* SPDX-License-Identifier: MIT */
/* Every goroutine with its stack, of a program that goes on: on SIGQUIT, and for `weft dump PID`.
 *
 * How the tool asks.  It listens on a Unix socket in the abstract namespace that is named by a
 * number (DUMP_SOCKET), and sends DUMP_SIGNAL with that number to the monitor's thread, which has
 * the name DUMP_THREAD.  The monitor connects, makes sure that the listener is the same user or
 * root, and writes the text that SIGQUIT would print.  No file is made, no right is needed, and no
 * system call of the program's is interrupted; a program of which every goroutine hangs answers
 * too.  The last line is DUMP_END.
 *
 * Of more than DUMP_MOST goroutines those that do the same are shown as one (groups.h), with the
 * stack of the first: a million of them take a moment and a page.  An odd number (DUMP_ALL) asks for
 * each of them all the same.
 */
#ifndef RT_DUMP_H
#define RT_DUMP_H

#define DUMP_SIGNAL (SIGRTMIN + 16)
#define DUMP_SOCKET "weft-dump-%08x"
#define DUMP_THREAD "weft-monitor"
#define DUMP_END "weft: end of the dump"
#define DUMP_ALL 1u
#define DUMP_MOST ((size_t)10000)

/* Handle the signals; once, before any goroutine.  A SIGQUIT that the program handles or ignores is
 * left to it. */
void rt_dump_start(void);
/* The calling thread is the monitor. */
void rt_dump_by_me(void);

#endif
