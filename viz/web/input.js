// SPDX-License-Identifier: MIT
// What mouse and keys do to the timeline.
"use strict";

class Input {
	constructor(view) {
		this.view = view;
		this.listen();
	}
	click(x, y, twice) {
		const {view} = this, {row, t, i, samples} = view.tip.under(x, y);

		view.chain = [];
		if (!row) {
			view.forget();
			return;
		}
		if (row.type === "head" || row.type === "group" && x < LABELS) {
			view.lanes.toggle(row);
			view.resize();
		} else if (row.type === "group") {
			view.row = row;
			view.selectRange(t - 5 * view.tip.under(x, y).dt, t + 5 * view.tip.under(x, y).dt);
		} else if (row.type === "object") {
			view.forget();
			view.row = row;
			view.cursor = t;
			view.panel.object(row.o, t);
			view.steps.at(t);
		} else if (row.what === "g" && i >= 0) {
			view.select(row.k, i);
			if (samples.length)
				view.panel.samples(samples);
		} else if (row.what === "region" || row.what === "task") {
			view.forget();
			view.row = row;
			if (i >= 0 && row.store.ref[i])
				view.showMark(row.what, row.store.ref[i] - 1);
		} else if (i >= 0 && row.store.ref[i]) {
			view.goToRun(row.store.ref[i] - 1, row.store.t[i], t);
		} else {
			view.forget();
			view.row = row;
			view.cursor = t;
			view.steps.at(t);
		}
		if (twice)
			view.fit();
	}
	listen() {
		const {view} = this, {el} = view, {canvas} = el;

		window.addEventListener("resize", () => {
			view.map.stale = true;
			view.resize();
		});
		window.addEventListener("hashchange", () => view.fromFragment());
		for (const id of ["search", "state", "least"])
			el[id].addEventListener(id === "state" ? "change" : "input", () => view.search());
		el.group.addEventListener("change", () => {
			view.lanes.by = el.group.value;
			view.lanes.build();
			view.resize();
		});
		el.in.addEventListener("click", () => view.zoom(0.5));
		el.out.addEventListener("click", () => view.zoom(2));
		el.fit.addEventListener("click", () => view.fit());
		el.home.addEventListener("click", () => view.home());
		el.waker.addEventListener("click", () => view.waker());
		el["help-button"].addEventListener("click", () => view.help());
		el.theme.addEventListener("click", () => view.theme(view.isDark() ? "light" : "dark"));
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
			view.repaint();
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
				view.nextMatch(!e.shiftKey);
				canvas.focus();
			} else if (e.key === "Escape") {
				el.search.value = "";
				view.search();
				canvas.focus();
			}
		});
	}
	listenMouse(canvas) {
		const {view} = this, place = e => {
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
			drag = {...p, from: view.from, to: view.to, scroll: view.scroll, moved: false,
				range: (e.shiftKey || p.y < AXIS) && p.x >= LABELS, t: view.painter.timeAt(p.x)};
			e.preventDefault();
		});
		canvas.addEventListener("pointermove", e => {
			const p = place(e);

			view.mouse = p.x >= LABELS ? p : null;
			if (drag) {
				drag.moved = drag.moved || Math.abs(p.x - drag.x) + Math.abs(p.y - drag.y) > 4;
				if (drag.moved && drag.range) {
					const t = view.painter.timeAt(p.x);

					view.selected = null;
					view.range = {from: Math.min(t, drag.t), to: Math.max(t, drag.t)};
				} else if (drag.moved) {
					const dt = (drag.to - drag.from) / view.painter.plot * (drag.x - p.x);

					view.window(drag.from + dt, drag.to + dt);
					view.scroll = drag.scroll + drag.y - p.y;
				}
				view.el.tip.hidden = true;
			} else {
				view.tip.show(p.x, p.y);
			}
			view.dirty();
		});
		canvas.addEventListener("pointerup", e => {
			const p = place(e), was = drag;

			drag = null;
			if (was && was.moved && was.range)
				view.selectRange(was.t, view.painter.timeAt(p.x));
			else if (was && !was.moved)
				this.click(p.x, p.y, e.detail === 2);
		});
		canvas.addEventListener("dblclick", () => view.fit());
		canvas.addEventListener("pointerleave", () => {
			view.mouse = null;
			view.el.tip.hidden = true;
			view.dirty();
		});
		canvas.addEventListener("wheel", e => {
			const p = place(e), d = e.deltaY * (e.deltaMode ? 16 : 1), ours = document.activeElement === canvas;

			if (e.ctrlKey || ours && !e.shiftKey && p.x >= LABELS && Math.abs(e.deltaY) >= Math.abs(e.deltaX))
				view.zoom(Math.exp(Math.max(-300, Math.min(300, d)) / 300), view.painter.timeAt(Math.max(LABELS, p.x)));
			else if (Math.abs(e.deltaX) > Math.abs(e.deltaY))
				view.pan(e.deltaX / view.painter.plot);
			else if (ours || p.x < LABELS || e.shiftKey)
				view.scroll += d || e.deltaX;
			else
				return; // the page scrolls
			e.preventDefault();
			view.dirty();
		}, {passive: false});
	}
	listenMap(map) {
		const {view} = this;

		let down = false;
		const go = e => {
			const box = map.getBoundingClientRect(), t = (e.clientX - box.left) / box.width * view.run.dur;
			const half = (view.to - view.from) / 2;

			view.window(t - half, t + half);
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
		const {view} = this, keys = {
			a: () => view.pan(-0.2), ArrowLeft: () => view.pan(-0.2),
			d: () => view.pan(0.2), ArrowRight: () => view.pan(0.2),
			w: () => view.zoom(0.7), "+": () => view.zoom(0.7), "=": () => view.zoom(0.7),
			s: () => view.zoom(1 / 0.7), "-": () => view.zoom(1 / 0.7),
			Home: () => view.home(), f: () => view.fit(), "?": () => view.help(),
			ArrowUp: () => this.lane(-1), ArrowDown: () => this.lane(1),
			PageUp: () => view.scroll -= view.painter.height * 0.8, PageDown: () => view.scroll += view.painter.height * 0.8,
			"[": () => view.neighbour(-1), "]": () => view.neighbour(1),
			b: () => view.waker(), B: () => view.back(),
			n: () => view.nextMatch(true), N: () => view.nextMatch(false),
			",": () => view.steps.step(-1), ".": () => view.steps.step(1),
			Enter: () => this.enter(),
			Escape: () => {
				view.el.search.value = view.el.least.value = view.el.state.value = "";
				view.forget();
				view.search();
			},
		};

		if (e.ctrlKey || e.metaKey || e.altKey || !Object.hasOwn(keys, e.key))
			return;
		keys[e.key]();
		e.preventDefault();
		view.dirty();
	}
	// Up and down: the state of the next lane at the time that is looked at.
	lane(step) {
		const {view} = this, {rows} = view.lanes, s = view.run.states;
		const n = Math.max(0, Math.min(rows.length - 1, (view.row ? rows.indexOf(view.row) : -1) + step));
		const row = rows[n], t = view.selected ? Math.max(s.t[view.selected.i], view.from) : view.center();

		if (!row)
			return;
		view.row = row;
		if (row.type === "lane" && row.what === "g") {
			const i = stateAt(s, row.k, t), lo = s.first[row.k];

			view.select(row.k, i >= 0 ? i : t < s.t[lo] ? lo : s.first[row.k + 1] - 2);
			return;
		}
		view.selected = null;
		view.scrollTo(row);
		if (row.type === "object")
			view.panel.object(row.o, t);
		else
			view.panel.show(make("h3", "", row.label), make("p", "soft", row.type === "head" || row.type === "group"
				? "Enter " + (row.open ? "closes" : "opens") + " it." : view.tip.text(row, t, stateAt(row.store, row.k, t), 1)));
	}
	enter() {
		const {view} = this, {row} = view;

		if (row && (row.type === "head" || row.type === "group")) {
			view.lanes.toggle(row);
			view.row = view.lanes.rows.find(r => r.key === row.key) || null;
			view.resize();
		}
	}
}
