/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a JSON Schema. Whatever compiles judges some values, and is compatible with
 * itself. */
#include "base/limits.h"
#include "check/check_json.h"
#include "schema/schema_compat_json.h"

#include <stdlib.h>

#define INPUT_BYTES_MAX (16u * KIB)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct span values[] = {
    {"null", 4},
    {"-12.50e1", 8},
    {"\"a\\u00e4\\n\"", 11},
    {"[1,1.0,\"a\",[],{}]", 17},
    {"{\"a\":1,\"b\":{\"a\":[true,{}]},\"\":\"x\"}", 34},
};

static void judge_values(const struct schema_json *s)
{
    static struct check_json check;
    static struct arena arena;
    char copy[128];

    if (check.match_data == NULL &&
        (check_json_init(&check) != ERR_OK || arena_init(&arena, MIB) != ERR_OK)) {
        abort();
    }
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        const char *detail = NULL;
        memset(copy, 0, sizeof(copy));
        memcpy(copy, values[i].at, values[i].len);
        bool valid = check_json_text(&check, s, span_of(copy, values[i].len), &arena, &detail);
        if (arena.used != 0 || (!valid && (detail == NULL || detail[0] == '\0'))) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct schema_why why = {0};
    struct schema_json *s = NULL;

    if (size > INPUT_BYTES_MAX) {
        return 0;
    }
    char *copy = malloc(size + SPAN_SLACK_BYTES);
    if (copy == NULL) {
        abort();
    }
    memset(copy, '"', size + SPAN_SLACK_BYTES);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    struct span text = span_of(copy, size);
    err_t err = schema_json_compile(text, &why, &s);
    if ((err == ERR_OK) != (why.text[0] == '\0')) {
        abort();
    }
    if (err == ERR_OK) {
        judge_values(s);
        if (schema_compat_json(text, text, &why) != ERR_OK) {
            abort();
        }
    }
    schema_json_free(s);
    free(copy);
    return 0;
}
