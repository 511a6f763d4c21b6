/* SPDX-License-Identifier: MIT */
/* What the library of probes tells the one that is preloaded (fds.c). */
#ifndef RT_FDS_H
#define RT_FDS_H

/* As close(), by that function, but -1 with EBADF if the descriptor is LTTng's. */
typedef int weft_fds_close_fn(int fd, int (*close)(int));

/* NULL where nothing is preloaded. */
__attribute__((visibility("default"), weak)) void weft_fds_keep(weft_fds_close_fn *fn);

#endif
