// SPDX-License-Identifier: MIT
// What is under the mouse, in words.
"use strict";

class Tip {
	constructor(view) {
		this.view = view;
	}
	// What is under the mouse: {row, t, dt of a pixel, state or -1, logs and samples near it}.
	under(x, y) {
		const {view} = this, row = y < AXIS ? null : view.lanes.rowAt(y - AXIS + view.scroll), t = view.painter.timeAt(x);
		const dt = (view.to - view.from) / view.painter.plot;
		let i = -1;

		if (row && row.type === "lane") {
			const s = row.store, lo = s.first[row.k], hi = s.first[row.k + 1] - 1;

			i = stateAt(s, row.k, t);
			if (i < 0 && hi > lo && t < s.t[lo] && t + dt > s.t[lo])
				i = lo;
		}
		const g = row && row.what === "g" ? row.k : -1, low = row && y - AXIS + view.scroll - row.y > row.height - 8;

		return {row, t, i, dt, logs: view.lanes.marks.logsBetween(g, t - 4 * dt, t + 4 * dt, 6),
			samples: low ? view.lanes.marks.samplesBetween(g, t - 3 * dt, t + 3 * dt, 20) : []};
	}
	show(x, y) {
		const {view} = this, {row, t, i, dt, logs, samples} = this.under(x, y), {tip} = view.el;
		const text = [...this.markTexts(logs, samples), row ? this.text(row, t, i, dt) : ""].filter(s => s).join("\n");

		tip.hidden = !text;
		if (!text)
			return;
		tip.textContent = text;
		const {canvas} = view.el, left = canvas.offsetLeft + x + 16, top = canvas.offsetTop + y + 16;

		tip.style.left = Math.max(0, Math.min(left, canvas.offsetLeft + view.painter.width - tip.offsetWidth - 8)) + "px";
		tip.style.top = top + "px";
	}
	text(row, t, i, dt) {
		const {view} = this, {run, painter} = view, when = "at " + formatNs(t, Math.max(4, String(Math.round(t)).length - Math.floor(Math.log10(dt)) ));

		if (row.type === "head")
			return "";
		if (row.type === "object")
			return row.label + " " + when + ":\n" + view.panel.objectNow(view.lanes.object(row.o), t);
		if (row.type === "group") {
			const mix = new Float64Array(view.lanes.classes.list.length);

			painter.groupMix(row.mix, Math.max(0, Math.floor(Math.log2(dt / painter.ratio))), t, t + dt, mix);
			return plural(row.members.length, "goroutine") + " of " + row.label + " " + when + "\n" + this.mixText(mix, dt, true);
		}
		if (row.what === "region" || row.what === "task")
			return i < 0 ? "" : this.markText(row, i);
		if (i < 0)
			return row.label + " " + when + ": " + (row.what === "g" ? "does not exist" : "nothing");
		const s = row.store;

		if (s.t[i + 1] - s.t[i] < dt * 0.6) {
			const mix = new Float64Array(view.lanes.classes.list.length);
			const n = lastBy(s.t, s.first[row.k], s.first[row.k + 1] - 1, t + dt / 2) -
				lastBy(s.t, s.first[row.k], s.first[row.k + 1] - 1, t - dt / 2) + 1;

			addLane(s, row.k, t - dt / 2, t + dt / 2, mix);
			return row.label + " " + when + ", " + formatNs(dt, 3) + " in a pixel: " + plural(n, "state") + "\n" + this.mixText(mix, dt, false);
		}
		return this.stateText(row, i);
	}
	markTexts(logs, samples) {
		const {marks} = this.view.lanes, list = logs.slice(0, 5).map(i => marks.logText(i));

		if (logs.length > 5)
			list.push("and more messages: zoom in");
		if (samples.length)
			list.push("a sample of its cpu time: in " + marks.sampleText(samples[0]) + "; click for the stack");
		return list;
	}
	// A region or a task.
	markText(row, i) {
		const {marks} = this.view.lanes, {run} = this.view, task = row.what === "task";
		const table = task ? marks.tasks : marks.regions, n = row.store.ref[i] - 1;

		if (n < 0)
			return "";
		return (task ? "task " : "region ") + run.texts[table.name[n]] + (table.dur[n] ? "" : ", which did not end") +
			(!task && table.task[n] ? ", of task " + marks.taskName(table.task[n] - 1) : "") + "\n" +
			formatNs(marks.end(table, n) - table.t[n], 4) + ", from " + formatExact(table.t[n]);
	}
	mixText(mix, dt, several) {
		const {view} = this, {list} = view.lanes.classes, names = new Map(view.lanes.hueNames), lines = [];

		mix.forEach((ns, c) => {
			if (c && ns > 0)
				lines.push((several ? (ns / dt).toFixed(1) : (100 * ns / dt).toFixed(1) + "%") + "  " +
					(names.get(c) || list[c].legend || "others"));
		});
		return lines.join("\n");
	}
	stateText(row, i) {
		const {view} = this, {run} = view, s = row.store, k = run.kinds[s.kind[i]], ns = s.t[i + 1] - s.t[i];
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
}
