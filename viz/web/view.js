// SPDX-License-Identifier: MIT
// The timeline's state, and what keys, mouse, links and the page's address do to it.
"use strict";

// "#t=1.2ms..1.3ms&g=42"
function fragmentOf(run, place) {
	let text = "#t=" + Math.round(place.from) + "ns.." + Math.round(place.to) + "ns";

	if (place.g >= 0)
		text += "&g=" + run.goroutines.id[place.g];
	return text;
}

function parseFragment(run, text) {
	const place = {g: -1, from: NaN, to: NaN, at: NaN, query: ""};

	for (const part of text.replace(/^#/, "").split("&")) {
		const cut = part.indexOf("="), key = part.slice(0, cut), value = decodeURIComponent(part.slice(cut + 1));

		if (key === "t") {
			const [from, to] = value.split("..");

			place.from = parseNs(from);
			place.to = to === undefined ? place.from : parseNs(to);
		} else if (key === "at") {
			place.at = parseNs(value);
		} else if (key === "g") {
			const id = Number(value.replace(/^g/, ""));

			place.g = run.byId.has(id) ? run.byId.get(id) : -1;
		} else if (key === "search") {
			place.query = value;
		}
	}
	return place;
}

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
		this.listen();
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
			words.push(formatCount(painter.manyArrows) + " wake-ups are too many to draw as arrows: zoom in.");
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

	// ---- Mouse ----

	// What is under the mouse: {row, t, state or -1}.
	under(x, y) {
		const row = y < AXIS ? null : this.lanes.rowAt(y - AXIS + this.scroll), t = this.painter.timeAt(x);
		const dt = (this.to - this.from) / this.painter.plot;
		let i = -1;

		if (row && row.type === "lane") {
			const s = row.store, lo = s.first[row.k], hi = s.first[row.k + 1] - 1;

			i = stateAt(s, row.k, t);
			if (i < 0 && hi > lo && t < s.t[lo] && t + dt > s.t[lo])
				i = lo;
		}
		return {row, t, i, dt};
	}
	click(x, y, twice) {
		const {row, t, i} = this.under(x, y);

		this.chain = [];
		if (!row) {
			this.forget();
			return;
		}
		if (row.type === "head" || row.type === "group" && x < LABELS) {
			this.lanes.toggle(row);
			this.resize();
		} else if (row.type === "group") {
			this.row = row;
			this.selectRange(t - 5 * this.under(x, y).dt, t + 5 * this.under(x, y).dt);
		} else if (row.type === "object") {
			this.forget();
			this.row = row;
			this.cursor = t;
			this.panel.object(row.o, t);
			this.steps.at(t);
		} else if (row.what === "g" && i >= 0) {
			this.select(row.k, i);
		} else if (i >= 0 && row.store.ref[i]) {
			this.goToRun(row.store.ref[i] - 1, row.store.t[i], t);
		} else {
			this.forget();
			this.row = row;
			this.cursor = t;
			this.steps.at(t);
		}
		if (twice)
			this.fit();
	}
	goToRun(g, at, t) {
		const i = this.runningAt(g, at), s = this.run.states;

		this.select(g, i >= 0 && s.t[i + 1] > at ? i : Math.max(i, stateAt(s, g, t)));
	}
	tip(x, y) {
		const {row, t, i, dt} = this.under(x, y), {tip} = this.el, text = row ? this.tipText(row, t, i, dt) : "";

		tip.hidden = !text;
		if (!text)
			return;
		tip.textContent = text;
		const {canvas} = this.el, left = canvas.offsetLeft + x + 16, top = canvas.offsetTop + y + 16;

		tip.style.left = Math.max(0, Math.min(left, canvas.offsetLeft + this.painter.width - tip.offsetWidth - 8)) + "px";
		tip.style.top = top + "px";
	}
	tipText(row, t, i, dt) {
		const {run, painter} = this, when = "at " + formatNs(t, Math.max(4, String(Math.round(t)).length - Math.floor(Math.log10(dt)) ));

		if (row.type === "head")
			return "";
		if (row.type === "object")
			return row.label + " " + when + ":\n" + this.panel.objectNow(this.lanes.object(row.o), t);
		if (row.type === "group") {
			const mix = new Float64Array(this.lanes.classes.list.length);

			painter.groupMix(row.mix, Math.max(0, Math.floor(Math.log2(dt / painter.ratio))), t, t + dt, mix);
			return plural(row.members.length, "goroutine") + " of " + row.label + " " + when + "\n" + this.mixText(mix, dt, true);
		}
		if (i < 0)
			return row.label + " " + when + ": " + (row.what === "g" ? "does not exist" : "nothing");
		const s = row.store;

		if (s.t[i + 1] - s.t[i] < dt * 0.6) {
			const mix = new Float64Array(this.lanes.classes.list.length);
			const n = lastBy(s.t, s.first[row.k], s.first[row.k + 1] - 1, t + dt / 2) -
				lastBy(s.t, s.first[row.k], s.first[row.k + 1] - 1, t - dt / 2) + 1;

			addLane(s, row.k, t - dt / 2, t + dt / 2, mix);
			return row.label + " " + when + ", " + formatNs(dt, 3) + " in a pixel: " + plural(n, "state") + "\n" + this.mixText(mix, dt, false);
		}
		return this.stateText(row, i);
	}
	mixText(mix, dt, several) {
		const {list} = this.lanes.classes, names = new Map(this.lanes.hueNames), lines = [];

		mix.forEach((ns, c) => {
			if (c && ns > 0)
				lines.push((several ? (ns / dt).toFixed(1) : (100 * ns / dt).toFixed(1) + "%") + "  " +
					(names.get(c) || list[c].legend || "others"));
		});
		return lines.join("\n");
	}
	stateText(row, i) {
		const {run} = this, s = row.store, k = run.kinds[s.kind[i]], ns = s.t[i + 1] - s.t[i];
		const span = formatNs(ns, 4) + ", from " + formatExact(s.t[i]);

		if (row.what !== "g")
			return row.label + ": " + (s.ref[i] ? nameOf(run, s.ref[i] - 1) : k.state || "nothing is known") + "\n" + span;
		let text = nameOf(run, row.k) + ": " + (k.state === "waiting" ? "waits in " + k.phrase + placeOf(run, s.site[i]) : k.state || "nothing is known");

		if (k.state === "running" && s.ref[i])
			text += " on worker " + (s.ref[i] - 1);
		if (k.state === "waiting" && s.ref[i])
			text += ", for " + run.texts[run.objects.label[s.ref[i] - 1]];
		text += "\n" + span;
		if (s.holder[i] > 1)
			text += "\nheld by " + nameOf(run, s.holder[i] - 2);
		if (s.waker[i] > 1)
			text += "\nwoken by " + nameOf(run, s.waker[i] - 2);
		return text;
	}

	// ---- Events ----

	listen() {
		const {el} = this, {canvas} = el;

		window.addEventListener("resize", () => {
			this.map.stale = true;
			this.resize();
		});
		window.addEventListener("hashchange", () => this.fromFragment());
		for (const id of ["search", "state", "least"])
			el[id].addEventListener(id === "state" ? "change" : "input", () => this.search());
		el.group.addEventListener("change", () => {
			this.lanes.by = el.group.value;
			this.lanes.build();
			this.resize();
		});
		el.in.addEventListener("click", () => this.zoom(0.5));
		el.out.addEventListener("click", () => this.zoom(2));
		el.fit.addEventListener("click", () => this.fit());
		el.home.addEventListener("click", () => this.home());
		el.waker.addEventListener("click", () => this.waker());
		el["help-button"].addEventListener("click", () => this.help());
		el.theme.addEventListener("click", () => this.theme(this.isDark() ? "light" : "dark"));
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
			this.repaint();
		});
		this.listenMouse(canvas);
		this.listenMap(el.map);
		canvas.addEventListener("keydown", e => this.key(e));
		document.addEventListener("keydown", e => {
			if (e.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) {
				el.search.focus();
				e.preventDefault();
			}
		});
		el.search.addEventListener("keydown", e => {
			if (e.key === "Enter") {
				this.nextMatch(!e.shiftKey);
				canvas.focus();
			} else if (e.key === "Escape") {
				el.search.value = "";
				this.search();
				canvas.focus();
			}
		});
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
	listenMouse(canvas) {
		const place = e => {
			const box = canvas.getBoundingClientRect();

			return {x: e.clientX - box.left - canvas.clientLeft, y: e.clientY - box.top - canvas.clientTop};
		};
		let drag = null;

		canvas.addEventListener("pointerdown", e => {
			const p = place(e);

			if (e.button !== 0)
				return;
			canvas.focus({preventScroll: true});
			canvas.setPointerCapture(e.pointerId);
			drag = {...p, from: this.from, to: this.to, scroll: this.scroll, moved: false,
				range: (e.shiftKey || p.y < AXIS) && p.x >= LABELS, t: this.painter.timeAt(p.x)};
			e.preventDefault();
		});
		canvas.addEventListener("pointermove", e => {
			const p = place(e);

			this.mouse = p.x >= LABELS ? p : null;
			if (drag) {
				drag.moved = drag.moved || Math.abs(p.x - drag.x) + Math.abs(p.y - drag.y) > 4;
				if (drag.moved && drag.range) {
					const t = this.painter.timeAt(p.x);

					this.selected = null;
					this.range = {from: Math.min(t, drag.t), to: Math.max(t, drag.t)};
				} else if (drag.moved) {
					const dt = (drag.to - drag.from) / this.painter.plot * (drag.x - p.x);

					this.window(drag.from + dt, drag.to + dt);
					this.scroll = drag.scroll + drag.y - p.y;
				}
				this.el.tip.hidden = true;
			} else {
				this.tip(p.x, p.y);
			}
			this.dirty();
		});
		canvas.addEventListener("pointerup", e => {
			const p = place(e), was = drag;

			drag = null;
			if (was && was.moved && was.range)
				this.selectRange(was.t, this.painter.timeAt(p.x));
			else if (was && !was.moved)
				this.click(p.x, p.y, e.detail === 2);
		});
		canvas.addEventListener("dblclick", () => this.fit());
		canvas.addEventListener("pointerleave", () => {
			this.mouse = null;
			this.el.tip.hidden = true;
			this.dirty();
		});
		canvas.addEventListener("wheel", e => {
			const p = place(e), d = e.deltaY * (e.deltaMode ? 16 : 1), ours = document.activeElement === canvas;

			if (e.ctrlKey || ours && !e.shiftKey && p.x >= LABELS && Math.abs(e.deltaY) >= Math.abs(e.deltaX))
				this.zoom(Math.exp(Math.max(-300, Math.min(300, d)) / 300), this.painter.timeAt(Math.max(LABELS, p.x)));
			else if (Math.abs(e.deltaX) > Math.abs(e.deltaY))
				this.pan(e.deltaX / this.painter.plot);
			else if (ours || p.x < LABELS || e.shiftKey)
				this.scroll += d || e.deltaX;
			else
				return; // the page scrolls
			e.preventDefault();
			this.dirty();
		}, {passive: false});
	}
	listenMap(map) {
		let down = false;
		const go = e => {
			const box = map.getBoundingClientRect(), t = (e.clientX - box.left) / box.width * this.run.dur;
			const half = (this.to - this.from) / 2;

			this.window(t - half, t + half);
		};

		map.addEventListener("pointerdown", e => {
			down = true;
			map.setPointerCapture(e.pointerId);
			go(e);
		});
		map.addEventListener("pointermove", e => down && go(e));
		map.addEventListener("pointerup", () => down = false);
	}
	key(e) {
		const keys = {
			a: () => this.pan(-0.2), ArrowLeft: () => this.pan(-0.2),
			d: () => this.pan(0.2), ArrowRight: () => this.pan(0.2),
			w: () => this.zoom(0.7), "+": () => this.zoom(0.7), "=": () => this.zoom(0.7),
			s: () => this.zoom(1 / 0.7), "-": () => this.zoom(1 / 0.7),
			Home: () => this.home(), f: () => this.fit(), "?": () => this.help(),
			ArrowUp: () => this.lane(-1), ArrowDown: () => this.lane(1),
			PageUp: () => this.scroll -= this.painter.height * 0.8, PageDown: () => this.scroll += this.painter.height * 0.8,
			"[": () => this.neighbour(-1), "]": () => this.neighbour(1),
			b: () => this.waker(), B: () => this.back(),
			n: () => this.nextMatch(true), N: () => this.nextMatch(false),
			",": () => this.steps.step(-1), ".": () => this.steps.step(1),
			Enter: () => this.enter(),
			Escape: () => {
				this.el.search.value = this.el.least.value = this.el.state.value = "";
				this.forget();
				this.search();
			},
		};

		if (e.ctrlKey || e.metaKey || e.altKey || !Object.hasOwn(keys, e.key))
			return;
		keys[e.key]();
		e.preventDefault();
		this.dirty();
	}
	// Up and down: the state of the next lane at the time that is looked at.
	lane(step) {
		const {rows} = this.lanes, s = this.run.states;
		const n = Math.max(0, Math.min(rows.length - 1, (this.row ? rows.indexOf(this.row) : -1) + step));
		const row = rows[n], t = this.selected ? Math.max(s.t[this.selected.i], this.from) : this.center();

		if (!row)
			return;
		this.row = row;
		if (row.type === "lane" && row.what === "g") {
			const i = stateAt(s, row.k, t), lo = s.first[row.k];

			this.select(row.k, i >= 0 ? i : t < s.t[lo] ? lo : s.first[row.k + 1] - 2);
			return;
		}
		this.selected = null;
		this.scrollTo(row);
		if (row.type === "object")
			this.panel.object(row.o, t);
		else
			this.panel.show(make("h3", "", row.label), make("p", "soft", row.type === "head" || row.type === "group"
				? "Enter " + (row.open ? "closes" : "opens") + " it." : this.tipText(row, t, stateAt(row.store, row.k, t), 1)));
	}
	enter() {
		const {row} = this;

		if (row && (row.type === "head" || row.type === "group")) {
			this.lanes.toggle(row);
			this.row = this.lanes.rows.find(r => r.key === row.key) || null;
			this.resize();
		}
	}
}

// ---- The beginning ----

let weft = null; // the view, for tests and for a person at the console
let weftParts = [];

// A file beside the page hands its part of the data over.
function weftPart(n, text) {
	weftParts[n] = decodeBase64(text);
}

function weftBytes(about) {
	if (!about.files)
		return decodeBase64(document.getElementById("weft-data").textContent.trim());
	const all = new Uint8Array(weftParts.reduce((n, p) => n + p.length, 0));
	let at = 0;

	for (const part of weftParts) {
		all.set(part, at);
		at += part.length;
	}
	weftParts = [];
	return all;
}

function weftLoad(about, n) {
	return new Promise((done, failed) => {
		const script = document.createElement("script");

		script.src = about.directory + "/" + String(n).padStart(3, "0") + ".js";
		script.onload = () => done();
		script.onerror = () => failed(new Error("The file " + script.src + " is missing: the timeline's data are in the directory " +
			about.directory + " beside this page, and must be moved with it."));
		document.head.append(script);
	});
}

async function weftStart() {
	const about = JSON.parse(document.getElementById("weft-about").textContent);
	const box = document.getElementById("tl"), found = document.getElementById("tl-found");

	box.hidden = false;
	try {
		for (let n = 0; n < about.files; n++) {
			found.textContent = "Loading " + (n + 1) + " of " + about.files + " files\u2026";
			await weftLoad(about, n);
		}
		found.textContent = "";
		performance.mark("weft data");

		const run = readRun(about, weftBytes(about));

		performance.mark("weft run");
		weft = new View(run);
		weft.frame();
		performance.mark("weft drawn");
		document.getElementById("weft-data").remove();
	} catch (e) {
		found.className = "warn";
		found.textContent = e.message;
		throw e;
	}
}

weftStart();
