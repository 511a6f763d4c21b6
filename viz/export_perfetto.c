/* SPDX-License-Identifier: MIT */
/* Perfetto's trace format.  Tracks are declared first, each with a number of its own and the track
 * that it is below; then come their events.  The numbers of fields are the format's, which calls
 * them by the names here. */
#include "error.h"
#include "export.h"
#include "proto.h"
#include "query_export.h"

#include <stdbool.h>

enum { TRACE_PACKET = 1 };
enum {
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE = 10,
	PACKET_EVENT = 11,
	PACKET_FLAGS = 13,
	PACKET_TRACK = 60
};
enum {
	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_PARENT = 5,
	TRACK_COUNTER = 8,
	TRACK_ORDERING = 11,
	TRACK_RANK = 12
};
enum { ORDERING_EXPLICIT = 3 };
enum { COUNTER_UNIT_NAME = 6 };
enum {
	EVENT_ANNOTATION = 4,
	EVENT_TYPE = 9,
	EVENT_TRACK = 11,
	EVENT_CATEGORY = 22,
	EVENT_NAME = 23,
	EVENT_VALUE = 30,
	EVENT_FLOW = 47,
	EVENT_LAST_OF_FLOW = 48
};
enum type { BEGIN = 1, END = 2, INSTANT = 3, COUNTER = 4 };
enum { ANNOTATION_INT = 4, ANNOTATION_TEXT = 6, ANNOTATION_NAME = 10 };

struct trace {
	FILE *f;
	struct proto track, event, annotation, packet, out;
};

static void flush(struct trace *t)
{
	proto_message(&t->out, TRACE_PACKET, &t->packet);
	fwrite(t->out.data, 1, t->out.len, t->f);
	t->out.len = 0;
}

/* The number of a track: the kind of thing above that thing's own number. */
static int64_t uuid(int64_t kind, int64_t id)
{
	return (kind << 56) + id + 1;
}

static const char *text(sqlite3_stmt *row, int col)
{
	return (const char *)sqlite3_column_text(row, col);
}

static void write_track(struct trace *t, sqlite3_stmt *row)
{
	enum { KIND, ID, PARENT_KIND, PARENT_ID, NAME, UNIT };

	proto_int(&t->track, TRACK_UUID,
		  uuid(sqlite3_column_int64(row, KIND), sqlite3_column_int64(row, ID)));
	if (sqlite3_column_type(row, PARENT_ID) != SQLITE_NULL)
		proto_int(&t->track, TRACK_PARENT,
			  uuid(sqlite3_column_int64(row, PARENT_KIND),
			       sqlite3_column_int64(row, PARENT_ID)));
	proto_text(&t->track, TRACK_NAME, text(row, NAME));
	proto_int(&t->track, TRACK_ORDERING, ORDERING_EXPLICIT);
	proto_int(&t->track, TRACK_RANK, sqlite3_column_int(row, ID));
	if (text(row, UNIT)) {
		proto_text(&t->event, COUNTER_UNIT_NAME, text(row, UNIT));
		proto_message(&t->track, TRACK_COUNTER, &t->event);
	}
	proto_message(&t->packet, PACKET_TRACK, &t->track);
	flush(t);
}

/* The packet of t->event, which has its other fields already. */
static void write_event(struct trace *t, enum type type, int64_t track, int64_t ts)
{
	proto_int(&t->event, EVENT_TYPE, type);
	proto_int(&t->event, EVENT_TRACK, track);
	proto_int(&t->packet, PACKET_TIMESTAMP, ts);
	proto_int(&t->packet, PACKET_SEQUENCE, 1);
	proto_message(&t->packet, PACKET_EVENT, &t->event);
	flush(t);
}

/* What a reader shows of a slice besides its name: the columns from `first` on, by their names. */
static void annotate(struct trace *t, sqlite3_stmt *row, int first)
{
	for (int i = first; i < sqlite3_column_count(row); i++) {
		int type = sqlite3_column_type(row, i);

		if (type == SQLITE_NULL)
			continue;
		proto_text(&t->annotation, ANNOTATION_NAME, sqlite3_column_name(row, i));
		if (type == SQLITE_INTEGER)
			proto_int(&t->annotation, ANNOTATION_INT, sqlite3_column_int64(row, i));
		else
			proto_text(&t->annotation, ANNOTATION_TEXT, text(row, i));
		proto_message(&t->event, EVENT_ANNOTATION, &t->annotation);
	}
}

/* A slice that had not ended has no end; one with dur -1 is an instant. */
static void write_slice(struct trace *t, sqlite3_stmt *row)
{
	enum { KIND, ID, TS, DUR, NAME, CATEGORY, FLOW, ANNOTATIONS };
	int64_t track = uuid(sqlite3_column_int64(row, KIND), sqlite3_column_int64(row, ID));
	int64_t ts = sqlite3_column_int64(row, TS), dur = sqlite3_column_int64(row, DUR);
	bool open = sqlite3_column_type(row, DUR) == SQLITE_NULL, instant = dur < 0;

	proto_text(&t->event, EVENT_NAME, text(row, NAME));
	proto_text(&t->event, EVENT_CATEGORY, text(row, CATEGORY));
	if (sqlite3_column_type(row, FLOW) != SQLITE_NULL)
		proto_fixed64(&t->event, instant ? EVENT_FLOW : EVENT_LAST_OF_FLOW,
			      (uint64_t)sqlite3_column_int64(row, FLOW));
	annotate(t, row, ANNOTATIONS);
	write_event(t, instant ? INSTANT : BEGIN, track, ts);
	if (!open && !instant)
		write_event(t, END, track, ts + dur);
}

static void write_counter(struct trace *t, sqlite3_stmt *row)
{
	enum { KIND, ID, TS, VALUE };

	proto_int(&t->event, EVENT_VALUE, sqlite3_column_int64(row, VALUE));
	write_event(t, COUNTER,
		    uuid(sqlite3_column_int64(row, KIND), sqlite3_column_int64(row, ID)),
		    sqlite3_column_int64(row, TS));
}

static int each(struct trace *t, sqlite3 *db, const char *sql,
		void (*write)(struct trace *, sqlite3_stmt *))
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK) {
		while (!ferror(t->f) && sqlite3_step(st) == SQLITE_ROW)
			write(t, st);
		rc = sqlite3_finalize(st);
	}
	return rc == SQLITE_OK ? 0 : error("cannot read the database: %s", sqlite3_errmsg(db));
}

int export_perfetto(FILE *f, const struct export *x)
{
	enum { CLEARED = 1 }; /* the sequence of packets begins here, and refers to none before */
	struct trace t = {.f = f};
	int ret;

	proto_int(&t.packet, PACKET_SEQUENCE, 1);
	proto_int(&t.packet, PACKET_FLAGS, CLEARED);
	flush(&t);
	ret = each(&t, x->db, perfetto_tracks_sql, write_track);
	for (int i = 0; ret == 0 && perfetto_slices_sql[i]; i++)
		ret = each(&t, x->db, perfetto_slices_sql[i], write_slice);
	for (int i = 0; ret == 0 && perfetto_counters_sql[i]; i++)
		ret = each(&t, x->db, perfetto_counters_sql[i], write_counter);
	proto_free(&t.track);
	proto_free(&t.event);
	proto_free(&t.annotation);
	proto_free(&t.packet);
	proto_free(&t.out);
	return ret;
}
