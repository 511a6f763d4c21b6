// SPDX-License-Identifier: MIT
// The timeline's state: what is shown, selected and searched, and what changes it.
"use strict";

class View {
	constructor(run) {
		const find = id => document.getElementById("tl-" + id);

		this.run = run;
		this.el = {};
		for (const id of ["search", "state", "least", "group", "out", "in", "fit", "home", "waker", "theme",
			"help-button", "help", "found", "map", "canvas", "scroll", "tip", "legend", "note", "panel", "steps"])
			this.el[id] = find(id);
		this.from = 0;
		this.to = run.dur;
		this.scroll = 0;
		this.selected = null; // {g, i}
		this.row = null;
		this.range = null;
		this.cursor = null;
		this.mouse = null;
		this.chain = [];
		this.pending = false;
		this.frames = [];
		this.lanes = new Lanes(run);
		this.painter = new Painter(this.el.canvas, run, this.lanes, this);
		this.map = new Minimap(this.el.map, this.painter);
		this.panel = new Panel(this.el.panel, this);
		this.steps = new Steps(this.el.steps, this);
		this.el.group.value = this.lanes.by;
		this.states();
		this.resize();
		this.legend();
		this.el.theme.textContent = this.isDark() ? "Light" : "Dark";
		this.tip = new Tip(this);
		this.input = new Input(this);
		this.panel.overview();
		this.fromFragment();
	}

	// ---- Drawing ----

	dirty() {
		if (this.pending)
			return;
		this.pending = true;
		requestAnimationFrame(() => this.frame());
	}
	frame() {
		const start = performance.now();

		this.pending = false;
		this.scroll = Math.max(0, Math.min(this.scroll, this.lanes.height - (this.painter.height - AXIS)));
		this.painter.draw(this);
		this.map.draw(this);
		this.thumb();
		this.note();
		this.frames.push(performance.now() - start);
		if (this.painter.unfinished.length)
			setTimeout(() => this.dirty(), 0);
	}
	resize() {
		const room = Math.min(this.lanes.height + AXIS + 2, Math.max(380, Math.round(window.innerHeight * 0.66)));

		this.el.canvas.style.height = Math.max(160, room) + "px";
		this.painter.resize();
		this.dirty();
	}
	thumb() {
		const {scroll, canvas} = this.el, room = this.painter.height - AXIS, part = room / this.lanes.height;
		const bar = scroll.firstElementChild;

		scroll.hidden = part >= 1;
		scroll.style.top = canvas.offsetTop + AXIS + "px";
		scroll.style.height = room + "px";
		bar.style.height = Math.max(24, part * room) + "px";
		bar.style.top = this.scroll / Math.max(1, this.lanes.height - room) * (room - Math.max(24, part * room)) + "px";
	}
	note() {
		const {run, painter} = this, words = [];

		if (run.about.lost)
			words.push("Hatched: " + plural(run.about.lost, "event") + " are missing from the trace; what is drawn there may be wrong.");
		if (run.about.backwards)
			words.push(plural(run.about.backwards, "state") + " began before the one before had ended, as the clock went backwards, and were moved there.");
		if (painter.manyArrows)
			words.push("Wake-ups are too many to draw as arrows: zoom in.");
		if (!run.goroutines.n)
			words.push("Nothing happened in this run.");
		if (run.about.files)
			words.push("The data are in the directory " + run.about.directory + ", beside this page: move both together.");
		this.el.note.textContent = words.join(" ");
	}
	legend() {
		const {run, lanes} = this, items = [];
		const item = (name, text) => {
			const swatch = make("i");

			swatch.style.background = "var(--" + name + ")";
			items.push(make("span", "", swatch, text));
		};
		const used = new Set(run.kinds.slice(1).map(k => k.color));

		for (const [name, text] of Object.entries(run.about.legend))
			if (used.has(name))
				item(name, text);
		if (run.workers.n) {
			items.push(make("b", "", "On workers, and holding locks:"));
			for (const [c, name] of lanes.hueNames)
				item(lanes.classes.list[c].name, name);
			if (lanes.othersN)
				item("others", formatCount(lanes.othersN) + " others");
		}
		if (lanes.marks.names.length) {
			items.push(make("b", "", "Regions and tasks:"));
			for (const [c, name] of lanes.marks.hueNames)
				item(lanes.classes.list[c].name, name);
		}
		this.el.legend.replaceChildren(...items);
	}
	states() {
		const names = new Set();

		for (const k of this.run.kinds.slice(1))
			if (k.state === "waiting")
				names.add(k.phrase);
			else if (k.state !== "searching" && k.state !== "stopped")
				names.add(k.state);
		for (const name of [...names].sort()) {
			const option = make("option", "", name);

			option.value = name;
			this.el.state.append(option);
		}
	}
	theme(name) {
		document.documentElement.dataset.theme = name;
		this.repaint();
	}

	repaint() {
		this.el.theme.textContent = this.isDark() ? "Light" : "Dark";
		this.painter.theme();
		this.map.stale = true;
		this.dirty();
	}

	// ---- Where ----

	window(from, to) {
		const least = 20, dur = this.run.dur;
		let span = Math.max(least, Math.min(to - from, dur * 1.02));

		if (to - from !== span) {
			const middle = (from + to) / 2;

			from = middle - span / 2;
		}
		from = Math.max(-0.01 * dur, Math.min(from, dur * 1.01 - span));
		this.from = from;
		this.to = from + span;
		this.dirty();
	}
	zoom(factor, at) {
		const t = at === undefined ? this.center() : at;

		this.window(t - (t - this.from) * factor, t + (this.to - t) * factor);
	}
	center() {
		const own = this.selected, s = this.run.states;

		if (own && s.t[own.i] < this.to && s.t[own.i + 1] > this.from)
			return (Math.max(this.from, s.t[own.i]) + Math.min(this.to, s.t[own.i + 1])) / 2;
		return this.cursor !== null && this.cursor >= this.from && this.cursor <= this.to
			? this.cursor : (this.from + this.to) / 2;
	}
	pan(part) {
		const d = (this.to - this.from) * part;

		this.window(this.from + d, this.to + d);
	}
	home() {
		this.window(0, this.run.dur);
	}
	fit() {
		const own = this.selected, s = this.run.states;

		if (this.range)
			this.show(this.range.from, this.range.to);
		else if (own)
			this.show(s.t[own.i], s.t[own.i + 1]);
		else
			this.home();
	}
	// Both times in view, with some room beside them.
	show(from, to) {
		const room = Math.max((to - from) * 0.15, 100);

		this.window(from - room, to + room);
	}
	keepInView(from, to) {
		if (to <= this.from || from >= this.to)
			this.window((from + to) / 2 - (this.to - this.from) / 2, (from + to) / 2 + (this.to - this.from) / 2);
	}
	scrollTo(row) {
		const room = this.painter.height - AXIS;

		if (row.y < this.scroll)
			this.scroll = row.y - 24;
		else if (row.y + row.height > this.scroll + room)
			this.scroll = row.y + row.height - room + 24;
	}
	// To a place: a goroutine at a time, with the state that it is in then.
	goTo(g, from, to, state) {
		const s = this.run.states;
		const i = state === undefined ? stateAt(s, g, from) : state;

		if (i >= 0)
			this.select(g, i);
		if (to - from > 0)
			this.show(from, to);
		else
			this.keepInView(from, to);
		history.replaceState(null, "", fragmentOf(this.run, {from, to, g}));
	}
	// Where a goroutine that has not ended is now; of another its beginning.
	lastOf(g) {
		const G = this.run.goroutines;

		return G.alive[g] ? G.end[g] : G.ts[g];
	}
	fromFragment() {
		const place = parseFragment(this.run, location.hash);

		if (!Number.isNaN(place.from) || place.g >= 0 || place.query)
			document.getElementById("timeline").scrollIntoView();
		if (place.query) {
			this.el.search.value = place.query;
			this.search();
		}
		if (!Number.isNaN(place.from) && place.to >= place.from)
			if (place.to > place.from)
				this.show(place.from, place.to);
			else
				this.show(place.from - 1000, place.from + 1000);
		if (place.g >= 0) {
			const at = Number.isNaN(place.at) ? Number.isNaN(place.from) ? this.lastOf(place.g)
				: (place.from + place.to) / 2 : place.at;
			const i = stateAt(this.run.states, place.g, at);

			if (i >= 0)
				this.select(place.g, i);
			else
				this.scrollTo(this.lanes.reveal(place.g));
		}
	}

	// ---- What is selected ----

	select(g, i) {
		const s = this.run.states, row = this.lanes.reveal(g);

		this.selected = {g, i};
		this.row = row;
		this.range = null;
		this.cursor = null;
		this.resize();
		this.scrollTo(row);
		this.keepInView(s.t[i], s.t[i + 1]);
		this.panel.state(g, i);
		this.steps.at(s.t[i]);
		this.dirty();
	}
	forget() {
		this.selected = this.range = this.cursor = this.row = null;
		this.chain = [];
		this.panel.overview();
		this.dirty();
	}
	// The state before or after in the lane; what nothing is known of is passed over.
	neighbour(step) {
		const own = this.selected, s = this.run.states;

		if (!own)
			return;
		let i = own.i + step;

		while (i >= s.first[own.g] && i < s.first[own.g + 1] - 1 && !s.kind[i])
			i += step;
		if (i >= s.first[own.g] && i < s.first[own.g + 1] - 1)
			this.select(own.g, i);
	}
	// From a wait to what its waker did when it ended the wait; from there to the wait before that.
	waker() {
		const own = this.selected, s = this.run.states, {kinds} = this.run;

		if (!own)
			return;
		let i = own.i, next = null;

		if (kinds[s.kind[i]].state === "waiting") {
			if (s.waker[i] < 2 || isOpen(this.run, own.g, i)) {
				this.say(isOpen(this.run, own.g, i) ? "Nobody has ended this wait: the chain ends here."
					: "The runtime ended this wait (a timer, I/O): the chain ends here.");
				return;
			}
			const g = s.waker[i] - 2, at = s.t[i + 1], j = this.runningAt(g, at);

			next = j >= 0 ? {g, i: j} : null;
		} else {
			while (--i >= s.first[own.g] && kinds[s.kind[i]].state !== "waiting")
				;
			next = i >= s.first[own.g] ? {g: own.g, i} : null;
		}
		if (!next) {
			this.say("It had not waited before: the chain ends here.");
			return;
		}
		this.chain.push(own);
		this.select(next.g, next.i);
	}
	// The state at a time, rather one that ran if several meet there.
	runningAt(g, t) {
		const s = this.run.states, lo = s.first[g], last = s.first[g + 1] - 2;
		let i = Math.min(lastBy(s.t, lo, last + 1, t), last);

		for (let k = i; k >= lo && s.t[k + 1] >= t; k--)
			if (this.run.kinds[s.kind[k]].state === "running" || this.run.kinds[s.kind[k]].state === "detached")
				return k;
		return i >= lo ? i : -1;
	}
	back() {
		const last = this.chain.pop();

		if (last)
			this.select(last.g, last.i);
	}
	say(text) {
		this.el.found.textContent = text;
	}
	selectRange(from, to) {
		this.selected = null;
		this.range = {from: Math.max(0, Math.min(from, to)), to: Math.min(this.run.dur, Math.max(from, to))};
		this.panel.range(this.range.from, this.range.to);
		this.dirty();
	}

	// ---- Search ----

	search() {
		const {search, state, least} = this.el, quoted = state.value ? ' state:"' + state.value + '"' : "";
		const text = search.value + quoted + (least.value.trim() ? ' "dur:>' + least.value.trim() + '"' : "");

		this.lanes.search(text);
		this.map.stale = true;
		this.found();
		if (this.range)
			this.panel.range(this.range.from, this.range.to);
		this.resize();
	}
	found() {
		const {lanes} = this, m = lanes.match;

		this.say(lanes.query.error || (!m ? "" : plural(lanes.shownGoroutines, "goroutine") +
			(m.states ? " with " + plural(m.count, "state") : "") + " of " + formatCount(this.run.goroutines.n) +
			" match" + (m.states ? "; n goes to the next" : "") + "."));
	}
	nextMatch(forward) {
		const own = this.selected, t = own ? this.run.states.t[own.i] : forward ? -1 : Infinity;
		const next = this.lanes.nextMatch(own ? own.g : 0, t, forward);

		if (next)
			this.select(next.g, next.i);
	}
	// A task or region: its time is selected, and told.
	showMark(what, n) {
		const {marks} = this.lanes, table = what === "task" ? marks.tasks : marks.regions;

		this.range = {from: table.t[n], to: marks.end(table, n)};
		this.panel[what](n);
		this.dirty();
	}
	goToRun(g, at, t) {
		const i = this.runningAt(g, at), s = this.run.states;

		this.select(g, i >= 0 && s.t[i + 1] > at ? i : Math.max(i, stateAt(s, g, t)));
	}
	isDark() {
		const set = document.documentElement.dataset.theme;

		return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
	}
	help() {
		const {help} = this.el;

		help.hidden = !help.hidden;
		this.el["help-button"].setAttribute("aria-expanded", String(!help.hidden));
		this.dirty();
	}
}
