// SPDX-License-Identifier: MIT
// The whole run, small: what the workers did, and which part of it is shown.
"use strict";

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
