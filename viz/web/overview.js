// SPDX-License-Identifier: MIT
// The whole run as the database's level of detail has it, until the timeline is ready: what the workers
// and what all goroutines did.
"use strict";

function weftOverview() {
	const box = document.getElementById("tl"), canvas = document.getElementById("tl-canvas");
	const text = document.getElementById("weft-overview"), over = JSON.parse(text.textContent);
	const style = getComputedStyle(document.documentElement), color = name => style.getPropertyValue("--" + name).trim();

	text.remove();
	box.hidden = false;
	box.classList.add("early");
	if (!over.lanes.length)
		return;
	const {width, height} = canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1, left = 210;
	const ctx = canvas.getContext("2d"), room = Math.min(120, (height - 40) / over.lanes.length);

	canvas.width = Math.round(width * ratio);
	canvas.height = Math.round(height * ratio);
	ctx.scale(ratio, ratio);
	ctx.font = "12px 'DejaVu Sans', Verdana, sans-serif";
	ctx.textBaseline = "middle";
	over.lanes.forEach((lane, n) => {
		const y = 26 + n * room, h = room - 6, scale = (width - left) / over.dur;

		ctx.fillStyle = color("lane");
		ctx.fillRect(left, y, width - left, h);
		let bucket = -1, base = 0;

		for (let i = 0; i < lane.cells.length; i += 3) { // bucket, state, share of the lane in thousandths
			const [b, state, part] = lane.cells.slice(i, i + 3), x = left + b * over.width * scale;

			base = b === bucket ? base : 0;
			bucket = b;
			ctx.fillStyle = color(over.colors[state]);
			ctx.fillRect(x, y + h - (base + part) / 1000 * h, Math.min(over.width * scale + 0.5, width - x), part / 1000 * h);
			base += part;
		}
		ctx.fillStyle = color("fg");
		ctx.fillText(lane.label, 8, y + h / 2);
	});
	performance.mark("weft overview");
}

weftOverview();
