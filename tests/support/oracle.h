/* SPDX-License-Identifier: Apache-2.0
 *
 * oracle: jansson as a second opinion on JSON. */
#pragma once

#include "base/span.h"

#include <jansson.h>

enum oracle_verdict {
    ORACLE_GOOD,
    ORACLE_BAD,
    ORACLE_MUTE /* it cannot say: a number beyond a double, U+0000 in a name, its own depth */
};

/* Whether `text` is one JSON object (or array) in UTF-8 without duplicate names. For ORACLE_GOOD
 * `*ret_root` is what it says, to be released with json_decref(). Integers become reals. */
enum oracle_verdict oracle_judge(struct span text, json_t **ret_root);

/* Fails (aborts) unless the line is one object that this parser accepts, as far as it can say. */
void oracle_require_object(struct span line);
