/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_why: what is wrong with a schema, for the person who wrote it. */
#pragma once

#define SCHEMA_WHY_BYTES 512u

/* NUL-terminated; a zeroed one is "". */
struct schema_why {
    char text[SCHEMA_WHY_BYTES];
};

/* Writes the text, cut to what fits at a character. The first one stays: an outer caller that knows
 * less does not hide what an inner one said. */
void schema_why_set(struct schema_why *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
