/* SPDX-License-Identifier: MIT */
/* All of this runs in a signal handler: that of SIGQUIT, or of DUMP_SIGNAL in the monitor.
 *
 * A goroutine that does not run is read where it lies.  One that runs has its stack on another
 * thread.  If that one waits in the kernel, /proc says where, and it is left in peace: a signal
 * would make some system calls fail with EINTR (poll, nanosleep, ...).  Else it computes, and is
 * asked by a signal to walk its own stack; one that blocks the signal is not waited for longer than
 * ANSWER_MS.  What is read belongs to others and may change meanwhile: at worst a line is wrong.
 */
#define _GNU_SOURCE
#include "dump.h"
#include "blocked.h"
#include "fault.h"
#include "groups.h"
#include "report.h"
#include "sched.h"
#include "throw.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MS = 500, READER_S = 10 };

/* ---- The stacks of goroutines that run -------------------------------------------------- */

static void answer(struct m *mp, const void *ucontext)
{
	const struct g *gp = mp->curg;
	const char *sp = rt_interrupted_sp(ucontext);

	mp->dump.g = 0;
	if (gp && rt_on_stack(gp, sp)) {
		rt_walk_interrupted(&mp->dump.walk, ucontext);
		mp->dump.g = gp->id;
	}
	__atomic_store_n(&mp->dump.state, DUMP_ANSWERED, __ATOMIC_RELEASE); // pairs with wait_for
}

static bool read_blocked(struct m *mp, const struct g *gp)
{
	const struct g_stack *st;
	struct rt_blocked b;

	if (rt_blocked(mp->tid, &b) != RT_BLOCKED_IN_CALL || !(st = rt_on_stack(gp, b.sp)))
		return false;
	rt_walk_blocked(&mp->dump.walk, b.pc, b.sp, st->lo, st);
	mp->dump.g = gp->id;
	__atomic_store_n(&mp->dump.state, DUMP_ANSWERED, __ATOMIC_RELAXED);
	return true;
}

static void ask(struct m *mp, const void *ucontext)
{
	const struct g *gp = __atomic_load_n(&mp->curg, __ATOMIC_RELAXED);

	__atomic_store_n(&mp->dump.state, DUMP_NOT_ASKED, __ATOMIC_RELAXED);
	if (!gp)
		return;
	if (mp == rt_self()) {
		answer(mp, ucontext);
	} else if (!read_blocked(mp, gp)) {
		mp->dump.g = gp->id;
		__atomic_store_n(&mp->dump.state, DUMP_ASKED, __ATOMIC_RELEASE);
		syscall(SYS_tgkill, getpid(), mp->tid, DUMP_SIGNAL);
	}
}

/* True while some thread that was asked has not answered. */
static bool missing(void)
{
	for (struct m *mp = __atomic_load_n(&rt.all, __ATOMIC_ACQUIRE); mp; mp = mp->all)
		if (__atomic_load_n(&mp->dump.state, __ATOMIC_ACQUIRE) == DUMP_ASKED)
			return true;
	return false;
}

static void ask_all(const void *ucontext)
{
	int64_t until = rt_after(rt_now(), ANSWER_MS * WEFT_MS);

	for (struct m *mp = __atomic_load_n(&rt.all, __ATOMIC_ACQUIRE); mp; mp = mp->all)
		ask(mp, ucontext);
	while (missing() && rt_now() < until)
		nanosleep(&(struct timespec){0, 200000}, NULL);
}

/* ---- The dump --------------------------------------------------------------------------- */

struct dump {
	struct rt_out o;
	struct rt_peek pk;
	const struct g *gp;
	struct rt_group *group;
	size_t shown, most, more;
};

static const struct m *thread_of(const struct g *gp)
{
	for (struct m *mp = __atomic_load_n(&rt.all, __ATOMIC_ACQUIRE); mp; mp = mp->all)
		if (__atomic_load_n(&mp->dump.state, __ATOMIC_ACQUIRE) != DUMP_NOT_ASKED &&
		    mp->dump.g == gp->id)
			return mp;
	return NULL;
}

static void print_stack(struct rt_out *o, const struct g *gp)
{
	const struct m *mp = thread_of(gp);
	struct rt_walk w;

	if (!mp) {
		rt_walk_parked(&w, gp);
		rt_print_walk(o, &w);
		return;
	}
	rt_out(o, "    on thread %u%s\n", mp->tid,
	       mp->dump.state == DUMP_ASKED ? ", which does not answer" : "");
	if (mp->dump.state == DUMP_ANSWERED)
		rt_print_walk(o, &mp->dump.walk);
}

static void print_goroutine(void *arg)
{
	struct dump *d = arg;

	rt_print_g(&d->o, d->gp);
	print_stack(&d->o, d->gp);
}

static bool each(struct g *gp, void *arg)
{
	struct dump *d = arg;

	d->gp = gp;
	if (!__atomic_load_n(&gp->id, __ATOMIC_RELAXED))
		return true;
	if (d->shown == d->most) {
		d->more++;
		return true;
	}
	d->shown++;
	if (!rt_probe(print_goroutine, d))
		rt_out(&d->o, "    (it ended meanwhile)\n");
	return !d->o.failed;
}

static void print_group(void *arg)
{
	struct dump *d = arg;

	rt_print_seen(&d->o, &d->pk, &d->group->first);
	rt_group_print_others(&d->o, &d->pk, d->group);
	if (rt_still(&d->group->first))
		print_stack(&d->o, d->group->first.g);
	else
		rt_out(&d->o, "    (it went on meanwhile)\n");
}

/* Those that do the same as one, with the stack of the first.  False if there is no memory. */
static bool print_groups(struct dump *d)
{
	struct rt_groups *gs =
		mmap(NULL, sizeof *gs, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (gs == MAP_FAILED)
		return false;
	rt_out(&d->o, "    (those that do the same are shown once)\n");
	rt_groups_collect(gs, 0, RT_BY_SIZE);
	for (int i = 0; i < gs->n && i < RT_GROUPS_SHOWN && !d->o.failed; i++) {
		d->group = rt_groups_at(gs, i);
		if (!rt_probe(print_group, d))
			rt_out(&d->o, "    (it ended meanwhile)\n");
	}
	rt_groups_print_rest(&d->o, gs);
	munmap(gs, sizeof *gs);
	return true;
}

static void dump(int fd, const void *ucontext, bool all)
{
	struct dump d = {.pk = RT_PEEK, .most = all ? SIZE_MAX : DUMP_MOST};
	size_t n = weft_count();

	rt_ignore_begin();
	rt_out_init(&d.o, fd);
	ask_all(ucontext);
	rt_out(&d.o, "weft: %zu goroutines, %u workers, %u threads, process %d\n", n, rt.nworkers,
	       __atomic_load_n(&rt.threads, __ATOMIC_RELAXED), (int)getpid());
	if (n <= d.most || !print_groups(&d))
		rt_g_each(each, &d);
	if (d.more)
		rt_out(&d.o, "\n... and %zu more goroutines\n", d.more);
	rt_out(&d.o, "\n" DUMP_END "\n");
	rt_flush(&d.o);
	rt_peek_close(&d.pk);
	rt_ignore_end();
}

/* ---- Who asks --------------------------------------------------------------------------- */

static uint32_t monitor; /* its thread */

static bool trusted(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

static void dump_to(uint32_t name, const void *ucontext)
{
	struct timeval limit = {READER_S, 0};
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int n = snprintf(a.sun_path + 1, sizeof a.sun_path - 1, DUMP_SOCKET, name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (connect(fd, (struct sockaddr *)&a,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) == 0 &&
	    trusted(fd))
		dump(fd, ucontext, name & DUMP_ALL);
	close(fd);
}

static void on_asked(int sig, siginfo_t *info, void *ucontext)
{
	struct m *mp = rt_self();
	int saved = errno;

	(void)sig;
	if (info->si_code == SI_QUEUE && (uint32_t)gettid() == monitor)
		dump_to((uint32_t)info->si_value.sival_int, ucontext);
	else if (info->si_code == SI_TKILL && info->si_pid == getpid() && mp &&
		 __atomic_load_n(&mp->dump.state, __ATOMIC_ACQUIRE) == DUMP_ASKED)
		answer(mp, ucontext);
	errno = saved;
}

static void on_quit(int sig, siginfo_t *info, void *ucontext)
{
	(void)sig;
	(void)info;
	dump(STDERR_FILENO, ucontext, false);
	rt_trace(run_fatal, 0, "SIGQUIT");
	_exit(2);
}

void rt_dump_start(void)
{
	struct sigaction quit = {.sa_sigaction = on_quit, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	struct sigaction asked = {.sa_sigaction = on_asked,
				  .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};

	if (rt_signal_unset(SIGQUIT))
		sigaction(SIGQUIT, &quit, NULL);
	if (rt_signal_unset(DUMP_SIGNAL))
		sigaction(DUMP_SIGNAL, &asked, NULL);
}

void rt_dump_by_me(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, DUMP_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	pthread_setname_np(pthread_self(), DUMP_THREAD);
	monitor = (uint32_t)gettid();
}
