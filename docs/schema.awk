# SPDX-License-Identifier: MIT
# docs/schema.md from the comments of tracer/schema.sql and tracer/views.sql:
#     awk -v schema=VERSION -f docs/schema.awk tracer/schema.sql tracer/views.sql
# The comment above a CREATE documents the table or view, the one behind a column the column.

function cell(text) {
	gsub(/\|/, "\\|", text)
	return text
}

function flush_preamble() {
	if (comment != "" && !begun[FILENAME]) {
		print (FILENAME ~ /views/ ? "\n# Views\n\n" : "# Tables\n\n") comment
		begun[FILENAME] = 1
	}
}

BEGIN {
	print "<!-- Generated from tracer/schema.sql and tracer/views.sql by `make docs`. -->"
	print "# The database\n"
	print "One SQLite file for each run.  `weft sql run.db QUERY` asks it; so does any other SQLite.\n"
	print "This is schema " schema ", which is the file's `PRAGMA user_version`.  A database of another one, older or"
	print "newer, is refused: load its trace again, which `weft record --keep DIR` leaves.\n"
}

/^-- SPDX/ { next }

/^-- / {
	comment = comment (comment == "" ? "" : "\n") substr($0, 4)
	next
}

/^--$/ {
	comment = comment "\n"
	next
}

/^$/ {
	flush_preamble()
	comment = ""
	in_view = 0
	next
}

/^CREATE TABLE/ {
	printf "\n## %s\n\n%s\n\n| column | type | meaning |\n|---|---|---|\n", $3, comment
	comment = ""
	next
}

/^CREATE VIEW/ {
	printf "\n## %s\n\n%s\n\n```sql\n", $3, comment
	comment = ""
	in_view = 1
}

in_view {
	print
	if (/;$/ || /;[ \t]*--/) {
		print "```"
		in_view = 0
	}
	next
}

# a column: "name TYPE ..., -- meaning"; several may share a line and its comment
/^\t[a-z]/ {
	split($0, part, " -- ")
	sub(/^\t/, "", part[1])
	n = split(part[1], column, / *, */)
	names = type = ""
	for (i = 1; i <= n; i++) {
		if (split(column[i], word, " ") < 2 || column[i] !~ /^[a-z_]+[0-9]* [A-Z]/)
			continue
		names = names (names == "" ? "" : "`, `") word[1]
		type = word[2]
	}
	if (part[1] ~ /NOT NULL|PRIMARY KEY/)
		null = ""
	else
		null = " or NULL"
	if (match(part[1], /REFERENCES [a-z_]+/))
		null = null ", refers to " substr(part[1], RSTART + 11, RLENGTH - 11)
	printf "| `%s` | %s%s | %s |\n", names, type, null, cell(part[2])
}
