/* SPDX-License-Identifier: Apache-2.0
 *
 * Command line and environment: what is refused and how it is said, what is skipped, what is
 * read. */
#include "base/option_parse.h"

#include "tests/support/sample_cfg.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#define WORDS_MAX 8u

/* Parses up to WORDS_MAX words, ended by NULL. */
static err_t parse_args(const struct option_set *set, const char *const *words,
                        struct option_report *report)
{
    char program[] = "prog";
    char *argv[WORDS_MAX + 2] = {program};
    int argc = 1;

    for (; words[argc - 1] != NULL; argc++) {
        argv[argc] = strdup(words[argc - 1]);
    }
    err_t err = option_parse_args(set, argc, argv, report);
    for (int i = 1; i < argc; i++) {
        free(argv[i]);
    }
    return err;
}

static err_t parse_env(const struct option_set *set, const char *line, struct option_report *report)
{
    char *copy = strdup(line);
    char other[] = "PATH=/bin";
    char *env[] = {other, copy, NULL};
    err_t err = option_parse_env(set, env, report);

    free(copy);
    return err;
}

static void refuses_wrong_words(void **state)
{
    static const struct {
        const char *words[WORDS_MAX];
        err_t err;
        const char *why;
    } bad[] = {
        {{"--rotate-byte", "1"},
         ERR_UNKNOWN,
         "--rotate-byte: unknown option; did you mean --rotate-bytes? --help all lists them"},
        {{"--tsl-port=1"},
         ERR_UNKNOWN,
         "--tsl-port: unknown option; did you mean --tls-port? --help all lists them"},
        {{"--quantum-flux"}, ERR_UNKNOWN, "--quantum-flux: unknown option; --help all lists them"},
        {{"zzzzzz"}, ERR_UNKNOWN, "zzzzzz: unknown option; --help all lists them"},
        {{"-x"}, ERR_UNKNOWN, "-x: unknown option; --help all lists them"},
        {{"--"}, ERR_UNKNOWN, "--: unknown option; --help all lists them"},
        {{"--open", "yes"}, ERR_UNKNOWN, "yes: unknown option; --help all lists them"},
        {{"--config-version", "1"},
         ERR_UNKNOWN,
         "--config-version: is no option; it is a key of the file that --config names"},
        {{"--counter", "1"}, ERR_UNKNOWN, "--counter: unknown option; --help all lists them"},
        {{"--cuont", "1"},
         ERR_UNKNOWN,
         "--cuont: unknown option; did you mean --count? --help all lists them"},
        {{"--wiat", "1"},
         ERR_UNKNOWN,
         "--wiat: unknown option; did you mean --wait? --help all lists them"},
        {{"--hiden"}, ERR_UNKNOWN, "--hiden: unknown option; --help all lists them"},
        {{"--count"}, ERR_SYNTAX, "--count: a value must follow"},
        {{"--count", "--open"}, ERR_SYNTAX, "--count: \"--open\" is no number; allowed: 1 to 19"},
        {{"--count="}, ERR_SYNTAX, "--count: \"\" is no number; allowed: 1 to 19"},
        {{"--tls-port", "1,,2"},
         ERR_SYNTAX,
         "--tls-port: \"\" is no port; allowed: 0 to 65535 or off"},
        {{"--tls-port", "1,x"},
         ERR_SYNTAX,
         "--tls-port: \"x\" is no port; allowed: 0 to 65535 or off"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct sample_cfg cfg;
        struct option_set set = sample_cfg_init(&cfg);
        struct option_report report = {0};
        assert_err(parse_args(&set, bad[i].words, &report), bad[i].err);
        assert_string_equal(report.why, bad[i].why);
        option_done(&set);
    }
}

static void help_takes_a_word_or_stands_alone(void **state)
{
    static const struct {
        const char *words[WORDS_MAX];
        const char *topic;
    } good[] = {
        {{"--help"}, "usual"},      {{"-h", "first"}, "first"}, {{"--help", "--open"}, "usual"},
        {{"--help", "all"}, "all"}, {{"--help=wait"}, "wait"},  {{"-h"}, "usual"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        struct sample_cfg cfg;
        struct option_set set = sample_cfg_init(&cfg);
        struct option_report report = {0};
        assert_ok(parse_args(&set, good[i].words, &report));
        assert_string_equal(cfg.help, good[i].topic);
        option_done(&set);
    }
}

static void reads_every_form_of_argument(void **state)
{
    static const char *const words[] = {"--count",    "2",  "--count=3", "--open",
                                        "--name=a=b", "-h", NULL};
    static const char *const lists[] = {"--tls-port", "1,2",   "--tls-port=3",
                                        "--words",    "x,y z", NULL};
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};

    (void)state;
    assert_ok(parse_args(&set, words, &report));
    assert_int_equal(cfg.count, 3);
    assert_true(cfg.open);
    assert_string_equal(cfg.help, "usual");
    assert_string_equal(cfg.name, "a=b");
    assert_ok(parse_args(&set, lists, &report));
    assert_int_equal(cfg.ports.count, 3);
    assert_int_equal(cfg.ports.at[2], 3);
    assert_int_equal(cfg.words.count, 2);
    assert_string_equal(cfg.words.at[1], "y z");
    assert_ok(parse_args(&set, (const char *const[]){"--open=no", NULL}, &report));
    assert_false(cfg.open);
    option_done(&set);
}

#define ALLOWED "allowed: CORDWOOD_ and an option's name, see --help all"

static void refuses_wrong_variables(void **state)
{
    static const struct {
        const char *line;
        err_t err;
        const char *why;
    } bad[] = {
        {"CORDWOOD_TLSPORT=1", ERR_UNKNOWN,
         "CORDWOOD_TLSPORT: unknown variable (its value: \"1\"); did you mean the one of "
         "--tls-port?; " ALLOWED},
        {"CORDWOOD_tls_port=x\ny", ERR_UNKNOWN,
         "CORDWOOD_tls_port: unknown variable (its value: \"x?y\"); " ALLOWED},
        {"CORDWOOD_HELP=1", ERR_UNKNOWN,
         "CORDWOOD_HELP: unknown variable (its value: \"1\"); " ALLOWED},
        {"CORDWOOD_=", ERR_UNKNOWN, "CORDWOOD_: unknown variable (its value: \"\"); " ALLOWED},
        {"CORDWOOD_", ERR_UNKNOWN, "CORDWOOD_: unknown variable (its value: \"\"); " ALLOWED},
        {"CORDWOOD_HTTP_PORT=http", ERR_SYNTAX,
         "CORDWOOD_HTTP_PORT: \"http\" is no port; allowed: 0 to 65535 or off"},
        {"CORDWOOD_A_NAME_THAT_IS_MUCH_LONGER_THAN_ANY_OPTION_OF_THIS_PROGRAM_CAN_EVER_BE=1",
         ERR_UNKNOWN,
         "CORDWOOD_A_NAME_THAT_IS_MUCH_LONGER_THAN_ANY_OPTION_OF_THIS_PROGRAM_CAN_EVER_BE: unknown "
         "variable (its value: \"1\"); " ALLOWED},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct sample_cfg cfg;
        struct option_set set = sample_cfg_init(&cfg);
        struct option_report report = {0};
        assert_err(parse_env(&set, bad[i].line, &report), bad[i].err);
        assert_string_equal(report.why, bad[i].why);
        option_done(&set);
    }
}

static void skips_variables_of_container_platforms(void **state)
{
    static const char *const lines[] = {
        "CORDWOOD_HTTP_PORT=tcp://10.0.0.1:3000", "CORDWOOD_PORT=udp://10.0.0.1:3002",
        "CORDWOOD_SERVICE_HOST=10.0.0.1",         "CORDWOOD_SERVICE_PORT=3001",
        "CORDWOOD_SERVICE_PORT_TLS=3001",         "CORDWOOD_PORT_3001_TCP_ADDR=10.0.0.1",
        "CORDWOOD_PORT_3002_UDP_PROTO=udp",       "CORDWOOD_INGESTOR_SERVICE_HOST=10.0.0.1",
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(lines); i++) {
        struct sample_cfg cfg;
        struct option_set set = sample_cfg_init(&cfg);
        struct option_report report = {0};
        char want[128];
        assert_ok(parse_env(&set, lines[i], &report));
        snprintf(want, sizeof(want),
                 "%.*s: skipped: it looks like a container platform's variable\n",
                 (int)strcspn(lines[i], "="), lines[i]);
        test_assert_span(buf_span(&report.warnings), want);
        assert_int_equal(cfg.port, 3000);
        buf_done(&report.warnings);
        option_done(&set);
    }
}

static void reads_variables(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};

    (void)state;
    assert_ok(parse_env(&set, "CORDWOOD_HTTP_PORT=off", &report));
    assert_int_equal(cfg.port, OPTION_PORT_DISABLED);
    assert_ok(parse_env(&set, "CORDWOOD_TLS_PORT=4,5", &report));
    assert_int_equal(cfg.ports.count, 2);
    assert_int_equal(cfg.ports.at[1], 5);
    assert_ok(parse_env(&set, "CORDWOOD_COUNT=", &report));
    assert_int_equal(cfg.count, 1);
    assert_ok(parse_env(&set, "CORDWOOD_OPEN=1", &report));
    assert_true(cfg.open);
    assert_ok(parse_env(&set, "CORDWOODSMAN=x", &report));
    assert_int_equal(report.warnings.len, 0);
    option_done(&set);
}

static void a_table_without_prefix_has_no_variables(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_table bare = sample_cfg_table;
    struct option_report report = {0};

    (void)state;
    bare.env_prefix = NULL;
    set.table = &bare;
    assert_ok(parse_env(&set, "CORDWOOD_COUNT=many", &report));
    option_done(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_wrong_words),
        cmocka_unit_test(help_takes_a_word_or_stands_alone),
        cmocka_unit_test(reads_every_form_of_argument),
        cmocka_unit_test(refuses_wrong_variables),
        cmocka_unit_test(skips_variables_of_container_platforms),
        cmocka_unit_test(reads_variables),
        cmocka_unit_test(a_table_without_prefix_has_no_variables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
