/* SPDX-License-Identifier: MIT */
/* Apply a macro to each field of a row of a .def table.
 *
 * A field is a parenthesised tuple, so MAP(M, (a, b), (c, d)) is
 * M(a, b) M(c, d).  A row has one to eight fields.
 */
#ifndef RT_MAP_H
#define RT_MAP_H

#define MAP_1(M, f) M f
#define MAP_2(M, f, ...) M f MAP_1(M, __VA_ARGS__)
#define MAP_3(M, f, ...) M f MAP_2(M, __VA_ARGS__)
#define MAP_4(M, f, ...) M f MAP_3(M, __VA_ARGS__)
#define MAP_5(M, f, ...) M f MAP_4(M, __VA_ARGS__)
#define MAP_6(M, f, ...) M f MAP_5(M, __VA_ARGS__)
#define MAP_7(M, f, ...) M f MAP_6(M, __VA_ARGS__)
#define MAP_8(M, f, ...) M f MAP_7(M, __VA_ARGS__)
#define MAP_PICK(_1, _2, _3, _4, _5, _6, _7, _8, name, ...) name
#define MAP(M, ...)                                                                                \
	MAP_PICK(__VA_ARGS__, MAP_8, MAP_7, MAP_6, MAP_5, MAP_4, MAP_3, MAP_2, MAP_1)              \
	(M, __VA_ARGS__)

/* The same with commas between: MAP_LIST(M, (a, b), (c, d)) is M(a, b), M(c, d). */
#define MAP_LIST_1(M, f) M f
#define MAP_LIST_2(M, f, ...) M f, MAP_LIST_1(M, __VA_ARGS__)
#define MAP_LIST_3(M, f, ...) M f, MAP_LIST_2(M, __VA_ARGS__)
#define MAP_LIST_4(M, f, ...) M f, MAP_LIST_3(M, __VA_ARGS__)
#define MAP_LIST_5(M, f, ...) M f, MAP_LIST_4(M, __VA_ARGS__)
#define MAP_LIST_6(M, f, ...) M f, MAP_LIST_5(M, __VA_ARGS__)
#define MAP_LIST_7(M, f, ...) M f, MAP_LIST_6(M, __VA_ARGS__)
#define MAP_LIST_8(M, f, ...) M f, MAP_LIST_7(M, __VA_ARGS__)
#define MAP_LIST(M, ...)                                                                           \
	MAP_PICK(__VA_ARGS__, MAP_LIST_8, MAP_LIST_7, MAP_LIST_6, MAP_LIST_5, MAP_LIST_4,          \
		 MAP_LIST_3, MAP_LIST_2, MAP_LIST_1)                                               \
	(M, __VA_ARGS__)

#endif
