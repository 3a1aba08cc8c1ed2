/* SPDX-License-Identifier: Apache-2.0
 *
 * Options: error texts, precedence of origins, what a reload moves. */
#include "base/option.h"

#include "base/limits.h"
#include "tests/support/sample_cfg.h"
#include "tests/support/test.h"

static const struct option_source from_default = {OPTION_DEFAULT, 0};
static const struct option_source from_file = {OPTION_FILE, 12};
static const struct option_source from_env = {OPTION_ENV, 0};
static const struct option_source from_arg = {OPTION_ARG, 0};

static err_t assign(const struct option_set *set, const char *name, struct option_source source,
                    const char *text, struct option_report *report)
{
    return option_assign(set, option_find(set->table, span_of_str(name)), source, span_of_str(text),
                         report);
}

static void names_key_value_and_what_is_allowed(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const struct option_source *source;
        err_t err;
        const char *why;
    } bad[] = {
        {"rotate-bytes", "12parsecs", &from_arg, ERR_SYNTAX,
         "--rotate-bytes: \"12parsecs\" is no size; allowed: 64KiB to 1TiB"},
        {"rotate-bytes", "1", &from_env, ERR_LIMIT,
         "CORDWOOD_ROTATE_BYTES: \"1\" is out of bounds; allowed: 64KiB to 1TiB"},
        {"rotate-bytes", "x\ny", &from_file, ERR_SYNTAX,
         "c.yaml:12: rotate-bytes: \"x?y\" is no size; allowed: 64KiB to 1TiB"},
        {"mode", "fsat", &from_arg, ERR_SYNTAX,
         "--mode: \"fsat\" is no choice; did you mean fast?; allowed: fast, safe or off"},
        {"mode", "fits", &from_arg, ERR_SYNTAX,
         "--mode: \"fits\" is no choice; allowed: fast, safe or off"},
        {"open", "maybe", &from_arg, ERR_SYNTAX,
         "--open: \"maybe\" is no truth value; allowed: true or false"},
        {"data-dir", "", &from_arg, ERR_LIMIT,
         "--data-dir: \"\" is out of bounds; allowed: 1 to 4095 bytes without NUL"},
        {"token", "123456789", &from_arg, ERR_LIMIT,
         "--token: (a secret) is out of bounds; allowed: 0 to 8 bytes without NUL"},
        {"tls-port", "99999", &from_arg, ERR_LIMIT,
         "--tls-port: \"99999\" is out of bounds; allowed: 0 to 65535 or off"},
        {"count",
         "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhi",
         &from_arg, ERR_SYNTAX,
         "--count: \"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg"
         "hhhhhhhhhh...\" is no number; allowed: 1 to 19"},
    };
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);

    (void)state;
    cfg.origins.file = "c.yaml";
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct option_report report = {0};
        assert_err(assign(&set, bad[i].name, *bad[i].source, bad[i].text, &report), bad[i].err);
        assert_string_equal(report.why, bad[i].why);
    }
    option_done(&set);
}

static void refuses_more_items_than_a_list_holds(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};

    (void)state;
    for (unsigned i = 0; i < OPTION_LIST_MAX; i++) {
        assert_ok(assign(&set, "tls-port", from_arg, "1", &report));
        assert_ok(assign(&set, "words", from_arg, "w", &report));
    }
    assert_err(assign(&set, "words", from_arg, "w", &report), ERR_LIMIT);
    assert_string_equal(report.why, "--words: \"w\" is one too many; allowed: 64 values");
    assert_err(assign(&set, "tls-port", from_arg, "7", &report), ERR_LIMIT);
    assert_string_equal(report.why, "--tls-port: \"7\" is one too many; allowed: 64 values");
    assert_int_equal(cfg.ports.count, OPTION_LIST_MAX);
    option_done(&set);
}

static void refuses_in_the_words_of_the_origin(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};

    (void)state;
    cfg.origins.file = "c.yaml";
    assert_err(option_refuse(&set, "data-dir", &report, "%d too many", 3), ERR_SYNTAX);
    assert_string_equal(report.why, "--data-dir: 3 too many");
    assert_ok(assign(&set, "data-dir", from_file, "a", &report));
    assert_err(option_refuse(&set, "data-dir", &report, "no"), ERR_SYNTAX);
    assert_string_equal(report.why, "c.yaml:12: data-dir: no");
    assert_ok(assign(&set, "data-dir", from_env, "a", &report));
    assert_err(option_refuse(&set, "data-dir", &report, "no"), ERR_SYNTAX);
    assert_string_equal(report.why, "CORDWOOD_DATA_DIR: no");
    option_done(&set);
}

static void begins_with_the_defaults(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);

    (void)state;
    assert_string_equal(cfg.name, "");
    assert_string_equal(cfg.path, "./data");
    assert_int_equal(cfg.mode, SAMPLE_SAFE);
    assert_false(cfg.open);
    assert_int_equal(cfg.count, 1);
    assert_int_equal(cfg.port, 3000);
    assert_int_equal(cfg.size, 50 * MIB);
    assert_int_equal(cfg.wait_ns, OPTION_AUTO);
    assert_int_equal(cfg.pace_ns, NS_PER_S);
    assert_int_equal(cfg.share.percent, 5);
    assert_int_equal(cfg.share.bytes, 0);
    assert_int_equal(cfg.ports.count, 2);
    assert_int_equal(cfg.ports.at[0], 3001);
    assert_int_equal(cfg.ports.at[1], 3003);
    assert_int_equal(cfg.words.count, 0);
    option_done(&set);
}

static void the_strongest_origin_wins_in_any_order(void **state)
{
    const struct option_source up[] = {from_default, from_file, from_env, from_arg};
    struct sample_cfg cfg;
    struct option_report report = {0};

    (void)state;
    for (int down = 0; down < 2; down++) {
        struct option_set set = sample_cfg_init(&cfg);
        for (size_t i = 0; i < TEST_COUNT(up); i++) {
            const struct option_source source = up[down ? TEST_COUNT(up) - 1 - i : i];
            const char *texts[] = {"1", "2", "3", "4"};
            assert_ok(assign(&set, "count", source, texts[source.origin], &report));
            assert_ok(assign(&set, "name", source, texts[source.origin], &report));
        }
        assert_int_equal(cfg.count, 4);
        assert_string_equal(cfg.name, "4");
        option_done(&set);
    }
}

static void a_value_that_is_overruled_is_checked(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};

    (void)state;
    assert_ok(assign(&set, "count", from_arg, "4", &report));
    assert_err(assign(&set, "count", from_env, "many", &report), ERR_SYNTAX);
    assert_int_equal(cfg.count, 4);
    option_done(&set);
}

static void a_list_replaces_weaker_ones_and_grows_by_its_own(void **state)
{
    struct sample_cfg cfg;
    struct option_set set = sample_cfg_init(&cfg);
    struct option_report report = {0};

    (void)state;
    assert_ok(assign(&set, "tls-port", from_env, "1", &report));
    assert_ok(assign(&set, "tls-port", from_env, "off", &report));
    assert_ok(assign(&set, "tls-port", from_file, "9", &report));
    assert_int_equal(cfg.ports.count, 2);
    assert_int_equal(cfg.ports.at[0], 1);
    assert_int_equal(cfg.ports.at[1], OPTION_PORT_DISABLED);

    assert_ok(assign(&set, "words", from_file, "a", &report));
    assert_ok(assign(&set, "words", from_arg, "b", &report));
    assert_ok(assign(&set, "words", from_arg, "c", &report));
    assert_int_equal(cfg.words.count, 2);
    assert_string_equal(cfg.words.at[0], "b");
    assert_string_equal(cfg.words.at[1], "c");

    option_clear(&set, option_find(set.table, SPAN_LIT("tls-port")), from_file);
    assert_int_equal(cfg.ports.count, 2);
    option_clear(&set, option_find(set.table, SPAN_LIT("tls-port")), from_arg);
    assert_int_equal(cfg.ports.count, 0);
    option_done(&set);
}

static void a_reload_moves_only_what_it_may(void **state)
{
    struct sample_cfg old;
    struct sample_cfg new;
    struct option_set to = sample_cfg_init(&old);
    struct option_set from = sample_cfg_init(&new);
    struct option_report report = {0};
    struct buf applied = {0};
    struct buf refused = {0};

    (void)state;
    assert_ok(assign(&from, "mode", from_file, "fast", &report));
    assert_ok(assign(&from, "words", from_file, "a", &report));
    assert_ok(assign(&from, "data-dir", from_file, "x", &report));
    assert_ok(assign(&from, "count", from_file, "1", &report)); /* as before */
    assert_ok(option_reload(&to, &from, &applied, &refused));
    test_assert_span(buf_span(&applied), "mode words ");
    test_assert_span(buf_span(&refused), "data-dir ");
    assert_int_equal(old.mode, SAMPLE_FAST);
    assert_int_equal(new.mode, SAMPLE_SAFE);
    assert_int_equal(old.words.count, 1);
    assert_string_equal(old.words.at[0], "a");
    assert_string_equal(old.path, "./data");
    option_done(&from);
    option_done(&to);
    buf_done(&applied);
    buf_done(&refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_key_value_and_what_is_allowed),
        cmocka_unit_test(refuses_more_items_than_a_list_holds),
        cmocka_unit_test(refuses_in_the_words_of_the_origin),
        cmocka_unit_test(begins_with_the_defaults),
        cmocka_unit_test(the_strongest_origin_wins_in_any_order),
        cmocka_unit_test(a_value_that_is_overruled_is_checked),
        cmocka_unit_test(a_list_replaces_weaker_ones_and_grows_by_its_own),
        cmocka_unit_test(a_reload_moves_only_what_it_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
