// SPDX-License-Identifier: MIT
// What the program marked of its run (tasks, regions, messages), and the samples of its cpu time: as
// stores of lanes, and as marks on the lanes of goroutines.
"use strict";

// The tables of viz/query_marks.c: a ascends, n a number, + one that can be missing, t a text.
const MARK_TABLES = {
	tasks: {id: "a", parent: "+", g: "a", name: "t", t: "a", dur: "+"},
	regions: {g: "a", depth: "n", task: "+", name: "t", t: "a", dur: "+"},
	logs: {g: "a", task: "+", category: "t", message: "t", t: "a"},
	samples: {g: "a", worker: "+", ns: "n", stack: "t", t: "a"},
};

function* readMarks(r) {
	const marks = {};

	for (const [name, columns] of Object.entries(MARK_TABLES)) {
		const n = r.number(), table = marks[name] = {n}, list = Object.entries(columns), last = list.map(() => 0);

		for (const [column] of list)
			table[column] = new Float64Array(n);
		for (let i = 0; i < n; i++) {
			list.forEach(([column, how], c) => {
				table[column][i] = how === "a" ? last[c] += r.signed() : r.number();
			});
			if (i % SLICE === 0)
				yield;
		}
	}
	return marks;
}

// Lists of {t, end, kind, ref}, in order of time, as the lanes of a store.
function storeOf(lists) {
	const store = newStore(lists.length, 2 * lists.reduce((n, l) => n + l.length, 0));
	let at = 0;

	lists.forEach((list, k) => {
		let time = list.length ? list[0].t : 0;

		store.first[k] = at;
		for (const x of list) {
			if (x.t > time)
				store.t[at++] = time;
			store.t[at] = x.t;
			store.kind[at] = x.kind;
			store.ref[at++] = x.ref;
			time = Math.max(x.end, x.t);
		}
		store.t[at++] = time;
	});
	store.first[lists.length] = at;
	return store;
}

// Where in a table, which is in order of goroutines, those of each begin: index -> [from, to].
function placesOf(run, table) {
	const places = new Map();

	for (let i = 0; i < table.n;) {
		const from = i, g = run.byId.get(table.g[i]);

		while (i < table.n && table.g[i] === table.g[from])
			i++;
		if (g !== undefined)
			places.set(g, [from, i]);
	}
	return places;
}

class Marks {
	constructor(run) {
		this.run = run;
		Object.assign(this, run.marks);
		this.logsOf = placesOf(run, this.logs);
		this.samplesOf = placesOf(run, this.samples);
		this.makeRegions();
		this.makeTasks();
	}
	end(table, i) {
		return table.dur[i] ? table.t[i] + table.dur[i] - 1 : this.run.dur;
	}
	// A lane for each depth of each goroutine; ref is the region + 1.
	makeRegions() {
		const {run, regions} = this, lists = [];

		this.regionLanes = new Map();
		for (let i = 0; i < regions.n; i++) {
			const g = run.byId.get(regions.g[i]);

			if (g === undefined)
				continue;
			if (!this.regionLanes.has(g))
				this.regionLanes.set(g, []);
			const lanes = this.regionLanes.get(g);

			if (lanes[regions.depth[i]] === undefined)
				lanes[regions.depth[i]] = lists.push([]) - 1;
			lists[lanes[regions.depth[i]]].push({t: regions.t[i], end: this.end(regions, i), kind: 1, ref: i + 1});
		}
		this.regionStore = storeOf(lists);
	}
	// Tasks of a name, each in the first lane that is free; ref is the task + 1.
	makeTasks() {
		const {tasks} = this, order = [...Array(tasks.n).keys()].sort((a, b) => tasks.t[a] - tasks.t[b] || a - b);
		const byName = new Map(), lists = [];

		this.taskLanes = []; // name, lane
		for (const i of order) {
			if (!byName.has(tasks.name[i]))
				byName.set(tasks.name[i], []);
			const lanes = byName.get(tasks.name[i]), end = this.end(tasks, i);
			let lane = lanes.find(l => l.free <= tasks.t[i]);

			if (!lane) {
				lane = {k: lists.push([]) - 1, free: 0};
				lanes.push(lane);
				this.taskLanes.push({name: tasks.name[i], k: lane.k});
			}
			lists[lane.k].push({t: tasks.t[i], end, kind: 1, ref: i + 1});
			lane.free = Math.max(end, tasks.t[i] + 1);
		}
		this.taskLanes.sort((a, b) => a.name - b.name || a.k - b.k);
		this.taskStore = storeOf(lists);
	}
	// Colours by name: those that take most time have hues.
	classify(classes) {
		const time = new Map(), {run} = this;

		for (const table of [this.regions, this.tasks])
			for (let i = 0; i < table.n; i++)
				time.set(table.name[i], (time.get(table.name[i]) || 0) + this.end(table, i) - table.t[i]);
		this.names = [...time].sort((a, b) => b[1] - a[1]).slice(0, 8).map(([name]) => name);
		const hue = new Map(this.names.map((name, i) => [name, classes.index.get("hue" + i)]));
		const others = classes.index.get("others");

		this.hueNames = this.names.map((name, i) => [classes.index.get("hue" + i), run.texts[name]]);
		for (const [store, table] of [[this.regionStore, this.regions], [this.taskStore, this.tasks]])
			classify(store, i => store.kind[i] ? hue.get(table.name[store.ref[i] - 1]) || others : 0);
	}
	// The marks of a table from `from` on until `to` on the lane of g: indices, `most` at most.
	between(table, places, g, from, to, most = Infinity) {
		const [lo, hi] = places.get(g) || [0, 0], list = [];

		for (let i = lastBy(table.t, lo, hi, from - 0.5) + 1; i < hi && table.t[i] <= to && list.length < most; i++)
			list.push(i);
		return list;
	}
	logsBetween(g, from, to, most) {
		return this.between(this.logs, this.logsOf, g, from, to, most);
	}
	samplesBetween(g, from, to, most) {
		return this.between(this.samples, this.samplesOf, g, from, to, most);
	}
	// Where the marks of g in a table are to be drawn: at most one for each `step`, as times.
	* thinned(table, places, g, from, to, step) {
		const [lo, hi] = places.get(g) || [0, 0];

		for (let i = lastBy(table.t, lo, hi, from) + 1; i < hi && table.t[i] <= to; i = lastBy(table.t, i, hi, table.t[i] + step) + 1)
			yield table.t[i];
	}
	// The regions that g is in at a time, the outermost first, as indices.
	regionsAt(g, t) {
		const list = [], s = this.regionStore;

		for (const k of this.regionLanes.get(g) || []) {
			const i = k === undefined ? -1 : stateAt(s, k, t);

			if (i >= 0 && s.kind[i])
				list.push(s.ref[i] - 1);
		}
		return list;
	}
	taskName(id) {
		const i = lastBy(this.tasks.id, 0, this.tasks.n, id);

		return i >= 0 && this.tasks.id[i] === id ? this.run.texts[this.tasks.name[i]] : "";
	}
	logText(i) {
		const {texts} = this.run, {logs} = this;

		return texts[logs.category[i]] + ": " + texts[logs.message[i]];
	}
	// The innermost call of a sample's stack, which is a line with ; between its calls.
	sampleText(i) {
		return this.run.texts[this.samples.stack[i]].split(";").pop();
	}
}
