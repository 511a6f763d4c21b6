/* SPDX-License-Identifier: MIT */
/* What main() and the subcommands know of each other.
 *
 * A subcommand gets its own arguments, argv[0] being its name, and returns the exit status: 0
 * fine, 1 failed or found problems, 2 bad usage.  It parses its options with getopt_long, whose
 * own messages are switched off: cmd_bad_option() prints better ones.
 */
#ifndef TRACER_CMDS_H
#define TRACER_CMDS_H

#define CMD(name, function, help) int function(int argc, char **argv);
#include "cmds.def"
#undef CMD

/* Print "weft CMD: message" and how to get help; always 2, the exit status of bad usage. */
__attribute__((format(printf, 2, 3))) int cmd_misuse(const char *cmd, const char *fmt, ...);

/* Say what is wrong with the option for which getopt_long returned c: '?', or ':' for an argument
 * that is missing (if the option string begins with ':' or "+:"); always 2. */
int cmd_bad_option(int c, char **argv);

#endif
