// SPDX-License-Identifier: MIT
// Places of the timeline in the page's address.
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
