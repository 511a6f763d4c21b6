/* SPDX-License-Identifier: MIT */
/* The classic problems of synchronisation, as in textbooks (Downey, "The Little Book of
 * Semaphores").  Each states what must hold, and where a well-known wrong solution exists, that it
 * is caught: here, or if it ends in a deadlock in tests/rt/progs. */
#include "../test.h"

static weft_waitgroup all;

/* n goroutines, numbered from 0; wait for them. */
static void together(int n, void (*fn)(void *arg))
{
	weft_waitgroup_add(&all, n);
	for (intptr_t i = 0; i < n; i++)
		weft_go(fn, (void *)i);
	weft_waitgroup_wait(&all);
}

/* A semaphore of the textbooks, at 0: release makes one that is there to acquire. */
#define SIGNALS                                                                                    \
	{                                                                                          \
		.size = 1000, .held = 1000                                                         \
	}

static int add(int *counter, int n)
{
	return __atomic_add_fetch(counter, n, __ATOMIC_SEQ_CST);
}

/* ---- Dining philosophers (who all take their left fork first: progs/cycle_of_five.c) ----- */

enum { SEATS = 5, MEALS = 100 };

static weft_mutex forks[SEATS];
static int eating[SEATS], meals;

static void dine(void *arg)
{
	intptr_t me = (intptr_t)arg, left = me, right = (me + 1) % SEATS;
	weft_mutex *first = &forks[left < right ? left : right];
	weft_mutex *second = &forks[left < right ? right : left];

	for (int i = 0; i < MEALS; i++) {
		weft_mutex_lock(first);
		weft_mutex_lock(second);
		add(&eating[me], 1);
		EXPECT(!eating[(me + 1) % SEATS] && !eating[(me + SEATS - 1) % SEATS]);
		weft_yield();
		add(&eating[me], -1);
		add(&meals, 1);
		weft_mutex_unlock(second);
		weft_mutex_unlock(first);
	}
	weft_waitgroup_done(&all);
}

TEST(philosophers_who_order_their_forks_never_eat_beside_each_other_and_all_finish)
{
	together(SEATS, dine);
	EXPECT_EQ(meals, SEATS * MEALS);
}

/* ---- Producers and consumers (the mutex first: progs/lock_before_semaphore.c) ------------ */

enum { ROOM = 4, ITEMS = 300 };

static weft_mutex buffer_mu;
static weft_semaphore room = {.size = ROOM}, items = SIGNALS;
static int buffer[ROOM], fill, head, seen[2 * ITEMS];

static void produce(void *arg)
{
	for (int i = 0; i < ITEMS; i++) {
		weft_semaphore_acquire(&room, 1);
		weft_mutex_lock(&buffer_mu);
		EXPECT(fill < ROOM);
		buffer[(head + fill++) % ROOM] = (int)(intptr_t)arg * ITEMS + i;
		weft_mutex_unlock(&buffer_mu);
		weft_semaphore_release(&items, 1);
	}
	weft_waitgroup_done(&all);
}

static void consume(void *arg)
{
	(void)arg;
	for (int i = 0; i < ITEMS; i++) {
		weft_semaphore_acquire(&items, 1);
		weft_mutex_lock(&buffer_mu);
		EXPECT(fill > 0);
		seen[buffer[head]]++;
		head = (head + 1) % ROOM;
		fill--;
		weft_mutex_unlock(&buffer_mu);
		weft_semaphore_release(&room, 1);
	}
	weft_waitgroup_done(&all);
}

static void produce_or_consume(void *arg)
{
	if ((intptr_t)arg < 2)
		produce(arg);
	else
		consume(arg);
}

TEST(a_bounded_buffer_of_semaphores_holds_no_more_than_its_room_and_each_item_once)
{
	together(4, produce_or_consume);
	EXPECT_EQ(fill, 0);
	for (int i = 0; i < 2 * ITEMS; i++)
		EXPECT_EQ(seen[i], 1);
}

/* ---- A barrier that can be used again, of turnstiles ------------------------------------- */

enum { PARTIES = 4, ROUNDS = 100 };

struct turnstiles {
	weft_mutex mu;
	weft_semaphore in, out;
	int n, parties;
};

static void pass(struct turnstiles *b, weft_semaphore *gate, int by, int when)
{
	weft_mutex_lock(&b->mu);
	b->n += by;
	if (b->n == when)
		weft_semaphore_release(gate, b->parties);
	weft_mutex_unlock(&b->mu);
	weft_semaphore_acquire(gate, 1);
}

static struct turnstiles two = {.in = SIGNALS, .out = SIGNALS, .parties = PARTIES};
static int round_of[PARTIES];

static void go_round(void *arg)
{
	intptr_t me = (intptr_t)arg;

	for (int i = 0; i < ROUNDS; i++) {
		pass(&two, &two.in, 1, PARTIES);
		for (int k = 0; k < PARTIES; k++)
			EXPECT(__atomic_load_n(&round_of[k], __ATOMIC_SEQ_CST) == i);
		pass(&two, &two.out, -1, 0);
		__atomic_store_n(&round_of[me], i + 1, __ATOMIC_SEQ_CST);
	}
	weft_waitgroup_done(&all);
}

/* round_of is set after the second turnstile: until all are through the first again, nobody is at
 * the check. */
TEST(nobody_laps_at_a_barrier_of_two_turnstiles)
{
	together(PARTIES, go_round);
}

/* With one turnstile that lets through one after the other, the fast one is through twice while the
 * slow one has yet to come through. */
static struct turnstiles one = {.in = SIGNALS, .parties = 2};
static weft_chan *slow_may, *fast_waits;
static int fast_rounds, slow_rounds;

static void arrive(struct turnstiles *b)
{
	weft_mutex_lock(&b->mu);
	if (++b->n == b->parties)
		weft_semaphore_release(&b->in, 1);
	weft_mutex_unlock(&b->mu);
}

static void depart(struct turnstiles *b)
{
	weft_semaphore_acquire(&b->in, 1);
	weft_semaphore_release(&b->in, 1);
	weft_mutex_lock(&b->mu);
	if (--b->n == 0)
		weft_semaphore_acquire(&b->in, 1);
	weft_mutex_unlock(&b->mu);
}

static void be_slow(void *arg)
{
	(void)arg;
	weft_chan_recv(fast_waits, NULL);
	arrive(&one);
	weft_chan_recv(slow_may, NULL);
	depart(&one);
	slow_rounds++;
	weft_waitgroup_done(&all);
}

TEST(a_barrier_of_one_turnstile_is_lapped)
{
	slow_may = weft_chan_make(0, 0);
	fast_waits = weft_chan_make(0, 0);
	weft_waitgroup_add(&all, 1);
	weft_go(be_slow, NULL);
	arrive(&one);
	weft_chan_send(fast_waits, NULL);
	for (; fast_rounds < 2; fast_rounds++) {
		depart(&one);
		if (fast_rounds == 0)
			arrive(&one);
	}
	EXPECT_EQ(slow_rounds, 0); // two rounds ahead
	weft_chan_send(slow_may, NULL);
	weft_waitgroup_wait(&all);
}

/* ---- The sleeping barber (a wake-up that is lost: progs/lost_wake_up.c) ------------------ */

enum { CHAIRS = 3, CUSTOMERS = 200 };

static weft_mutex shop;
static weft_semaphore customer = SIGNALS, barber = SIGNALS, cut = SIGNALS;
static int in_shop, most_in_shop, served, turned_away;

static void visit(void *arg)
{
	(void)arg;
	weft_mutex_lock(&shop);
	if (in_shop == CHAIRS + 1) {
		turned_away++;
		weft_mutex_unlock(&shop);
		weft_waitgroup_done(&all);
		return;
	}
	if (++in_shop > most_in_shop)
		most_in_shop = in_shop;
	weft_mutex_unlock(&shop);
	weft_semaphore_release(&customer, 1);
	weft_semaphore_acquire(&barber, 1);
	weft_semaphore_acquire(&cut, 1);
	weft_mutex_lock(&shop);
	in_shop--;
	served++;
	weft_mutex_unlock(&shop);
	weft_waitgroup_done(&all);
}

static void cut_hair(void *arg)
{
	for (;;) {
		weft_semaphore_acquire(&customer, 1);
		weft_semaphore_release(&barber, 1);
		++*(int *)arg;
		weft_yield();
		weft_semaphore_release(&cut, 1);
	}
}

TEST(a_sleeping_barber_serves_each_customer_once_or_turns_him_away)
{
	static int cuts;

	weft_go(cut_hair, &cuts);
	together(CUSTOMERS, visit);
	EXPECT_EQ(served + turned_away, CUSTOMERS);
	EXPECT(most_in_shop <= CHAIRS + 1);
	EXPECT(served >= CHAIRS + 1);
	EXPECT_EQ(cuts, served);
}

/* ---- Santa Claus ------------------------------------------------------------------------- */

enum { REINDEER = 9, ELVES = 120, YEARS = 10 };

static weft_mutex pole, elf_door;
static weft_semaphore santa = SIGNALS, hitch = SIGNALS, help = SIGNALS;
static weft_barrier back_south = {.parties = REINDEER};
static int reindeer, elves, sleighs, helped, inside_help;

static void be_reindeer(void)
{
	for (int i = 0; i < YEARS; i++) {
		weft_mutex_lock(&pole);
		if (++reindeer == REINDEER)
			weft_semaphore_release(&santa, 1);
		weft_mutex_unlock(&pole);
		weft_semaphore_acquire(&hitch, 1);
		weft_barrier_wait(&back_south); // or a fast one goes twice for a slow one
	}
}

static void be_elf(void)
{
	weft_mutex_lock(&elf_door); // three at a time; the third leaves it locked
	weft_mutex_lock(&pole);
	if (++elves == 3)
		weft_semaphore_release(&santa, 1);
	else
		weft_mutex_unlock(&elf_door);
	weft_mutex_unlock(&pole);
	weft_semaphore_acquire(&help, 1);
	EXPECT(add(&inside_help, 1) <= 3);
	weft_yield();
	weft_mutex_lock(&pole);
	add(&inside_help, -1);
	helped++;
	if (--elves == 0)
		weft_mutex_unlock(&elf_door); // whoever locked it
	weft_mutex_unlock(&pole);
}

static void live_at_the_pole(void *arg)
{
	if ((intptr_t)arg < REINDEER)
		be_reindeer();
	else
		be_elf();
	weft_waitgroup_done(&all);
}

static void be_santa(void *arg)
{
	(void)arg;
	for (;;) {
		weft_semaphore_acquire(&santa, 1);
		weft_mutex_lock(&pole);
		if (reindeer == REINDEER) { // first, also when elves came before
			reindeer = 0;
			sleighs++;
			weft_semaphore_release(&hitch, REINDEER);
		} else {
			EXPECT_EQ(elves, 3);
			weft_semaphore_release(&help, 3);
		}
		weft_mutex_unlock(&pole);
	}
}

TEST(santa_harnesses_nine_reindeer_and_helps_elves_in_threes)
{
	weft_go(be_santa, NULL);
	together(REINDEER + ELVES, live_at_the_pole);
	EXPECT_EQ(sleighs, YEARS);
	EXPECT_EQ(helped, ELVES);
}

/* ---- Crossing a river -------------------------------------------------------------------- */

enum { EACH_SIDE = 100 };

static weft_mutex quay;
static weft_semaphore boarding[2] = {SIGNALS, SIGNALS};
static weft_barrier boat = {.parties = 4};
static int on_quay[2], aboard[2], boats;

static void row(void)
{
	EXPECT_EQ(aboard[0] + aboard[1], 4);
	EXPECT(aboard[0] % 2 == 0); // never three and one
	aboard[0] = aboard[1] = 0;
	boats++;
	weft_mutex_unlock(&quay);
}

static void cross(void *arg)
{
	int mine = (intptr_t)arg % 2, others = !mine;
	bool captain = true;

	weft_mutex_lock(&quay);
	if (++on_quay[mine] == 4) {
		on_quay[mine] = 0;
		weft_semaphore_release(&boarding[mine], 4);
	} else if (on_quay[mine] == 2 && on_quay[others] >= 2) {
		on_quay[mine] = 0;
		on_quay[others] -= 2;
		weft_semaphore_release(&boarding[mine], 2);
		weft_semaphore_release(&boarding[others], 2);
	} else {
		captain = false;
		weft_mutex_unlock(&quay);
	}
	weft_semaphore_acquire(&boarding[mine], 1);
	add(&aboard[mine], 1);
	weft_barrier_wait(&boat);
	if (captain)
		row();
	weft_waitgroup_done(&all);
}

TEST(a_boat_crosses_with_four_and_never_with_three_of_a_kind_and_one)
{
	together(2 * EACH_SIDE, cross);
	EXPECT_EQ(boats, EACH_SIDE / 2);
}

/* ---- Exclusion by category ----------------------------------------------------------------*/

/* A bathroom for men and women, not at the same time, three at most. */
struct room {
	weft_mutex turnstile, mu[2];
	weft_semaphore empty, places;
	int in[2];
};

static void enter_room(struct room *r, int kind, bool turnstile)
{
	if (turnstile)
		weft_mutex_lock(&r->turnstile);
	weft_mutex_lock(&r->mu[kind]);
	if (add(&r->in[kind], 1) == 1)
		weft_semaphore_acquire(&r->empty, 1);
	weft_mutex_unlock(&r->mu[kind]);
	if (turnstile)
		weft_mutex_unlock(&r->turnstile);
	weft_semaphore_acquire(&r->places, 1);
}

static void leave_room(struct room *r, int kind)
{
	weft_semaphore_release(&r->places, 1);
	weft_mutex_lock(&r->mu[kind]);
	if (add(&r->in[kind], -1) == 0)
		weft_semaphore_release(&r->empty, 1);
	weft_mutex_unlock(&r->mu[kind]);
}

static struct room bathroom = {.empty = {.size = 1}, .places = {.size = 3}};
static int there[2];

static void use_bathroom(void *arg)
{
	int kind = (intptr_t)arg % 2;

	for (int i = 0; i < 50; i++) {
		enter_room(&bathroom, kind, true);
		EXPECT(add(&there[kind], 1) <= 3);
		EXPECT(!__atomic_load_n(&there[!kind], __ATOMIC_SEQ_CST));
		weft_yield();
		add(&there[kind], -1);
		leave_room(&bathroom, kind);
	}
	weft_waitgroup_done(&all);
}

TEST(a_unisex_bathroom_excludes_by_kind_and_has_three_at_most)
{
	together(10, use_bathroom);
}

/* Men who come and go, so that there is always one; a woman waits. */
static struct room crowded = {.empty = {.size = 1}, .places = {.size = 3}};
static int woman_in;
static bool with_turnstile;

static void woman(void *arg)
{
	(void)arg;
	enter_room(&crowded, 1, with_turnstile);
	add(&woman_in, 1);
	leave_room(&crowded, 1);
	weft_waitgroup_done(&all);
}

static void another_man(void *arg)
{
	(void)arg;
	enter_room(&crowded, 0, with_turnstile);
	EXPECT(!with_turnstile || woman_in);
	leave_room(&crowded, 0);
	weft_waitgroup_done(&all);
}

static void await_woman(void)
{
	while (!__atomic_load_n(&crowded.in[1], __ATOMIC_SEQ_CST))
		weft_yield();
}

TEST(without_a_turnstile_one_kind_starves_the_other)
{
	enter_room(&crowded, 0, false);
	weft_waitgroup_add(&all, 1);
	weft_go(woman, NULL);
	await_woman();
	for (int i = 0; i < 100; i++) { // the next comes before the last leaves
		enter_room(&crowded, 0, false);
		leave_room(&crowded, 0);
		weft_yield();
		EXPECT(!__atomic_load_n(&woman_in, __ATOMIC_SEQ_CST));
	}
	leave_room(&crowded, 0);
	weft_waitgroup_wait(&all);
}

TEST(with_a_turnstile_who_waits_goes_before_who_comes_later)
{
	with_turnstile = true;
	enter_room(&crowded, 0, true);
	weft_waitgroup_add(&all, 2);
	weft_go(woman, NULL);
	await_woman();
	weft_go(another_man, NULL);
	weft_yield();
	leave_room(&crowded, 0);
	weft_waitgroup_wait(&all);
}

/* ---- Made of channels -------------------------------------------------------------------- */

enum { RING = 20, TURNS = 50 };

static weft_chan *ring[RING];
static int next_in_ring;

static void pass_token(void *arg)
{
	intptr_t me = (intptr_t)arg;

	for (int i = 0; i < TURNS; i++) {
		weft_chan_recv(ring[me], NULL);
		EXPECT_EQ(next_in_ring, me);
		next_in_ring = (int)(me + 1) % RING;
		if (me + 1 < RING || i + 1 < TURNS)
			weft_chan_send(ring[(me + 1) % RING], NULL);
	}
	weft_waitgroup_done(&all);
}

static void start_ring(void *arg)
{
	(void)arg;
	weft_chan_send(ring[0], NULL);
}

TEST(a_token_goes_round_a_ring_in_order)
{
	for (int i = 0; i < RING; i++)
		ring[i] = weft_chan_make(0, 0);
	weft_go(start_ring, NULL);
	together(RING, pass_token);
	EXPECT_EQ(next_in_ring, 0);
}

/* A semaphore that serves in order: who comes sends a channel of its own. */
static weft_chan *line, *served_order;

static void stand_in_line(void *arg)
{
	weft_chan *mine = weft_chan_make(0, 0);
	int me = (int)(intptr_t)arg;

	while (weft_chan_len(line) != (size_t)me)
		weft_yield();
	weft_chan_send(line, &mine);
	weft_chan_recv(mine, NULL);
	weft_chan_send(served_order, &me);
	weft_chan_unref(mine);
}

TEST(a_semaphore_of_channels_serves_in_the_order_they_came)
{
	weft_chan *first;
	int who;

	line = weft_chan_make(sizeof first, RING);
	served_order = weft_chan_make(sizeof who, 0);
	for (intptr_t i = 0; i < RING; i++)
		weft_go(stand_in_line, (void *)i);
	while (weft_chan_len(line) < RING)
		weft_yield();
	for (int i = 0; i < RING; i++) {
		weft_chan_recv(line, &first);
		weft_chan_send(first, NULL);
		weft_chan_recv(served_order, &who);
		EXPECT_EQ(who, i);
	}
}

/* Hoare's monitor: who signals hands it over and has it back later, so the one who waited finds the
 * condition true, and asks with `if`. */
static struct {
	weft_chan *entry, *urgent; // a token is in entry when the monitor is free
	int nurgent;
} monitor;

struct condition {
	weft_chan *chan;
	int n;
};

static void monitor_leave(void)
{
	weft_chan_send(monitor.nurgent ? monitor.urgent : monitor.entry, NULL);
}

static void condition_wait(struct condition *c)
{
	c->n++;
	monitor_leave();
	weft_chan_recv(c->chan, NULL);
	c->n--;
}

static void condition_signal(struct condition *c)
{
	if (!c->n)
		return;
	monitor.nurgent++;
	weft_chan_send(c->chan, NULL);
	weft_chan_recv(monitor.urgent, NULL);
	monitor.nurgent--;
}

static struct condition not_empty, not_full;
static int stored;

static void store_or_fetch(void *arg)
{
	bool stores = (intptr_t)arg % 2;

	for (int i = 0; i < 100; i++) {
		weft_chan_recv(monitor.entry, NULL);
		if (stored == (stores ? ROOM : 0))
			condition_wait(stores ? &not_full : &not_empty);
		EXPECT(stores ? stored < ROOM : stored > 0);
		stored += stores ? 1 : -1;
		condition_signal(stores ? &not_empty : &not_full);
		monitor_leave();
	}
	weft_waitgroup_done(&all);
}

TEST(who_waits_in_a_hoare_monitor_finds_its_condition_true)
{
	monitor.entry = weft_chan_make(0, 1);
	monitor.urgent = weft_chan_make(0, 0);
	not_empty.chan = weft_chan_make(0, 0);
	not_full.chan = weft_chan_make(0, 0);
	weft_chan_send(monitor.entry, NULL);
	together(8, store_or_fetch);
	EXPECT_EQ(stored, 0);
}
