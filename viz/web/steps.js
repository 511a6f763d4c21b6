// SPDX-License-Identifier: MIT
// The events as sentences, as weft steps tells them, around the cursor.
"use strict";

class Steps {
	constructor(element, view) {
		this.element = element;
		this.view = view;
		this.now = -1;
		this.list = view.run.steps;
		this.at(0);
	}
	at(t) {
		if (this.list) {
			this.now = Math.max(0, lastBy(this.list.t, 0, this.list.t.length, t - 0.5) + 1);
			this.now = Math.min(this.now, this.list.t.length - 1);
		}
		this.show(t);
	}
	step(d) {
		const {list, view} = this;

		if (!list || !list.t.length)
			return;
		this.now = Math.max(0, Math.min(list.t.length - 1, this.now + d));
		view.cursor = list.t[this.now];
		view.keepInView(view.cursor, view.cursor);
		this.show(view.cursor);
	}
	show(t) {
		const {run} = this.view, {list, now} = this, lines = make("ol"), around = 5;

		if (!list) {
			const to = Math.min(run.dur, t + 1000), command = "weft steps " + run.about.database + " --from " +
				Math.round(t) + " --to " + Math.round(to);

			this.element.replaceChildren(make("h3", "", "Steps"), make("p", "soft", "The events as sentences are in pages of runs of up to " +
				formatCount(run.about.steps_most) + " events. For those here:"), make("pre", "", command));
			return;
		}
		for (let i = Math.max(0, now - around); i <= Math.min(list.t.length - 1, now + around); i++) {
			const li = make("li", i === now ? "now" : "", make("span", "", formatNs(list.t[i], 7) +
				(list.p[i] ? "  w" + (list.p[i] - 1) : "") + "  "), run.texts[list.text[i]]);

			li.addEventListener("click", () => this.step(i - this.now));
			lines.append(li);
		}
		this.element.replaceChildren(make("h3", "", list.t.length ? "Step " + formatCount(now + 1) + " of " +
			formatCount(list.t.length) : "No steps"), lines);
	}
}
