/* SPDX-License-Identifier: MIT */
/* What the environment and the machine say. */
#ifndef RT_ENV_H
#define RT_ENV_H

#include <stdbool.h>

/* The variable as a whole number, with K, M or G after it where `bytes`; `otherwise` if it is not
 * set.  Ends the program with a message if it is anything else. */
long rt_env_number(const char *name, long least, long most, long otherwise, bool bytes);

/* The number after `key=` in WEFT_DEBUG, whose settings are separated by commas, as in
 * chaos=7,guard=1; `otherwise` if it is not there.  Ends the program as rt_env_number does. */
long rt_env_debug(const char *key, long least, long most, long otherwise);

/* How many cpus this process may use. */
long rt_env_cpus(void);

/* Ends the program with a message if WEFT_DEBUG has a setting that nobody knows. */
void rt_env_debug_check(void);

#endif
