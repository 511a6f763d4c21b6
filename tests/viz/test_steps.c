/* SPDX-License-Identifier: MIT */
#include "steps.h"
#include "format.h"
#include "unit.h"

static char *goroutine(void *arg, int64_t g)
{
	(void)arg;
	return format_text("g%d", (int)g);
}

static char *object(void *arg, int64_t addr, const struct step *s)
{
	(void)arg, (void)s;
	return format_text("object %d", (int)addr);
}

static char *number(void *arg, int64_t id)
{
	(void)arg;
	return id ? format_text(" at %d", (int)id) : format_text("%s", "");
}

static const struct step_names names = {goroutine, object, number, number, NULL};

static void tells(struct step s, const char *what)
{
	char *text = step_sentence(&s, &names);

	EXPECT_TEXT(text, what);
	free(text);
}

TEST(a_sentence_has_names_and_what_depends_on_a_field)
{
	tells((struct step){.kind = EV_mutex_unlock, .a = {9, 2, 3, 7}},
	      "g2 unlocks object 9 at 7, for which g3 waits");
	tells((struct step){.kind = EV_mutex_unlock, .a = {9, 2, 0, 7}},
	      "g2 unlocks object 9 at 7");
	tells((struct step){.kind = EV_g_ready, .a = {2, 0}}, "the runtime wakes g2");
	tells((struct step){.kind = EV_g_park, .a = {2, WAIT_sleep, 0, 0}}, "g2 waits in sleep");
}

TEST(choices_nest)
{
	tells((struct step){.kind = EV_chan_recv, .a = {9, 2, 0, 3, 0, 1, 0}},
	      "g2 receives from object 9, straight from g3");
	tells((struct step){.kind = EV_chan_recv, .a = {9, 2, 0, 0, 0, 1, 0}},
	      "g2 receives from object 9");
	tells((struct step){.kind = EV_chan_recv, .a = {9, 2, 0, 0, 0, 0, 0}},
	      "g2 receives from object 9, which is closed and empty");
}

/* A field that is not there would end the program. */
TEST(every_template_names_fields_of_its_event)
{
	for (int kind = 0; kind < EVENTS; kind++)
		for (int value = 0; value < 2; value++) {
			struct step s = {.kind = (enum event)kind};
			char *text;

			for (int i = 0; i < MAX_FIELDS; i++)
				s.a[i] = value;
			text = step_sentence(&s, &names);
			EXPECT(!text || !strpbrk(text, "{}|"));
			free(text);
		}
}

TEST(runnable_are_those_that_were_readied_and_have_not_started)
{
	static const struct step steps[] = {
		{.kind = EV_g_create, .a = {2}}, {.kind = EV_g_ready, .a = {3}},
		{.kind = EV_g_create, .a = {4}}, {.kind = EV_g_start, .a = {3}},
		{.kind = EV_g_yield, .a = {3}},	 {.kind = EV_g_ready, .a = {2}}};
	static const struct step other = {.kind = EV_g_exit, .a = {4}};
	struct runnable r = {0};

	for (int i = 0; i < 6; i++)
		EXPECT(runnable_step(&r, &steps[i]));
	EXPECT(!runnable_step(&r, &other));
	EXPECT(runnable_count(&r) == 3 && runnable_at(&r, 0) == 4 && runnable_at(&r, 1) == 3 &&
	       runnable_at(&r, 2) == 2);
	free(r.v.v);
}

TEST(who_takes_part_is_known_by_the_fields)
{
	struct step s = {.kind = EV_chan_send, .a = {5, 2, 7, 3, 0, 0}};

	EXPECT(step_involves(&s, 2) && step_involves(&s, 3));
	EXPECT(!step_involves(&s, 5) && !step_involves(&s, 7));
	s = (struct step){.kind = EV_task_begin, .a = {1, 2, 3}};
	EXPECT(step_involves(&s, 3) && !step_involves(&s, 2));
}
