/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings from YAML: every refusal with its text, then what is read. */
#include "ingestor/cfg_yaml.h"

#include "tests/support/sample_cfg.h"
#include "tests/support/test.h"

#define ALLOWED "allowed: names of options without dashes, see --help all"

static void refuses_wrong_files(void **state)
{
    static const struct {
        const char *text;
        err_t err;
        const char *why;
    } bad[] = {
        {"count: 1\nrotate-byte: 1MiB\n", ERR_UNKNOWN,
         "c.yaml:2: rotate-byte: unknown key (its value: \"1MiB\"); did you mean "
         "rotate-bytes?; " ALLOWED},
        {"zzzzzz: 1", ERR_UNKNOWN, "c.yaml:1: zzzzzz: unknown key (its value: \"1\"); " ALLOWED},
        {"zzzzzz: [1, 2]", ERR_UNKNOWN,
         "c.yaml:1: zzzzzz: unknown key (its value: a list); " ALLOWED},
        {"zzzzzz: {a: 2}", ERR_UNKNOWN,
         "c.yaml:1: zzzzzz: unknown key (its value: a mapping); " ALLOWED},
        {"zzzzzz: \"a\\nb\\e\"", ERR_UNKNOWN,
         "c.yaml:1: zzzzzz: unknown key (its value: \"a?b?\"); " ALLOWED},
        {"zzzzzz: \"", ERR_SYNTAX, "c.yaml:1: no YAML: found unexpected end of stream"},
        {"--count: 1", ERR_UNKNOWN,
         "c.yaml:1: --count: unknown key (its value: \"1\"); did you mean count?; " ALLOWED},
        {"help: true", ERR_UNKNOWN, "c.yaml:1: help: unknown key (its value: \"true\"); " ALLOWED},
        {"count: 1\n\ncount: 2\n", ERR_SYNTAX,
         "c.yaml:3: count: given twice; the first is on line 1"},
        {"count: many", ERR_SYNTAX, "c.yaml:1: count: \"many\" is no number; allowed: 1 to 19"},
        {"\n\nrotate-bytes: 1", ERR_LIMIT,
         "c.yaml:3: rotate-bytes: \"1\" is out of bounds; allowed: 64KiB to 1TiB"},
        {"count: [1]", ERR_SYNTAX, "c.yaml:1: count: not a single value; allowed: one value"},
        {"count: {a: 1}", ERR_SYNTAX, "c.yaml:1: count: not a single value; allowed: one value"},
        {"tls-port: {a: 1}", ERR_SYNTAX,
         "c.yaml:1: tls-port: not a single value; allowed: a value, or a list of values"},
        {"tls-port: [1, [2]]", ERR_SYNTAX,
         "c.yaml:1: tls-port: not a single value; allowed: a value, or a list of values"},
        {"tls-port: 1,2", ERR_SYNTAX,
         "c.yaml:1: tls-port: \"1,2\" is no port; allowed: 0 to 65535 or off"},
        {"name:\ncount: 1", ERR_SYNTAX, "c.yaml:1: name: has no value; \"\" is an empty text"},
        {"name: ~", ERR_SYNTAX, "c.yaml:1: name: has no value; \"\" is an empty text"},
        {"name: null", ERR_SYNTAX, "c.yaml:1: name: has no value; \"\" is an empty text"},
        {"name: \"a\\0b\"", ERR_SYNTAX,
         "c.yaml:1: name: \"a?b\" is no text; allowed: 0 to 8 bytes without NUL"},
        {"[count]: 1", ERR_SYNTAX, "c.yaml:1: a key must be the name of an option"},
        {"- count", ERR_SYNTAX, "c.yaml:1: not settings; allowed: lines \"key: value\""},
        {"count", ERR_SYNTAX, "c.yaml:1: not settings; allowed: lines \"key: value\""},
        {"count: 1\n---\ncount: 1\n", ERR_SYNTAX, "c.yaml:2: a second document; allowed: one"},
        {"name: &x a\ndata-dir: *x\n", ERR_SYNTAX,
         "c.yaml:2: data-dir: not a single value; allowed: one value"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct sample_cfg cfg;
        struct option_set set = sample_cfg_init(&cfg);
        struct option_report report = {0};
        assert_err(cfg_yaml_parse(&set, "c.yaml", span_of_str(bad[i].text), &report), bad[i].err);
        assert_string_equal(report.why, bad[i].why);
        option_done(&set);
    }
}

static void refuses_what_the_file_says_of_itself(void **state)
{
    static const struct {
        const char *text;
        err_t err;
        const char *why;
    } bad[] = {
        {"count: many\nconfig-version: 2\n", ERR_LIMIT,
         "c.yaml:2: config-version: \"2\" is newer than this program; allowed: 1; start the "
         "newer program, or write the file for this one (--print-config-template)"},
        {"config-version: 0", ERR_LIMIT,
         "c.yaml:1: config-version: \"0\" is out of bounds; allowed: 1"},
        {"config-version: new", ERR_SYNTAX,
         "c.yaml:1: config-version: \"new\" is no number; allowed: 1"},
        {"config-version: 1\nconfig-version: 1", ERR_SYNTAX,
         "c.yaml:2: config-version: given twice; the first is on line 1"},
        {"ignore-unknown: {a: b}", ERR_SYNTAX,
         "c.yaml:1: ignore-unknown: not a single value; allowed: a value, or a list of values"},
        {"ignore-unknown: [later]\nlate: 1", ERR_UNKNOWN,
         "c.yaml:2: late: unknown key (its value: \"1\"); " ALLOWED},
        {"ignore-unknown: [count]\ncount: many", ERR_SYNTAX,
         "c.yaml:2: count: \"many\" is no number; allowed: 1 to 19"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct sample_cfg cfg;
        struct option_set set = sample_cfg_init(&cfg);
        struct option_report report = {0};
        assert_err(cfg_yaml_parse(&set, "c.yaml", span_of_str(bad[i].text), &report), bad[i].err);
        assert_string_equal(report.why, bad[i].why);
        option_done(&set);
    }
}

static void refuses_what_is_no_yaml(void **state)
{
    static const char *const bad[] = {"count: [1",  "count: b: c", "\tcount: 1",
                                      "count: \"1", "name: \xff",  "{"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct sample_cfg cfg;
        struct option_set set = sample_cfg_init(&cfg);
        struct option_report report = {0};
        assert_err(cfg_yaml_parse(&set, "c.yaml", span_of_str(bad[i]), &report), ERR_SYNTAX);
        assert_ptr_equal(strstr(report.why, "c.yaml:"), report.why);
        option_done(&set);
    }
}

static void refuses_a_file_it_cannot_read(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};

    (void)state;
    assert_err(cfg_yaml_read(&set, "/no/such/file.yaml", &report), ERR_IO);
    assert_string_equal(report.why,
                        "/no/such/file.yaml: cannot be read: No such file or directory");
    assert_err(cfg_yaml_read(&set, "/", &report), ERR_IO);
    assert_string_equal(report.why, "/: cannot be read: Is a directory");
    assert_err(cfg_yaml_read(&set, "/dev/zero", &report), ERR_LIMIT);
    assert_string_equal(report.why, "/dev/zero: too long; allowed: 1048576 bytes");
    option_done(&set);
}

static void reads_every_type(void **state)
{
    static const char text[] = "# comment\n"
                               "name: 'x y'\n"
                               "data-dir: /srv/logs\n"
                               "mode: fast\n"
                               "open: yes\n"
                               "count: 7\n"
                               "http-port: off\n"
                               "rotate-bytes: 1MiB\n"
                               "wait: auto\n"
                               "pace: 5\n"
                               "min-free: 10%\n"
                               "tls-port:\n  - 1\n  - 2\n"
                               "words: [a, 'b,c', \"\"]\n";
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};

    (void)state;
    assert_ok(cfg_yaml_parse(&set, "c.yaml", span_of_str(text), &report));
    assert_string_equal(cfg.name, "x y");
    assert_string_equal(cfg.path, "/srv/logs");
    assert_int_equal(cfg.mode, SAMPLE_FAST);
    assert_true(cfg.open);
    assert_int_equal(cfg.count, 7);
    assert_int_equal(cfg.port, OPTION_PORT_DISABLED);
    assert_int_equal(cfg.share.percent, 10);
    assert_int_equal(cfg.ports.count, 2);
    assert_int_equal(cfg.ports.at[1], 2);
    assert_int_equal(cfg.words.count, 3);
    assert_string_equal(cfg.words.at[1], "b,c");
    assert_string_equal(cfg.words.at[2], "");
    option_done(&set);
}

static void keys_of_a_later_version_are_ignored_where_the_file_says_so(void **state)
{
    static const char text[] = "later: [1, {a: [b]}]\n"
                               "count: 7\n"
                               "much-later: {a: {count: 9}}\n"
                               "config-version: 1\n"
                               "ignore-unknown: [later, much-later, count, absent]\n"
                               "name: x\n";
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};

    (void)state;
    assert_ok(cfg_yaml_parse(&set, "c.yaml", span_of_str(text), &report));
    assert_int_equal(cfg.count, 7);
    assert_string_equal(cfg.name, "x");
    assert_int_equal(cfg.version, 1);
    assert_int_equal(cfg.unknown.count, 4);
    test_assert_span(buf_span(&report.warnings),
                     "c.yaml: ignored, as ignore-unknown allows: this version does not know later "
                     "(line 1), much-later (line 3)\n");
    buf_done(&report.warnings);
    option_done(&set);
}

static void a_single_value_or_no_item_is_a_list_too(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};

    (void)state;
    assert_ok(cfg_yaml_parse(&set, "c.yaml", SPAN_LIT("tls-port: 5\nwords: []\n"), &report));
    assert_int_equal(cfg.ports.count, 1);
    assert_int_equal(cfg.ports.at[0], 5);
    assert_int_equal(cfg.words.count, 0);
    option_done(&set);
}

static void an_empty_file_says_nothing(void **state)
{
    static const char *const empty[] = {"", "# only a comment\n", "---\n", "---\n...\n", "{}", "~"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(empty); i++) {
        struct sample_cfg cfg;
        struct option_set set = sample_cfg_init(&cfg);
        struct option_report report = {0};
        assert_ok(cfg_yaml_parse(&set, "c.yaml", span_of_str(empty[i]), &report));
        assert_int_equal(cfg.count, 1);
        option_done(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_wrong_files),
        cmocka_unit_test(refuses_what_the_file_says_of_itself),
        cmocka_unit_test(refuses_what_is_no_yaml),
        cmocka_unit_test(refuses_a_file_it_cannot_read),
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(a_single_value_or_no_item_is_a_list_too),
        cmocka_unit_test(keys_of_a_later_version_are_ignored_where_the_file_says_so),
        cmocka_unit_test(an_empty_file_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
