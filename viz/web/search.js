// SPDX-License-Identifier: MIT
// The search: which goroutines and which of their states it leaves.
"use strict";

// "func:worker state:runnable dur:>1ms obj:jobs with:g7 text": all of them must hold.
function parseQuery(text) {
	const q = {lane: [], state: [], error: ""};

	for (const word of text.match(/(?:[^\s"]|"[^"]*")+/g) || []) {
		const m = /^(func|obj|state|dur|with|g):(.*)$/.exec(word.replace(/"/g, ""));
		const value = m ? m[2].toLowerCase() : word.replace(/"/g, "").toLowerCase();

		if (m && !value)
			continue;
		if (!m) {
			q.lane.push({text: value});
		} else if (m[1] === "dur") {
			const d = /^([<>]?)=?(.*)$/.exec(value), ns = parseNs(d[2]);

			if (Number.isNaN(ns))
				q.error = "dur: wants a time, as dur:>1ms";
			q.state.push(d[1] === "<" ? {below: ns} : {least: ns});
		} else if (m[1] === "obj" || m[1] === "state") {
			q.state.push({[m[1]]: value});
		} else if (m[1] === "with" || m[1] === "g") {
			q.lane.push({[m[1]]: Number(value.replace(/^g/, ""))});
		} else {
			q.lane.push({func: value});
		}
	}
	return q;
}

// The goroutines that woke g or were woken by it, held what it wanted or wanted what it held.
function interacting(run, g) {
	const s = run.states, set = new Set([g]);

	for (let k = 0; k < s.lanes; k++)
		for (let i = s.first[k]; i < s.first[k + 1] - 1; i++)
			if (k === g) {
				if (s.waker[i] > 1)
					set.add(s.waker[i] - 2);
				if (s.holder[i] > 1)
					set.add(s.holder[i] - 2);
			} else if (s.waker[i] === g + 2 || s.holder[i] === g + 2) {
				set.add(k);
			}
	return set;
}

// Which goroutines and which of their states a query matches: {lanes: a flag each, states: a flag each
// or null for all, count}.
function matchQuery(run, q) {
	const G = run.goroutines, s = run.states, lanes = new Uint8Array(G.n).fill(1);
	const lower = i => run.texts[i].toLowerCase();

	for (const c of q.lane) {
		const set = "with" in c && run.byId.has(c.with) ? interacting(run, run.byId.get(c.with)) : null;

		for (let g = 0; g < G.n; g++)
			if ("with" in c ? !(set && set.has(g)) : "g" in c ? G.id[g] !== c.g
				: "func" in c ? !lower(G.func[g]).includes(c.func)
				: !("g" + G.id[g] === c.text || lower(G.name[g]).includes(c.text) ||
					lower(G.func[g]).includes(c.text)))
				lanes[g] = 0;
	}
	if (!q.state.length)
		return {lanes, states: null, count: 0};
	const states = new Uint8Array(s.t.length), kinds = run.kinds.map(k => q.state.every(c => !("state" in c) ||
		k.state === c.state || k.phrase.toLowerCase().includes(c.state) || k.why.includes(c.state)));
	const wanted = q.state.filter(c => "obj" in c).map(c => c.obj);
	const objects = new Uint8Array(run.objects.n + 1);
	let least = 0, below = Infinity, count = 0;

	for (let o = 0; o < run.objects.n; o++)
		objects[o + 1] = wanted.every(w => lower(run.objects.label[o]).includes(w)) ? 1 : 0;
	for (const c of q.state) {
		least = Math.max(least, c.least || 0);
		below = Math.min(below, "below" in c ? c.below : Infinity);
	}
	for (let g = 0; g < G.n; g++) {
		let any = 0;

		for (let i = s.first[g], end = s.first[g + 1] - 1; lanes[g] && i < end; i++) {
			const dur = s.t[i + 1] - s.t[i];

			if (s.kind[i] && kinds[s.kind[i]] && dur >= least && dur < below &&
			    (!wanted.length || s.waker && run.kinds[s.kind[i]].state === "waiting" && objects[s.ref[i]])) {
				states[i] = 1;
				any++;
			}
		}
		count += any;
		lanes[g] = any ? 1 : 0;
	}
	return {lanes, states, count, objects: wanted.length ? objects : null};
}
