/* SPDX-License-Identifier: Apache-2.0
 *
 * The client's command line: every refusal with its text, the defaults, how the pace is chosen. */
#include "client/args.h"

#include "base/limits.h"
#include "tests/support/test.h"

#include <stdlib.h>

#define WORDS_MAX 10u

static err_t load(const char *const *words, struct args *ret, struct option_report *report)
{
    char *argv[WORDS_MAX + 2] = {strdup("cordwood-client")};
    int argc = 1;

    for (; words[argc - 1] != NULL; argc++) {
        argv[argc] = strdup(words[argc - 1]);
    }
    err_t err = args_load(argc, argv, ret, report);
    for (int i = 0; i < argc; i++) {
        free(argv[i]);
    }
    return err;
}

struct refusal {
    const char *words[WORDS_MAX];
    const char *why;
};

static void check_refusals(const struct refusal *bad, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct args args;
        struct option_report report = {0};
        err_t err = load(bad[i].words, &args, &report);
        assert_true(err == ERR_SYNTAX || err == ERR_LIMIT || err == ERR_UNKNOWN);
        assert_string_equal(report.why, bad[i].why);
    }
}

static void refuses_wrong_values(void **state)
{
    static const struct refusal bad[] = {
        {{"--format", "xml"}, "--format: \"xml\" is no choice; allowed: json, proto, avro or raw"},
        {{"--tcp-port", "0"}, "--tcp-port: \"0\" is out of bounds; allowed: 1 to 65535"},
        {{"--udp-port", "off"}, "--udp-port: \"off\" is no number; allowed: 1 to 65535"},
        {{"--batch", "0"}, "--batch: \"0\" is out of bounds; allowed: 1 to 100000"},
        {{"--connections", "0"}, "--connections: \"0\" is out of bounds; allowed: 1 to 1000"},
        {{"--address", ""},
         "--address: \"\" is out of bounds; allowed: 1 to 4095 bytes without NUL"},
        {{"--typ", "LogEntry"},
         "--typ: unknown option; did you mean --type? --help all lists them"},
        {{"--type", ""}, "--type: \"\" is out of bounds; allowed: 1 to 200 bytes without NUL"},
        {{"--type", "Order"},
         "--type: \"Order\" is not built in; allowed: LogEntry, or another with --registry"},
        {{"--levels", "error"},
         "--levels: \"error\" is no level; allowed: NAME=WEIGHT, with a level's name and 0 to "
         "1000"},
        {{"--levels", "loud=1"},
         "--levels: \"loud=1\" is no level; allowed: NAME=WEIGHT, with a level's name and 0 to "
         "1000"},
        {{"--levels", "error=1001"},
         "--levels: \"error=1001\" is no level; allowed: NAME=WEIGHT, with a level's name and 0 to "
         "1000"},
        {{"--levels", "info=1,INFO=2"}, "--levels: \"INFO=2\" comes twice; allowed: once"},
        {{"--levels", "info=0,error=0"},
         "--levels: no level has a weight; allowed: at least one above 0"},
        {{"--levels="}, "--levels: no level has a weight; allowed: at least one above 0"},
        {{"--fields", "level"},
         "--fields: \"level\" cannot be used; allowed: each name once, of letters, digits and _, "
         "none of timestamp level message service"},
        {{"--fields", "a\"b"},
         "--fields: \"a\"b\" cannot be used; allowed: each name once, of letters, digits and _, "
         "none of timestamp level message service"},
        {{"--fields", "a,b,a"},
         "--fields: \"a\" cannot be used; allowed: each name once, of letters, digits and _, none "
         "of timestamp level message service"},
        {{"--cert", "c"}, "--cert: is only half of it; allowed: --cert and --key together"},
        {{"--key", "k"}, "--key: is only half of it; allowed: --cert and --key together"},
        {{"--burst", "10x:5s/60s", "--rate", "0"},
         "--burst: nothing is faster than as fast as possible; allowed: with a rate or an interval "
         "above 0"},
    };

    (void)state;
    check_refusals(bad, TEST_COUNT(bad));
}

static void refuses_contradictions(void **state)
{
    static const struct refusal bad[] = {
        {{"--udp", "--format", "raw"}, "--udp: UDP carries JSON; allowed: with --format json"},
        {{"--udp", "--file", "x"},
         "--udp: UDP carries JSON, and --file sends raw records; allowed: one of them"},
        {{"--file", "x", "--format", "json"},
         "--format: --file sends raw records; allowed: with --format raw or without"},
        {{"--format", "raw", "--type", "LogEntry"},
         "--type: raw records have no schema; allowed: with --format json, proto or avro"},
        {{"--file", "x", "--registry", "http://localhost:8000"},
         "--registry: raw records have no schema; allowed: with --format json, proto or avro"},
        {{"--replay", "a", "--file", "x"},
         "--file: --replay sends records as they are; allowed: one of them"},
        {{"--replay", "a", "--udp"},
         "--udp: --replay sends records as they are; allowed: one of them"},
        {{"--replay", "a", "--format", "json"},
         "--format: --replay sends records as they are; allowed: one of them"},
        {{"--replay", "a", "--registry", "http://localhost:8000"},
         "--registry: --replay sends records as they are; allowed: one of them"},
        {{"a", "--replay", "b"}, "a: unknown option; --help all lists them"},
        {{"--udp", "--format", "avro"}, "--udp: UDP carries JSON; allowed: with --format json"},
    };

    (void)state;
    check_refusals(bad, TEST_COUNT(bad));
}

static void refuses_what_is_no_burst(void **state)
{
    static const char *const bad[] = {"10",           "10x",        "10x5s/60s", "x:5s/60s",
                                      "10x:5s",       "10x:/60s",   "10x:5s/",   "1x:5s/60s",
                                      "0x:5s/60s",    "10x:60s/5s", "10x:5s/5s", "10x:5/60",
                                      "1001x:5s/60s", "10:5s/60s"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct args args;
        struct option_report report = {0};
        assert_err(load((const char *const[]){"--burst", bad[i], NULL}, &args, &report),
                   ERR_SYNTAX);
        assert_non_null(strstr(report.why, "is no burst; allowed: 2x to 1000x, then :, a duration, "
                                           "/ and a longer duration, like 10x:5s/60s"));
    }
}

static void begins_with_the_defaults(void **state)
{
    struct args args;
    struct option_report report = {0};

    (void)state;
    assert_ok(load((const char *const[]){NULL}, &args, &report));
    assert_string_equal(args.address, "localhost");
    assert_int_equal(args.tcp_port, 3001);
    assert_int_equal(args.udp_port, 3002);
    assert_false(args.udp);
    assert_int_equal(args.format, ARGS_FORMAT_JSON);
    assert_int_equal(args.batch, 100);
    assert_int_equal(args.interval_ns, NS_PER_S);
    assert_true(args.paced);
    assert_false(args.paced_by_rate);
    assert_int_equal(args.connections, 1);
    assert_int_equal(args.count, 0);
    assert_int_equal(args.duration_ns, 0);
    assert_int_equal(args.retries, 3);
    assert_int_equal(args.level_count, 4);
    test_assert_span(args.levels[0].name, "ERROR");
    assert_int_equal(args.levels[0].weight, 5);
    assert_int_equal(args.levels[1].severity, SEVERITY_WARNING);
    assert_int_equal(args.burst.factor, 0);
    args_done(&args);
}

static void what_is_given_decides_the_pace(void **state)
{
    static const struct {
        const char *words[WORDS_MAX];
        bool paced;
        bool by_rate;
    } rows[] = {
        {{NULL}, true, false},
        {{"--interval", "0"}, false, false},
        {{"--interval", "10"}, true, false},
        {{"--rate", "0"}, false, true},
        {{"--rate", "5"}, true, true},
        {{"--rate", "5", "--interval", "0"}, true, true},
        {{"--file", "x"}, false, false},
        {{"--file", "x", "--interval", "10"}, true, false},
        {{"--file", "x", "--rate", "10"}, true, true},
        {{"--file", "x", "--format", "raw"}, false, false},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct args args;
        struct option_report report = {0};
        assert_ok(load(rows[i].words, &args, &report));
        assert_int_equal(args.paced, rows[i].paced);
        assert_int_equal(args.paced_by_rate, rows[i].by_rate);
        args_done(&args);
    }
}

static void reads_bursts_and_fields(void **state)
{
    static const char *const words[] = {"--burst",         "10x:5s/60s",     "--fields",
                                        "user_id,session", "--interval=250", NULL};
    struct args args;
    struct option_report report = {0};

    (void)state;
    assert_ok(load(words, &args, &report));
    assert_int_equal(args.burst.factor, 10);
    assert_int_equal(args.burst.length_ns, 5 * NS_PER_S);
    assert_int_equal(args.burst.period_ns, 60 * NS_PER_S);
    assert_int_equal(args.interval_ns, 250 * NS_PER_MS);
    assert_int_equal(args.fields.count, 2);
    assert_string_equal(args.fields.at[1], "session");
    args_done(&args);
}

static void replay_takes_every_word_behind_it(void **state)
{
    static const char *const words[] = {"--replay", "a",          "b", "--retries",
                                        "0",        "--replay=c", "d", NULL};
    struct args args;
    struct option_report report = {0};

    (void)state;
    assert_ok(load(words, &args, &report));
    assert_int_equal(args.replay.count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(args.replay.at[i][0], 'a' + (int)i);
    }
    assert_int_equal(args.retries, 0);
    assert_false(args.paced);
    args_done(&args);
}

static void help_needs_nothing_else(void **state)
{
    struct args args;
    struct option_report report = {0};

    (void)state;
    assert_ok(load((const char *const[]){"--help", "--cert", "c", NULL}, &args, &report));
    assert_string_equal(args.help, "usual");
    args_done(&args);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_wrong_values),
        cmocka_unit_test(refuses_contradictions),
        cmocka_unit_test(refuses_what_is_no_burst),
        cmocka_unit_test(begins_with_the_defaults),
        cmocka_unit_test(what_is_given_decides_the_pace),
        cmocka_unit_test(reads_bursts_and_fields),
        cmocka_unit_test(replay_takes_every_word_behind_it),
        cmocka_unit_test(help_needs_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
