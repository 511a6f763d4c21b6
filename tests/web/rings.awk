# SPDX-License-Identifier: MIT
# A run of a known shape, as a trace by hand: a ring of goroutines that hand a mutex on, on worker 0, and
# one that hands values on through a channel, on worker 1.
#
#     awk -v turns=800 -v ring=10 -f rings.awk | sort -n -s
#
# Twelve events a turn.  Goroutine 1 is main, 2 to ring + 1 are lockers, the next ring are senders.
# Every 97th turn of the lockers takes ten times as long.
BEGIN {
	print "0 m=1 run_start workers=2 version=0.1"
	print "0 m=1 site_def site=1 func=main file=rings.c line=7 what=locker"
	print "0 m=1 site_def site=2 func=locker file=rings.c line=21"
	print "0 m=1 site_def site=3 func=sender file=rings.c line=42"
	print "0 m=1 site_def site=4 func=main file=rings.c line=8 what=sender"
	print "0 m=1 site_def site=5 func=main file=rings.c line=3 what=main"
	print "10 m=1 p_start p=0"
	print "20 m=2 p_start p=1"
	print "30 m=1 g_create g=1 site=5 name=main"
	print "40 m=1 g_start g=1 p=0"
	print "50 m=1 chan_make chan=0xc0 g=1 cap=0 size=8 site=1"
	print "51 m=1 obj_name obj=0xc0 name=hand"
	for (k = 0; k < 2 * ring; k++)
		printf "%d m=1 g_create g=%d parent=1 site=%d name=%s\n", 60 + k, k + 2, k < ring ? 1 : 4,
			k < ring ? "locker" : "sender"
	t0 = 100 + 2 * ring
	printf "%d m=1 g_park g=1 why=sleep site=1\n", t0
	# All wait for the mutex, that the first locks; and for the channel.
	for (k = 1; k < ring; k++) {
		t = t0 + 200 * k
		printf "%d m=1 g_start g=%d p=0\n", t, k + 2
		if (k == 1) {
			printf "%d m=1 mutex_lock mutex=0xa0 g=%d site=2\n", t + 20, k + 2
			printf "%d m=1 obj_name obj=0xa0 name=\"the baton\"\n", t + 25
			printf "%d m=1 g_yield g=%d\n", t + 90, k + 2
		} else
			printf "%d m=1 g_park g=%d why=mutex_lock obj=0xa0 site=2\n", t + 90, k + 2
		printf "%d m=2 g_start g=%d p=1\n", t, ring + k + 2
		printf "%d m=2 g_park g=%d why=chan_recv obj=0xc0 site=3\n", t + 90, ring + k + 2
	}
	t = t0 + 200 * ring
	printf "%d m=1 g_start g=2 p=0\n", t
	printf "%d m=1 g_park g=2 why=mutex_lock obj=0xa0 site=2\n", t + 50
	printf "%d m=2 g_start g=%d p=1\n", t, ring + 2
	for (i = 0; i < turns; i++) {
		a = 2 + (i + 1) % ring; b = 2 + (i + 2) % ring
		t += 100; long = i % 97 == 96 ? 9000 : 0
		printf "%d m=1 g_start g=%d p=0\n", t, a
		if (i)
			printf "%d m=1 mutex_lock mutex=0xa0 g=%d contended=1 site=2\n", t + 10, a
		t += 700 + long
		printf "%d m=1 g_ready g=%d by=%d\n", t, b, a
		printf "%d m=1 mutex_unlock mutex=0xa0 g=%d next=%d site=2\n", t - 1, a, b
		printf "%d m=1 g_park g=%d why=mutex_lock obj=0xa0 site=2\n", t + 100, a
		t += 100
		u = t - 200
		a = ring + 2 + i % ring; b = ring + 2 + (i + 1) % ring
		printf "%d m=2 chan_send chan=0xc0 g=%d peer=%d site=3\n", u - 10, a, b
		printf "%d m=2 g_ready g=%d by=%d\n", u, b, a
		printf "%d m=2 g_park g=%d why=chan_recv obj=0xc0 site=3\n", u + 50, a
		printf "%d m=2 g_start g=%d p=1\n", u + 80, b
		printf "%d m=2 chan_recv chan=0xc0 g=%d peer=%d parked=1 ok=1 site=3\n", u + 90, b, a
	}
	printf "%d m=1 run_stop status=0\n", t + 1000
}
