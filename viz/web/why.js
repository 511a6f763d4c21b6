// SPDX-License-Identifier: MIT
// A wait, explained: what viz/why.c and explain.c do, in the page and from the page's data.
// tests/web compares the sentences with those of `weft why`.
//
// A part is {g, what, why, obj, site, other, p, open, total, windows, parts, circle, deeper};
// what: running, detached, runnable, waiting, unborn, ended; other: who ended the wait, or of an
// open one who holds what it waits for; of one that is not born its parent (data.js: NOBODY...).
"use strict";

const WHY_DEPTH = 16, WHY_LEAST = 1; // as weft why has them

function whyState(run, g, i) {
	const s = run.states, k = run.kinds[s.kind[i]], open = isOpen(run, g, i);
	const waiting = k.state === "waiting";

	return {g, state: i, what: k.state, why: k.why, phrase: k.phrase, open,
		obj: waiting ? s.ref[i] : 0, site: s.site[i],
		other: waiting ? (open ? s.holder[i] : s.waker[i]) : NOBODY,
		p: k.state === "running" ? s.ref[i] - 1 : -1, from: s.t[i], to: s.t[i + 1]};
}

// What g did from `from` to `to`.
function whyHistory(run, g, from, to) {
	const G = run.goroutines, s = run.states, first = s.first[g], last = s.first[g + 1] - 1;
	const spans = [];

	if (from < G.ts[g]) {
		const parent = G.parent[g];
		const i = parent ? stateAt(s, parent - 1, G.ts[g]) : -1;
		const state = i >= 0 ? run.kinds[s.kind[i]].state : "";

		spans.push({g, what: "unborn", from: -Infinity, to: G.ts[g], obj: 0, p: -1,
			other: state === "running" || state === "detached" ? parent + 1 : RUNTIME});
	}
	for (let i = Math.max(first, lastBy(s.t, first, last, from)); i < last && s.t[i] < to; i++)
		if (s.kind[i] && s.t[i + 1] > from)
			spans.push(whyState(run, g, i));
	if (!G.alive[g] && to > G.end[g])
		spans.push({g, what: "ended", from: G.end[g], to: Infinity, obj: 0, p: -1, other: NOBODY});
	return spans;
}

function whyAlike(a, b) {
	if (a.what !== b.what)
		return false;
	if (a.what === "runnable")
		return a.why === b.why;
	return a.what !== "waiting" ||
		a.open === b.open && a.obj === b.obj && a.other === b.other && a.why === b.why;
}

// What g did in one window of `of`.
function whyDivide(run, of, g, w) {
	for (const s of whyHistory(run, g, w.from, w.to)) {
		const from = Math.max(s.from, w.from), to = Math.min(s.to, w.to);

		if (from >= to)
			continue;
		let part = of.parts.find(p => whyAlike(p, s));

		if (!part) {
			part = {...s, total: 0, windows: [], parts: []};
			of.parts.push(part);
		}
		part.total += to - from;
		part.windows.push({from, to, state: s.state});
	}
}

function whyParts(run, part, depth, path, least) {
	const other = part.other - 2;

	if (other < 0 || part.total < least)
		return;
	path = path.concat(part.g);
	part.circle = path.includes(other);
	part.deeper = !part.circle && depth === 0;
	if (part.circle || part.deeper)
		return;
	for (const w of part.windows)
		whyDivide(run, part, other, w);
	part.parts.sort((a, b) => b.total - a.total || a.windows[0].from - b.windows[0].from);
	for (const p of part.parts)
		whyParts(run, p, depth - 1, path, least);
}

// State i of goroutine g, with its parts.
function whyExplain(run, g, i) {
	const s = whyState(run, g, i);
	const root = {...s, total: s.to - s.from, windows: [{from: s.from, to: s.to, state: i}], parts: []};

	root.least = Math.trunc(root.total / 100) * WHY_LEAST;
	whyParts(run, root, WHY_DEPTH, [], root.least);
	return root;
}

// ---- Words ----

// What ends a wait for each kind of object: the operation, and the verb.
const DEEDS = {
	chan: {send: "sent", recv: "received", close: "closed it"},
	mutex: {unlock: "unlocked it"},
	rwmutex: {unlock: "unlocked it", runlock: "unlocked it"},
	waitgroup: {add: "counted to 0"},
	cond: {signal: "signalled it", broadcast: "broadcast"},
	semaphore: {release: "released"},
	barrier: {arrive: "came last"},
	group: {done: "ended"},
};

// The last operation of g on an object by `to` that `wanted(op, i)`; -1 if there is none from `from` on.
function lastOp(run, obj, g, from, to, wanted) {
	const o = run.ops, first = o.first[obj - 1];

	for (let i = lastBy(o.t, first, o.first[obj], to); i >= first && o.t[i] >= from; i--)
		if (o.g[i] === g + 1 && wanted(run.about.ops[o.op[i]][1], i))
			return i;
	return -1;
}

// "sent at main.c:20", or "woke it"
function whyDeed(run, g, obj, w) {
	if (!obj)
		return "woke it";
	const kind = run.texts[run.objects.kind[obj - 1]], deeds = DEEDS[kind] || {};
	const i = lastOp(run, obj, g, w.from, w.to, (op, i) => Object.hasOwn(deeds, op) &&
		(kind !== "waitgroup" || run.ops.value[i] === 0));

	return i < 0 ? "woke it" : deeds[run.about.ops[run.ops.op[i]][1]] + placeOf(run, run.ops.site[i]);
}

// Where g had locked what it held then.
function whyLocked(run, g, obj, at) {
	if (!obj)
		return "";
	const kind = run.texts[run.objects.kind[obj - 1]];
	const i = lastOp(run, obj, g, -Infinity, at, op => kind === "once" ? op === "begin"
		: (kind === "mutex" || kind === "rwmutex") && op === "lock");

	return i < 0 ? "" : placeOf(run, run.ops.site[i]);
}

// "in chan receive at main.c:31, for channel jobs"
function whyWaited(run, p) {
	return "in " + p.phrase + placeOf(run, p.site) +
		(p.obj ? ", for " + run.texts[run.objects.label[p.obj - 1]] : "");
}

function whyEnded(run, p) {
	const other = p.other - 2, last = p.windows[p.windows.length - 1];

	if (p.open && other < 0)
		return ", and nobody ended it";
	if (other < 0)
		return p.why === "sleep" ? ", until its time had come"
			: p.why.startsWith("io_") ? ", until the kernel said that it may go on"
			: p.other === RUNTIME ? ", until the runtime ended it" : "";
	if (!p.open)
		return ", until " + nameOf(run, other) + " " + whyDeed(run, other, p.obj, last);
	const place = whyLocked(run, other, p.obj, last.from);

	return ", which " + nameOf(run, other) + " holds" + (place ? ", locked" + place : "");
}

// What a part is: "ran", "waited in mutex lock at main.c:50, for mutex db, until ..."
function whyDeedOf(run, p, root) {
	const ran = p.what === "runnable" && p.total >= root.least ? whyRanMost(run, root, p.windows) : null;
	const times = p.windows.length > 1 ? formatCount(p.windows.length) + " times " : "";

	switch (p.what) {
	case "running":
		return "ran";
	case "detached":
		return "computed or was in a system call, without a worker";
	case "runnable":
		return "was runnable, waiting for a worker" + (ran ? ", while " + ran.who + " ran" : "");
	case "waiting":
		return (p.open ? "waits " : "waited ") + times + whyWaited(run, p) + whyEnded(run, p);
	case "ended":
		return "had ended";
	}
	return p.other < 2 ? "did not exist yet: a timer was to make it"
		: "did not exist yet: " + nameOf(run, p.other - 2) + " had to spawn it";
}

// "g3 query waited in ...: 20.64 ms, from 15.0 ms to 35.7 ms"
function whySentence(run, root) {
	const w = root.windows[0];

	return nameOf(run, root.g) + " " + whyDeedOf(run, root, root) + (root.circle ? ": a circle" : "") + ": " +
		formatNs(root.total, 4) + ", from " + formatNs(w.from, 6) + " to " +
		(root.open ? "the end, " : "") + formatNs(w.to, 6);
}

// The parts that are told each, and those that are summed up.
function whyTold(root, of) {
	let n = of.parts.length;

	while (n > 1 && of.parts[n - 1].total < root.least)
		n--;
	if (n + 1 === of.parts.length)
		n++;
	const rest = of.parts.slice(n);

	return {parts: of.parts.slice(0, n), shorter: rest.length,
		rest: rest.reduce((sum, p) => sum + p.total, 0)};
}

function whyPercent(root, ns) {
	return fixed(root.total > 0 ? 100 * ns / root.total : 0, 1) + "%";
}

// ---- Who had the workers, as viz/ran.c tells it ----

// What workers ran in the root's time: {g, from, to}.
function whyRan(run, root) {
	const s = run.workerStates, {from, to} = root.windows[0], list = [];

	if (root.ran)
		return root.ran;
	for (let k = 0; k < s.lanes; k++) {
		const lo = s.first[k], hi = s.first[k + 1] - 1;

		for (let i = Math.max(lo, lastBy(s.t, lo, hi, from)); i < hi && s.t[i] < to; i++)
			if (s.ref[i] && s.t[i + 1] > from)
				list.push({g: s.ref[i] - 1, from: s.t[i], to: s.t[i + 1]});
	}
	root.ran = list.sort((a, b) => a.to - b.to); // as the database has them
	return root.ran;
}

// The goroutines of the function that ran most in these windows, which are in order: {who, share,
// place}; null if nothing ran.
function whyRanMost(run, root, windows) {
	const G = run.goroutines, crews = new Map();
	let all = 0, most = null;

	for (const s of whyRan(run, root)) {
		let lo = 0, hi = windows.length, part = 0;

		while (lo < hi) { // the first window that ends after it begins
			const mid = lo + hi >>> 1;

			if (windows[mid].to <= s.from)
				lo = mid + 1;
			else
				hi = mid;
		}
		for (; lo < windows.length && windows[lo].from < s.to; lo++)
			part += Math.min(windows[lo].to, s.to) - Math.max(windows[lo].from, s.from);
		if (!part)
			continue;
		const fn = G.fn[s.g], c = crews.get(fn) || {fn, lead: s.g, total: 0, who: new Set()};

		crews.set(fn, c);
		c.who.add(s.g);
		c.total += part;
		all += part;
		if (!most || c.total > most.total || c.total === most.total && c.fn < most.fn)
			most = c;
	}
	return most && {share: 100 * most.total / all, place: placeOf(run, G.site[most.lead]),
		who: most.who.size === 1 ? nameOf(run, most.lead)
			: most.who.size + " goroutines of " + run.texts[G.func[most.lead]]};
}

// ". 99% of what ran meanwhile was g3 crunch, spawned at main.c:20"
function whyTellRan(run, root, windows) {
	const long = p => p.total < root.least || p.what === "runnable" ? p.total >= root.least : p.parts.some(long);
	const united = [];

	for (const w of [...windows].sort((a, b) => a.from - b.from)) {
		const last = united[united.length - 1];

		if (last && w.from <= last.to)
			last.to = Math.max(last.to, w.to);
		else
			united.push({from: w.from, to: w.to});
	}
	const ran = united.length && long(root) ? whyRanMost(run, root, united) : null;

	return ran ? ". " + fixed(ran.share, 0) + "% of what ran meanwhile was " + ran.who +
		(ran.place ? ", spawned" + ran.place : "") : "";
}

// What came after the wait.
function whyAfter(run, root) {
	const s = run.states, last = s.first[root.g + 1] - 1;
	let i = root.state + 1, dur = 0;

	if (root.what !== "waiting" || root.open || i >= last)
		return "";
	if (run.kinds[s.kind[i]].state === "runnable") {
		dur = s.t[i + 1] - s.t[i];
		i++;
	}
	if (i >= last || run.kinds[s.kind[i]].state !== "running")
		return "";
	return "Then " + nameOf(run, root.g) + " was runnable for " + formatNs(dur, 3) +
		", and ran on worker " + (s.ref[i] - 1) + ".";
}

// The greatest cause, for one who reads only one line.
function whyCause(run, root) {
	const causes = new Map();
	const gather = (p, awaited) => {
		for (const part of p.parts)
			gather(part, p.obj);
		if (p.parts.length)
			return;
		const deed = p.what === "runnable" ? "was runnable, waiting for a worker"
			: p.what !== "waiting" ? whyDeedOf(run, p, root)
			: (p.open ? "waits " : "waited ") + whyWaited(run, p) + (p.circle ? ", in a circle" : "");
		const what = run.texts[run.goroutines.func[p.g]] + " " + deed +
			(awaited ? ", while others waited for " + run.texts[run.objects.label[awaited - 1]] : "");
		const c = causes.get(what) || {what, total: 0, who: [], runnable: []};

		causes.set(what, c);
		c.total += p.total;
		if (p.what === "runnable")
			c.runnable.push(...p.windows);
		if (!c.who.includes(p.g))
			c.who.push(p.g);
	};

	if (!root.parts.length)
		return "";
	gather(root, 0);
	const most = [...causes.values()].reduce((a, b) => b.total > a.total ? b : a);
	const who = most.who.slice(0, 4).map(g => nameOf(run, g)).join(", ");

	return "Most of it, " + formatNs(most.total, 3) + " (" + whyPercent(root, most.total) + "): " +
		most.what + " (" + who +
		(most.who.length > 4 ? " and " + (most.who.length - 4) + " more" : "") + ")" + whyTellRan(run, root, most.runnable) + ".";
}

// All of it as weft why prints it.
function whyText(run, root) {
	const lines = [whySentence(run, root)];
	const amount = (level, ns) => " ".repeat(2 * level) + formatNs(ns, 3).padStart(9) + " " +
		whyPercent(root, ns).padStart(6) + "  ";
	const tell = (of, level) => {
		const told = whyTold(root, of);

		for (const p of told.parts) {
			lines.push(amount(level, p.total) + nameOf(run, p.g) + " " + whyDeedOf(run, p, root) +
				(p.circle ? ": a circle" : p.parts.length ? "; meanwhile:"
				: p.deeper ? " (--depth tells more)" : ""));
			tell(p, level + 1);
		}
		if (told.shorter)
			lines.push(amount(level, told.rest) + told.shorter + " shorter parts");
	};

	tell(root, 1);
	for (const line of [whyAfter(run, root), whyCause(run, root)])
		if (line)
			lines.push(line);
	return lines.join("\n") + "\n";
}
