/* SPDX-License-Identifier: MIT */
/* The metadata of LTTng's traces: the text that says what the bytes of their events mean. */
#ifndef TRACER_METADATA_H
#define TRACER_METADATA_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes of text are in the n bytes of a metadata file, of which babeltrace2 never ends to
 * read one that is cut; -1 if its packets are damaged. */
int64_t metadata_text(const char *at, size_t n);

/* After a recording, when nothing of LTTng runs any more: where the session daemon wrote more text
 * beside the buffers in `shm` than there is in the trace below `trace`, that takes its place.
 *
 * A trace gets its metadata by and by: when a timer asks for it while the program registers its
 * events, and when the daemon sees that the program ended.  If it has not seen that yet when it is
 * asked to stop, it says that nothing is pending, and the trace lacks the events that were
 * registered since the timer asked. */
void metadata_complete(const char *trace, const char *shm);

#endif
