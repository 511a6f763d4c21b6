// SPDX-License-Identifier: MIT
// The lanes as pixels: each shows the mix of what it holds.  What lies over them is in draw.js.
"use strict";

class Raster {
	constructor(run, lanes) {
		this.run = run;
		this.lanes = lanes;
		this.mix = new Float64Array(lanes.classes.list.length);
		this.words = []; // where there is room for them in what was painted
		this.unfinished = [];
	}
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
		let i = lastFrom(store, k, first, Math.max(t[first], from + x * dt));
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
					i = lastFrom(store, k, i, from + x * dt);
				continue;
			}
			const j = lastFrom(store, k, i, b);

			mix.fill(0);
			if (j === i) {
				mix[cls[i]] += Math.min(b, t[i + 1]) - Math.max(a, t[i]);
			} else {
				mix[cls[i]] += t[i + 1] - Math.max(a, t[i]);
				addStates(store, k, i + 1, Math.min(j, last), mix);
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
				this.unfinished.push(row);
		}
		for (let x = 0; x < W; x++) {
			const a = from + x * dt, b = a + dt;

			if (b <= 0 || a >= this.run.dur)
				continue;
			mix.fill(0);
			if (this.groupMix(group, level, a, b, mix))
				this.column(x, y0, y1, mix, dt * row.members.length);
			else
				this.dashes(y0, y1, x, x + 1);
		}
	}
	// Still being summed up.
	dashes(y0, y1, x0 = 0, x1 = this.W) {
		const y = (y0 + y1) >> 1;

		for (let x = x0; x < x1; x++)
			if (x & 4)
				this.bar(x, y, y + 2, this.pixel("soft"));
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
		const {W, from, to, ratio, mix} = this, dt = (to - from) / W;
		const top = Math.round((y + 2) * ratio), middle = Math.round((y + 24) * ratio);
		const bottom = Math.round((y + row.height - 2) * ratio), h = middle - top;

		this.fill(0, W, top, middle, this.classColor[0]);
		this.fill(0, W, middle + 1, bottom, this.classColor[0]);
		const end = Math.min(W, Math.ceil((this.run.dur - from) / dt)), x = this.lanes.make(row.o, performance.now() + 4);

		if (!x) {
			this.dashes(top, middle);
			this.unfinished.push(row);
			return;
		}
		for (const w of x.waiters) {
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

		let before = levelBy(x.level, from);

		for (let px = 0; px < end; px++) {
			const after = levelBy(x.level, from + (px + 1) * dt), mean = (after - before) / dt;
			const n = mean > 1e-9 ? Math.max(1, Math.round(Math.min(1, mean / most) * (bottom - top))) : 0;

			this.bar(px, bottom - n, bottom, color);
			before = after;
		}
	}
}
