/* SPDX-License-Identifier: Apache-2.0
 *
 * /settings.json: each origin, what is hidden, and memory that runs out. */
#include "ingestor/settings_json.h"

#include "base/option_parse.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/sample_cfg.h"
#include "tests/support/test.h"

#include <jansson.h>

static json_t *render(const struct option_set *set)
{
    struct buf out = {0};

    assert_ok(settings_json_render(set, &out));
    json_t *all = json_loadb(out.at, out.len, 0, NULL);
    assert_non_null(all);
    buf_done(&out);
    return all;
}

static const json_t *row_of(const json_t *all, const char *name)
{
    const json_t *rows = json_object_get(all, "settings");

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0) {
            return row;
        }
    }
    return NULL;
}

static void assert_member(const json_t *row, const char *key, const char *expected)
{
    const char *value = json_string_value(json_object_get(row, key));

    assert_non_null(value);
    assert_string_equal(value, expected);
}

static void every_origin_is_told_with_its_place(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};
    char *argv[] = {(char[]){"prog"}, (char[]){"--rotate-bytes=1GiB"}, NULL};
    char *env[] = {(char[]){"CORDWOOD_COUNT=3"}, NULL};

    (void)state;
    cfg.origins.file = "/etc/x.yaml";
    assert_ok(option_parse_args(&set, 2, argv, &report));
    assert_ok(option_parse_env(&set, env, &report));
    assert_ok(option_assign(&set, option_find(set.table, SPAN_LIT("wait")),
                            (struct option_source){OPTION_FILE, 3}, SPAN_LIT("90s"), &report));
    json_t *all = render(&set);

    const json_t *row = row_of(all, "rotate-bytes");
    assert_member(row, "value", "1GiB");
    assert_member(row, "default", "50MiB");
    assert_member(row, "origin", "argument");
    assert_member(row, "where", "--rotate-bytes");
    row = row_of(all, "count");
    assert_member(row, "origin", "environment");
    assert_member(row, "where", "CORDWOOD_COUNT");
    row = row_of(all, "wait");
    assert_member(row, "value", "90s");
    assert_member(row, "origin", "file");
    assert_member(row, "where", "/etc/x.yaml:3");
    row = row_of(all, "http-port");
    assert_member(row, "origin", "default");
    assert_member(row, "where", "");
    assert_null(row_of(all, "help"));
    json_decref(all);
    option_done(&set);
}

static void secrets_are_hidden(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};
    char *argv[] = {(char[]){"prog"}, (char[]){"--token=hush"},
                    (char[]){"--data-dir=https://me:hush@host/a@b"}, NULL};
    struct buf out = {0};

    (void)state;
    assert_ok(option_parse_args(&set, 3, argv, &report));
    json_t *all = render(&set);
    assert_member(row_of(all, "token"), "value", "(hidden)");
    assert_true(json_is_true(json_object_get(row_of(all, "token"), "secret")));
    assert_member(row_of(all, "data-dir"), "value", "https://(hidden)@host/a@b");
    assert_ok(settings_json_render(&set, &out));
    assert_null(memmem(out.at, out.len, "hush", 4));
    buf_done(&out);
    json_decref(all);
    option_done(&set);
}

static void bytes_that_are_no_text_do_no_harm(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};
    char *argv[] = {(char[]){"prog"}, (char[]){"--data-dir=a\xff\"b"}, NULL};

    (void)state;
    assert_ok(option_parse_args(&set, 2, argv, &report));
    json_t *all = render(&set);
    assert_member(row_of(all, "data-dir"), "value", "a\xef\xbf\xbd\"b");
    json_decref(all);
    option_done(&set);
}

static void without_memory_readers_see_what_was_before(void **state)
{
    struct settings_json settings;
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct buf out = {0};
    struct buf again = {0};

    (void)state;
    settings_json_init(&settings);
    assert_ok(settings_json_publish(&settings, &set));
    assert_ok(settings_json_read(&settings, &out));
    assert_true(out.len > 2);
    fail_alloc_from(0);
    assert_err(settings_json_publish(&settings, &set), ERR_NOMEM);
    assert_int_equal(fail_alloc_end(), 1);
    assert_ok(settings_json_read(&settings, &again));
    assert_true(again.len == out.len);
    buf_done(&out);
    buf_done(&again);
    settings_json_done(&settings);
    option_done(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_origin_is_told_with_its_place),
        cmocka_unit_test(secrets_are_hidden),
        cmocka_unit_test(bytes_that_are_no_text_do_no_harm),
        cmocka_unit_test(without_memory_readers_see_what_was_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
