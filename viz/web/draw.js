// SPDX-License-Identifier: MIT
// The timeline on its canvas.  The lanes are written as pixels, each showing the mix of what it holds;
// words, arrows and marks are drawn over them.
"use strict";

const LABELS = 210, AXIS = 26; // pixels: the labels at the left, the axis on top
const ARROWS = 120; // nobody could follow one of more

class Painter {
	constructor(canvas, run, lanes, view) {
		this.canvas = canvas;
		this.view = view;
		this.run = run;
		this.lanes = lanes;
		this.mix = new Float64Array(lanes.classes.list.length);
		this.unfinished = [];
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

	// ---- Pixels ----

	fill(x0, x1, y0, y1, color) {
		const {W, H, pix} = this;

		for (let y = Math.max(0, y0), end = Math.min(H, y1); y < end; y++)
			pix.fill(color, y * W + x0, y * W + x1);
	}
	// One pixel wide.
	bar(x, y0, y1, color) {
		const {W, H, pix} = this;

		for (let y = Math.max(0, y0), end = Math.min(H, y1); y < end; y++)
			pix[y * W + x] = color;
	}
	// A column of pixels that shows a mix; `whole` is the time that fills it.
	column(x, y0, y1, mix, whole) {
		const {W, H, pix, classColor} = this, h = y1 - y0;
		let y = y1, left = h;

		for (let c = 1; c < mix.length && left > 0; c++) {
			if (!mix[c])
				continue;
			let n = Math.min(left, Math.max(1, Math.round(mix[c] / whole * h)));
			const color = classColor[c];

			left -= n;
			for (; n > 0; n--)
				if (--y >= 0 && y < H)
					pix[y * W + x] = color;
		}
	}
	paintRow(row, y) {
		const {ratio} = this, y0 = Math.round((y + 1) * ratio), y1 = Math.round((y + row.height - 1) * ratio);

		if (row.type === "lane")
			this.paintLane(row.store, row.k, y0, y1, row);
		else if (row.type === "group")
			this.paintGroup(row, y0, y1);
		else if (row.type === "object")
			this.paintObject(row, y);
	}
	// A state that is wide enough is drawn as it is; what shares a pixel is drawn as a mix.
	paintLane(store, k, y0, y1, row) {
		const {t, cls} = store, {W, from, to, mix, classColor} = this, dt = (to - from) / W;
		const first = store.first[k], last = store.first[k + 1] - 1;

		this.fill(0, W, y0, y1, classColor[0]);
		if (first >= last || t[first] >= to || t[last] < from)
			return;
		let x = Math.max(0, Math.floor((t[first] - from) / dt));
		let i = Math.max(first, lastBy(t, first, last, from + x * dt));
		const end = Math.min(W, Math.max(x + 1, Math.ceil((t[last] - from) / dt)));

		while (x < end && i < last) {
			const a = from + x * dt, b = a + dt, stop = Math.floor((t[i + 1] - from) / dt);

			if (stop > x && t[i] <= a) { // state i fills this pixel, and others
				const x1 = Math.min(end, stop), wide = x1 - x > 3 && t[i] >= from;

				this.fill(x, x1, y0, y1, classColor[cls[i]]);
				if (wide)
					this.fill(x, x + 1, y0, y1, classColor[0]);
				if (x1 - x > 24 && store.kind[i])
					this.words.push({row, i, x0: x, x1, y0, y1});
				x = x1;
				if (stop <= x1)
					i = lastBy(t, i, last, from + x * dt);
				continue;
			}
			const j = gallop(t, Math.max(i, first), last, b);

			mix.fill(0);
			if (j === i) {
				mix[cls[i]] += Math.min(b, t[i + 1]) - Math.max(a, t[i]);
			} else {
				mix[cls[i]] += t[i + 1] - Math.max(a, t[i]);
				addStates(store, i + 1, Math.min(j, last), mix);
				if (j < last)
					mix[cls[j]] += b - t[j];
			}
			if (j - i <= 1 && x + 1 < end && j < last && Math.floor((t[j + 1] - from) / dt) > x + 1)
				this.edge(x, y0, y1, mix); // the border of two that are wide themselves
			else
				this.column(x, y0, y1, mix, dt);
			i = Math.min(j, last);
			x++;
		}
	}
	edge(x, y0, y1, mix) {
		let most = 0;

		for (let c = 1; c < mix.length; c++)
			if (mix[c] > mix[most] || !most && mix[c])
				most = c;
		this.fill(x, x + 1, y0, y1, this.classColor[most]);
	}
	// Tiles of the level whose columns are next to a pixel; while they are made, a coarser one.
	paintGroup(row, y0, y1) {
		const {W, from, to, mix, classColor} = this, dt = (to - from) / W, group = row.mix;
		const level = Math.max(0, Math.floor(Math.log2(dt))), until = performance.now() + 6;

		this.fill(0, W, y0, y1, classColor[0]);
		for (let n = Math.floor(Math.max(0, from) / (TILE * 2 ** level)); n * TILE * 2 ** level < to; n++) {
			const tile = group.tile(level, n);

			if (!group.done(tile) && !group.work(tile, until))
				this.unfinished.push([group, tile]);
		}
		for (let x = 0; x < W; x++) {
			const a = from + x * dt, b = a + dt;

			if (b <= 0 || a >= this.run.dur)
				continue;
			mix.fill(0);
			if (this.groupMix(group, level, a, b, mix))
				this.column(x, y0, y1, mix, dt * row.members.length);
			else if (x & 4)
				this.bar(x, (y0 + y1) >> 1, ((y0 + y1) >> 1) + 2, this.pixel("soft")); // dashes: still being summed up
		}
	}
	// Add a group's mix of a time to mix; false if it is not known yet.
	groupMix(group, level, from, to, mix) {
		const size = TILE * 2 ** level;
		let all = true;

		from = Math.max(0, from);
		for (let n = Math.floor(from / size); n * size < to; n++)
			all = this.tileMix(group, level, Math.max(from, n * size), Math.min(to, (n + 1) * size), mix) && all;
		return all;
	}
	// Of a time within one tile: of the finest that there is.
	tileMix(group, level, from, to, mix) {
		const C = group.C;

		for (let l = level; l < 50; l++) {
			const width = 2 ** l, size = TILE * width, n = Math.floor(from / size);
			const tile = group.tiles.get(group.key(l, n));

			if (!tile || tile.change)
				continue;
			for (let c = Math.floor((from - n * size) / width); c < TILE; c++) {
				const a = n * size + c * width, part = Math.min(to, a + width) - Math.max(from, a);

				if (a >= to)
					break;
				for (let k = 0; k < C; k++)
					mix[k] += tile.mix[c * C + k] * part / width;
			}
			return true;
		}
		return false;
	}
	// Above, who waits, stacked; below, who holds the lock, or how full it is.
	paintObject(row, y) {
		const {W, from, to, ratio, mix} = this, dt = (to - from) / W, x = this.lanes.object(row.o);
		const top = Math.round((y + 2) * ratio), middle = Math.round((y + 24) * ratio);
		const bottom = Math.round((y + row.height - 2) * ratio), h = middle - top;

		this.fill(0, W, top, middle, this.classColor[0]);
		this.fill(0, W, middle + 1, bottom, this.classColor[0]);
		const end = Math.min(W, Math.ceil((this.run.dur - from) / dt));

		for (const w of x.waiters) {
			w.count.seek();
			w.by = w.count.by(from);
			w.pixel = this.pixel(w.color);
		}
		for (let px = 0; x.most && px < end; px++) {
			let base = middle;

			for (const w of x.waiters) {
				const by = w.count.by(from + (px + 1) * dt), mean = (by - w.by) / dt;

				w.by = by;
				const n = mean > 1e-9 ? Math.max(1, Math.round(mean / x.most * h)) : 0;

				this.bar(px, Math.max(top, base - n), base, w.pixel);
				base -= n;
			}
		}
		mix.fill(0);
		if (x.held)
			this.paintLane(x.held, 0, middle + 1, bottom, row);
		else if (x.level && x.level.t.length)
			this.paintLevel(x, middle + 1, bottom, dt, end);
	}
	paintLevel(x, top, bottom, dt, end) {
		const {from} = this, most = Math.max(1, x.cap > 0 ? x.cap : x.level.most), color = this.pixel("level");
		x.level.hint = 0;
		let before = levelBy(x.level, from);

		for (let px = 0; px < end; px++) {
			const after = levelBy(x.level, from + (px + 1) * dt), mean = (after - before) / dt;
			const n = mean > 1e-9 ? Math.max(1, Math.round(Math.min(1, mean / most) * (bottom - top))) : 0;

			this.bar(px, bottom - n, bottom, color);
			before = after;
		}
	}

	// ---- Words and lines ----

	// As much of a text as fits, with an ellipsis if that is not all.
	fit(text, room) {
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
	text(text, x, y, room, color, font) {
		const {ctx} = this;

		ctx.font = font || "12px 'DejaVu Sans', Verdana, sans-serif";
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
				row.more ? undefined : "bold 12px 'DejaVu Sans', Verdana, sans-serif");
			return;
		}
		if (row.type === "group") {
			this.text((row.open ? "\u25be " : "\u25b8 ") + row.label, 12, middle - 7, LABELS - 22, color.fg);
			this.text(plural(row.members.length, "goroutine"), 25, middle + 8, LABELS - 35, color.soft,
				"11px 'DejaVu Sans', Verdana, sans-serif");
			return;
		}
		if (row.type === "object") {
			this.text(row.label, 12, middle - 9, LABELS - 22, color.fg);
			this.text(this.objectNote(row.o), 12, middle + 8, LABELS - 22, color.soft,
				"11px 'DejaVu Sans', Verdana, sans-serif");
			return;
		}
		this.text(row.label, 12 + 14 * (row.indent || 0), middle, LABELS - 22 - 14 * (row.indent || 0), color.fg);
	}
	// What the two parts of an object's lane are measured in.
	objectNote(o) {
		const x = this.lanes.object(o), below = x.held ? "held by"
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

			if (w.row.type === "object" || w.row.what !== "g") {
				const g = store.ref[w.i];

				words = g ? [nameOf(run, g - 1), "g" + run.goroutines.id[g - 1]] : "";
			} else {
				words = this.stateWords(w.i);
			}
			ctx.font = "11px 'DejaVu Sans', Verdana, sans-serif";
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
		const {run, view} = this, s = run.states, shown = new Map(), list = [];

		this.manyArrows = 0;
		for (const row of rows)
			if (row.type === "lane" && row.what === "g")
				shown.set(row.k, row);
		for (const k of shown.keys()) {
			const hi = s.first[k + 1] - 1;
			let i = Math.max(s.first[k], lastBy(s.t, s.first[k], hi, this.from));
			const n = lastBy(s.t, s.first[k], hi, this.to) - i;

			if (this.manyArrows + n > 6000) {
				this.manyArrows += n;
				continue;
			}
			for (; i < hi && s.t[i] < this.to; i++)
				if (s.waker[i] > 1 && s.t[i + 1] <= this.to && !isOpen(run, k, i)) {
					this.manyArrows++;
					if (shown.has(s.waker[i] - 2))
						list.push([k, i]);
				}
		}
		const own = view.selected;

		if (list.length <= ARROWS)
			for (const [g, i] of list)
				this.arrow(g, i, false);
		this.manyArrows = list.length <= ARROWS && this.manyArrows <= 6000 ? 0 : this.manyArrows;
		if (own && s.waker[own.i] > 1)
			this.arrow(own.g, own.i, true);
		for (const step of view.chain)
			if (s.waker[step.i] > 1)
				this.arrow(step.g, step.i, true);
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
			this.text(tick.label, x + 4, 10, 140, color.soft, "11px 'DejaVu Sans', Verdana, sans-serif");
		}
		this.text(formatNs(to - from, 4), 8, 10, LABELS - 16, color.fg);
	}
}

// The whole run, small: what the workers did, and which part of it is shown.
class Minimap {
	constructor(canvas, painter) {
		this.canvas = canvas;
		this.painter = painter;
	}
	draw(view) {
		const {canvas, painter} = this, {run} = painter, box = canvas.getBoundingClientRect();
		const ratio = window.devicePixelRatio || 1, W = Math.round(box.width * ratio), H = Math.round(box.height * ratio);

		if (!W || !H)
			return;
		if (!this.image || canvas.width !== W || canvas.height !== H || this.stale) {
			canvas.width = W;
			canvas.height = H;
			this.paint(W, H);
		}
		const ctx = canvas.getContext("2d"), x = t => t / run.dur * W;

		ctx.putImageData(this.image, 0, 0);
		ctx.fillStyle = painter.color.bg;
		ctx.globalAlpha = 0.6;
		ctx.fillRect(0, 0, x(view.from), H);
		ctx.fillRect(x(view.to), 0, W - x(view.to), H);
		ctx.globalAlpha = 1;
		ctx.strokeStyle = painter.color.accent;
		ctx.lineWidth = 2 * ratio;
		ctx.strokeRect(x(view.from), ratio, Math.max(2 * ratio, x(view.to) - x(view.from)), H - 2 * ratio);
	}
	paint(W, H) {
		const {painter} = this, {run, lanes} = painter, store = run.workerStates, dt = run.dur / W;
		const mix = new Float64Array(painter.mix.length), saved = [painter.W, painter.H, painter.pix];

		this.image = painter.ctx.createImageData(W, H);
		this.stale = false;
		[painter.W, painter.H, painter.pix] = [W, H, new Uint32Array(this.image.data.buffer)];
		painter.pix.fill(painter.pixel("lane"));
		const idle = ["searching", "stopped"].map(n => lanes.classes.index.get(n)).filter(c => c !== undefined);

		for (let x = 0; x < W; x++) {
			mix.fill(0);
			for (let k = 0; k < store.lanes; k++)
				addLane(store, k, x * dt, (x + 1) * dt, mix);
			for (const c of idle)
				mix[c] = 0;
			painter.column(x, 0, H, mix, dt * Math.max(1, store.lanes));
		}
		[painter.W, painter.H, painter.pix] = saved;
	}
}
