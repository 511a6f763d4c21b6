/* SPDX-License-Identifier: MIT */
/* Events and fields are matched by name, so a trace of an older or newer weft loads as far as
 * the names agree: a field that is missing is 0 or empty, an event that is not known is counted.
 */
#include "ctf_class.h"

#include <string.h>

static const char *const in_name[INS] = {"m",	"seq",	"count",   "kinds",
					 "raw", "mono", "payload", "table"};

static bool is_integer(const bt_field_class *fc, bool *is_signed)
{
	bt_field_class_type type = bt_field_class_get_type(fc);

	*is_signed = bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER);
	return *is_signed || bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER);
}

/* Which field a member of the payload is; its type must be one that can be read as that. */
static struct member find_member(int kind, const bt_field_class_structure_member *member)
{
	const char *name = bt_field_class_structure_member_get_name(member);
	const bt_field_class *fc = bt_field_class_structure_member_borrow_field_class_const(member);
	struct member found = {.to = TO_NOTHING};
	bool integer = is_integer(fc, &found.is_signed);
	bool text = bt_field_class_get_type(fc) == BT_FIELD_CLASS_TYPE_STRING;
	int i;

	if (integer && !strcmp(name, "m")) {
		found.to = TO_M;
	} else if (integer && !strcmp(name, "seq")) {
		found.to = TO_SEQ;
	} else {
		i = event_field((enum event)kind, name);
		if (i >= 0 && (event_desc[kind].field[i].type == FIELD_str ? text : integer))
			found.to = i;
	}
	return found;
}

int find_pid(const bt_event_class *ec)
{
	const bt_stream_class *sc = bt_event_class_borrow_stream_class_const(ec);
	const bt_field_class *fc =
		bt_stream_class_borrow_event_common_context_field_class_const(sc);
	bool is_signed;

	if (!fc || bt_field_class_get_type(fc) != BT_FIELD_CLASS_TYPE_STRUCTURE)
		return -1;
	for (uint64_t i = 0; i < bt_field_class_structure_get_member_count(fc); i++) {
		const bt_field_class_structure_member *m =
			bt_field_class_structure_borrow_member_by_index_const(fc, i);

		if (!strcmp(bt_field_class_structure_member_get_name(m), "vpid") &&
		    is_integer(bt_field_class_structure_member_borrow_field_class_const(m),
			       &is_signed))
			return (int)i;
	}
	return -1;
}

static bool is_words(const bt_field_class *fc)
{
	const bt_field_class *word;
	bool is_signed;

	if (!bt_field_class_type_is(bt_field_class_get_type(fc), BT_FIELD_CLASS_TYPE_DYNAMIC_ARRAY))
		return false;
	word = bt_field_class_array_borrow_element_field_class_const(fc);
	return is_integer(word, &is_signed) && !is_signed &&
	       bt_field_class_integer_get_field_value_range(word) == 64;
}

/* An event of the packed form has all of its members, or is none. */
static void learn_packed(struct class *c, const bt_field_class *payload, bool table)
{
	uint32_t has = 0, needed = table ? 1 << IN_KINDS | 1 << IN_TABLE : (1 << IN_TABLE) - 1;

	for (int i = 0; i < c->n; i++) {
		const bt_field_class_structure_member *m =
			bt_field_class_structure_borrow_member_by_index_const(payload, (uint64_t)i);
		const bt_field_class *fc =
			bt_field_class_structure_member_borrow_field_class_const(m);
		const char *name = bt_field_class_structure_member_get_name(m);
		int in = 0;

		while (in < INS && strcmp(in_name[in], name) != 0)
			in++;
		if (in == IN_PAYLOAD ? is_words(fc)
		    : in == IN_TABLE ? bt_field_class_get_type(fc) == BT_FIELD_CLASS_TYPE_STRING
				     : in < INS && is_integer(fc, &c->member[i].is_signed)) {
			c->member[i].to = in;
			has |= 1u << in;
		} else {
			c->member[i].to = TO_NOTHING;
		}
	}
	c->kind = (has & needed) == needed ? table ? TABLE : BLOCK : NOT_OURS;
}

void learn_class(struct class *c, const bt_event_class *ec)
{
	static const char prefix[] = "weft:";
	const char *name = bt_event_class_get_name(ec);
	const bt_field_class *payload = bt_event_class_borrow_payload_field_class_const(ec);
	bool has_m = false, has_seq = false;
	uint64_t n;

	c->kind = NOT_OURS;
	if (!name || strncmp(name, prefix, sizeof prefix - 1) || !payload)
		return;
	name += sizeof prefix - 1;
	n = bt_field_class_structure_get_member_count(payload);
	c->n = n < MAX_FIELDS + 8 ? (int)n : MAX_FIELDS + 8;
	if (!strcmp(name, "packed") || !strcmp(name, "packed_kinds")) {
		learn_packed(c, payload, name[6]);
		return;
	}
	c->kind = event_find(name);
	if (c->kind < 0)
		return;
	for (int i = 0; i < c->n; i++) {
		c->member[i] = find_member(
			c->kind, bt_field_class_structure_borrow_member_by_index_const(payload, i));
		has_m |= c->member[i].to == TO_M;
		has_seq |= c->member[i].to == TO_SEQ;
	}
	if (!has_m || !has_seq)
		c->kind = NOT_OURS; /* of another provider that is called weft */
}

int64_t integer(const bt_field *f, bool is_signed)
{
	return is_signed ? bt_field_integer_signed_get_value(f)
			 : (int64_t)bt_field_integer_unsigned_get_value(f);
}

/* babeltrace2 2.0.4 does not clear the memory of an empty text, where an earlier one still is. */
const char *text_of(const bt_field *f)
{
	return bt_field_string_get_length(f) ? bt_field_string_get_value(f) : "";
}

void take_fields(struct record *r, const struct class *c, const bt_event *event)
{
	const bt_field *payload = bt_event_borrow_payload_field_const(event);
	const struct event_desc *d = &event_desc[c->kind];

	for (int i = 0; i < d->nfields; i++) {
		if (d->field[i].type == FIELD_str)
			r->a[i].str = "";
		else
			r->a[i].u = 0;
	}
	for (int i = 0; i < c->n; i++) {
		const struct member *m = &c->member[i];
		const bt_field *f;

		if (m->to == TO_NOTHING)
			continue;
		f = bt_field_structure_borrow_member_field_by_index_const(payload, (uint64_t)i);
		if (m->to == TO_M)
			r->m = (uint32_t)integer(f, m->is_signed);
		else if (m->to == TO_SEQ)
			r->seq = (uint32_t)integer(f, m->is_signed);
		else if (d->field[m->to].type == FIELD_str)
			r->a[m->to].str = text_of(f);
		else
			r->a[m->to].i = integer(f, m->is_signed);
	}
}

uint32_t pid_of(const struct class *c, const bt_event *event)
{
	const bt_field *f;
	bool is_signed;

	if (c->pid_index < 0)
		return c->pid;
	f = bt_field_structure_borrow_member_field_by_index_const(
		bt_event_borrow_common_context_field_const(event), (uint64_t)c->pid_index);
	is_integer(bt_field_borrow_class_const(f), &is_signed);
	return (uint32_t)integer(f, is_signed);
}
