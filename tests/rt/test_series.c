/* SPDX-License-Identifier: MIT */
/* Power series as streams of their coefficients, on demand (McIlroy, "Squinting at Power Series").
 *
 * Each operation is a goroutine that asks its operands for a coefficient only when it is asked for
 * one; a product is a tree of them that grows with each coefficient, and a series may be an operand
 * of itself.  Any wake-up that is lost, and any case that is done twice, ends it. */
#include "../test.h"

struct number {
	int64_t num, den;
};

/* Who wants a coefficient sends to `ask` and receives it from `give`. */
struct series {
	weft_chan *ask, *give;
};

static struct number number(int64_t num, int64_t den)
{
	int64_t a = num < 0 ? -num : num, b = den;

	while (b) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return (struct number){num / a, den / a};
}

static struct number plus(struct number a, struct number b)
{
	return number(a.num * b.den + b.num * a.den, a.den * b.den);
}

static struct number times(struct number a, struct number b)
{
	return number(a.num * b.num, a.den * b.den);
}

static struct series new_series(void)
{
	return (struct series){weft_chan_make(0, 0), weft_chan_make(sizeof(struct number), 0)};
}

static void put(struct series s, struct number v)
{
	weft_chan_recv(s.ask, NULL);
	weft_chan_send(s.give, &v);
}

static struct number get(struct series s)
{
	struct number v;

	weft_chan_send(s.ask, NULL);
	weft_chan_recv(s.give, &v);
	return v;
}

/* From two at once, in whatever order they can. */
static void get_both(const struct series *s, struct number *v)
{
	weft_case cases[2] = {weft_on_send(s[0].ask, NULL), weft_on_send(s[1].ask, NULL)};

	for (int left = 4; left > 0; left--) {
		int i = weft_select_cases(cases, 2);

		if (cases[i].kind == WEFT_CASE_SEND)
			cases[i] = weft_on_recv(s[i].give, &v[i]);
		else
			cases[i] = (weft_case){0};
	}
}

/* An operation: what it makes, of what. */
struct op {
	struct series out, in[2];
	struct number by;
	weft_chan *turn; /* of a split: it is not the first, and waits for the one before */
	struct series out2;
};

static void spawn(void (*fn)(void *arg), struct op op)
{
	struct op *copy = malloc(sizeof *copy);

	*copy = op;
	weft_go(fn, copy);
}

static struct op taken(void *arg)
{
	struct op op = *(struct op *)arg;

	free(arg);
	return op;
}

static struct series start(void (*fn)(void *arg), struct op op)
{
	op.out = new_series();
	spawn(fn, op);
	return op.out;
}

static void do_constant(void *arg)
{
	struct op op = taken(arg);

	for (;;)
		put(op.out, op.by);
}

static void do_add(void *arg)
{
	struct op op = taken(arg);
	struct number v[2];

	for (;;) {
		weft_chan_recv(op.out.ask, NULL);
		get_both(op.in, v);
		v[0] = plus(v[0], v[1]);
		weft_chan_send(op.out.give, &v[0]);
	}
}

static void do_scale(void *arg)
{
	struct op op = taken(arg);
	struct number v;

	for (;;) {
		weft_chan_recv(op.out.ask, NULL);
		v = times(op.by, get(op.in[0]));
		weft_chan_send(op.out.give, &v);
	}
}

static void copy(struct series from, struct series to)
{
	struct number v;

	for (;;) {
		weft_chan_recv(to.ask, NULL);
		v = get(from);
		weft_chan_send(to.give, &v);
	}
}

/* One coefficient to two who ask when they like.  The next is another goroutine's, which whoever is
 * ahead may ask; one who is behind is served in turn. */
static void do_split(void *arg)
{
	struct op op = taken(arg);
	struct series first = op.out, second = op.out2;
	weft_chan *mine = weft_chan_make(0, 0);
	bool last_is_done = !op.turn;
	struct number v;
	int asked;

	while ((asked = weft_select(weft_on_recv(first.ask, NULL),
				    weft_on_recv(last_is_done ? second.ask : NULL, NULL),
				    weft_on_recv(op.turn, NULL))) == 2) {
		last_is_done = true;
		op.turn = NULL;
	}
	if (asked == 1) {
		first = op.out2;
		second = op.out;
	}
	weft_chan_send(op.in[0].ask, NULL);
	spawn(do_split, (struct op){first, {op.in[0]}, op.by, mine, second});
	weft_chan_recv(op.in[0].give, &v);
	weft_chan_send(first.give, &v);
	if (!last_is_done)
		weft_chan_recv(op.turn, NULL);
	weft_chan_recv(second.ask, NULL);
	weft_chan_send(second.give, &v);
	weft_chan_send(mine, NULL);
}

static void split(struct series in, struct series *out)
{
	out[0] = new_series();
	out[1] = new_series();
	spawn(do_split, (struct op){out[0], {in}, {0}, NULL, out[1]});
}

static struct series constant(int64_t n)
{
	return start(do_constant, (struct op){.by = {n, 1}});
}

static struct series sum(struct series a, struct series b)
{
	return start(do_add, (struct op){.in = {a, b}});
}

static struct series scale(struct number by, struct series a)
{
	return start(do_scale, (struct op){.in = {a}, .by = by});
}

static struct series product(struct series a, struct series b);

/* (f + xF)(g + xG) = fg + x(fG + gF) + x^2 FG */
static void do_multiply(void *arg)
{
	struct op op = taken(arg);
	struct series a[2], b[2], w;
	struct number v[2], fg;

	weft_chan_recv(op.out.ask, NULL);
	get_both(op.in, v);
	fg = times(v[0], v[1]);
	weft_chan_send(op.out.give, &fg);
	split(op.in[0], a);
	split(op.in[1], b);
	w = sum(scale(v[0], b[0]), scale(v[1], a[0]));
	put(op.out, get(w));
	copy(sum(w, product(a[1], b[1])), op.out);
}

static struct series product(struct series a, struct series b)
{
	return start(do_multiply, (struct op){.in = {a, b}});
}

static void do_integrate(void *arg)
{
	struct op op = taken(arg);

	put(op.out, op.by);
	for (int64_t i = 1;; i++) {
		struct number v;

		weft_chan_recv(op.out.ask, NULL);
		v = times(get(op.in[0]), (struct number){1, i});
		weft_chan_send(op.out.give, &v);
	}
}

static void do_feed(void *arg)
{
	struct op op = taken(arg);

	copy(op.in[0], op.out);
}

/* The series z with z' = dz and z = 1 at 0, where dz = z * du. */
static struct series exp_of_integral(struct series du)
{
	struct series z = new_series(), zz[2];

	split(z, zz);
	spawn(do_feed,
	      (struct op){.out = z,
			  .in = {start(do_integrate,
				       (struct op){.in = {product(zz[0], du)}, .by = {1, 1}})}});
	return zz[1];
}

static void expect(struct series s, int64_t num, int64_t den)
{
	struct number v = get(s);

	EXPECT_EQ(v.num, num);
	EXPECT_EQ(v.den, den);
}

/* A series whose first coefficient is n and whose others are 0. */
static void do_monomial(void *arg)
{
	struct op op = taken(arg);

	for (;; op.by = (struct number){0, 1})
		put(op.out, op.by);
}

static struct series monomial(int64_t n)
{
	return start(do_monomial, (struct op){.by = {n, 1}});
}

TEST(power_series_of_goroutines_have_the_right_coefficients)
{
	struct series ones = product(constant(1), constant(1)); // 1 / (1 - x)^2
	struct series e = exp_of_integral(monomial(1));		// e^x
	struct series one = product(exp_of_integral(monomial(1)), exp_of_integral(monomial(-1)));
	int64_t factorial = 1;
	int n = test_scaled(12);

	n = n < 4 ? 4 : n;
	for (int i = 0; i < n; i++)
		expect(ones, i + 1, 1);
	for (int i = 0; i < n; i++) {
		expect(e, 1, factorial);
		factorial *= i + 1;
	}
	for (int i = 0; i < 6 && i < n; i++)
		expect(one, i == 0, 1);
}
