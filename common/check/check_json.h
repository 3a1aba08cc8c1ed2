/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json: runs the program of a JSON Schema (schema/schema_json.h) over records and over JSON
 * texts. Nothing is allocated but from the arena that the caller gives; it is rewound before a call
 * returns. Time and memory of one call are bounded whatever the record holds: what exceeds them
 * does not pass. */
#pragma once

#include "base/arena.h"
#include "schema/schema_json.h"
#include "wire/record.h"

/* What patterns need; one a thread, made at its start. */
struct check_json {
    void *match_data;
    void *match_context;
    void *jit_stack; /* NULL where PCRE2 may not compile to machine code */
};

/* ERR_NOMEM. */
MUST_CHECK err_t check_json_init(struct check_json *c);
void check_json_done(struct check_json *c);

/* Judges the object that consists of the four, as far as they are there, and of the extras, as the
 * sender named them: no addition of ours, and of LogEntry no extra that bears one of the four names
 * (it is stored under another). Of ORIGIN_TYPED such an extra is that member. True: it is valid.
 * Else `*ret_detail` is a text of the schema's, which lives as long as it: where and which keyword,
 * "/message: minLength 1". The arena has BATCH_ARENA_JUDGE_PER_BYTE bytes left for every byte of
 * the record (batch_has_room()). */
bool check_json_record(struct check_json *c, const struct schema_json *schema,
                       const struct record *rec, struct arena *arena, const char **ret_detail);

/* The same for a JSON text, which has been checked to be I-JSON (json_scan) of at most
 * JSON_DEPTH_MAX levels; any value, not only an object. Readable for SPAN_SLACK_BYTES behind. */
bool check_json_text(struct check_json *c, const struct schema_json *schema, struct span json,
                     struct arena *arena, const char **ret_detail);
