// SPDX-License-Identifier: MIT
// Which lanes there are, in which order: workers, OS threads, channels, locks, goroutines; what the
// search leaves of them, and how they are grouped.
//
// A row is {type, height, label, ...}:
//   head    title of a section: key, open, count
//   lane    a store's lane: store, k, what (worker, thread, task, g, region)
//   group   many lanes of a store as one: mix, members, key, open
//   object  a channel or lock: o
"use strict";

const ROW = {head: 24, lane: 20, group: 34, object: 46}, REGION = 15;
const TASK_LANES = 8; // shown of more
const MANY = 500; // goroutines of a group that are shown each

// ---- Threads: what ran on each, with a worker or without ----

function makeThreads(run) {
	const w = run.workerStates, s = run.states, lists = run.about.threads.map(() => []);
	const detached = run.kinds.findIndex(k => k.state === "detached");
	const stopped = run.kinds.findIndex(k => k.state === "stopped");

	for (let i = 0; i < w.t.length; i++)
		if (w.thread[i] && w.kind[i] && w.kind[i] !== stopped)
			lists[w.thread[i] - 1].push({t: w.t[i], end: w.t[i + 1], kind: w.kind[i], ref: w.ref[i]});
	for (let g = 0; detached > 0 && g < s.lanes; g++)
		for (let i = s.first[g]; i < s.first[g + 1] - 1; i++)
			if (s.kind[i] === detached && s.ref[i])
				lists[s.ref[i] - 1].push({t: s.t[i], end: s.t[i + 1], kind: detached, ref: g + 1});
	for (const list of lists)
		list.sort((a, b) => a.t - b.t);
	return storeOf(lists);
}

// ---- Objects: who waits, who holds, how full ----

// For each object the states in which goroutines wait for it, in order of goroutines.
function* makeWaits(run) {
	const s = run.states, n = run.objects.n, waiting = run.kinds.map(k => k.state === "waiting");
	const first = new Uint32Array(n + 2), total = new Float64Array(n);

	for (let i = 0; i < s.t.length; i++) {
		if (waiting[s.kind[i]] && s.ref[i]) {
			first[s.ref[i] + 1]++;
			total[s.ref[i] - 1] += s.t[i + 1] - s.t[i];
		}
		if (i % SLICE === 0)
			yield;
	}
	for (let o = 0; o <= n; o++)
		first[o + 1] += first[o];
	const at = first.slice(), list = new Uint32Array(first[n + 1]);

	for (let i = 0; i < s.t.length; i++) {
		if (waiting[s.kind[i]] && s.ref[i])
			list[at[s.ref[i]]++] = i;
		if (i % SLICE === 0)
			yield;
	}
	return {first: first.subarray(1), list, total};
}

// How many intervals are open at a time, as something whose mean over any time is quick to tell.
class Count {
	constructor(starts, ends) {
		this.starts = starts.sort();
		this.ends = ends.sort();
		this.started = Count.sums(this.starts);
		this.ended = Count.sums(this.ends);
		this.start = new Index(this.starts, 0, this.starts.length);
		this.end = new Index(this.ends, 0, this.ends.length);
	}
	static sums(v) {
		const out = new Float64Array(v.length + 1);

		for (let i = 0; i < v.length; i++)
			out[i + 1] = out[i] + v[i];
		return out;
	}
	// The time that all intervals together have taken by t.
	by(t) {
		const a = this.start.upTo(t) + 1, b = this.end.upTo(t) + 1;

		return a * t - this.started[a] - (b * t - this.ended[b]);
	}
	at(t) {
		return this.start.upTo(t) - this.end.upTo(t);
	}
	most() {
		let most = 0;

		for (let i = 0, j = 0; i < this.starts.length; i++) {
			while (j < this.ends.length && this.ends[j] <= this.starts[i])
				j++;
			most = Math.max(most, i + 1 - j);
		}
		return most;
	}
}

// What the lane of object o draws, made when it is first seen.
function* makeObject(run, waits, o) {
	const s = run.states, byKind = new Map(), kind = run.texts[run.objects.kind[o]];
	const x = {o, kind, waiters: [], most: 0, cap: run.objects.cap[o]};

	for (let i = waits.first[o]; i < waits.first[o + 1]; i++) {
		const k = s.kind[waits.list[i]];

		byKind.set(k, (byKind.get(k) || 0) + 1);
	}
	for (const [k, n] of byKind) {
		const starts = new Float64Array(n), ends = new Float64Array(n);
		let at = 0;

		for (let w = waits.first[o]; w < waits.first[o + 1]; w++) {
			const i = waits.list[w];

			if (s.kind[i] === k) {
				starts[at] = s.t[i];
				ends[at++] = s.t[i + 1];
			}
		}
		yield;
		x.waiters.push({kind: k, count: new Count(starts, ends), color: run.kinds[k].color, phrase: run.kinds[k].phrase});
	}
	x.most = x.waiters.reduce((sum, w) => sum + w.count.most(), 0);
	if (kind === "mutex" || kind === "rwmutex" || kind === "once")
		x.held = makeHeld(run, o);
	else
		x.level = makeLevel(run, o);
	return x;
}

// Who held a lock when: a store of one lane, ref is goroutine index + 1.  Kind 0: free; 1: held;
// 2: held by readers.
function makeHeld(run, o) {
	const ops = run.ops, lo = ops.first[o], hi = ops.first[o + 1], held = newStore(1, hi - lo + 1);
	const {t, kind, ref} = held;
	let n = 0;
	const put = (time, k, g) => {
		t[n] = time;
		kind[n] = k;
		ref[n++] = g;
	};

	put(run.objects.ts[o], 0, 0);
	for (let i = lo; i < hi; i++) {
		const op = run.about.ops[ops.op[i]][1];

		if (op === "lock" || op === "begin")
			put(ops.t[i], 1, ops.g[i]);
		else if (op === "unlock" || op === "end")
			put(ops.t[i], 0, 0);
		else if (op === "rlock" || op === "runlock")
			put(ops.t[i], ops.value[i] > 0 ? 2 : 0, 0);
	}
	put(Math.max(run.objects.end[o], t[n - 1]), 0, 0);
	held.first[1] = n;
	return held;
}

// A number over time, after each operation and until the object ends: how many are in a channel, hold a
// semaphore...
function makeLevel(run, o) {
	const ops = run.ops, lo = ops.first[o], hi = ops.first[o + 1];
	const level = {t: ops.t.subarray(lo, hi), value: ops.value.subarray(lo, hi),
		area: new Float64Array(hi - lo), most: 0, end: run.objects.end[o]};

	for (let i = 0; i < hi - lo; i++) {
		level.most = Math.max(level.most, level.value[i]);
		if (i)
			level.area[i] = level.area[i - 1] + level.value[i - 1] * (level.t[i] - level.t[i - 1]);
	}
	level.index = new Index(level.t, 0, hi - lo);
	return level;
}

// The area below the level by a time.
function levelBy(level, t) {
	const to = Math.min(t, level.end), i = level.index.upTo(to);

	return i < 0 ? 0 : level.area[i] + level.value[i] * (to - level.t[i]);
}

function levelAt(level, t) {
	const i = level.index.upTo(t);

	return i < 0 || t > level.end ? 0 : level.value[i];
}

// ---- Rows ----

class Lanes {
	constructor(run) {
		this.run = run;
		this.classes = makeClasses(run);
		this.waits = run.waits;
		this.objects = new Map();
		this.making = new Map();
		this.groups = new Map();
		this.closed = new Set(["threads"]);
		this.opened = new Set();
		this.pinned = [];
		this.by = run.goroutines.n > 60 ? "function" : "none";
		this.match = null;
		this.query = parseQuery("");
		this.marks = new Marks(run);
		this.marks.classify(this.classes);
		this.hues();
		this.classify();
		this.build();
	}
	// Who runs has a colour of its own, or its function if there are more goroutines than hues.
	hues() {
		const {run} = this, G = run.goroutines, w = run.workerStates, key = g => G.n <= 8 ? g : G.func[g];
		const ran = new Float64Array(G.n + 1), time = new Map(), {index} = this.classes;

		for (let i = 0, n = w.t.length - 1; i < n; i++)
			ran[w.ref[i]] += w.t[i + 1] - w.t[i];
		for (let g = 0; g < G.n; g++)
			if (ran[g + 1])
				time.set(key(g), (time.get(key(g)) || 0) + ran[g + 1]);
		const order = [...time].sort((a, b) => b[1] - a[1]).map(([k]) => k);
		const hue = new Map(order.map((k, i) => [k, index.get(i < 8 ? "hue" + i : "others")]));

		this.hueNames = order.slice(0, 8).map((k, i) => [index.get("hue" + i),
			G.n <= 8 ? nameOf(run, k) : run.texts[k]]);
		this.othersN = Math.max(0, order.length - 8);
		this.hueOf = new Uint8Array(G.n + 1).fill(index.get("others")); // of a goroutine's index + 1
		for (let g = 0; g < G.n; g++)
			if (hue.has(key(g)))
				this.hueOf[g + 1] = hue.get(key(g));
	}
	classify() {
		const {run, classes, match, hueOf} = this, of = classes.of, faint = classes.index.get("faint");
		const s = run.states, w = run.workerStates, running = run.kinds.findIndex(k => k.state === "running");

		if (match && match.states)
			classify(s, i => match.states[i] || !s.kind[i] ? of[s.kind[i]] : faint);
		else
			classifyKinds(s, of);
		for (const store of [w, this.threads])
			if (store) {
				const {kind, ref} = store;

				classify(store, i => kind[i] !== running || !ref[i] ? of[kind[i]]
					: match && !match.lanes[ref[i] - 1] ? faint : hueOf[ref[i]]);
			}
		this.groups.clear();
	}
	search(text) {
		this.query = parseQuery(text);
		this.match = this.query.lane.length || this.query.state.length ? matchQuery(this.run, this.query) : null;
		this.classify();
		this.build();
	}
	object(o) {
		return this.objects.get(o) || this.make(o, Infinity);
	}
	// The same, or null if that takes longer than until a time: then it goes on with the next call.
	make(o, until) {
		if (this.objects.has(o))
			return this.objects.get(o);
		const {making} = this;
		let step;

		if (!making.has(o))
			making.set(o, makeObject(this.run, this.waits, o));
		do {
			step = making.get(o).next();
		} while (!step.done && performance.now() < until);
		if (!step.done)
			return null;
		making.delete(o);
		const x = step.value;

		if (x.held)
			classify(x.held, i => x.held.kind[i] === 1 && x.held.ref[i]
				? this.hueOf[x.held.ref[i]] : x.held.kind[i] ? this.classes.index.get("others") : 0);
		this.objects.set(o, x);
		return x;
	}
	group(key, store, members) {
		const id = key + "/" + members.length;

		if (!this.groups.has(id))
			this.groups.set(id, new GroupMix(store, members, this.classes.list.length));
		return this.groups.get(id);
	}
	isOpen(key, normally) {
		return normally ? !this.closed.has(key) : this.opened.has(key);
	}
	toggle(row) {
		const set = row.normally ? this.closed : this.opened;

		if (!set.delete(row.key))
			set.add(row.key);
		this.build();
	}
	head(key, title, count, normally) {
		const open = this.isOpen(key, normally);

		this.rows.push({type: "head", key, label: title, count, open, normally});
		return open;
	}
	build() {
		this.version = (this.version || 0) + 1; // of the rows, so that who drew them knows
		this.rows = [];
		this.buildWorkers();
		this.buildTasks();
		this.buildObjects();
		this.buildGoroutines();
		let y = 0;

		this.at = new Map();
		for (const row of this.rows) {
			row.y = y;
			row.height = row.what === "region" ? REGION : ROW[row.type];
			y += row.height;
			if (row.type === "lane" && row.what === "g" && !this.at.has(row.k))
				this.at.set(row.k, row);
			else if (row.type === "object")
				this.at.set("o" + row.o, row);
			else if (row.type === "lane" && row.what === "worker")
				this.at.set("p" + row.k, row);
		}
		this.height = y;
	}
	buildWorkers() {
		const {run} = this, n = run.workers.n;

		if (n && this.head("workers", "Workers", n, true))
			for (let k = 0; k < n; k++)
				this.rows.push({type: "lane", what: "worker", store: run.workerStates, k,
					label: "worker " + run.workers.id[k]});
		if (run.about.threads.length && this.head("threads", "OS threads", run.about.threads.length, false)) {
			if (!this.threads) {
				this.threads = makeThreads(run);
				this.classify();
			}
			const ids = run.about.threads;
			for (const k of [...ids.keys()].sort((a, b) => ids[a] - ids[b]))
				this.rows.push({type: "lane", what: "thread", store: this.threads, k,
					label: "thread " + ids[k]});
		}
	}
	// A title for what is left out, which shows it, or takes it away again; the number that is shown.
	some(key, n, most, rest) {
		const shown = n <= most || this.isOpen(key + "/all", false) ? n : most;

		return {shown, more: n <= most ? [] : [{type: "head", key: key + "/all", normally: false, open: shown > most, more: true,
			label: shown > most ? "fewer" : rest(n - shown)}]};
	}
	buildTasks() {
		const {marks, run} = this, n = marks.taskLanes.length;

		if (!n || !this.head("tasks", "Tasks", marks.tasks.n, true))
			return;
		const {shown, more} = this.some("tasks", n, TASK_LANES, rest => plural(rest, "lane") + " more");
		let last = -1;

		for (const {name, k} of marks.taskLanes.slice(0, shown)) {
			this.rows.push({type: "lane", what: "task", store: marks.taskStore, k, label: name === last ? "" : run.texts[name]});
			last = name;
		}
		this.rows.push(...more);
	}
	// Those that cost most first; what was never waited for and never used is left out.
	buildObjects() {
		const {run, waits, match} = this, O = run.objects, channels = [], locks = [];

		for (let o = 0; o < O.n; o++) {
			const used = run.ops.first[o + 1] > run.ops.first[o] || waits.total[o] > 0;

			if (used && !(match && match.objects && !match.objects[o + 1]))
				(run.texts[O.kind[o]] === "chan" ? channels : locks).push(o);
		}
		for (const [key, title, list] of [["channels", "Channels", channels],
			["locks", "Locks and other objects", locks]]) {
			list.sort((a, b) => waits.total[b] - waits.total[a] || a - b);
			if (!list.length || !this.head(key, title, list.length, true))
				continue;
			const {shown, more} = this.some(key, list.length, 5, rest => plural(rest, "other") + ", waited for less");

			for (const o of list.slice(0, shown))
				this.rows.push({type: "object", o, label: run.texts[O.label[o]]});
			this.rows.push(...more);
		}
	}
	lane(g, indent) {
		this.rows.push({type: "lane", what: "g", store: this.run.states, k: g, indent,
			label: nameOf(this.run, g)});
		for (const k of this.marks.regionLanes.get(g) || [])
			if (k !== undefined)
				this.rows.push({type: "lane", what: "region", store: this.marks.regionStore, k, g, indent: (indent || 0) + 1, label: "regions"});
	}
	buildGoroutines() {
		const {run, match} = this, G = run.goroutines, list = [];

		for (let g = 0; g < G.n; g++)
			if (!match || match.lanes[g])
				list.push(g);
		this.shownGoroutines = list.length;
		if (!this.head("goroutines", match ? "Goroutines that match" : "Goroutines", list.length, true))
			return;
		for (const g of this.pinned)
			this.lane(g, 0);
		if (this.by === "none") {
			this.members("goroutines", list, 0);
			return;
		}
		const groups = new Map();

		for (const g of list) {
			const key = this.groupOf(g);

			if (!groups.has(key))
				groups.set(key, []);
			groups.get(key).push(g);
		}
		const ordered = [...groups].sort((a, b) => b[1].length - a[1].length);

		for (const [name, members] of ordered) {
			const key = this.by + ":" + name, open = this.isOpen(key, false);

			this.rows.push({type: "group", key, label: name, members, open, normally: false,
				store: run.states, mix: this.group(key, run.states, members)});
			if (open)
				this.members(key, members, 1);
		}
	}
	// Each of them, if they are not too many; else those that do most, and the others as one.
	members(key, list, indent) {
		const {first} = this.run.states;
		const all = list.length <= MANY || this.isOpen(key + "/all", false);
		const busy = all ? list : [...list].sort((a, b) => first[b + 1] - first[b] - first[a + 1] + first[a] || a - b);
		const shown = all ? list : busy.slice(0, MANY).sort((a, b) => a - b);

		for (const g of shown)
			this.lane(g, indent);
		if (list.length <= MANY)
			return;
		if (all) {
			this.rows.push({type: "head", key: key + "/all", open: true, more: true, normally: false,
				label: "only the " + MANY + " that change most"});
			return;
		}
		const others = busy.slice(MANY);

		this.rows.push({type: "group", key: key + "/all", open: false, normally: false, members: others,
			store: this.run.states, label: formatCount(others.length) + " others, that change less",
			mix: this.group(key + "/others", this.run.states, others)});
	}
	groupOf(g) {
		const {run} = this, G = run.goroutines;

		if (this.by === "function")
			return run.texts[G.func[g]];
		if (this.by === "parent")
			return G.parent[g] ? "spawned by " + nameOf(run, G.parent[g] - 1) : "spawned by nobody";
		const o = this.awaited(g);

		return o ? "waited most for " + run.texts[run.objects.label[o - 1]] : "waited for no object";
	}
	// The object + 1 that g waited for longest.
	awaited(g) {
		const s = this.run.states, time = new Map();
		let most = 0, object = 0;

		for (let i = s.first[g]; i < s.first[g + 1] - 1; i++)
			if (this.run.kinds[s.kind[i]].state === "waiting" && s.ref[i])
				time.set(s.ref[i], (time.get(s.ref[i]) || 0) + s.t[i + 1] - s.t[i]);
		for (const [o, ns] of time)
			if (ns > most)
				[most, object] = [ns, o];
		return object;
	}
	// The row of a goroutine; it is put on top if it is in a closed group.
	reveal(g) {
		if (!this.at.has(g)) {
			this.pinned = [g, ...this.pinned.filter(x => x !== g)].slice(0, 12);
			this.closed.delete("goroutines");
			this.build();
		}
		return this.at.get(g);
	}
	rowAt(y) {
		let lo = 0, hi = this.rows.length;

		while (lo < hi) {
			const mid = lo + hi >>> 1;

			if (this.rows[mid].y <= y)
				lo = mid + 1;
			else
				hi = mid;
		}
		const row = this.rows[lo - 1];

		return row && y < row.y + row.height ? row : null;
	}
	// The kind and object that a wait in matched states is for...: the next matching state.
	nextMatch(g, t, forward) {
		const {run, match} = this, s = run.states;
		let best = null;

		if (!match)
			return null;
		for (let k = 0; k < s.lanes; k++) {
			if (!match.lanes[k])
				continue;
			const lo = s.first[k], hi = s.first[k + 1] - 1, step = forward ? 1 : -1;
			let i = lastBy(s.t, lo, hi, t);

			for (i = forward ? i + 1 : s.t[i] === t && i >= lo ? i - 1 : i; i >= lo && i < hi; i += step)
				if (!match.states || match.states[i])
					break;
			if (i >= lo && i < hi && (!best || (forward ? s.t[i] < best.t : s.t[i] > best.t)))
				best = {g: k, i, t: s.t[i]};
		}
		return best;
	}
}
