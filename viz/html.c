/* SPDX-License-Identifier: MIT */
/* Pieces of an HTML page that need care. */
#define _GNU_SOURCE
#include "html.h"
#include "error.h"
#include "format.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

void html_text(FILE *f, const char *text)
{
	int len;

	for (; *text; text += len) {
		int32_t c = format_decode(text, &len);
		char buf[5] = {0};

		switch (c) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		case '\'':
			fputs("&#39;", f);
			break;
		case '\n':
		case '\\':
			fputc(c, f);
			break;
		default:
			format_encode(buf, format_tame(c));
			fputs(buf, f);
		}
	}
}

static bool begins(const char *at, const char *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - at) >= n && memcmp(at, with, n) == 0;
}

/* Copy the inside of the svg element, putting the prefix before every id and every reference to
 * one.  Ids are only looked for inside tags: what is between them is text of the program's. */
static void copy_svg(FILE *f, const char *at, const char *end, const char *prefix)
{
	static const char *const ids[] = {" id='", " id=\"", "href='#", "href=\"#", "url(#"};
	bool tag = false;

	while (at < end) {
		bool done = false;

		if (*at == '<' || *at == '>')
			tag = *at == '<';
		for (size_t i = 0; tag && !done && i < sizeof ids / sizeof *ids; i++)
			if (begins(at, end, ids[i])) {
				fprintf(f, "%s%s", ids[i], prefix);
				at += strlen(ids[i]);
				done = true;
			}
		if (!done)
			fputc(*at++, f);
	}
}

int html_svg(FILE *f, const char *svg, size_t len, const char *prefix, const char *title)
{
	const char *end = svg + len, *box, *defs;
	int w = 0, h = 0;

	box = memmem(svg, len, "viewBox=\"0 0 ", 13);
	if (box)
		sscanf(box + 13, "%d %d", &w, &h);
	/* What comes before is gnuplot's own title and description. */
	defs = memmem(svg, len, "<g id=\"gnuplot_canvas\"", 22);
	if (!box || !defs)
		return error("gnuplot wrote a picture of a kind that this weft does not know");
	fprintf(f,
		"<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" "
		"xmlns=\"http://www.w3.org/2000/svg\" "
		"xmlns:xlink=\"http://www.w3.org/1999/xlink\">\n",
		w, h, title);
	copy_svg(f, defs, end, prefix);
	return 0;
}

/* clang-format off */
const char html_style[] =
	":root { color-scheme: light dark; --bg: #fff; --fg: #1f2328; --soft: #59636e; --line: #d8dde3;\n"
	"  --card: #f6f8fa; --warn: #a63c00; --warnbg: #fff1e8 }\n"
	"@media (prefers-color-scheme: dark) {\n"
	"  :root { --bg: #14171b; --fg: #e6e9ec; --soft: #9aa4af; --line: #343b43;\n"
	"    --card: #1d2228; --warn: #ffb38a; --warnbg: #3a2316 }\n"
	"}\n"
	"* { box-sizing: border-box }\n"
	"body { margin: 0 auto; padding: 24px 28px 48px; max-width: 1660px; background: var(--bg);\n"
	"  color: var(--fg); font: 15px/1.5 'DejaVu Sans', Verdana, sans-serif }\n"
	"h1 { font-size: 24px; margin: 0 0 2px; overflow-wrap: anywhere }\n"
	"h2 { font-size: 18px; margin: 44px 0 6px }\n"
	"p { margin: 4px 0 12px }\n"
	".soft { color: var(--soft); font-size: 13px }\n"
	".answers { display: grid; grid-template-columns: max-content 1fr; gap: 8px 22px; margin: 18px 0;\n"
	"  padding: 16px 20px; background: var(--card); border: 1px solid var(--line); border-radius: 8px }\n"
	".answers dt { color: var(--soft) }\n"
	".answers dd { margin: 0; overflow-wrap: anywhere }\n"
	".answers .main { font-size: 17px }\n"
	".answers .most { font-weight: bold }\n"
	".warn { margin: 16px 0; padding: 10px 16px; background: var(--warnbg); color: var(--warn);\n"
	"  border-left: 4px solid var(--warn); white-space: pre-wrap; overflow-wrap: anywhere }\n"
	"figure { margin: 10px 0 0 }\n"
	"figure > svg { display: block; width: 100%; height: auto; background: #fff;\n"
	"  border: 1px solid var(--line); border-radius: 8px }\n"
	"details { margin: 6px 0; font-size: 13px }\n"
	"summary { cursor: pointer; color: var(--soft) }\n"
	"pre { margin: 6px 0; padding: 10px 14px; max-height: 420px; overflow: auto; background: var(--card);\n"
	"  border: 1px solid var(--line); border-radius: 6px;\n"
	"  font: 12px/1.45 'DejaVu Sans Mono', monospace }\n"
	".wide { overflow-x: auto }\n"
	"table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums }\n"
	"th, td { padding: 5px 12px; border-bottom: 1px solid var(--line); text-align: right;\n"
	"  vertical-align: top; white-space: nowrap }\n"
	"th { color: var(--soft); font-weight: normal }\n"
	"th.t, td.t { text-align: left; white-space: normal; overflow-wrap: anywhere }\n"
	".bar { display: flex; width: 160px; height: 12px; margin-top: 4px; background: var(--line) }\n"
	".bar i { display: block; height: 12px }\n"
	".key { display: inline-block; width: 11px; height: 11px; margin: 0 6px 0 14px }\n"
	"@page { size: A4 landscape; margin: 12mm }\n"
	"@media print {\n"
	"  body { padding: 0; font-size: 11px; max-width: none }\n"
	"  .answers .main { font-size: 13px }\n"
	"  figure, tr, .warn, .answers { break-inside: avoid }\n"
	"  figure > svg { max-height: 165mm }\n"
	"  figure > svg, .key, .bar, .bar i { print-color-adjust: exact }\n"
	"  h2, h2 + p { break-after: avoid }\n"
	"  details { display: none }\n"
	"}\n";
/* clang-format on */
