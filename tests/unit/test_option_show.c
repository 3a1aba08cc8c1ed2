/* SPDX-License-Identifier: Apache-2.0
 *
 * --help and --print-config as text. */
#include "base/option_show.h"

#include "base/option_parse.h"
#include "tests/support/sample_cfg.h"
#include "tests/support/test.h"

#include <stdio.h>

static void help_lists_every_row(void **state)
{
    struct buf out = {0};

    (void)state;
    assert_ok(option_show_help(&sample_cfg_table, &out));
    assert_ok(buf_append(&out, span_of("", 1)));
    for (size_t i = 0; i < sample_cfg_table.count; i++) {
        char head[64];
        snprintf(head, sizeof(head), "\n  --%s", sample_cfg_table.rows[i].name);
        const char *at = i == 0 ? out.at : strstr(out.at, head);
        assert_non_null(at);
    }
    buf_done(&out);
}

static void help_says_bounds_and_defaults_within_80_columns(void **state)
{
    struct buf out = {0};

    (void)state;
    assert_ok(option_show_help(&sample_cfg_table, &out));
    assert_ok(buf_append(&out, span_of("", 1)));
    assert_non_null(strstr(out.at, "  --rotate-bytes SIZE         size [64KiB to 1TiB] "
                                   "(default 50MiB)\n"));
    assert_non_null(strstr(out.at, "  --tls-port PORT             ports [0 to 65535 or off], "
                                   "repeatable (default\n                              "
                                   "3001,3003)\n"));
    assert_non_null(strstr(out.at, "  --open                      open\n"));
    for (const char *line = out.at; *line != '\0'; line += strcspn(line, "\n") + 1) {
        assert_true(strcspn(line, "\n") <= 80);
    }
    buf_done(&out);
}

static void config_shows_values_with_origins_and_hides_secrets(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};
    char program[] = "prog";
    char arg[] = "--token=hush";
    char variable[] = "CORDWOOD_COUNT=3";
    char *argv[] = {program, arg, NULL};
    char *env[] = {variable, NULL};
    struct buf out = {0};

    (void)state;
    assert_ok(option_parse_args(&set, 2, argv, &report));
    assert_ok(option_parse_env(&set, env, &report));
    assert_ok(option_assign(&set, option_find(set.table, SPAN_LIT("wait")),
                            (struct option_source){OPTION_FILE, 3}, SPAN_LIT("90s"), &report));
    assert_ok(option_show_config(&set, &out));
    test_assert_span(buf_span(&out), "name: \"\" # default\n"
                                     "data-dir: \"./data\" # default\n"
                                     "mode: safe # default\n"
                                     "open: false # default\n"
                                     "count: 3 # environment\n"
                                     "http-port: 3000 # default\n"
                                     "rotate-bytes: 50MiB # default\n"
                                     "wait: 90s # file\n"
                                     "pace: 1s # default\n"
                                     "min-free: 5% # default\n"
                                     "tls-port: [3001, 3003] # default\n"
                                     "words: [] # default\n"
                                     "# token: hidden (option)\n");
    buf_done(&out);
    option_done(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_lists_every_row),
        cmocka_unit_test(help_says_bounds_and_defaults_within_80_columns),
        cmocka_unit_test(config_shows_values_with_origins_and_hides_secrets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
