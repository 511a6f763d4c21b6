/* SPDX-License-Identifier: MIT */
/* The numbers of states in g_interval and p_interval (schema.sql). */
#ifndef VIZ_STATE_H
#define VIZ_STATE_H

enum state {
	STATE_running = 1,
	STATE_detached,
	STATE_runnable,
	STATE_waiting,
	STATE_searching,
	STATE_stopped
};

#endif
