// SPDX-License-Identifier: MIT
// From the data to the timeline, in slices, so that the page is there at once and can be read meanwhile.
"use strict";

let weft = null; // the view, for tests and for a person at the console
const weftParts = [];

// A file beside the page hands its part of the data over.
function weftPart(n, text) {
	weftParts[n] = text;
}

function weftLoad(about, n) {
	return new Promise((done, failed) => {
		const script = document.createElement("script");

		script.src = about.directory + "/" + String(n).padStart(3, "0") + ".js";
		script.onload = () => done(script.remove());
		script.onerror = () => failed(new Error("The file " + script.src + " is missing: the timeline's data are in the directory " +
			about.directory + " beside this page, and must be moved with it."));
		document.head.append(script);
	});
}

// What a generator returns, when it is done; it runs for 12 ms, then the page does what it has to.
async function inSlices(generator) {
	const {port1, port2} = new MessageChannel();

	for (;;) {
		const until = performance.now() + 12;
		let step;

		do {
			step = generator.next();
		} while (!step.done && performance.now() < until);
		if (step.done)
			return step.value;
		await new Promise(go => {
			port1.onmessage = go;
			port2.postMessage(null);
		});
	}
}

// All bytes: of this page, or of the files beside it.
async function weftBytes(about, say) {
	const inside = document.getElementById("weft-data"), out = new Uint8Array(about.bytes + 2);
	let at = 0;

	if (!about.files)
		at = await inSlices(decodeBase64(inside.textContent, out, 0));
	for (let n = 0; n < about.files; n++) {
		say("Reading " + (n + 1) + " of " + about.files + " files\u2026");
		await weftLoad(about, n);
		at = await inSlices(decodeBase64(weftParts[n], out, at));
		weftParts[n] = null;
	}
	inside.remove();
	if (at !== about.bytes)
		throw new Error("the data of the timeline are damaged");
	return out.subarray(0, at);
}

async function weftStart() {
	const found = document.getElementById("tl-found"), text = document.getElementById("weft-about");
	const say = words => found.textContent = words;

	await new Promise(go => setTimeout(go, 0)); // what is above the timeline is painted first
	try {
		const about = JSON.parse(text.textContent);

		text.remove();
		say("Reading " + plural(about.events, "event") + "\u2026");
		const bytes = await weftBytes(about, say);

		performance.mark("weft data");
		const run = await inSlices(readRun(about, bytes));

		performance.mark("weft run");
		say("");
		document.getElementById("tl").classList.remove("early");
		weft = new View(run);
		weft.frame();
		performance.mark("weft drawn");
	} catch (e) {
		found.className = "warn";
		say(e.message);
		throw e;
	}
}

weftStart();
