// SPDX-License-Identifier: MIT
// Numbers and times as a person reads them: what viz/format.c does, in the page.
"use strict";

const UNITS = [["ns", 1], ["us", 1e3], ["ms", 1e6], ["s", 1e9]];

// toFixed() that rounds to the even digit where both are as near, as printf() does.
function fixed(v, digits) {
	const exact = v.toFixed(digits + 30), cut = exact.slice(0, -30).replace(/\.$/, "");

	return /50{29}$/.test(exact) && Number(cut.slice(-1)) % 2 === 0 ? cut : v.toFixed(digits);
}

// 1234567 as "1.235 ms": as many significant digits; of seconds there may be more: "20,072 s".
function formatNs(ns, digits) {
	let u = 0;

	while (u < 3 && Math.abs(ns) >= UNITS[u + 1][1])
		u++;
	const v = ns / UNITS[u][1], size = Math.abs(v);
	const before = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1;
	let after = Math.max(0, digits - before);

	if (u === 0 && Math.abs(v - Math.round(v)) < 1e-9)
		after = 0;
	const text = fixed(v, after);

	if (text.startsWith("1000") && u < 3)
		return formatNs(UNITS[u + 1][1], digits);
	return text.replace(/^-?\d+/, n => formatCount(n)) + " " + UNITS[u][0];
}

// As exact as it is: "1.234567891 s".
function formatExact(ns) {
	return formatNs(ns, Math.max(3, String(Math.abs(Math.round(ns))).length));
}

function formatCount(n) {
	return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

function plural(n, one) {
	return formatCount(n) + " " + one + (n === 1 ? "" : "s");
}

// "10ms", "1.5s", "250us", "3ns", "3 us" or plain nanoseconds; NaN if it is nothing of the kind.
function parseNs(text) {
	const m = /^\s*(\d+(?:\.\d*)?)\s*(ns|us|\u00b5s|ms|s|)\s*$/.exec(text);
	const unit = m && UNITS.find(u => u[0] === (m[2].replace("\u00b5", "u") || "ns"));

	return m ? Math.round(Number(m[1]) * unit[1]) : NaN;
}

// A step for ticks: 1, 2 or 5 times a power of ten, so that `span` holds at most `ticks` of them.
function formatStep(span, ticks) {
	const least = span / Math.max(1, ticks);
	const ten = Math.pow(10, Math.floor(Math.log10(least) + 1e-9));

	for (const k of [1, 2, 5])
		if (ten * k >= least * (1 - 1e-9))
			return ten * k;
	return 10 * ten;
}

// The ticks of an axis, each with its label.  Long numbers are cut: the first tick has the whole
// time then, the others what they are after it.
function axisTicks(from, to, ticks) {
	const step = Math.max(1, formatStep(to - from, ticks)), list = [];
	const first = Math.ceil(from / step) * step;
	const whole = UNITS.filter(u => u[1] <= Math.max(to, 1)).pop();
	const after = unit => Math.max(0, Math.ceil(Math.log10(unit[1] / step) - 1e-9));
	const base = after(whole) > 5 ? first : 0;
	const unit = base ? UNITS.filter(u => u[1] <= Math.max(to - from, 1)).pop() : whole, decimals = after(unit);

	for (let t = first; t <= to; t += step) {
		const value = ((t - base) / unit[1]).toFixed(decimals) + " " + unit[0];

		list.push({t, label: base === 0 ? value : t === first ? formatExact(t) : "+" + value});
	}
	return list;
}
