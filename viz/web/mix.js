// SPDX-License-Identifier: MIT
// What a stretch of time holds: how long of it each class of states took.
//
// A class is a colour.  Sums over any number of states take a few steps: a lane that is long has, made
// when it is first asked, for every BLOCK states the time of each class from its first state on, and an
// index by time.  So a pixel shows exactly the mix of what it holds, at every zoom, and a frame's work
// depends on its pixels, not on the events below them.
"use strict";

const BLOCK = 16;
const work = {states: 0}; // looked at for pixels, ever: the tests and the benchmark ask it
const NO_TIME = 1e-6; // what a state that took no time counts as, so that it is seen

// The classes of a run, in the order in which a mix stacks them, from the bottom: what runs first.
// `of` maps the kinds of the run's states to classes.
function makeClasses(run) {
	const used = new Set(run.kinds.slice(1).map(k => k.color));
	const names = Object.keys(run.about.legend).filter(name => used.has(name));

	if (used.has("stopped"))
		names.push("stopped");
	const list = names.map(name => ({name, legend: run.about.legend[name] || name}));

	for (let i = 0; i < 8; i++)
		list.push({name: "hue" + i});
	list.push({name: "others"}, {name: "faint", legend: "not matched by the search"});
	list.unshift({name: "nothing"}); // class 0: not alive, or not known
	const index = new Map(list.map((c, i) => [c.name, i]));

	return {list, index, of: run.kinds.map((k, i) => i ? index.get(k.color) : 0)};
}

// Give each state of a store its class: classOf(i).  Done anew when the colours or filters change.
function classify(store, classOf) {
	const n = store.t.length, cls = store.cls || (store.cls = new Uint8Array(n));

	for (let i = 0; i < n; i++)
		cls[i] = classOf(i);
	store.sums = [];
}

// The same where it is that of the kind.
function classifyKinds(store, of) {
	const {kind} = store, n = kind.length, cls = store.cls || (store.cls = new Uint8Array(n));

	for (let i = 0; i < n; i++)
		cls[i] = of[kind[i]];
	store.sums = [];
}

// Times in order, found by time in a few steps: buckets of time, as many as hold BLOCK in the mean.
class Index {
	constructor(t, first, end) {
		const m = Math.max(1, Math.floor((end - first) / BLOCK));
		const span = end > first ? t[end - 1] - t[first] : 0;

		this.t = t;
		this.first = first;
		this.from = end > first ? t[first] : Infinity;
		this.most = m;
		this.scale = span > 0 ? m / span : 0;
		this.jump = new Uint32Array(m + 2).fill(end); // where the bucket begins
		for (let b = 0, i = first; b <= m; b++) {
			while (i < end && Math.floor((t[i] - this.from) * this.scale) < b)
				i++;
			this.jump[b] = i;
		}
	}
	// The last whose time is <= at; first - 1 if there is none.
	upTo(at) {
		if (at < this.from)
			return this.first - 1;
		const b = Math.min(this.most, Math.floor((at - this.from) * this.scale));

		return lastBy(this.t, this.jump[b], this.jump[b + 1], at);
	}
}

// What makes a long lane quick to sum up.
function laneSums(store, k) {
	let known = store.sums[k];

	if (known)
		return known;
	const {t, cls} = store, first = store.first[k], end = store.first[k + 1] - 1, slot = new Uint8Array(256);
	const slots = [];

	for (let i = first; i < end; i++)
		if (!slot[cls[i]])
			slot[cls[i]] = slots.push(cls[i]);
	const S = slots.length, sums = new Float64Array((Math.floor((end - first) / BLOCK) + 1) * S), now = new Float64Array(S);

	for (let i = first, at = 0; i < end; i++) {
		if ((i - first) % BLOCK === 0) {
			sums.set(now, at);
			at += S;
		}
		now[slot[cls[i]] - 1] += t[i + 1] - t[i] || NO_TIME;
	}
	if ((end - first) % BLOCK === 0)
		sums.set(now, sums.length - S);
	known = store.sums[k] = {first, slots, sums, index: new Index(t, first, end + 1)};
	return known;
}

// Add the time of states i to j - 1, all of lane k, to mix.
function addStates(store, k, i, j, mix) {
	const {t, cls} = store;

	if (j - i > 2 * BLOCK) {
		const {first, slots, sums} = laneSums(store, k), S = slots.length;
		const from = Math.ceil((i - first) / BLOCK), to = Math.floor((j - first) / BLOCK);

		for (let s = 0, a = from * S, b = to * S; s < S; s++)
			mix[slots[s]] += sums[b + s] - sums[a + s];
		addEach(t, cls, i, first + from * BLOCK, mix);
		i = first + to * BLOCK;
	}
	addEach(t, cls, i, j, mix);
}

function addEach(t, cls, i, j, mix) {
	work.states += j - i;
	for (; i < j; i++)
		mix[cls[i]] += t[i + 1] - t[i] || NO_TIME;
}

// The last element of lane k, from i on, whose time is <= at, which that of i is.
function lastFrom(store, k, i, at) {
	const last = store.first[k + 1] - 1;

	return last - store.first[k] > 4 * BLOCK ? Math.max(i, laneSums(store, k).index.upTo(at)) : gallop(store.t, i, last, at);
}

// The last of the elements from i to `last` whose time is <= at, which that of i is.
function gallop(t, i, last, at) {
	let step = 1;

	while (i + step <= last && t[i + step] <= at) {
		i += step;
		step *= 2;
	}
	return lastBy(t, i + 1, Math.min(last, i + step) + 1, at);
}

// Add the time of lane k from `from` to `to` to mix.
function addLane(store, k, from, to, mix) {
	const {t, cls} = store, first = store.first[k], last = store.first[k + 1] - 1;

	if (first >= last || t[last] <= from || t[first] >= to)
		return;
	const a = Math.max(from, t[first]), b = Math.min(to, t[last]);
	const i = lastFrom(store, k, first, a), j = Math.min(last - 1, lastFrom(store, k, i, b));

	if (i === j) {
		mix[cls[i]] += b - a;
		return;
	}
	mix[cls[i]] += t[i + 1] - a;
	addStates(store, k, i + 1, j, mix);
	mix[cls[j]] += b - t[j];
}

// ---- Groups: the mix of many lanes, in tiles that are kept ----

const TILE = 256; // columns

// Tiles of a group, by level and place; a column of level l lasts 2^l ns.
class GroupMix {
	constructor(store, members, C) {
		this.store = store;
		this.members = members;
		this.C = C;
		this.tiles = new Map();
	}
	key(level, n) {
		return level * 2 ** 40 + n;
	}
	// The tile, if it is whole; else it is begun and waits for work().
	tile(level, n) {
		const key = this.key(level, n);
		let tile = this.tiles.get(key);

		if (!tile) {
			if (this.tiles.size > 400)
				this.tiles.clear();
			tile = {level, n, next: 0, mix: new Float64Array(TILE * this.C),
				change: new Float64Array((TILE + 1) * this.C)};
			this.tiles.set(key, tile);
		}
		return tile;
	}
	done(tile) {
		return tile.next === this.members.length;
	}
	// Go on with a tile until a time (performance.now()); true when it is whole.
	work(tile, until) {
		const members = this.members, width = 2 ** tile.level, from = tile.n * TILE * width;

		while (tile.next < members.length) {
			this.add(tile, members[tile.next++], from, width);
			if (tile.next % 64 === 0 && performance.now() > until)
				break;
		}
		if (!this.done(tile))
			return false;
		if (tile.change) { // what took whole columns
			const now = new Float64Array(this.C), {C} = this;

			for (let x = 0; x < TILE; x++)
				for (let c = 0; c < C; c++) {
					now[c] += tile.change[x * C + c];
					tile.mix[x * C + c] += now[c] * width;
				}
			tile.change = null;
		}
		return true;
	}
	add(tile, k, from, width) {
		const {t, cls, first: firsts} = this.store, {mix, change} = tile, C = this.C;
		const first = firsts[k], last = firsts[k + 1] - 1, to = from + TILE * width;

		if (first >= last || t[last] <= from || t[first] >= to)
			return;
		const end = Math.min(to, t[last]);
		let at = Math.max(from, t[first]), i = Math.min(last - 1, lastFrom(this.store, k, first, at));

		while (at < end && i < last) {
			const stop = Math.min(end, t[i + 1]), x = Math.floor((at - from) / width);
			const edge = from + (x + 1) * width, c = cls[i];

			if (stop < edge) { // it ends in its column, as do all up to j
				const j = lastFrom(this.store, k, i + 1, Math.min(end, edge));

				mix[x * C + c] += stop - at || NO_TIME;
				addStates(this.store, k, i + 1, j, mix.subarray(x * C, (x + 1) * C));
				at = t[j];
				i = j;
				continue;
			}
			const y = Math.floor((stop - from) / width); // columns x + 1 to y - 1 are its own

			mix[x * C + c] += edge - at;
			change[(x + 1) * C + c] += 1;
			change[y * C + c] -= 1;
			if (y < TILE)
				mix[y * C + c] += stop - from - y * width;
			at = stop;
			i++;
		}
	}
}
