/* SPDX-License-Identifier: MIT */
/* Connections, and what is done with them.
 *
 * A record serves one connection after the other.  Operations that a close has ended return after
 * it, so a closed connection stays the one at its address until the next is opened there.
 */
#include "state.h"

#include <inttypes.h>
#include <stdlib.h>

void on_io_open(struct model *md, const struct record *r)
{
	static const char *const hows[] = {"listen", "accept", "connect", "open"};
	struct object *before = hash_get(&md->proc->objects, r->io_open.conn);
	uint64_t kind = r->io_open.kind;
	struct object *o;

	if (before && before->kind == OBJ_conn && before->closed == NONE && !md->proc->lost)
		anomaly(md, NULL, before,
			"a connection is opened at 0x%" PRIx64 " where one is open",
			r->io_open.conn);
	o = object_anew(md, r->io_open.conn, OBJ_conn, r->io_open.site);
	if (kind < 1 || kind > 4)
		anomaly(md, NULL, o, "a connection comes in way %" PRIu64 ", which there is not",
			kind);
	else
		o->how = hows[kind - 1];
	o->fd = r->io_open.fd;
	o->addr_text = need_text(r->io_open.addr);
	object_named(md->proc, o);
}

/* A connection that is used; its opening must have been seen, unless events are missing. */
static struct object *conn_at(struct model *md, uint64_t addr, uint64_t site)
{
	struct object *o = object_at(md, addr, OBJ_conn, site);

	if (o->fd == NONE && !md->proc->lost)
		anomaly(md, NULL, o, "a connection at 0x%" PRIx64 " is used and was not opened",
			addr);
	return o;
}

void on_io_accept(struct model *md, const struct record *r)
{
	struct object *o = conn_at(md, r->io_accept.conn, r->io_accept.site);

	db_put(md->db, io_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "accept",
	       .g = number_g(md, r->io_accept.g), .fd = r->io_accept.fd, .size = NONE,
	       .result = r->io_accept.result, .parked = !!r->io_accept.parked,
	       .site = number_site(md, r->io_accept.site));
}

void on_io_connect(struct model *md, const struct record *r)
{
	struct object *o = conn_at(md, r->io_connect.conn, r->io_connect.site);

	if (*r->io_connect.addr) {
		free(o->addr_text);
		o->addr_text = need_text(r->io_connect.addr);
		object_named(md->proc, o);
	}
	db_put(md->db, io_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "connect",
	       .g = number_g(md, r->io_connect.g), .fd = r->io_connect.fd, .size = NONE,
	       .result = r->io_connect.result, .parked = !!r->io_connect.parked,
	       .site = number_site(md, r->io_connect.site));
}

static void moved(struct model *md, struct object *o, const char *op, uint64_t g, int64_t fd,
		  uint64_t size, int64_t result, uint64_t parked, uint64_t site)
{
	if (result > 0 && (uint64_t)result > size)
		anomaly(md, NULL, o, "a %s of %" PRIu64 " bytes did %" PRId64, op, size, result);
	db_put(md->db, io_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = op,
	       .g = number_g(md, g), .fd = fd, .size = (int64_t)size, .result = result,
	       .parked = !!parked, .site = number_site(md, site));
}

void on_io_read(struct model *md, const struct record *r)
{
	moved(md, conn_at(md, r->io_read.conn, r->io_read.site), "read", r->io_read.g,
	      r->io_read.fd, r->io_read.size, r->io_read.result, r->io_read.parked,
	      r->io_read.site);
}

void on_io_write(struct model *md, const struct record *r)
{
	moved(md, conn_at(md, r->io_write.conn, r->io_write.site), "write", r->io_write.g,
	      r->io_write.fd, r->io_write.size, r->io_write.result, r->io_write.parked,
	      r->io_write.site);
}

void on_io_wait(struct model *md, const struct record *r)
{
	struct object *o = conn_at(md, r->io_wait.conn, r->io_wait.site);

	db_put(md->db, io_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "wait",
	       .g = number_g(md, r->io_wait.g), .fd = r->io_wait.fd, .size = NONE,
	       .result = r->io_wait.result, .parked = !!r->io_wait.parked,
	       .site = number_site(md, r->io_wait.site));
}

void on_io_close(struct model *md, const struct record *r)
{
	struct object *o = conn_at(md, r->io_close.conn, r->io_close.site);

	if (o->closed != NONE)
		anomaly(md, NULL, o, "goroutine %" PRId64 " closes a closed connection",
			number_g(md, r->io_close.g));
	o->closed = md->now;
	db_put(md->db, io_op, .id = md->id, .ts = md->now, .obj = o->obj, .op = "close",
	       .g = number_g(md, r->io_close.g), .fd = r->io_close.fd, .size = NONE,
	       .site = number_site(md, r->io_close.site));
}
