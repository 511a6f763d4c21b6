// SPDX-License-Identifier: MIT
// What is told below the timeline: a state with what caused it, or the totals of a time.  All text is
// put in as text; nothing of the trace is ever taken for markup.
"use strict";

// make("p", "soft", "text", element, ...)
function make(tag, className, ...inside) {
	const e = document.createElement(tag);

	if (className)
		e.className = className;
	e.append(...inside);
	return e;
}

class Panel {
	constructor(element, view) {
		this.element = element;
		this.view = view;
	}
	show(...what) {
		this.element.replaceChildren(...what);
	}
	// A link to a place of the timeline, which is a link of the page too.
	link(text, g, from, to, state) {
		const a = make("a", "", text);

		a.href = fragmentOf(this.view.run, {from, to, g});
		a.addEventListener("click", event => {
			event.preventDefault();
			this.view.goTo(g, from, to, state);
		});
		return a;
	}
	overview() {
		const {run} = this.view, about = run.about;

		this.show(make("p", "soft", "Click on a state to see what it waited for and because of whom; " +
			"select a time (drag on the axis) to see what it holds. " +
			plural(run.goroutines.n, "goroutine") + ", " + plural(about.events, "event") + ", " +
			formatNs(about.dur, 4) + "."));
	}
	// A part as a line, its own parts below it.
	part(root, p) {
		const {run} = this.view, w = p.windows[0], last = p.windows[p.windows.length - 1];
		const from = Math.max(w.from, 0), to = last.to, name = nameOf(run, p.g);
		const text = make("span", "", this.link(name, p.g, from, to, w.state), " " + whyDeedOf(run, p, root) +
			(p.circle ? ": a circle" : p.parts.length ? "; meanwhile:" : ""));
		const li = make("li", "", make("div", "tl-part", make("span", "", formatNs(p.total, 3)),
			make("span", "", whyPercent(root, p.total)), text));

		if (p.parts.length)
			li.append(this.parts(root, p));
		return li;
	}
	parts(root, of) {
		const told = whyTold(root, of), list = make("ul", "tl-parts");

		for (const p of told.parts)
			list.append(this.part(root, p));
		if (told.shorter)
			list.append(make("li", "", make("div", "tl-part", make("span", "", formatNs(told.rest, 3)),
				make("span", "", whyPercent(root, told.rest)), make("span", "", told.shorter + " shorter parts"))));
		return list;
	}
	state(g, i) {
		const {run} = this.view, s = run.states;

		if (!s.kind[i]) {
			this.show(make("h3", "", "Of " + nameOf(run, g) + " nothing is known from " +
				formatExact(s.t[i]) + " to " + formatExact(s.t[i + 1])));
			return;
		}
		const root = whyExplain(run, g, i), cause = whyCause(run, root);
		const where = make("p", "soft", this.link("This place", g, s.t[i], s.t[i + 1], i), ", ",
			formatExact(s.t[i]) + " for " + formatExact(s.t[i + 1] - s.t[i]));

		this.why = root;
		if (s.waker[i] > 1 && !root.open)
			where.append("; woken by ", this.link(nameOf(run, s.waker[i] - 2), s.waker[i] - 2,
				s.t[i + 1], s.t[i + 1]), " (b)");
		if (s.holder[i] > 1)
			where.append("; held by ", this.link(nameOf(run, s.holder[i] - 2), s.holder[i] - 2, s.t[i], s.t[i]),
				" when it began");
		this.show(make("h3", "", whySentence(run, root)), where);
		if (cause)
			this.element.append(make("p", "", cause));
		if (root.parts.length)
			this.element.append(this.parts(root, root));
		this.after(g, i, root);
		this.marked(g, s.t[i], s.t[i + 1]);
		this.birth(g);
	}
	after(g, i, root) {
		const {run} = this.view, s = run.states, text = whyAfter(run, root);

		if (text)
			this.element.append(make("p", "", text + " ",
				this.link("There", g, s.t[i + 1], s.t[Math.min(i + 3, s.first[g + 1] - 1)], i + 1)));
	}
	list(title, lines) {
		return lines.length ? [make("p", "", title), make("ul", "tl-lines", ...lines.map(line => make("li", "", line)))] : [];
	}
	// What the program marked in that time, and what its cpu time went to.
	marked(g, from, to) {
		const {marks} = this.view.lanes, {run} = this.view, regions = marks.regionsAt(g, from);
		const logs = marks.logsBetween(g, from, to, 11), samples = marks.samplesBetween(g, from, to);

		if (regions.length)
			this.element.append(make("p", "", "It was in " + regions.map(n => run.texts[marks.regions.name[n]]).join(", in it ") + "."));
		this.element.append(...this.list("It said:", logs.slice(0, 10).map(i => formatExact(marks.logs.t[i]) + "  " + marks.logText(i))));
		if (logs.length > 10)
			this.element.append(make("p", "soft", "and more"));
		if (samples.length)
			this.samples(samples);
	}
	// The stacks of samples, those that are most first.
	samples(list) {
		const {marks} = this.view.lanes, {run} = this.view, count = new Map();

		for (const i of list)
			count.set(marks.samples.stack[i], (count.get(marks.samples.stack[i]) || 0) + 1);
		this.element.querySelectorAll(".tl-stacks").forEach(e => e.remove());
		for (const [stack, n] of [...count].sort((a, b) => b[1] - a[1]).slice(0, 5))
			this.element.append(make("div", "tl-stacks", ...this.list(plural(n, "sample") + " of its cpu time in:",
				run.texts[stack].split(";").reverse())));
	}
	region(n) {
		const {marks} = this.view.lanes, {run} = this.view, {regions} = marks, g = run.byId.get(regions.g[n]), from = regions.t[n];

		this.mark("Region " + run.texts[regions.name[n]], regions, n,
			[this.link(nameOf(run, g), g, from, marks.end(regions, n)), regions.task[n] ? ", of task " + marks.taskName(regions.task[n] - 1) : ""]);
		this.element.append(...this.list("It said:", marks.logsBetween(g, from, marks.end(regions, n), 20).map(i => marks.logText(i))));
	}
	task(n) {
		const {marks} = this.view.lanes, {run} = this.view, {tasks, regions, logs} = marks, id = tasks.id[n];
		const g = run.byId.get(tasks.g[n]), time = new Map(), said = [];

		for (let i = 0; i < regions.n; i++)
			if (regions.task[i] === id + 1) {
				const key = run.texts[regions.name[i]], [count, ns] = time.get(key) || [0, 0];

				time.set(key, [count + 1, ns + marks.end(regions, i) - regions.t[i]]);
			}
		for (let i = 0; i < logs.n && said.length < 20; i++)
			if (logs.task[i] === id + 1)
				said.push(formatExact(logs.t[i]) + "  g" + logs.g[i] + "  " + marks.logText(i));
		this.mark("Task " + run.texts[tasks.name[n]], tasks, n, ["begun by ", this.link(nameOf(run, g), g, tasks.t[n], tasks.t[n]),
			tasks.parent[n] ? ", part of task " + marks.taskName(tasks.parent[n] - 1) : ""]);
		this.element.append(...this.list("Its regions:", [...time].sort((a, b) => b[1][1] - a[1][1])
			.map(([name, [count, ns]]) => formatNs(ns, 3) + "  " + name + (count > 1 ? ", " + formatCount(count) + " times" : ""))),
			...this.list("Messages:", said));
	}
	mark(title, table, n, whose) {
		const end = this.view.lanes.marks.end(table, n);

		this.show(make("h3", "", title + ": " + formatNs(end - table.t[n], 4) + (table.dur[n] ? "" : ", and it did not end")),
			make("p", "soft", "From " + formatExact(table.t[n]) + " to " + formatExact(end) + "; ", ...whose));
	}
	birth(g) {
		const {run} = this.view, G = run.goroutines, p = make("p", "soft", nameOf(run, g));

		if (G.parent[g])
			p.append(" was spawned by ", this.link(nameOf(run, G.parent[g] - 1), G.parent[g] - 1, G.ts[g], G.ts[g]));
		p.append((G.parent[g] ? "" : " began") + placeOf(run, G.site[g]) + ", and lived from " +
			formatNs(G.ts[g], 6) + " to " + (G.alive[g] ? "the end." : formatNs(G.end[g], 6) + "."));
		this.element.append(p);
	}
	object(o, t) {
		const {run, lanes} = this.view, O = run.objects, x = lanes.object(o);
		const list = make("ul", "tl-parts"), s = run.states;
		let n = 0;

		this.show(make("h3", "", run.texts[O.label[o]] + (O.site[o] ? ", made" + placeOf(run, O.site[o]) : "")),
			make("p", "soft", "At " + formatExact(t) + ": " + this.objectNow(x, t)));
		for (let k = lanes.waits.first[o]; k < lanes.waits.first[o + 1]; k++) {
			const i = lanes.waits.list[k];

			if (s.t[i] > t || s.t[i + 1] < t || ++n > 20)
				continue;
			const g = ownerOf(s, i);

			list.append(make("li", "", make("div", "tl-part", make("span", "", formatNs(s.t[i + 1] - s.t[i], 3)), "",
				make("span", "", this.link(nameOf(run, g), g, s.t[i], s.t[i + 1], i), " waits in " +
					run.kinds[s.kind[i]].phrase + placeOf(run, s.site[i])))));
		}
		this.element.append(list, make("p", "soft", "Goroutines waited for it for " +
			formatNs(lanes.waits.total[o], 4) + " in all, in " +
			plural(lanes.waits.first[o + 1] - lanes.waits.first[o], "wait") + (n > 20 ? "; 20 of " + n + " are listed" : "") + "."));
	}
	objectNow(x, t) {
		const {run} = this.view, words = [];

		for (const w of x.waiters)
			if (w.count.at(t))
				words.push(formatCount(w.count.at(t)) + " wait in " + w.phrase);
		if (x.held) {
			const i = stateAt(x.held, 0, t);

			words.push(i < 0 || !x.held.kind[i] ? "nobody holds it" : x.held.kind[i] === 2 ? "held by readers"
				: x.held.ref[i] ? "held by " + nameOf(run, x.held.ref[i] - 1) : "held");
		} else if (x.level && x.level.t.length) {
			words.push(x.kind === "chan" ? "it holds " + formatCount(levelAt(x.level, t)) +
				(x.cap > 0 ? " of " + formatCount(x.cap) : "") : "it is at " + formatCount(levelAt(x.level, t)));
		}
		return words.join("; ") || "nothing is known of it";
	}
	range(from, to) {
		const {run, lanes} = this.view, totals = totalsOf(run, lanes, from, to);
		const section = (title, rows, whole) => {
			const list = make("ul", "tl-parts");

			for (const [name, ns] of rows.slice(0, 12))
				list.append(make("li", "", make("div", "tl-part", make("span", "", formatNs(ns, 3)),
					make("span", "", (whole ? 100 * ns / whole : 0).toFixed(1) + "%"), make("span", "", name))));
			if (rows.length > 12)
				list.append(make("li", "soft", plural(rows.length - 12, "other")));
			return rows.length ? [make("p", "", title), list] : [];
		};

		this.totals = totals;
		this.show(make("h3", "", formatExact(from) + " to " + formatExact(to) + ": " + formatNs(to - from, 4) + ", " +
			plural(totals.goroutines, "goroutine")),
			...section("What they did, " + formatNs(totals.all, 4) + " in all:", totals.states, totals.all),
			...section("Who ran:", totals.ran, totals.all), ...section("What was waited for:", totals.objects, totals.all));
	}
}

// The time of goroutines in a window: by state, by function that ran, by object that was waited for.
// Of those that the search leaves.
function totalsOf(run, lanes, from, to) {
	const s = run.states, byKind = new Float64Array(run.kinds.length), byFunc = new Map();
	const byObject = new Float64Array(run.objects.n + 1), {match} = lanes;
	const runs = run.kinds.map(k => k.state === "running" || k.state === "detached");
	const waits = run.kinds.map(k => k.state === "waiting");
	let goroutines = 0, all = 0;

	for (let g = 0; g < s.lanes; g++) {
		const lo = s.first[g], hi = s.first[g + 1] - 1;
		let ran = 0;

		if (lo >= hi || s.t[lo] >= to || s.t[hi] <= from || match && !match.lanes[g])
			continue;
		goroutines++;
		for (let i = Math.max(lo, lastBy(s.t, lo, hi, from)); i < hi && s.t[i] < to; i++) {
			const ns = Math.min(to, s.t[i + 1]) - Math.max(from, s.t[i]), k = s.kind[i];

			byKind[k] += ns;
			all += k ? ns : 0;
			if (runs[k])
				ran += ns;
			else if (waits[k])
				byObject[s.ref[i]] += ns;
		}
		const func = run.texts[run.goroutines.func[g]];

		if (ran)
			byFunc.set(func, (byFunc.get(func) || 0) + ran);
	}
	const sorted = list => list.filter(x => x[1] > 0).sort((a, b) => b[1] - a[1]);
	const states = new Map();

	byKind.forEach((ns, k) => {
		const {state, phrase} = run.kinds[k], name = state === "waiting" ? "waiting in " + phrase : state;

		if (k)
			states.set(name, (states.get(name) || 0) + ns);
	});
	return {goroutines, all, states: sorted([...states]), ran: sorted([...byFunc]),
		objects: sorted([...byObject].map((ns, o) => [o ? run.texts[run.objects.label[o - 1]] : "no object (sleep and the like)", ns]))};
}
