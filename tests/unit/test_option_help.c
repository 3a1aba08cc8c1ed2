/* SPDX-License-Identifier: Apache-2.0
 *
 * --help: topics that there are not, the short screen, groups, one option, all. */
#include "base/option_help.h"

#include "tests/support/sample_cfg.h"
#include "tests/support/test.h"

#include <stdio.h>

static const struct colour plain = {"", "", ""};
static const struct colour marked = {"<", "!", ">"};

/* The help on `topic`, ended by NUL, to be released by buf_done(). */
static struct buf help_on(const struct option_table *table, const char *topic,
                          const struct colour *colour)
{
    struct option_report report = {0};
    struct buf out = {0};

    assert_ok(option_help_show(table, topic, colour, &out, &report));
    assert_ok(buf_append(&out, span_of("", 1)));
    return out;
}

static void refuses_a_topic_that_is_none(void **state)
{
    static const struct {
        const char *topic;
        const char *why;
    } bad[] = {
        {"scond",
         "--help: \"scond\" is no group; did you mean second?; allowed: all, first, second, "
         "or the name of an option"},
        {"--rotate-byte", "--help: \"--rotate-byte\" is no group; did you mean rotate-bytes?; "
                          "allowed: all, first, second, or the name of an option"},
        {"everything", "--help: \"everything\" is no group; allowed: all, first, second, or the "
                       "name of an option"},
        {"hidden", "--help: \"hidden\" is no group; allowed: all, first, second, or the name of an "
                   "option"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct option_report report = {0};
        struct buf out = {0};
        assert_err(option_help_show(&sample_cfg_table, bad[i].topic, &plain, &out, &report),
                   ERR_UNKNOWN);
        assert_string_equal(report.why, bad[i].why);
        buf_done(&out);
    }
}

static void alone_it_shows_the_most_used_and_the_groups(void **state)
{
    struct buf out = help_on(&sample_cfg_table, OPTION_HELP_ALONE, &plain);

    (void)state;
    assert_string_equal(
        out.at, "usage: prog [OPTION]... FILE\n"
                "A program of the tests whose summary is so long that it does not fit into one\n"
                "line.\n"
                "\n"
                "most used\n"
                "  --data-dir PATH             directory\n"
                "\n"
                "more: --help GROUP, --help OPTION, --help all\n"
                "  first                       what comes first\n"
                "  second                      a \"second\" group\n");
    buf_done(&out);
}

static void a_group_has_its_rows_only(void **state)
{
    struct buf out = help_on(&sample_cfg_table, "first", &plain);

    (void)state;
    assert_string_equal(
        out.at, "first: what comes first\n"
                "  --name TEXT                 name\n"
                "  --data-dir PATH             directory; more is not brief (default ./data)\n"
                "  --help [GROUP]              print the most used options; those of a group, one\n"
                "                              by its name, or all\n");
    buf_done(&out);
}

static void one_option_says_where_else_it_is_set(void **state)
{
    static const char *const topics[] = {"rotate-bytes", "--rotate-bytes"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(topics); i++) {
        struct buf out = help_on(&sample_cfg_table, topics[i], &plain);
        assert_string_equal(out.at,
                            "  --rotate-bytes SIZE         size [64KiB to 1TiB] (default 50MiB)\n"
                            "                              variable CORDWOOD_ROTATE_BYTES\n"
                            "                              SIGHUP may change it\n");
        buf_done(&out);
    }
}

static void all_has_every_row_within_80_columns(void **state)
{
    struct buf out = help_on(&sample_cfg_table, "all", &plain);

    (void)state;
    for (size_t i = 0; i < sample_cfg_table.count; i++) {
        const struct option *row = &sample_cfg_table.rows[i];
        char head[64];
        snprintf(head, sizeof(head), "\n  --%s", row->name);
        assert_int_equal(strstr(out.at, head) == NULL,
                         (row->flags & (OPTION_HIDDEN | OPTION_NO_ARG)) != 0);
    }
    for (const char *line = out.at; *line != '\0'; line += strcspn(line, "\n") + 1) {
        assert_true(strcspn(line, "\n") <= 80);
    }
    buf_done(&out);
}

static void colours_do_not_move_the_columns(void **state)
{
    struct buf out = help_on(&sample_cfg_table, "all", &marked);

    (void)state;
    assert_non_null(strstr(out.at, "<usage:> prog"));
    assert_non_null(strstr(out.at, "\n<second>: a \"second\" group\n"));
    assert_non_null(strstr(out.at,
                           "  <--tls-port> PORT             ports [0 to 65535 or off], "
                           "repeatable (default\n                              3001,3003)"));
    assert_non_null(strstr(out.at, "  <--open>                      open\n"));
    buf_done(&out);
}

static void a_table_without_groups_shows_all(void **state)
{
    struct option_table bare = sample_cfg_table;

    (void)state;
    bare.groups = NULL;
    struct buf out = help_on(&bare, OPTION_HELP_ALONE, &plain);
    assert_ptr_equal(strstr(out.at, "  --name TEXT"), out.at);
    assert_non_null(strstr(out.at, "\n  --min-free SIZE"));
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_a_topic_that_is_none),
        cmocka_unit_test(alone_it_shows_the_most_used_and_the_groups),
        cmocka_unit_test(a_group_has_its_rows_only),
        cmocka_unit_test(one_option_says_where_else_it_is_set),
        cmocka_unit_test(all_has_every_row_within_80_columns),
        cmocka_unit_test(colours_do_not_move_the_columns),
        cmocka_unit_test(a_table_without_groups_shows_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
