/* SPDX-License-Identifier: Apache-2.0
 *
 * The dialects of syslog and of JSON lines, row by row from the tables that the integration test
 * reads, too. */
#include "codec/codec_json.h"
#include "codec/codec_raw.h"

#include "tests/support/dialect_rows.h"

static void each_syslog_line_becomes_its_record(void **state)
{
    (void)state;
    assert_true(dialect_rows_check("syslog.jsonl", codec_raw_syslog) >= 150);
}

static void each_json_line_becomes_its_record(void **state)
{
    (void)state;
    assert_true(dialect_rows_check("ndjson.jsonl", codec_json_line) >= 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_syslog_line_becomes_its_record),
        cmocka_unit_test(each_json_line_becomes_its_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
