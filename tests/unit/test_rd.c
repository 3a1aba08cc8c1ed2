/* SPDX-License-Identifier: Apache-2.0
 *
 * The sticky reader: the first failure stays and nothing moves after it. */
#include "base/rd.h"
#include "tests/support/test.h"

static void stays_failed_after_too_few_bytes(void **state)
{
    struct rd r = rd_of(span_of("\x01\x02\x03", 3));

    (void)state;
    assert_int_equal(rd_le32(&r), 0);
    assert_err(rd_status(&r), ERR_SYNTAX);
    assert_int_equal(rd_u8(&r), 0);
    assert_int_equal(r.left.len, 3);
    assert_err(rd_status(&r), ERR_SYNTAX);
}

static void tells_a_limit_from_an_end(void **state)
{
    struct rd r = rd_of(SPAN_LIT("abcdef"));

    (void)state;
    assert_int_equal(rd_bytes(&r, 4, 3).len, 0);
    assert_err(rd_status(&r), ERR_LIMIT);
    rd_fail(&r, ERR_SYNTAX);
    assert_err(rd_status(&r), ERR_LIMIT);
}

static void reads_numbers_and_bytes(void **state)
{
    static const char in[] =
        "\x7f\x01\x02\x03\x04\x01\x02\x03\x04\x01\x02\x03\x04\x05\x06\x07\x08xy";
    struct rd r = rd_of(span_of(in, sizeof(in) - 1));

    (void)state;
    assert_int_equal(rd_u8(&r), 0x7f);
    assert_int_equal(rd_be32(&r), 0x01020304);
    assert_int_equal(rd_le32(&r), 0x04030201);
    assert_true(rd_le64(&r) == 0x0807060504030201ull);
    test_assert_span(rd_bytes(&r, 2, 2), "xy");
    assert_ok(rd_status(&r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_failed_after_too_few_bytes),
        cmocka_unit_test(tells_a_limit_from_an_end),
        cmocka_unit_test(reads_numbers_and_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
