/* SPDX-License-Identifier: Apache-2.0
 *
 * oracle: what jansson cannot represent is told apart from what it refuses. */
#include "tests/support/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum oracle_verdict oracle_judge(struct span text, json_t **ret_root)
{
    json_error_t error;

    /* No JSON holds a NUL byte; jansson loses the one that ends a number and takes the text. */
    if (text.len > 0 && memchr(text.at, 0, text.len) != NULL) {
        return ORACLE_BAD;
    }
    json_t *root =
        json_loadb(text.at, text.len,
                   JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);

    if (root != NULL) {
        *ret_root = root;
        return ORACLE_GOOD;
    }
    enum json_error_code code = json_error_code(&error);
    return code == json_error_numeric_overflow || code == json_error_null_byte_in_key ||
                   code == json_error_stack_overflow
               ? ORACLE_MUTE
               : ORACLE_BAD;
}

void oracle_require_object(struct span line)
{
    json_t *root = NULL;
    enum oracle_verdict verdict = oracle_judge(line, &root);

    if (verdict == ORACLE_BAD || (verdict == ORACLE_GOOD && !json_is_object(root))) {
        fprintf(stderr, "oracle: no JSON object: %.*s\n", (int)line.len, line.at);
        abort();
    }
    if (verdict == ORACLE_GOOD) {
        json_decref(root);
    }
}
