/* SPDX-License-Identifier: MIT */
/* What the environment and the machine say. */
#ifndef RT_ENV_H
#define RT_ENV_H

#include <stdbool.h>

/* The variable as a whole number, with K, M or G after it where `bytes`; `otherwise` if it is not
 * set.  Ends the program with a message if it is anything else. */
long rt_env_number(const char *name, long least, long most, long otherwise, bool bytes);

/* How many cpus this process may use. */
long rt_env_cpus(void);

#endif
