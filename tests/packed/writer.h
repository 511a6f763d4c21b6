/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PACKED_WRITER_H
#define TESTS_PACKED_WRITER_H

#include <stdint.h>

void take_block(uint32_t m, uint32_t seq, uint32_t count, uint32_t kinds, uint64_t raw,
		uint64_t mono, const uint64_t *payload, uint16_t words);
void take_table(uint32_t kinds, const char *table);

#endif
