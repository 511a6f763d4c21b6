// SPDX-License-Identifier: MIT
// The timeline on its canvas: the lanes' pixels (raster.js), and over them words, arrows and marks.
"use strict";

const LABELS = 210, AXIS = 26; // pixels: the labels at the left, the axis on top
const FONT = "12px 'DejaVu Sans', Verdana, sans-serif", SMALL = "11px 'DejaVu Sans', Verdana, sans-serif";
const ARROWS = 120, LOOKED_AT = 2000; // nobody could follow one of more

class Painter extends Raster {
	constructor(canvas, run, lanes, view) {
		super(run, lanes);
		this.canvas = canvas;
		this.view = view;
		this.fitted = new Map();
		this.theme();
	}
	get from() {
		return this.view.from;
	}
	get to() {
		return this.view.to;
	}
	// Colours come from the page's style sheet, which has them from viz/palette.def.
	theme() {
		this.painted = "";
		const style = getComputedStyle(document.documentElement);
		const css = this.css = name => style.getPropertyValue("--" + name).trim() || "#888888";
		const rgb = name => parseInt(css(name).slice(1), 16);
		const abgr = c => (255 << 24 | (c & 255) << 16 | c & 0xff00 | c >> 16) >>> 0;
		const full = name => {
			const hex = css(name);

			return hex.length === 4 ? "#" + hex.slice(1).replace(/./g, "$&$&") : hex;
		};

		this.color = {};
		for (const name of ["bg", "fg", "soft", "line", "card", "lane", "accent", "warn"])
			this.color[name] = full(name);
		const pixels = new Map();

		this.pixel = name => {
			if (!pixels.has(name))
				pixels.set(name, abgr(parseInt(full(name).slice(1), 16)));
			return pixels.get(name);
		};
		this.classColor = this.lanes.classes.list.map(c =>
			c.name === "nothing" ? this.pixel("lane") : this.pixel(c.name));
		this.dark = this.lanes.classes.list.map(c => {
			const v = c.name === "nothing" ? 0xffffff : rgb(c.name);

			return 0.30 * (v >> 16) + 0.59 * (v >> 8 & 255) + 0.11 * (v & 255) < 150;
		});
	}
	resize() {
		const box = this.canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;

		this.ratio = ratio;
		this.width = Math.max(LABELS + 50, Math.round(box.width));
		this.height = Math.max(AXIS + 40, Math.round(box.height));
		this.plot = this.width - LABELS;
		this.canvas.width = Math.round(this.width * ratio);
		this.canvas.height = Math.round(this.height * ratio);
		this.W = Math.max(1, Math.round(this.plot * ratio));
		this.H = Math.max(1, Math.round((this.height - AXIS) * ratio));
		this.ctx = this.canvas.getContext("2d");
		this.image = this.ctx.createImageData(this.W, this.H);
		this.pix = new Uint32Array(this.image.data.buffer);
		this.painted = "";
	}
	x(t) {
		return LABELS + (t - this.from) / (this.to - this.from) * this.plot;
	}
	timeAt(x) {
		return this.from + (x - LABELS) / this.plot * (this.to - this.from);
	}
	draw(view) {
		const {ctx, ratio} = this;

		const rows = this.rowsIn(view.scroll, view.scroll + this.height - AXIS);
		const what = [view.from, view.to, view.scroll, this.W, this.H, this.lanes.version].join();

		// Where only what lies over the lanes is new, their pixels are those of the last frame.
		if (what !== this.painted || this.unfinished.length)
			this.paint(rows, view.scroll);
		this.painted = what;
		ctx.setTransform(1, 0, 0, 1, 0, 0);
		ctx.fillStyle = this.color.bg;
		ctx.fillRect(0, 0, this.canvas.width, this.canvas.height);
		ctx.putImageData(this.image, Math.round(LABELS * ratio), Math.round(AXIS * ratio));
		ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
		ctx.save();
		ctx.beginPath();
		ctx.rect(0, AXIS, this.width, this.height - AXIS);
		ctx.clip();
		for (const row of rows)
			this.drawRow(row, AXIS + row.y - view.scroll);
		this.drawWords();
		ctx.beginPath();
		ctx.rect(LABELS, AXIS, this.plot, this.height - AXIS);
		ctx.clip();
		this.drawGaps();
		this.drawArrows(rows);
		this.drawMarks();
		ctx.restore();
		this.drawAxis();
	}
	paint(rows, scroll) {
		this.words = [];
		this.unfinished = [];
		this.pix.fill(this.pixel("bg"));
		for (const row of rows)
			this.paintRow(row, row.y - scroll);
	}
	rowsIn(y0, y1) {
		const all = this.lanes.rows;
		let lo = 0, hi = all.length;

		while (lo < hi) {
			const mid = lo + hi >>> 1;

			if (all[mid].y + all[mid].height <= y0)
				lo = mid + 1;
			else
				hi = mid;
		}
		const list = [];

		for (; lo < all.length && all[lo].y < y1; lo++)
			list.push(all[lo]);
		return list;
	}

	// ---- Words and lines ----

	// As much of a text as fits, with an ellipsis if that is not all.
	fit(text, room) {
		const key = this.ctx.font + room + text;
		let fitted = this.fitted.get(key);

		if (fitted === undefined) {
			if (this.fitted.size > 4000)
				this.fitted.clear();
			this.fitted.set(key, fitted = this.cut(text, room));
		}
		return fitted;
	}
	cut(text, room) {
		if (this.ctx.measureText(text).width <= room)
			return text;
		let lo = 0, hi = text.length;

		while (lo < hi) {
			const mid = lo + hi + 1 >> 1;

			if (this.ctx.measureText(text.slice(0, mid) + "\u2026").width <= room)
				lo = mid;
			else
				hi = mid - 1;
		}
		return lo ? text.slice(0, lo) + "\u2026" : "";
	}
	text(text, x, y, room, color, font = FONT) {
		const {ctx} = this;

		ctx.font = font;
		ctx.fillStyle = color;
		ctx.fillText(this.fit(text, room), x, y);
	}
	drawRow(row, y) {
		const {ctx, color, view} = this, middle = y + row.height / 2;

		ctx.textBaseline = "middle";
		ctx.textAlign = "left";
		if (row === view.row) {
			ctx.fillStyle = color.accent;
			ctx.fillRect(0, y, 3, row.height);
		}
		if (row.type === "head") {
			ctx.fillStyle = color.card;
			if (!row.more)
				ctx.fillRect(0, y + 2, this.width, row.height - 2);
			const count = row.count === undefined ? "" : " (" + formatCount(row.count) + ")";

			this.text((row.open ? "\u25be " : "\u25b8 ") + row.label + count, row.more ? 18 : 8, middle + 1,
				LABELS, row.more ? color.soft : color.fg,
				row.more ? undefined : "bold " + FONT);
			return;
		}
		if (row.type === "group") {
			this.text((row.open ? "\u25be " : "\u25b8 ") + row.label, 12, middle - 7, LABELS - 22, color.fg);
			this.text(plural(row.members.length, "goroutine"), 25, middle + 8, LABELS - 35, color.soft,
				SMALL);
			return;
		}
		if (row.type === "object") {
			this.text(row.label, 12, middle - 9, LABELS - 22, color.fg);
			this.text(this.objectNote(row.o), 12, middle + 8, LABELS - 22, color.soft,
				SMALL);
			return;
		}
		const left = 12 + 14 * (row.indent || 0), small = row.what === "region";

		this.text(row.label, left, middle, LABELS - 10 - left, small ? color.soft : color.fg, small ? SMALL : FONT);
		if (row.what === "g")
			this.drawPoints(row.k, y, row.height);
	}
	// Messages as flags at the top of a goroutine's lane, samples of its cpu time as ticks at the bottom.
	drawPoints(g, y, height) {
		const {ctx, color, from, to} = this, {marks} = this.lanes, dt = (to - from) / this.plot;

		ctx.fillStyle = color.fg;
		for (const t of marks.thinned(marks.samples, marks.samplesOf, g, from, to, 2 * dt))
			ctx.fillRect(Math.round(this.x(t)), y + height - 6, 1, 5);
		ctx.strokeStyle = color.bg;
		ctx.lineWidth = 1;
		for (const t of marks.thinned(marks.logs, marks.logsOf, g, from, to, 4 * dt)) {
			const x = this.x(t);

			ctx.beginPath();
			ctx.moveTo(x, y + 8);
			ctx.lineTo(x - 4, y);
			ctx.lineTo(x + 4, y);
			ctx.closePath();
			ctx.fill();
			ctx.stroke();
		}
	}
	// What the two parts of an object's lane are measured in.
	objectNote(o) {
		const x = this.lanes.objects.get(o);

		if (!x)
			return "being summed up";
		const below = x.held ? "held by"
			: x.kind === "chan" ? (x.cap > 0 ? "0\u2013" + x.cap + " in it" : x.cap === 0 ? "unbuffered" : "in it")
			: "0\u2013" + (x.level ? x.level.most : 0);

		return (x.most ? "0\u2013" + x.most + " wait; " : "nobody waits; ") + below;
	}
	drawWords() {
		const {ctx, ratio, color, run} = this;

		ctx.textBaseline = "middle";
		for (const w of this.words) {
			const x0 = LABELS + w.x0 / ratio, room = (w.x1 - w.x0) / ratio - 8;
			const store = w.row.type === "object" ? this.lanes.object(w.row.o).held : w.row.store;
			let words = "";

			if (w.row.what === "region" || w.row.what === "task") {
				const table = w.row.what === "task" ? this.lanes.marks.tasks : this.lanes.marks.regions;

				words = [run.texts[table.name[store.ref[w.i] - 1]]];
			} else if (w.row.what !== "g") {
				const g = store.ref[w.i];

				words = g ? [nameOf(run, g - 1), "g" + run.goroutines.id[g - 1]] : "";
			} else {
				words = this.stateWords(w.i);
			}
			ctx.font = SMALL;
			for (const word of [].concat(words))
				if (word && ctx.measureText(word).width <= room) {
					ctx.fillStyle = this.dark[store.cls[w.i]] ? "#ffffff" : "#1f2328";
					ctx.fillText(word, x0 + 5, AXIS + (w.y0 + w.y1) / 2 / ratio + 0.5);
					break;
				}
		}
		ctx.fillStyle = color.fg;
	}
	stateWords(i) {
		const {run} = this, s = run.states, k = run.kinds[s.kind[i]];

		if (k.state === "running")
			return s.ref[i] ? ["worker " + (s.ref[i] - 1), "w" + (s.ref[i] - 1)] : [];
		if (k.state !== "waiting")
			return [k.state];
		return s.ref[i] ? [run.texts[run.objects.label[s.ref[i] - 1]], k.phrase] : [k.phrase];
	}
	// Where events are missing.
	drawGaps() {
		const {ctx, color} = this, step = 7;

		ctx.strokeStyle = color.warn;
		ctx.lineWidth = 1;
		ctx.globalAlpha = 0.6;
		for (const gap of this.run.gaps) {
			if (gap.from + gap.for < this.from || gap.from > this.to)
				continue;
			const x0 = Math.max(LABELS, this.x(gap.from));
			const x1 = Math.max(x0 + 2, Math.min(this.width, this.x(gap.from + gap.for)));

			ctx.save();
			ctx.beginPath();
			ctx.rect(x0, AXIS, x1 - x0, this.height - AXIS);
			ctx.clip();
			ctx.beginPath();
			for (let x = Math.floor((x0 - this.height) / step) * step; x < x1; x += step) {
				ctx.moveTo(x, this.height);
				ctx.lineTo(x + this.height, 0);
			}
			ctx.stroke();
			ctx.restore();
		}
		ctx.globalAlpha = 1;
	}

	// ---- Who woke whom ----

	drawArrows(rows) {
		const {view} = this, s = this.run.states, own = view.selected;

		if (this.wakesOf !== this.painted) {
			this.wakes = this.findWakes(rows);
			this.wakesOf = this.painted;
		}
		this.manyArrows = this.wakes === null;
		for (const [g, i] of this.wakes || [])
			this.arrow(g, i, false);
		if (own && s.waker[own.i] > 1)
			this.arrow(own.g, own.i, true);
		for (const step of view.chain)
			if (s.waker[step.i] > 1)
				this.arrow(step.g, step.i, true);
	}
	// The waits that end in view, and whose wakers are in view; null if they are more than ARROWS, or
	// are among more than LOOKED_AT states.
	findWakes(rows) {
		const {run} = this, s = run.states, shown = new Set(), list = [];
		let states = 0;

		for (const row of rows)
			if (row.type === "lane" && row.what === "g")
				shown.add(row.k);
		for (const k of shown) {
			const lo = s.first[k], hi = s.first[k + 1] - 1;

			if (hi <= lo || s.t[lo] > this.to || s.t[hi] < this.from)
				continue;
			const from = lastFrom(s, k, lo, Math.max(s.t[lo], this.from));
			const to = Math.min(hi, lastFrom(s, k, from, this.to));

			states += to - from;
			if (states > LOOKED_AT)
				return null;
			for (let i = from; i < to; i++)
				if (s.waker[i] > 1 && shown.has(s.waker[i] - 2) && !isOpen(run, k, i) && list.push([k, i]) > ARROWS)
					return null;
		}
		return list;
	}
	arrow(g, i, strong) {
		const {ctx, color, run, lanes, view} = this, s = run.states, t = s.t[i + 1], x = this.x(t);
		const to = lanes.at.get(g), from = lanes.at.get(s.waker[i] - 2);

		if (!to || !from || x < LABELS || x > this.width)
			return;
		const y0 = AXIS + from.y - view.scroll + from.height / 2, y1 = AXIS + to.y - view.scroll + to.height / 2;
		const down = y1 > y0 ? 1 : -1, tip = y1 - down * (to.height / 2 - 3);

		ctx.strokeStyle = ctx.fillStyle = strong ? color.accent : color.fg;
		ctx.globalAlpha = strong ? 1 : 0.45;
		ctx.lineWidth = strong ? 2 : 1;
		ctx.beginPath();
		ctx.moveTo(x, y0);
		ctx.lineTo(x, tip - 4 * down);
		ctx.stroke();
		ctx.beginPath();
		ctx.arc(x, y0, strong ? 3 : 2, 0, 7);
		ctx.fill();
		ctx.beginPath();
		ctx.moveTo(x, tip);
		ctx.lineTo(x - 4, tip - 6 * down);
		ctx.lineTo(x + 4, tip - 6 * down);
		ctx.fill();
		ctx.globalAlpha = 1;
	}

	// ---- Selection, cursor, axis ----

	drawMarks() {
		const {ctx, color, view, lanes, run} = this, own = view.selected;

		if (view.range) {
			const x0 = this.x(view.range.from), x1 = this.x(view.range.to);

			ctx.fillStyle = color.accent;
			ctx.globalAlpha = 0.14;
			ctx.fillRect(x0, AXIS, x1 - x0, this.height);
			ctx.globalAlpha = 1;
			ctx.fillRect(x0, AXIS, 1, this.height);
			ctx.fillRect(x1, AXIS, 1, this.height);
		}
		const row = own && lanes.at.get(own.g);

		if (row) {
			const x0 = Math.max(LABELS - 3, this.x(run.states.t[own.i]));
			const x1 = Math.min(this.width + 3, this.x(run.states.t[own.i + 1]));

			ctx.strokeStyle = color.accent;
			ctx.lineWidth = 2;
			ctx.strokeRect(x0 - 1, AXIS + row.y - view.scroll, Math.max(3, x1 - x0 + 2), row.height);
		}
		if (view.cursor !== null) {
			ctx.fillStyle = color.accent;
			ctx.fillRect(this.x(view.cursor), AXIS, 1, this.height);
		}
		if (view.mouse) {
			ctx.fillStyle = color.soft;
			ctx.globalAlpha = 0.5;
			ctx.fillRect(view.mouse.x, AXIS, 1, this.height);
			ctx.globalAlpha = 1;
		}
	}
	drawAxis() {
		const {ctx, color, from, to} = this;

		ctx.fillStyle = color.bg;
		ctx.fillRect(0, 0, this.width, AXIS);
		ctx.fillStyle = color.line;
		ctx.fillRect(LABELS, AXIS - 1, this.plot, 1);
		ctx.textBaseline = "middle";
		ctx.textAlign = "left";
		for (const tick of axisTicks(from, to, Math.max(2, this.plot / 120))) {
			const x = Math.round(this.x(tick.t));

			ctx.fillStyle = color.line;
			ctx.fillRect(x, AXIS - 8, 1, 8);
			ctx.globalAlpha = 0.5;
			ctx.fillRect(x, AXIS, 1, this.height);
			ctx.globalAlpha = 1;
			ctx.font = SMALL;
			if (ctx.measureText(tick.label).width < this.width - x - 4) // at the edge, none rather than a part
				this.text(tick.label, x + 4, 10, 140, color.soft, SMALL);
		}
		this.text(formatNs(to - from, 4), 8, 10, LABELS - 16, color.fg);
	}
}
