/* SPDX-License-Identifier: MIT */
/* Those benchmarks of ../bench_*.c that Boost.Fiber can do: the same names, the same algorithms,
 * the same checks.  It has no select and no network; and a million fibers take 10 GB and minutes.
 *
 *     bench_boost NAME       with BENCHTIME and WEFT_PROCS in the environment as for the others
 *     bench_boost NAME has   is it one of these?
 *
 * One worker is the thread of main; with more the fibers are stolen (algo::work_stealing). */
#include <boost/fiber/all.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

using u64 = std::uint64_t;
namespace bf = boost::fibers;
using clock_type = std::chrono::steady_clock;

static void check(bool ok)
{
	if (!ok) {
		std::fprintf(stderr, "wrong result\n");
		std::_Exit(1);
	}
}

static double now()
{
	return std::chrono::duration<double, std::nano>(clock_type::now().time_since_epoch())
		.count();
}

static u64 share(u64 n, u64 k, u64 i)
{
	return n / k + (i < n % k);
}

static double reported;	 // ns/op, or 0: what the run took
static std::string more; // other figures

/* Fibers on pooled stacks of 16 KiB, the best that Boost has. */
template <typename F> static void go(F f)
{
	thread_local bf::pooled_fixedsize_stack stacks(16 << 10);

	bf::fiber(bf::launch::post, std::allocator_arg, stacks, f).detach();
}

class waitgroup
{
	std::atomic<u64> left;
	bf::mutex mu;
	bf::condition_variable zero;

      public:
	explicit waitgroup(u64 n) : left(n)
	{
	}
	void done()
	{
		if (left.fetch_sub(1) == 1) {
			std::lock_guard<bf::mutex> lock(mu);
			zero.notify_all();
		}
	}
	void wait()
	{
		std::unique_lock<bf::mutex> lock(mu);
		zero.wait(lock, [this] { return left.load() == 0; });
	}
};

/* Where fibers wait until all are there. */
struct gate {
	std::atomic<u64> waiting{0};
	bool open = false;
	bf::mutex mu;
	bf::condition_variable opened;
	waitgroup wg;

	explicit gate(u64 fibers) : wg(fibers)
	{
	}
	void arrive()
	{
		std::unique_lock<bf::mutex> lock(mu);
		waiting++;
		opened.wait(lock, [this] { return open; });
	}
	void measure(u64 fibers, u64 n)
	{
		while (waiting.load() < fibers)
			boost::this_fiber::yield();
		double start = now();
		{
			std::lock_guard<bf::mutex> lock(mu);
			open = true;
		}
		opened.notify_all();
		wg.wait();
		reported = (now() - start) / n;
	}
};

static void yield(u64 n, u64 fibers)
{
	struct alignas(64) yielder {
		u64 n, done;
	};
	auto y = std::make_unique<yielder[]>(fibers);
	gate g(fibers);
	u64 sum = 0;

	for (u64 i = 0; i < fibers; i++) {
		y[i] = {share(n, fibers, i), 0};
		go([&g, me = &y[i]] {
			g.arrive();
			for (; me->done < me->n; me->done++)
				boost::this_fiber::yield();
			g.wg.done();
		});
	}
	g.measure(fibers, n);
	for (u64 i = 0; i < fibers; i++)
		sum += y[i].done;
	check(sum == n);
}

static void spawn(u64 n, u64 batch)
{
	std::vector<u64> values(batch);
	u64 sum = 0;

	for (u64 left = n; left > 0;) {
		u64 count = std::min(left, batch);
		waitgroup wg(count);

		for (u64 i = 0; i < count; i++)
			go([&wg, v = &values[i]] {
				++*v;
				wg.done();
			});
		wg.wait();
		left -= count;
	}
	for (u64 v : values)
		sum += v;
	check(sum == n);
}

static void chan_sync(u64 n, u64 pairs)
{
	struct pair {
		bf::unbuffered_channel<u64> ping, pong;
		u64 n, v;
	};
	auto p = std::make_unique<pair[]>(pairs);
	gate g(2 * pairs);

	for (u64 i = 0; i < pairs; i++) {
		p[i].n = share(n, pairs, i);
		go([&g, me = &p[i]] {
			g.arrive();
			for (u64 k = 0; k < me->n; k++)
				me->pong.push(me->ping.value_pop() + 1);
			g.wg.done();
		});
		go([&g, me = &p[i]] {
			u64 v = 0;

			g.arrive();
			for (u64 k = 0; k < me->n; k++) {
				me->ping.push(v);
				v = me->pong.value_pop();
			}
			me->v = v;
			g.wg.done();
		});
	}
	g.measure(2 * pairs, n);
	for (u64 i = 0; i < pairs; i++)
		check(p[i].v == p[i].n);
}

/* Its capacity is a power of two, of which one place stays empty. */
static void chan_prod_cons(u64 n, u64 each)
{
	bf::buffered_channel<u64> c(128);
	std::vector<u64> sums(each);
	std::atomic<u64> left(each);
	gate g(2 * each);
	u64 expected = 0, sum = 0;

	for (u64 i = 0; i < each; i++) {
		u64 mine = share(n, each, i);

		expected += mine * (mine + 1) / 2;
		go([&g, &c, &left, mine] {
			g.arrive();
			for (u64 k = 1; k <= mine; k++)
				c.push(k);
			if (left.fetch_sub(1) == 1)
				c.close();
			g.wg.done();
		});
		go([&g, &c, result = &sums[i]] {
			u64 sum = 0, v;

			g.arrive();
			while (c.pop(v) == bf::channel_op_status::success)
				sum += v;
			*result = sum;
			g.wg.done();
		});
	}
	g.measure(2 * each, n);
	for (u64 s : sums)
		sum += s;
	check(sum == expected);
}

static void mutex_uncontended(u64 n, u64)
{
	bf::mutex mu;
	u64 value = 0;

	for (u64 i = 0; i < n; i++) {
		mu.lock();
		value++;
		mu.unlock();
	}
	check(value == n);
}

static void contend(u64 n, u64 fibers, bool yields)
{
	bf::mutex mu;
	gate g(fibers);
	u64 value = 0;

	for (u64 i = 0; i < fibers; i++)
		go([&, mine = share(n, fibers, i)] {
			g.arrive();
			for (u64 k = 0; k < mine; k++) {
				mu.lock();
				value++;
				if (yields)
					boost::this_fiber::yield();
				mu.unlock();
			}
			g.wg.done();
		});
	g.measure(fibers, n);
	check(value == n);
}

static void mutex_contended(u64 n, u64 fibers)
{
	contend(n, fibers, false);
}

static void mutex_yield(u64 n, u64 fibers)
{
	contend(n, fibers, true);
}

static void prime_sieve(u64 n, u64)
{
	constexpr int primes = 2000;
	constexpr u64 last_prime = 17389;
	using chan = std::shared_ptr<bf::unbuffered_channel<u64>>;
	auto make = [] { return std::make_shared<bf::unbuffered_channel<u64>>(); };

	while (n-- > 0) {
		waitgroup wg(primes);
		chan end = make();
		int found = 0;
		u64 prime, last = 0;

		go([out = end] {
			for (u64 i = 2; i <= last_prime; i++)
				out->push(i);
			out->close();
		});
		for (; end->pop(prime) == bf::channel_op_status::success; found++, last = prime) {
			chan out = make();

			go([in = end, out, prime, &wg] {
				for (u64 v; in->pop(v) == bf::channel_op_status::success;)
					if (v % prime)
						out->push(v);
				out->close();
				wg.done();
			});
			end = out;
		}
		wg.wait();
		check(found == primes && last == last_prime);
	}
}

static u64 next_random(u64 &state)
{
	u64 z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static double cpu_now()
{
	rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e9 +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e3;
}

static void sleepers(u64 n, u64 fibers, u64 times)
{
	u64 sleeps = fibers * times;
	std::vector<double> late(sleeps);
	double cpu = 0;

	while (n-- > 0) {
		gate g(fibers);

		std::fill(late.begin(), late.end(), -1);
		for (u64 i = 0; i < fibers; i++)
			go([&g, times, seed = i, late = &late[i * times]]() mutable {
				g.arrive();
				for (u64 k = 0; k < times; k++) {
					u64 ns = 1000000 + next_random(seed) % 99000000;
					double before = now();

					boost::this_fiber::sleep_for(std::chrono::nanoseconds(ns));
					late[k] = now() - before - ns;
				}
				g.wg.done();
			});
		cpu = cpu_now();
		g.measure(fibers, 1);
		cpu = cpu_now() - cpu;
	}
	std::sort(late.begin(), late.end());
	check(late[0] >= -1000); // doubles are that coarse
	more = "\t" + std::to_string(late[sleeps / 2]) + " p50-ns\t" +
	       std::to_string(late[sleeps - 1 - sleeps / 100]) + " p99-ns\t" +
	       std::to_string(cpu / sleeps) + " cpu-ns/sleep";
}

static void sleep_once(u64 n, u64 fibers)
{
	sleepers(n, fibers, 1);
}

static void sleep_10(u64 n, u64 fibers)
{
	sleepers(n, fibers, 10);
}

static const struct bench {
	std::string name;
	void (*run)(u64 n, u64 size);
} benches[] = {
	{"Yield/goroutines=", yield},
	{"Spawn/batch=", spawn},
	{"ChanSync/pairs=", chan_sync},
	{"ChanProdCons/each=", chan_prod_cons},
	{"MutexUncontended", mutex_uncontended},
	{"MutexContended/goroutines=", mutex_contended},
	{"MutexYield/goroutines=", mutex_yield},
	{"PrimeSieve/primes=", prime_sieve},
	{"Sleep/times=1/goroutines=", sleep_once},
	{"Sleep/times=10/goroutines=", sleep_10},
};

/* As ../bench.h does it. */
static void measure(const bench &b, const std::string &name, u64 size, int workers)
{
	const char *text = std::getenv("BENCHTIME");
	char *unit;
	double goal = std::strtod(text ? text : "500ms", &unit), ns;
	u64 exactly = *unit == 'x' ? static_cast<u64>(goal) : 0, n = 1;

	goal *= *unit == 's' ? 1e9 : 1e6;
	for (;;) {
		reported = 0;
		double start = now();

		b.run(n, size);
		ns = now() - start;
		if (exactly ? n >= exactly : ns >= goal || n >= 1000000000)
			break;
		n = exactly ? exactly
			    : std::max(n + 1,
				       static_cast<u64>(std::min(goal * n / ns * 1.2, n * 100.0)));
	}
	std::string suffix = workers > 1 ? "-" + std::to_string(workers) : "";
	std::printf("Benchmark%s%s\t%8ju\t%10.2f ns/op%s\n", name.c_str(), suffix.c_str(),
		    static_cast<std::uintmax_t>(n), reported > 0 ? reported : ns / n, more.c_str());
}

int main(int argc, char **argv)
{
	std::string name = argc > 1 ? argv[1] : "";
	const char *procs = std::getenv("WEFT_PROCS");
	int workers = procs ? std::max(std::atoi(procs), 1) : 1;
	const bench *found = nullptr;

	for (const bench &b : benches)
		if (b.name.back() == '=' ? name.compare(0, b.name.size(), b.name) == 0
					 : name == b.name)
			found = &b;
	if (!found || argc > 2)
		return !found;

	auto join = [workers] {
		bf::use_scheduling_algorithm<bf::algo::work_stealing>(workers, true);
	};

	for (int i = 1; i < workers; i++)
		std::thread([join] {
			bf::mutex mu;
			bf::condition_variable never;
			std::unique_lock<bf::mutex> lock(mu);

			join();
			never.wait(lock, [] { return false; });
		}).detach();
	if (workers > 1)
		join();
	u64 size = std::strtoull(name.c_str() + found->name.size(), nullptr, 10);
	measure(*found, name, size, workers);
	std::fflush(stdout);
	std::_Exit(0); // the threads hold nothing
}
