/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_string: what operations ask of a string. */
#pragma once

#include "check/check_json_machine.h"

/* The text without escapes: itself, or a copy in the arena. Ends the judgement if that is full. */
struct span check_json_string_decode(struct check_json_machine *m, struct text t);

/* Whether the pattern matches somewhere. Ends the judgement if that takes too long. */
bool check_json_string_matches(struct check_json_machine *m, uint32_t pattern, struct span subject);

/* Length in code points. */
uint32_t check_json_string_length(struct text t);

/* The subject is never absent. */
#define CHECK_JSON_STRING_OR_EMPTY(s) ((s).at == NULL ? SPAN_LIT("") : (s))
