/* SPDX-License-Identifier: Apache-2.0
 *
 * --print-config and --print-config-template. */
#include "base/option_show.h"

#include "base/option_parse.h"
#include "tests/support/sample_cfg.h"
#include "tests/support/test.h"

#include <stdio.h>

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
    test_assert_span(buf_span(&out), "config-version: 1 # default\n"
                                     "ignore-unknown: [] # default\n"
                                     "name: \"\" # default\n"
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

static void a_template_comments_out_what_is_default(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};
    char program[] = "prog";
    char *argv[] = {program, (char[]){"--rotate-bytes=1GiB"}, (char[]){"--token=hush"}, NULL};
    struct buf out = {0};

    (void)state;
    assert_ok(option_parse_args(&set, 3, argv, &report));
    assert_ok(option_show_template(&set, &out));
    assert_ok(buf_append(&out, span_of("", 1)));
    assert_ptr_equal(strstr(out.at, "# Settings of prog, for --config."), out.at);
    assert_non_null(strstr(out.at, "\n## first: what comes first\n\n"
                                   "# version [1] (default 1); needs a restart\n"
                                   "config-version: 1\n"));
    assert_non_null(strstr(out.at, "\n# keys, repeatable\n#ignore-unknown: []\n"));
    assert_non_null(strstr(out.at, "\n## second: a \"second\" group\n\n"
                                   "# mode [fast, safe or off] (default safe)\n#mode: safe\n"));
    assert_non_null(strstr(out.at,
                           "\n# a help text that is so long that it must continue on a line "
                           "of its own, or two\n# [1 to 19] (default 1); needs a restart\n"
                           "#count: 1\n"));
    assert_non_null(strstr(out.at, "\nrotate-bytes: 1GiB\n"));
    assert_non_null(strstr(out.at, "\n#token:\n"));
    assert_null(strstr(out.at, "hush"));
    assert_null(strstr(out.at, "hidden"));
    assert_null(strstr(out.at, "help:"));
    buf_done(&out);
    option_done(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_shows_values_with_origins_and_hides_secrets),
        cmocka_unit_test(a_template_comments_out_what_is_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
