// SPDX-License-Identifier: MIT
// What a stretch of time holds: how long of it each class of states took.
//
// A class is a colour.  Sums over any number of states take a few steps, because every BLOCK states
// there is a row of `sums` with the time of each class from the first state of the store on.  So a
// pixel shows exactly the mix of what it holds, at every zoom.
"use strict";

const BLOCK = 32;
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
function classify(store, classes, classOf) {
	const n = store.t.length, C = classes.list.length, t = store.t;
	const cls = store.cls || (store.cls = new Uint8Array(n)), run = new Float64Array(C);

	if (!store.sums)
		store.sums = new Float64Array(((n >> 5) + 1) * C);
	store.C = C;
	for (let k = 0; k < store.lanes; k++) {
		const end = store.first[k + 1] - 1;

		for (let i = store.first[k]; i <= end; i++) {
			if (i % BLOCK === 0)
				store.sums.set(run, (i / BLOCK) * C);
			if (i === end)
				break;
			run[cls[i] = classOf(i)] += t[i + 1] - t[i] || NO_TIME;
		}
	}
}

// Add the time of states i to j - 1, all of one lane, to mix.
function addStates(store, i, j, mix) {
	const {t, cls, sums, C} = store;
	let from = Math.ceil(i / BLOCK), to = Math.floor(j / BLOCK);

	if (from < to) {
		for (let c = 0, a = from * C, b = to * C; c < C; c++)
			mix[c] += sums[b + c] - sums[a + c];
		from *= BLOCK;
		to *= BLOCK;
	} else {
		from = to = j;
	}
	for (; i < from; i++)
		mix[cls[i]] += t[i + 1] - t[i] || NO_TIME;
	for (; to < j; to++)
		mix[cls[to]] += t[to + 1] - t[to] || NO_TIME;
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
	const i = lastBy(t, first, last, a), j = lastBy(t, first, last, b);

	if (i === j) {
		mix[cls[i]] += b - a;
		return;
	}
	mix[cls[i]] += t[i + 1] - a;
	addStates(store, i + 1, Math.min(j, last), mix);
	if (j < last)
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
		let at = Math.max(from, t[first]), i = lastBy(t, first, last, at);

		while (at < end && i < last) {
			const stop = Math.min(end, t[i + 1]), x = Math.floor((at - from) / width);
			const edge = from + (x + 1) * width, c = cls[i];

			if (stop < edge) { // it ends in its column, as do all up to j
				const j = gallop(t, i + 1, last, Math.min(end, edge));

				mix[x * C + c] += stop - at || NO_TIME;
				addStates(this.store, i + 1, j, mix.subarray(x * C, (x + 1) * C));
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
