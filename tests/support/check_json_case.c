/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_case: each text is a copy that ends where the slack begins, so that reading beyond is
 * seen. */
#include "tests/support/check_json_case.h"

#include <stdlib.h>

struct check_json_case check_json_case;

int check_json_case_setup(void **state)
{
    (void)state;
    assert_ok(check_json_init(&check_json_case.check));
    return batch_init(&check_json_case.batch, MIB) == ERR_OK ? 0 : -1;
}

int check_json_case_teardown(void **state)
{
    (void)state;
    check_json_done(&check_json_case.check);
    batch_done(&check_json_case.batch);
    return 0;
}

struct schema_json *check_json_case_compile(const char *text)
{
    struct schema_why why = {0};
    struct schema_json *s = NULL;

    if (schema_json_compile(span_of_str(text), &why, &s) != ERR_OK) {
        fail_msg("%s\n%s", text, why.text);
    }
    return s;
}

const char *check_json_case_judge(const struct schema_json *s, struct span json)
{
    static const char *detail;
    char *copy = calloc(1, json.len + SPAN_SLACK_BYTES);

    assert_non_null(copy);
    memcpy(copy, json.at, json.len);
    detail = NULL;
    bool valid = check_json_text(&check_json_case.check, s, span_of(copy, json.len),
                                 &check_json_case.batch.arena, &detail);
    free(copy);
    assert_int_equal(check_json_case.batch.arena.used, 0);
    return valid ? NULL : detail;
}
