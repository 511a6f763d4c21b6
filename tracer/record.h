/* SPDX-License-Identifier: MIT */
/* One event as every reader gives it and the model takes it, and what is known of its kind; all
 * of it made from rt/events.def and rt/waits.def.
 */
#ifndef TRACER_RECORD_H
#define TRACER_RECORD_H

#include "map.h"

#include <stddef.h>
#include <stdint.h>

enum event {
#define EVENT(name, doc, ...) EV_##name,
#include "events.def"
#undef EVENT
};

#define EVENT(name, doc, ...) +1
enum { EVENTS = 0
#include "events.def"
};
#undef EVENT

enum field_type { FIELD_u64, FIELD_u32, FIELD_i64, FIELD_ptr, FIELD_str };

enum { MAX_FIELDS = 8 };

struct event_desc {
	const char *name, *doc;
	int nfields, ntexts; /* how many, and how many of them are of type str */
	struct field_desc {
		enum field_type type;
		const char *name, *doc;
	} field[MAX_FIELDS];
};

extern const struct event_desc event_desc[EVENTS];

/* The event of this name, or -1. */
int event_find(const char *name);
/* The field of this name of an event, or -1. */
int event_field(enum event kind, const char *name);

/* Wait reasons, by number, from 1. */
struct wait_desc {
	const char *name, *phrase, *doc;
};
#define WAIT(name, phrase, doc) +1
enum { WAITS = 1
#include "waits.def"
};
#undef WAIT
enum wait_reason {
	WAIT_none,
#define WAIT(name, phrase, doc) WAIT_##name,
#include "waits.def"
#undef WAIT
};
extern const struct wait_desc wait_desc[WAITS];

/* The other reasons in the table of that name; those of waits have their own numbers. */
_Static_assert((int)WAITS <= 100, "reasons have different numbers");
enum why { WHY_unknown = 100, WHY_create, WHY_ready, WHY_yield, WHY_attach, WHY_stop, WHYS };

typedef uint64_t record_u64;
typedef uint64_t record_u32;
typedef int64_t record_i64;
typedef uint64_t record_ptr;
typedef const char *record_str;
#define RECORD_FIELD(type, name, doc) record_##type name;

union value {
	int64_t i;
	uint64_t u;
	const char *str;
};

/* Each field of an event has eight bytes: r->a[i] by number, r->g_park.why by name. */
struct record {
	int64_t ts;	  /* nanoseconds, from wherever the reader's clock begins */
	uint32_t pid, m, seq;
	enum event kind;
	union {
		union value a[MAX_FIELDS]; /* a str is never NULL, and is the reader's */
#define EVENT(name, doc, ...)                                                                      \
	struct {                                                                                   \
		MAP(RECORD_FIELD, __VA_ARGS__)                                                     \
	} name;
#include "events.def"
#undef EVENT
	};
};

/* Whether the first field of such an event is a channel or a mutex, which in table fact has its number
 * instead of its address: the views chan_op and mutex_op are made of them. */
static inline int record_has_object(enum event kind)
{
	return kind == EV_chan_send || kind == EV_chan_recv || kind == EV_chan_close ||
	       kind == EV_mutex_lock || kind == EV_mutex_unlock;
}

#endif
