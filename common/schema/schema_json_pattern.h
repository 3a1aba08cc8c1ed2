/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_pattern: regular expressions as JSON Schema means them, those of ECMA-262 with the
 * flag u, by PCRE2: \d and \w are ASCII, $ is the end of the text only. */
#pragma once

#include "schema/schema_json_build.h"

/* What running one pattern may cost from one place where a match may begin: steps of the first
 * attempt, and of the last, each having eight times those of the one before. */
#define SCHEMA_JSON_MATCH_STEPS_MIN 16u
#define SCHEMA_JSON_MATCH_STEPS     524288u
#define SCHEMA_JSON_MATCH_DEPTH     SCHEMA_JSON_MATCH_STEPS
#define SCHEMA_JSON_MATCH_HEAP_KIB  32768u
#define SCHEMA_JSON_PATTERN_BYTES   4096u

/* Memory of all compiled patterns of a document, and of their machine code: beyond it there is no
 * more of that, so that further patterns are interpreted. */
#define SCHEMA_JSON_PATTERNS_MEMORY (16u * MIB)

/* Compiles the text of a tape node, a string or a name; `*ret` is its place in `patterns`.
 * ERR_SYNTAX: it is no pattern; ERR_LIMIT: too long, too many, or
 * too large when compiled; ERR_NOMEM. */
MUST_CHECK err_t schema_json_pattern_add(struct schema_json_build *b, uint32_t tape, uint32_t *ret);

/* Whether patterns may become machine code here. Where memory may not be both written and executed
 * they are interpreted, which is slower and decides the same. */
bool schema_json_pattern_has_code(void);

void schema_json_pattern_free(void **patterns, uint32_t count);
