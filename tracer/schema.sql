-- SPDX-License-Identifier: MIT
-- The database of a run: facts (event), and what they mean (the rest).
--
-- Times (ts) are nanoseconds since the first event of the run; a dur is NULL while the thing was
-- still going on when the trace ended.  g, p, m are goroutine, worker and OS thread; in the first
-- process of a trace g and p are the program's own numbers, in the k-th further one (k from 1)
-- k * 1000000000 + g and k * 10000 + p (tasks as goroutines, sites and stacks k * 1000000 more).  obj refers
-- to object.  In the tables with most rows what is often NULL comes late, and a row's number last: there
-- SQLite stores nothing for them.  Every comment behind a column is its documentation: docs/schema.md
-- is made from this file.

-- The run, in one row.
CREATE TABLE run (
	id INTEGER PRIMARY KEY CHECK (id = 1), -- always 1
	weft_version TEXT NOT NULL,   -- the version of weft that loaded the trace
	program_version TEXT,         -- the version of weft that the program was built with
	host TEXT,                    -- the machine's name
	kernel TEXT,                  -- its operating system, as uname says
	cpus INTEGER,                 -- its online cpus
	program TEXT,                 -- the program, as given to weft record
	args TEXT,                    -- its arguments, as a JSON array
	started TEXT,                 -- when, UTC, ISO 8601 with nanoseconds
	clock TEXT,                   -- the trace's clock
	dur INTEGER NOT NULL,         -- from the first event to the last
	workers INTEGER NOT NULL,     -- how many workers there were, of all processes, those too that were not there all the time
	exit_status INTEGER,          -- what the program returned, NULL if a signal ended it or it is not known
	exit_signal INTEGER,          -- the signal that ended it, or NULL
	fatal TEXT,                   -- what the runtime printed when it ended the program, or of several processes the first that it ended; or NULL
	events INTEGER NOT NULL,      -- rows in event
	goroutines INTEGER NOT NULL,  -- rows in goroutine
	lost INTEGER NOT NULL,        -- events known to be lost
	unknown INTEGER NOT NULL,     -- events of the trace that this weft has no name for, not loaded
	sets TEXT                     -- the sets of events that were recorded, with commas between them; NULL if not known
) STRICT;

-- A process of the trace.  What a process was before and after an exec counts as two.
CREATE TABLE process (
	pid INTEGER PRIMARY KEY,      -- its process id; of the k-th further one with the same (k from 1) k * 10000000 more
	seq INTEGER NOT NULL,         -- 0 for the first, 1 for the second...
	name TEXT NOT NULL,           -- its command name
	ts INTEGER NOT NULL,          -- its first event
	dur INTEGER NOT NULL,         -- from its first event to its last
	status INTEGER                -- what its main goroutine returned, or NULL
) STRICT;

-- Texts of events and the names of functions, each stored once.
CREATE TABLE string (
	id INTEGER PRIMARY KEY,       -- referred to by fields of type str, and by g_sum
	text TEXT NOT NULL UNIQUE     -- valid UTF-8; what was not is replaced by U+FFFD
) STRICT;

-- The kinds of events (from rt/events.def).
CREATE TABLE event_kind (
	kind INTEGER PRIMARY KEY,     -- referred to by fact
	name TEXT NOT NULL UNIQUE,    -- e.g. g_park; the view ev_g_park has its fields by name
	event_set TEXT NOT NULL,      -- the set it is in, see weft record --events
	doc TEXT NOT NULL             -- what it means
) STRICT;

-- An OS thread; threads that follow each other under one number are one.
CREATE TABLE thread (
	thread INTEGER PRIMARY KEY,   -- its number in this database, from 0
	pid INTEGER NOT NULL REFERENCES process, -- its process
	m INTEGER NOT NULL            -- its thread id
) STRICT;

-- The facts: every event as it was recorded, in order of time.  The view event has the thread's id, and
-- the views ev_* each kind's fields by name.  Of a thread's own count of its events (seq) only the gaps are
-- kept: table gap.
CREATE TABLE fact (
	ts INTEGER NOT NULL,          -- when
	thread INTEGER NOT NULL REFERENCES thread, -- on which OS thread
	p INTEGER,                    -- the worker that the thread had, or NULL
	kind INTEGER NOT NULL REFERENCES event_kind, -- what happened
	a0 INTEGER, a1 INTEGER, a2 INTEGER, a3 INTEGER, a4 INTEGER, a5 INTEGER, a6 INTEGER, a7 INTEGER, -- its own fields, in the order of events.def; of chan_send, chan_recv, chan_close, mutex_lock and mutex_unlock a0 is not the address, but the number in object
	id INTEGER PRIMARY KEY        -- from 1, in order of time
) STRICT;

-- A place in the source.
CREATE TABLE site (
	site INTEGER PRIMARY KEY,     -- referred to by many tables
	func TEXT NOT NULL,           -- the function it is in
	file TEXT NOT NULL,           -- the source file, as given to the compiler
	line INTEGER NOT NULL,        -- the line
	what TEXT NOT NULL            -- for a spawn, the function spawned, as written; or empty
) STRICT;

-- A program or library that was in memory; only with stacks (weft record --stacks or --cpu).
CREATE TABLE module (
	module INTEGER PRIMARY KEY,   -- its number
	pid INTEGER NOT NULL REFERENCES process, -- the process
	ts INTEGER NOT NULL,          -- when it was first seen
	base INTEGER NOT NULL,        -- what was added to the addresses in its file
	lo INTEGER NOT NULL,          -- where its code begins
	hi INTEGER NOT NULL,          -- and ends; a later module that has been there took its place
	path TEXT NOT NULL,           -- its file
	build_id TEXT,                -- the number that the linker gave it, in hexadecimal, or NULL
	problem TEXT                  -- why nothing is known of its functions, though they are in stacks; or NULL
) STRICT;

-- What is at an address that is in a stack: a function, or several if the compiler inlined some there.
CREATE TABLE frame (
	frame INTEGER PRIMARY KEY,    -- its number
	address INTEGER NOT NULL,     -- in the instruction that calls or, the innermost of a cpu_sample, that was executed
	module INTEGER REFERENCES module, -- what it is in, or NULL
	offset INTEGER,               -- the address in the module's file
	func TEXT,                    -- the function; NULL if it is not known
	file TEXT,                    -- its source file, as given to the compiler; NULL without debug information
	line INTEGER,                 -- the line
	inlined INTEGER NOT NULL      -- 1 if it was inlined into the function of the caller's frame
) STRICT;

-- The stacks: each is a call and the stack of its caller, so those that begin alike share that.
CREATE TABLE stack (
	stack INTEGER PRIMARY KEY,    -- its number; negative if its function was inlined, and only part of others
	caller INTEGER REFERENCES stack, -- the stack of the caller; NULL for the first function of a goroutine
	depth INTEGER NOT NULL,       -- how many calls it has
	frame INTEGER REFERENCES frame -- the innermost call; NULL: calls are missing here, of code without frame pointers, beyond the 32 innermost or because events are lost
) STRICT;

-- A goroutine.
CREATE TABLE goroutine (
	g INTEGER PRIMARY KEY,        -- its number
	pid INTEGER NOT NULL REFERENCES process, -- its process
	name TEXT NOT NULL,           -- its name if it has one, else its function
	func TEXT NOT NULL,           -- the function it runs
	fn INTEGER NOT NULL,          -- that function's address
	parent INTEGER,               -- the goroutine that spawned it, NULL for the first
	site INTEGER REFERENCES site, -- where it was spawned
	stack INTEGER,                -- its stack size in bytes
	spawn_stack INTEGER REFERENCES stack, -- by which calls it was spawned; NULL if not recorded, or by the runtime
	task INTEGER,                 -- the task it was spawned in, or NULL
	ts INTEGER NOT NULL,          -- when it was made
	dur INTEGER,                  -- its lifetime; NULL if it lived on when the trace ended
	running INTEGER NOT NULL,     -- for how long it ran, of its intervals all together
	detached INTEGER NOT NULL,    -- for how long it ran without a worker
	runnable INTEGER NOT NULL,    -- for how long it could have run
	waiting INTEGER NOT NULL,     -- for how long it waited; with the three before, from its first state to its end or that of the process
	runs INTEGER NOT NULL,        -- how many times it ran
	waits INTEGER NOT NULL,       -- how many times it waited
	last INTEGER                  -- since when it is or was in its last state; NULL if none was seen
) STRICT;

-- Why a goroutine waited, or became runnable.
CREATE TABLE reason (
	why INTEGER PRIMARY KEY,      -- referred to by g_interval
	name TEXT NOT NULL UNIQUE     -- of a wait its name in rt/waits.def, or 'unknown'; else 'create', 'ready', 'yield', 'attach', or 'stop' when the program ended under it
) STRICT;

-- What a goroutine did when: its states, one after the other, without a gap; together in the file, in
-- order of time.  The view g_state has the names of what are numbers here.
CREATE TABLE g_interval (
	g INTEGER NOT NULL REFERENCES goroutine, -- the goroutine
	ts INTEGER NOT NULL,          -- since when
	id INTEGER NOT NULL,          -- a number, by the order of ends; those of one goroutine are in order of time
	dur INTEGER,                  -- for how long; NULL if still when the trace ended
	state INTEGER NOT NULL CHECK (state IN (1, 2, 3, 4)), -- 1 running, 2 detached (running without a worker), 3 runnable, 4 waiting
	p INTEGER,                    -- running: on which worker
	thread INTEGER REFERENCES thread, -- running, detached: on which OS thread
	why INTEGER REFERENCES reason, -- waiting: the reason; runnable: since what
	waker INTEGER,                -- waiting, runnable after it: the goroutine that ended the wait, 0 for the runtime
	obj INTEGER REFERENCES object, -- waiting: for what, if for an object; in a select: its channel if it has but one, though it may time out, else the channel that ended it
	site INTEGER REFERENCES site, -- waiting: where in the source
	holder INTEGER,               -- waiting for a lock or a Once: the goroutine that held it (for writing) or ran it when the wait began
	stack INTEGER REFERENCES stack, -- waiting: by which calls; NULL if not recorded
	waker_stack INTEGER REFERENCES stack, -- as waker: by which calls it did; NULL if not recorded, or by the runtime
	PRIMARY KEY (g, ts, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX g_interval_obj ON g_interval (obj, ts) WHERE obj IS NOT NULL;

-- The intervals of g_interval in sums, made when the trace was loaded: what the goroutines of each function
-- did, by state, reason, object and place.  An interval that had not ended counts until its process did.
CREATE TABLE g_sum (
	func INTEGER NOT NULL REFERENCES string, -- the function
	state INTEGER NOT NULL,       -- as in g_interval
	why INTEGER REFERENCES reason, -- as in g_interval
	obj INTEGER REFERENCES object, -- as in g_interval
	site INTEGER REFERENCES site, -- as in g_interval
	n INTEGER NOT NULL,           -- how many intervals there are
	total INTEGER NOT NULL,       -- how long they took together
	max INTEGER NOT NULL,         -- how long the longest took
	g INTEGER NOT NULL,           -- whose that was: it,
	ts INTEGER NOT NULL,          -- since when,
	id INTEGER NOT NULL           -- and its number; if there are several, the least
) STRICT;

-- How long goroutines waited for each object because of a goroutine, the culprit of the view wait.
CREATE TABLE blame_sum (
	obj INTEGER NOT NULL REFERENCES object, -- the object
	culprit INTEGER NOT NULL,     -- the goroutine
	waits INTEGER NOT NULL,       -- how many waits
	total INTEGER NOT NULL,       -- how long in all
	PRIMARY KEY (obj, culprit)
) STRICT, WITHOUT ROWID;

-- The percentiles of how long goroutines were runnable or waited, by reason, by object, and by place and
-- reason: what is NULL in a row is all together.  A single interval has no row.
CREATE TABLE spread (
	state INTEGER NOT NULL,       -- as in g_interval: 3 or 4
	why INTEGER REFERENCES reason, -- the reason, or NULL
	obj INTEGER REFERENCES object, -- the object, or NULL
	site INTEGER REFERENCES site, -- the place, or NULL
	goroutines INTEGER NOT NULL,  -- how many goroutines did
	p50 INTEGER NOT NULL,         -- the smallest time that at least half of them did not exceed
	p90 INTEGER NOT NULL,         -- nine in ten
	p99 INTEGER NOT NULL          -- 99 in a hundred
) STRICT;

-- What a worker did when.  The view p_state has the names of the states.
CREATE TABLE p_interval (
	p INTEGER NOT NULL,           -- the worker
	ts INTEGER NOT NULL,          -- since when
	dur INTEGER,                  -- for how long; NULL if still when the trace ended
	state INTEGER NOT NULL CHECK (state IN (1, 5, 6)), -- 1 running; 5 searching: between goroutines or looking for one; 6 stopped: no thread has it
	g INTEGER,                    -- running: the goroutine
	thread INTEGER REFERENCES thread, -- running, searching: the OS thread that has it
	id INTEGER PRIMARY KEY        -- a number; those of one worker are in order of time
) STRICT;

-- A worker took goroutines from another's queue.
CREATE TABLE p_steal (
	ts INTEGER NOT NULL,          -- when
	p INTEGER NOT NULL,           -- the worker that took
	victim INTEGER NOT NULL,      -- the worker they were taken from
	n INTEGER NOT NULL            -- how many
) STRICT;

-- A worker was taken from a goroutine that computed or blocked in a system call for long, while others
-- waited for it.
CREATE TABLE detach (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it is
	ts INTEGER NOT NULL,          -- when; the state of the goroutine that begins then says for how long
	g INTEGER NOT NULL,           -- the goroutine
	p INTEGER NOT NULL,           -- the worker it lost
	m INTEGER NOT NULL,           -- the OS thread it runs on
	syscall TEXT                  -- the system call it blocked in; other: one that had no name there; none: it computed; NULL: not known
) STRICT;

-- A thread had taken some cpu time, and was found doing this; only with weft record --cpu.
CREATE TABLE cpu_sample (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event that tells of it, a moment later
	ts INTEGER NOT NULL,          -- when
	g INTEGER,                    -- the goroutine that ran; NULL: the runtime itself, between two
	p INTEGER,                    -- the worker it ran on; NULL: it was detached
	m INTEGER NOT NULL,           -- the OS thread
	ns INTEGER NOT NULL,          -- the cpu time that the thread has taken since its sample before
	stack INTEGER REFERENCES stack -- the calls, the innermost being what was executed; a function of the runtime's is the innermost only
) STRICT;

-- A channel, mutex or WaitGroup.
CREATE TABLE object (
	obj INTEGER PRIMARY KEY,      -- its number in this database
	pid INTEGER NOT NULL REFERENCES process, -- its process
	addr INTEGER NOT NULL,        -- its address; one address may serve several objects in turn
	kind TEXT NOT NULL CHECK (kind IN ('chan', 'mutex', 'rwmutex', 'waitgroup', 'once', 'cond', 'semaphore', 'barrier', 'pool', 'map', 'group', 'conn', 'flight', 'other')), -- what it is
	name TEXT,                    -- the name the program gave it, or NULL
	label TEXT NOT NULL,          -- how to call it: its name, or kind and place or address; the second of a name in a process ends in " #2"
	site INTEGER REFERENCES site, -- where it was made or first used
	ts INTEGER NOT NULL,          -- when it was made or first used
	dur INTEGER                   -- until it was freed, NULL if it was not
) STRICT;

-- What only channels have.
CREATE TABLE chan (
	obj INTEGER PRIMARY KEY REFERENCES object, -- the channel
	cap INTEGER,                  -- how many elements it buffers; NULL if its making was not recorded
	size INTEGER,                 -- bytes in an element; NULL if its making was not recorded
	closed INTEGER,               -- when it was closed, or NULL
	closer INTEGER,               -- the goroutine that closed it, or NULL
	sends INTEGER NOT NULL,       -- how many elements were sent, in sum over chan_op
	recvs INTEGER NOT NULL,       -- how many were received
	direct INTEGER NOT NULL,      -- how many sends and receives were handed over, past the buffer
	sends_parked INTEGER NOT NULL, -- how many sends had to wait
	recvs_parked INTEGER NOT NULL, -- how many receives had to wait
	max_len INTEGER               -- how many elements were in the buffer at most; NULL if nobody used it
) STRICT;

-- The operations on each mutex, in sums; of a mutex without any there is no row.
CREATE TABLE mutex (
	obj INTEGER PRIMARY KEY REFERENCES object, -- the mutex
	locks INTEGER NOT NULL,       -- how many times it was locked
	contended INTEGER NOT NULL,   -- how many of them did not get it at once
	held INTEGER NOT NULL,        -- for how long it was held in all
	held_max INTEGER NOT NULL,    -- at most at once
	waited INTEGER NOT NULL,      -- for how long goroutines waited for it in all, as dur of mutex_op
	waited_max INTEGER NOT NULL   -- at most at once
) STRICT;

-- Every select, with the case it chose.
CREATE TABLE select_op (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it is
	ts INTEGER NOT NULL,          -- when it chose
	g INTEGER NOT NULL,           -- the goroutine
	cases INTEGER NOT NULL,       -- how many cases it had
	chosen INTEGER NOT NULL,      -- the index of the chosen one
	kind TEXT NOT NULL CHECK (kind IN ('send', 'recv', 'default', 'timeout')), -- of the chosen one
	obj INTEGER REFERENCES object, -- its channel
	parked INTEGER NOT NULL,      -- 1 if it had to wait
	site INTEGER REFERENCES site  -- where
) STRICT;

-- What locks and unlocks of mutexes mean; the view mutex_op has all of them.
CREATE TABLE mutex_time (
	dur INTEGER,                  -- lock: how long it waited; unlock: how long it was held, NULL if the lock was not seen
	owner INTEGER,                -- lock: who held it when the wait began, if it waited; unlock: who had locked it
	id INTEGER PRIMARY KEY REFERENCES fact -- the event it is
) STRICT;

-- The values of timers that nobody had received when their timer was stopped or set anew, which drops them;
-- the view chan_op has them too.
CREATE TABLE timer_drop (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event that did it
	ts INTEGER NOT NULL,          -- when
	obj INTEGER NOT NULL REFERENCES object, -- the timer's channel
	g INTEGER NOT NULL,           -- the goroutine that stopped it or set it anew
	site INTEGER REFERENCES site  -- where
) STRICT;

-- Every lock and unlock of an RWMutex.
CREATE TABLE rwmutex_op (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it is
	ts INTEGER NOT NULL,          -- when
	obj INTEGER NOT NULL REFERENCES object, -- the RWMutex
	op TEXT NOT NULL CHECK (op IN ('lock', 'unlock', 'rlock', 'runlock')), -- what was done; rlock and runlock are for reading
	g INTEGER NOT NULL,           -- by whom
	contended INTEGER NOT NULL,   -- lock, rlock: 1 if it did not get it at once; unlock, runlock: how many goroutines it was handed to
	dur INTEGER,                  -- lock, rlock: how long it waited, as in mutex_op; unlock: how long it was held; runlock: NULL, and unlock if the lock was not seen
	owner INTEGER,                -- lock, rlock: who wrote when the wait began, if it waited; unlock: who had locked it
	readers INTEGER NOT NULL,     -- how many goroutines have it for reading, after
	site INTEGER REFERENCES site  -- where
) STRICT;

-- Every change of a WaitGroup's counter, and every wait that ended.
CREATE TABLE waitgroup_op (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it is
	ts INTEGER NOT NULL,          -- when
	obj INTEGER NOT NULL REFERENCES object, -- the WaitGroup
	op TEXT NOT NULL CHECK (op IN ('add', 'wait')), -- what was done; Done is add with -1
	g INTEGER NOT NULL,           -- by whom
	delta INTEGER,                -- add: by how much
	count INTEGER,                -- add: the counter after
	parked INTEGER NOT NULL,      -- wait: 1 if it had to wait
	site INTEGER REFERENCES site  -- where
) STRICT;

-- Every call of a Once's function, and every call that found it done.
CREATE TABLE once_op (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it is
	ts INTEGER NOT NULL,          -- when
	obj INTEGER NOT NULL REFERENCES object, -- the Once
	op TEXT NOT NULL CHECK (op IN ('begin', 'end', 'pass')), -- the function begins, has ended, or was found ended
	g INTEGER NOT NULL,           -- by whom
	dur INTEGER,                  -- end: how long the function took, NULL if its begin was not seen
	parked INTEGER NOT NULL,      -- pass: 1 if it had to wait
	site INTEGER REFERENCES site  -- begin, pass: where
) STRICT;

-- Every signal of a condition variable, and every wait that ended.
CREATE TABLE cond_op (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it is
	ts INTEGER NOT NULL,          -- when
	obj INTEGER NOT NULL REFERENCES object, -- the condition variable
	op TEXT NOT NULL CHECK (op IN ('wait', 'cancel', 'signal', 'broadcast')), -- what was done; cancel: its context ended a wait
	g INTEGER NOT NULL,           -- by whom
	woken INTEGER,                -- signal, broadcast: how many goroutines it wakes
	next INTEGER,                 -- signal: the goroutine that it wakes
	mutex INTEGER REFERENCES object, -- wait, cancel: the lock that protects the condition
	site INTEGER REFERENCES site  -- where
) STRICT;

-- Every acquire and release of a semaphore, and every wait for one that its context ended.
CREATE TABLE semaphore_op (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it is
	ts INTEGER NOT NULL,          -- when
	obj INTEGER NOT NULL REFERENCES object, -- the semaphore
	op TEXT NOT NULL CHECK (op IN ('acquire', 'release', 'cancel')), -- what was done
	g INTEGER NOT NULL,           -- by whom
	n INTEGER NOT NULL,           -- how many; cancel: that were wanted
	held INTEGER,                 -- acquire: how many were held by all when it got them; release: after, with what waiting goroutines get
	size INTEGER,                 -- acquire: how many there are
	parked INTEGER NOT NULL,      -- acquire: 1 if it had to wait
	woken INTEGER,                -- release, cancel: how many waiting goroutines get what they want
	site INTEGER REFERENCES site  -- where
) STRICT;

-- Every coming to a barrier, and every going on from it.
CREATE TABLE barrier_op (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it is
	ts INTEGER NOT NULL,          -- when
	obj INTEGER NOT NULL REFERENCES object, -- the barrier
	op TEXT NOT NULL CHECK (op IN ('arrive', 'pass')), -- what was done
	g INTEGER NOT NULL,           -- by whom
	arrived INTEGER,              -- arrive: how many have come, this one included
	parties INTEGER,              -- arrive: how many are to come
	parked INTEGER NOT NULL,      -- pass: 1 if it had to wait; 0 for the last to come
	site INTEGER REFERENCES site  -- where
) STRICT;

-- What only connections, listeners and other descriptors have.
CREATE TABLE conn (
	obj INTEGER PRIMARY KEY REFERENCES object, -- the connection
	fd INTEGER,                   -- its descriptor; NULL if its beginning was not recorded
	how TEXT CHECK (how IN ('listen', 'accept', 'connect', 'open')), -- how it came; open: made elsewhere
	addr TEXT,                    -- of a socket its address, and after -> its peer's
	closed INTEGER                -- when it was closed, or NULL
) STRICT;

-- Every operation on a connection, when it returned.
CREATE TABLE io_op (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it is
	ts INTEGER NOT NULL,          -- when
	obj INTEGER NOT NULL REFERENCES object, -- the connection or, of an accept, the listener
	op TEXT NOT NULL CHECK (op IN ('accept', 'connect', 'read', 'write', 'wait', 'close')), -- what was done
	g INTEGER NOT NULL,           -- by whom
	fd INTEGER NOT NULL,          -- the descriptor
	size INTEGER,                 -- read, write: of how many bytes
	result INTEGER NOT NULL,      -- read, write: how many bytes; accept: the new descriptor; wait: 1 readable, 2 writable, 3 both; or -errno
	parked INTEGER NOT NULL,      -- 1 if it had to wait
	site INTEGER REFERENCES site  -- where
) STRICT;

-- Every goroutine that joined or left a group, and every wait for a group.
CREATE TABLE group_op (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it is
	ts INTEGER NOT NULL,          -- when
	obj INTEGER NOT NULL REFERENCES object, -- the group
	op TEXT NOT NULL CHECK (op IN ('go', 'done', 'wait')), -- one is spawned, one has ended, or all have
	g INTEGER NOT NULL,           -- go: who spawns it; done: the goroutine; wait: who waited
	running INTEGER NOT NULL,     -- how many are in the group, after
	max INTEGER,                  -- go: how many may be at once, NULL for any number
	err INTEGER,                  -- done: what it returned; wait: the first error, or 0; NULL if it or one of them panicked
	parked INTEGER NOT NULL,      -- go: 1 if it had to wait for room; wait: 1 if it had to wait
	site INTEGER REFERENCES site  -- go, done: where it was spawned; wait: where
) STRICT;

-- A panic.
CREATE TABLE panic (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it begins with
	ts INTEGER NOT NULL,          -- when it began
	dur INTEGER,                  -- until it was over; NULL if it ended the program
	g INTEGER NOT NULL,           -- the goroutine
	message TEXT NOT NULL,        -- with what
	how TEXT CHECK (how IN ('trap', 'exit')), -- how it was over: a weft_try trapped it, or weft_exit was called in it; or NULL
	site INTEGER REFERENCES site, -- where
	trap INTEGER REFERENCES site, -- where the weft_try is that trapped it
	stack INTEGER REFERENCES stack -- by which calls; NULL if not recorded
) STRICT;

-- A task of the program's.
CREATE TABLE task (
	task INTEGER PRIMARY KEY,     -- its number
	parent INTEGER,               -- the task it is part of, or NULL
	g INTEGER NOT NULL,           -- the goroutine that began it
	name TEXT NOT NULL,           -- its name
	ts INTEGER NOT NULL,          -- when it began
	dur INTEGER                   -- how long it took; NULL if it did not end
) STRICT;

-- A region of a goroutine's time.
CREATE TABLE region (
	id INTEGER PRIMARY KEY,       -- in order of the region's end
	g INTEGER NOT NULL,           -- the goroutine
	task INTEGER,                 -- its task, or NULL
	name TEXT NOT NULL,           -- its name
	depth INTEGER NOT NULL,       -- 0 for an outermost region
	ts INTEGER NOT NULL,          -- when it began
	dur INTEGER                   -- how long it took; NULL if it did not end
) STRICT;

-- A message from the program.
CREATE TABLE log (
	id INTEGER PRIMARY KEY REFERENCES fact, -- the event it is
	ts INTEGER NOT NULL,          -- when
	g INTEGER NOT NULL,           -- the goroutine
	task INTEGER,                 -- its task, or NULL
	category TEXT NOT NULL,       -- what kind of message
	message TEXT NOT NULL         -- the message
) STRICT;

-- Events that are missing, found by the threads' own counts or said by the tracer.
CREATE TABLE gap (
	ts INTEGER NOT NULL,          -- the last event before it
	dur INTEGER NOT NULL,         -- until the first event after it, or the last of the process
	pid INTEGER NOT NULL,         -- in which process
	m INTEGER NOT NULL,           -- on which OS thread
	lost INTEGER NOT NULL         -- how many
) STRICT;

-- A transition that cannot be: a sign of lost events or of a bug in weft.
CREATE TABLE anomaly (
	ts INTEGER NOT NULL,          -- when
	pid INTEGER NOT NULL,         -- in which process
	event INTEGER,                -- the event it was noticed at, or NULL
	what TEXT NOT NULL,           -- what is impossible, in words
	g INTEGER,                    -- the goroutine, if one
	obj INTEGER                   -- the object, if one
) STRICT;

-- The level-of-detail pyramid, for pictures of more than can be drawn: the widths of its buckets.  A
-- bucket b of a level is the time from b * width on; level 0 is the finest that a lane has, each
-- next one is eight times as wide, and the last has at most 64 buckets for the run.
CREATE TABLE lod_level (
	level INTEGER PRIMARY KEY,    -- from 0, the finest
	width INTEGER NOT NULL        -- of a bucket
) STRICT;

-- The lanes that have buckets.  A lane has the levels from its finest on to the last.  At a finer one it
-- would have a row for less than 16 of its intervals, and a lane that is not here has less than 64 or does
-- so little that it has none: there its intervals themselves are few enough to be drawn (g_state,
-- p_state, and the operations of an object).
CREATE TABLE lod_lane (
	lane TEXT NOT NULL CHECK (lane IN ('all', 'g', 'm', 'o', 'p')), -- a goroutine, thread, object or worker; or all goroutines together
	key INTEGER NOT NULL,         -- its number in g, m, obj or p; 0 for all
	level INTEGER NOT NULL REFERENCES lod_level, -- its finest level
	PRIMARY KEY (lane, key)
) STRICT, WITHOUT ROWID;

-- What a lane did in each bucket; the view lod has the states' names.  There is no row for nothing.
CREATE TABLE lod_cell (
	level INTEGER NOT NULL REFERENCES lod_level, -- how wide the bucket is
	lane TEXT NOT NULL,           -- as in lod_lane
	key INTEGER NOT NULL,         -- as in lod_lane
	bucket INTEGER NOT NULL,      -- its number, from 0
	state INTEGER NOT NULL,       -- 1 running, 2 detached, 3 runnable, 4 waiting, 5 searching, 6 stopped; of an object 7 len, 8 senders, 9 receivers, 10 waiters, 11 held
	dur INTEGER NOT NULL,         -- how long in all it was in this state; of an object as in lod_object
	n INTEGER NOT NULL,           -- how many intervals of this state begin in it; of len the greatest
	PRIMARY KEY (level, lane, key, bucket, state)
) STRICT, WITHOUT ROWID;
