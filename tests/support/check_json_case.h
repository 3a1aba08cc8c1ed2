/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_case: one JSON text, and what a schema says of it. */
#pragma once

#include "check/check_json.h"
#include "tests/support/test.h"
#include "wire/batch.h"

struct check_json_case {
    struct check_json check;
    struct batch batch;
};

extern struct check_json_case check_json_case;

/* For cmocka_run_group_tests(). */
int check_json_case_setup(void **state);
int check_json_case_teardown(void **state);

/* Fails unless it compiles. The caller frees it. */
struct schema_json *check_json_case_compile(const char *text);

/* NULL: valid; else the detail, which lives as long as the schema. */
const char *check_json_case_judge(const struct schema_json *s, struct span json);
