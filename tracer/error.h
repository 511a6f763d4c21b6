/* SPDX-License-Identifier: MIT */
/* Messages to the person at the terminal, all beginning with "weft: ", each a line. */
#ifndef TRACER_ERROR_H
#define TRACER_ERROR_H

/* Print a message; always -1, so that a failure reads `return error("...");`. */
__attribute__((format(printf, 1, 2))) int error(const char *fmt, ...);

/* Print a message that is not a failure, e.g. what was recorded. */
__attribute__((format(printf, 1, 2))) void note(const char *fmt, ...);

/* After a message, lines of somebody else's that explain it. */
void quote(const char *text);

/* On a terminal, say what is under way, in a line that is gone at the next message. */
__attribute__((format(printf, 1, 2))) void progress(const char *fmt, ...);
/* In a process that was forked: a line that is there is its parent's. */
void progress_forked(void);
/* Output begins: take that line away.  On a terminal the output is the progress from here on. */
void progress_over(void);

/* Print a message and end with status 1; for what no caller can mend, like no memory. */
__attribute__((format(printf, 1, 2), noreturn)) void die(const char *fmt, ...);

#endif
