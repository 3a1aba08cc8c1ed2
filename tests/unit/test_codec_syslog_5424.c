/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 5424 messages: the examples of the RFC, what senders make of it, and what is none. */
#include "tests/support/raw_rows.h"

/* What becomes of a message of service a. */
#define LINE(message)                                                                          \
    "{\"timestamp\":\"2026-11-21T04:11:45.123456Z\",\"level\":\"INFO\",\"message\":\"" message \
    "\",\"service\":\"a\",\"facility\":\"user\",\"time_source\":\"received\"}"

static void the_examples_of_the_rfc(void **state)
{
    (void)state;
    raw_rows_check_file("rfc5424_examples.txt", FORMAT_SYSLOG);
}

static void what_senders_make_of_it(void **state)
{
    (void)state;
    raw_rows_check_file("rfc5424_senders.txt", FORMAT_SYSLOG);
}

static void what_is_none_is_a_message(void **state)
{
    (void)state;
    raw_rows_check_file("rfc5424_not.txt", FORMAT_SYSLOG);
}

static void line_ends_are_dropped_at_the_end_only(void **state)
{
    static const struct raw_row rows[] = {
        RAW_ROW("<14>1 - - a - - - m\n", LINE("m")),
        RAW_ROW("<14>1 - - a - - - m\r\n", LINE("m")),
        RAW_ROW("<14>1 - - a - - - m\0", LINE("m")),
        RAW_ROW("<14>1 - - a - - - m\n\0", LINE("m")),
        RAW_ROW("<14>1 - - a - - - m\r", LINE("m\\r")),
        RAW_ROW("<14>1 - - a - - - m\n\n", LINE("m\\n")),
        RAW_ROW("<14>1 - - a - - - k\nm", LINE("k\\nm")),
        RAW_ROW("<14>1 - - a - - - k\0m", LINE("k\\u0000m")),
        RAW_ROW("<14>1 - - a - - - \xef\xbb\xbf"
                "m",
                LINE("m")),
        RAW_ROW("<14>1 - - a - - - \xef\xbb\xbf\xef\xbb\xbf"
                "m",
                LINE("\xef\xbb\xbf"
                     "m")),
        RAW_ROW("<14>1 - - a - - - ", LINE("")),
    };

    (void)state;
    raw_rows_check(rows, TEST_COUNT(rows), FORMAT_SYSLOG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc),
        cmocka_unit_test(what_senders_make_of_it),
        cmocka_unit_test(what_is_none_is_a_message),
        cmocka_unit_test(line_ends_are_dropped_at_the_end_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
