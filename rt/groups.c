/* SPDX-License-Identifier: MIT */
#include "groups.h"
#include "sched.h"

#include <string.h>

/* ---- Collecting -------------------------------------------------------------------------- */

/* Who waits for locks waits for different owners, and is told apart by the lock. */
static bool alike(const struct rt_seen *a, const struct rt_seen *b)
{
	if (a->site != b->site || a->status != b->status)
		return false;
	if (a->status != G_WAITING)
		return true;
	return a->why == b->why && a->wait_site == b->wait_site &&
	       (rt_waits_for(a->why) != RT_FOR_OWNER || rt_owned(a) == rt_owned(b));
}

static uint32_t hash(const struct rt_seen *s)
{
	uint64_t h = (uintptr_t)s->site * 31 + s->status;

	if (s->status == G_WAITING)
		h = h * 31 + (uintptr_t)s->wait_site + s->why;
	if (s->status == G_WAITING && rt_waits_for(s->why) == RT_FOR_OWNER)
		h = h * 31 + (uintptr_t)rt_owned(s);
	return (uint32_t)((h * 0x9e3779b97f4a7c15u) >> 40);
}

static struct rt_group *group_of(struct rt_groups *gs, const struct rt_seen *s)
{
	for (uint32_t i = hash(s);; i++) {
		uint16_t *at = &gs->table[i % (2 * RT_GROUPS)];

		if (!*at) {
			if (gs->n == RT_GROUPS)
				return NULL;
			gs->at[gs->n] = (struct rt_group){.first = *s};
			*at = ++gs->n;
		}
		if (alike(&gs->at[*at - 1].first, s))
			return &gs->at[*at - 1];
	}
}

static void add_object(struct rt_group *gr, const struct rt_seen *s)
{
	int i = 0;

	while (i < gr->nobjects && i < RT_GROUP_OBJECTS && gr->objects[i].waiter.obj != s->obj)
		i++;
	if (i == gr->nobjects && i < RT_GROUP_OBJECTS) {
		gr->objects[i].waiter = *s;
		gr->objects[i].n = 0;
	}
	if (i == gr->nobjects)
		gr->nobjects++;
	if (i < RT_GROUP_OBJECTS)
		gr->objects[i].n++;
}

static void add_to_group(struct rt_group *gr, const struct rt_seen *s)
{
	struct rt_seen other = *s;

	if (!gr->n || s->since < gr->longest_since ||
	    (s->since == gr->longest_since && s->id < gr->longest)) {
		gr->longest_since = s->since;
		gr->longest = s->id;
	}
	if (gr->n && s->id < gr->first.id) {
		other = gr->first;
		gr->first = *s;
	}
	if (gr->n && gr->n <= RT_GROUP_NAMED)
		gr->others[gr->n - 1] = other;
	gr->n++;
	if (s->status == G_WAITING)
		add_object(gr, s);
}

static bool add(struct g *gp, void *arg)
{
	struct rt_groups *gs = arg;
	struct rt_group *gr;
	struct rt_seen s;

	if (!rt_see(gp, &s) || s.id == gs->except)
		return true;
	gs->all++;
	if (s.status != G_WAITING || rt_waits_for(s.why) == RT_FOR_THE_WORLD)
		gs->may_go_on = true;
	gr = group_of(gs, &s);
	if (gr)
		add_to_group(gr, &s);
	else
		gs->ungrouped++;
	return true;
}

/* Whether a is to be shown before b. */
static bool before(const struct rt_group *a, const struct rt_group *b, enum rt_groups_order order)
{
	if (order == RT_BY_SIZE && a->n != b->n)
		return a->n > b->n;
	return a->first.id < b->first.id;
}

/* By insertion: the C library's qsort may ask for memory. */
static void sort(struct rt_groups *gs, enum rt_groups_order order)
{
	for (uint16_t i = 0; i < gs->n; i++) {
		int at = i;

		for (; at > 0 && before(&gs->at[i], rt_groups_at(gs, at - 1), order); at--)
			gs->order[at] = gs->order[at - 1];
		gs->order[at] = i;
	}
}

void rt_groups_collect(struct rt_groups *gs, uint64_t except, enum rt_groups_order order)
{
	memset(gs->table, 0, sizeof gs->table);
	gs->n = 0;
	gs->all = gs->ungrouped = 0;
	gs->except = except;
	gs->may_go_on = false;
	rt_g_each(add, gs);
	sort(gs, order);
}

/* ---- Printing ---------------------------------------------------------------------------- */

void rt_print_duration(struct rt_out *o, int64_t ns)
{
	if (ns < 10 * WEFT_MS)
		rt_out(o, "less than 10 ms"); // the monitor's clock is no finer
	else if (ns < 10 * WEFT_S)
		rt_out(o, "%ld ms", (long)(ns / WEFT_MS));
	else
		rt_out(o, "%ld s", (long)(ns / WEFT_S));
}

static void sort_others(struct rt_seen *others, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		for (uint32_t at = i; at > 0 && others[at].id < others[at - 1].id; at--) {
			struct rt_seen s = others[at];

			others[at] = others[at - 1];
			others[at - 1] = s;
		}
}

static void print_objects(struct rt_out *o, struct rt_peek *pk, const struct rt_group *gr)
{
	char text[256];

	for (int i = 0; i < gr->nobjects; i++) {
		const struct rt_seen *s = &gr->objects[i].waiter;

		if (!rt_describe(pk, s, text, sizeof text))
			rt_object_text(s->why, s->obj, text, sizeof text);
		rt_out(o, "        %u for %s\n", gr->objects[i].n, text);
	}
}

void rt_group_print_others(struct rt_out *o, struct rt_peek *pk, struct rt_group *gr)
{
	uint32_t n = gr->n - 1, named = n < RT_GROUP_NAMED ? n : RT_GROUP_NAMED;
	bool waits = gr->first.status == G_WAITING;
	const char *do_so = waits ? (n > 1 ? "wait" : "waits") : n > 1 ? "are" : "is";
	char who[64];

	if (!n)
		return;
	rt_out(o, "    %u more goroutine%s %s like this one%s", n, n > 1 ? "s" : "", do_so,
	       gr->nobjects > 1 ? ", but for other objects" : "");
	sort_others(gr->others, named);
	for (uint32_t i = 0; i < named; i++) {
		rt_seen_text(&gr->others[i], who, sizeof who);
		rt_out(o, "%s%s", i ? ", " : ": ", who + strlen("goroutine "));
	}
	if (n > named)
		rt_out(o, ", ...");
	if (n > named && waits) {
		rt_out(o, "; the longest is %lu, for ", (unsigned long)gr->longest);
		rt_print_duration(o, rt_now() - gr->longest_since);
	}
	rt_out(o, "\n");
	if (n > named && gr->nobjects > 1 && gr->nobjects <= RT_GROUP_OBJECTS)
		print_objects(o, pk, gr);
}

void rt_groups_print_rest(struct rt_out *o, struct rt_groups *gs)
{
	uint64_t more = gs->ungrouped;

	for (int i = RT_GROUPS_SHOWN; i < gs->n; i++)
		more += rt_groups_at(gs, i)->n;
	if (more)
		rt_out(o, "\n... and %lu more goroutines\n", (unsigned long)more);
}
