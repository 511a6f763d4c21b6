// SPDX-License-Identifier: MIT
// The run, from what viz/query_page.c packed: typed arrays, one element for each state.
//
// A store holds the states of lanes, one lane after the other.  State i of a lane lasts from t[i] to
// t[i + 1]; after its last one there is an element of kind 0 that only says when that ended.  Lane k
// has the elements from first[k] to first[k + 1] - 1.
"use strict";

const BASE64 = new Uint8Array(128);
"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".split("").forEach((c, i) => {
	BASE64[c.charCodeAt(0)] = i;
});

// What takes long is a generator: it yields often, so that the page can be used meanwhile.
const SLICE = 1 << 15; // elements between two yields

// Put the bytes of a text into out, from `at` on; the place after them.
function* decodeBase64(text, out, at) {
	for (let i = 0; i < text.length; i += 4, at += 3) {
		const v = BASE64[text.charCodeAt(i)] << 18 | BASE64[text.charCodeAt(i + 1)] << 12 |
			BASE64[text.charCodeAt(i + 2)] << 6 | BASE64[text.charCodeAt(i + 3)];

		out[at] = v >> 16; // what is beyond the end is ignored
		out[at + 1] = v >> 8;
		out[at + 2] = v;
		if (i % (16 * SLICE) === 0)
			yield;
	}
	return at - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
}

class Reader {
	constructor(bytes) {
		this.bytes = bytes;
		this.at = 0;
	}
	byte() {
		return this.bytes[this.at++];
	}
	number() {
		let b = this.bytes[this.at++];

		if (b < 128)
			return b;
		let n = b & 127, scale = 128;

		do {
			b = this.bytes[this.at++];
			n += (b & 127) * scale;
			scale *= 128;
		} while (b >= 128);
		return n;
	}
	signed() {
		const n = this.number();

		return n % 2 ? -(n + 1) / 2 : n / 2;
	}
}

const NOBODY = 0, RUNTIME = 1; // for waker and holder: else the index of a goroutine + 2

function newStore(lanes, spans) {
	const n = lanes + spans;

	return {lanes, first: new Uint32Array(lanes + 1), t: new Float64Array(n), kind: new Uint8Array(n),
		ref: new Uint32Array(n)};
}

function* readGoroutines(r, about) {
	const n = r.number(), u32 = () => new Uint32Array(n), f64 = () => new Float64Array(n);
	const G = {n, id: f64(), name: u32(), func: u32(), parent: u32(), fn: f64(), site: u32(), ts: f64(),
		end: f64(), alive: new Uint8Array(n)};
	const s = newStore(n, about.g_spans), {t, kind, ref} = s;
	const size = t.length, states = about.kinds.map(k => k.state);
	const waker = s.waker = new Uint32Array(size), holder = s.holder = new Uint32Array(size);
	const site = s.site = new Uint32Array(size);
	let id = 0, ts = 0, fn = 0, at = 0;

	for (let g = 0; g < n; g++) {
		G.id[g] = id += r.signed();
		G.name[g] = r.number();
		G.func[g] = r.number();
		G.parent[g] = r.number();
		G.fn[g] = fn += r.signed();
		G.site[g] = r.number();
		G.ts[g] = ts += r.signed();
		const life = r.number();
		let time = ts;

		s.first[g] = at;
		for (let left = r.number(); left > 0; left--) {
			const k = r.byte() & 127, state = states[k];

			t[at] = time;
			kind[at] = k;
			time += r.number();
			if (state === "running" || state === "detached") {
				ref[at] = r.number();
			} else if (state === "waiting") {
				ref[at] = r.number();
				waker[at] = r.number();
				holder[at] = r.number();
				site[at] = r.number();
			}
			if (++at % SLICE === 0)
				yield;
		}
		t[at++] = time;
		G.alive[g] = life === 0 ? 1 : 0;
		G.end[g] = life ? ts + life - 1 : time;
	}
	s.first[n] = at;
	return [G, s];
}

function* readWorkers(r, about) {
	const n = r.number(), id = new Float64Array(n), s = newStore(n, about.p_spans);
	const thread = s.thread = new Uint32Array(s.t.length);
	let at = 0;

	for (let p = 0; p < n; p++) {
		id[p] = r.number();
		s.first[p] = at;
		const left = r.number();
		let m = 0, time = left ? r.number() : 0;

		for (const end = at + left; at < end; at++) {
			const b = r.byte(), k = b & 127;

			s.t[at] = time;
			s.kind[at] = k;
			time += r.number();
			if (about.kinds[k].state === "running")
				s.ref[at] = r.number();
			if (b & 128)
				m = r.number();
			thread[at] = k ? m : 0;
			if (at % SLICE === 0)
				yield;
		}
		s.t[at++] = time;
	}
	s.first[n] = at;
	return [{n, id}, s];
}

// Operations on objects: element i of object o for i from first[o] to first[o + 1] - 1.
function* readObjects(r, about) {
	const n = r.number(), u32 = () => new Uint32Array(n), f64 = () => new Float64Array(n);
	const O = {n, kind: u32(), label: u32(), site: u32(), ts: f64(), end: f64(), cap: f64()};
	const size = about.ops_n, ops = {first: new Uint32Array(n + 1), t: new Float64Array(size),
		op: new Uint8Array(size), waited: new Uint8Array(size), g: new Uint32Array(size),
		value: new Int32Array(size), site: new Uint32Array(size)};
	let ts = 0, at = 0;

	for (let o = 0; o < n; o++) {
		O.kind[o] = r.number();
		O.label[o] = r.number();
		O.site[o] = r.number();
		O.ts[o] = ts += r.signed();
		const life = r.number();

		O.end[o] = life ? ts + life - 1 : about.dur;
		O.cap[o] = r.number() - 2; // -1: not known, -2: no channel
		ops.first[o] = at;
		let time = 0;

		for (const end = at + r.number(); at < end; at++) {
			const b = r.byte();

			ops.op[at] = b & 127;
			ops.waited[at] = b >> 7;
			ops.t[at] = time += r.signed();
			ops.g[at] = r.number();
			ops.value[at] = r.signed();
			ops.site[at] = r.number();
			if (at % SLICE === 0)
				yield;
		}
	}
	ops.first[n] = at;
	return [O, ops];
}

// null if they were left out.
function* readSteps(r) {
	const n = r.number() - 1;

	if (n < 0)
		return null;
	const steps = {t: new Float64Array(n), p: new Uint32Array(n), text: new Uint32Array(n)};
	let t = 0;

	for (let i = 0; i < n; i++) {
		steps.t[i] = t += r.signed();
		steps.p[i] = r.number();
		steps.text[i] = r.number();
		if (i % SLICE === 0)
			yield;
	}
	return steps;
}

function* readRun(about, bytes) {
	const r = new Reader(bytes), run = {about, texts: about.texts, places: about.places,
		kinds: about.kinds, dur: Math.max(1, about.dur), gaps: []};

	[run.goroutines, run.states] = yield* readGoroutines(r, about);
	[run.workers, run.workerStates] = yield* readWorkers(r, about);
	[run.objects, run.ops] = yield* readObjects(r, about);
	for (let n = r.number(); n > 0; n--)
		run.gaps.push({from: r.number(), for: r.number(), thread: r.number(), lost: r.number()});
	run.marks = yield* readMarks(r);
	run.steps = yield* readSteps(r);
	if (r.at !== bytes.length)
		throw new Error("the data of the timeline are damaged");
	run.byId = new Map();
	for (let g = 0; g < run.goroutines.n; g++)
		run.byId.set(run.goroutines.id[g], g);
	run.waits = yield* makeWaits(run);
	return run;
}

// ---- What all others ask ----

// The last element from lo to hi - 1 whose t is <= at; lo - 1 if there is none.
function lastBy(t, lo, hi, at) {
	while (lo < hi) {
		const mid = lo + hi >>> 1;

		if (t[mid] <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo - 1;
}

// The state that lane k is in at a time; -1 before its first and after its last.
function stateAt(store, k, at) {
	const lo = store.first[k], hi = store.first[k + 1] - 1, i = lastBy(store.t, lo, hi, at);

	return i >= lo && (at < store.t[hi] || i === hi - 1 && at === store.t[hi]) ? i : -1;
}

function nameOf(run, g) {
	const name = run.texts[run.goroutines.name[g]];

	return "g" + run.goroutines.id[g] + (name ? " " + name : "");
}

function placeOf(run, site) {
	return site ? " at " + run.places[site] : "";
}

// Whether state i of goroutine g had not ended when the trace did.
function isOpen(run, g, i) {
	return run.goroutines.alive[g] === 1 && i === run.states.first[g + 1] - 2;
}

// The goroutine that has state i.
function ownerOf(store, i) {
	let lo = 0, hi = store.lanes;

	while (lo < hi) {
		const mid = lo + hi >>> 1;

		if (store.first[mid] <= i)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo - 1;
}
