/* SPDX-License-Identifier: Apache-2.0
 *
 * The table as JSON: read by a library, and compared with the table. */
#include "base/option_dump.h"

#include "tests/support/sample_cfg.h"
#include "tests/support/test.h"

#include <jansson.h>

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    assert_non_null(text);
    return text;
}

static void assert_row(const json_t *got, const struct option *row)
{
    assert_string_equal(text_of(got, "name"), row->name);
    assert_string_equal(text_of(got, "help"), row->help);
    assert_string_equal(text_of(got, "default"), row->default_text);
    assert_string_equal(text_of(got, "group"), option_group(&sample_cfg_table, row)->name);
    assert_int_equal(json_is_true(json_object_get(got, "reload")),
                     (row->flags & OPTION_RELOAD) != 0);
    assert_int_equal(json_is_true(json_object_get(got, "in_arguments")),
                     (row->flags & OPTION_NO_ARG) == 0);
    assert_int_equal(json_is_true(json_object_get(got, "in_environment")),
                     (row->flags & OPTION_NO_ENV) == 0);
    assert_int_equal(json_array_size(json_object_get(got, "choices")), row->choices ? 3 : 0);
}

static void holds_every_row_that_is_not_hidden(void **state)
{
    struct buf out = {0};
    size_t at = 0;

    (void)state;
    assert_ok(option_dump(&sample_cfg_table, &out));
    json_t *table = json_loadb(out.at, out.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(table);
    assert_string_equal(text_of(table, "program"), "prog");
    assert_string_equal(text_of(table, "prefix"), "CORDWOOD_");
    const json_t *group = json_array_get(json_object_get(table, "groups"), 1);
    assert_string_equal(text_of(group, "help"), "a \"second\" group");
    const json_t *options = json_object_get(table, "options");
    for (size_t i = 0; i < sample_cfg_table.count; i++) {
        if ((sample_cfg_table.rows[i].flags & OPTION_HIDDEN) == 0) {
            assert_row(json_array_get(options, at++), &sample_cfg_table.rows[i]);
        }
    }
    assert_int_equal(json_array_size(options), at);
    json_decref(table);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(holds_every_row_that_is_not_hidden)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
