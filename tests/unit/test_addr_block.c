/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of addresses: what is none, and who is in one. */
#include "net/addr_block.h"

#include "tests/support/test.h"

static void what_is_no_block_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "/",
        "/8",
        "x",
        "10.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/8x",
        "10.0.0.0/ 8",
        "10.0.0.0/0008",
        "::/129",
        "::1::/8",
        "10.0.0.0/8/8",
        "localhost/8",
        "10.0.0.0/4294967304",
        "11111111111111111111111111111111111111111111111111111111111111111111/8",
    };
    struct addr_block block;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        assert_int_equal(addr_block_parse(span_of_str(texts[i]), &block), ERR_SYNTAX);
    }
    assert_int_equal(addr_block_parse(span_of("10.0.0.0\0/8", 11), &block), ERR_SYNTAX);
}

static bool holds(const char *text, const char *host)
{
    struct addr_block block;
    struct addr addr;

    assert_ok(addr_block_parse(span_of_str(text), &block));
    assert_ok(addr_parse(host, 4242, &addr));
    return addr_block_holds(&block, &addr);
}

static void a_block_holds_what_has_its_prefix(void **state)
{
    (void)state;
    assert_true(holds("10.0.0.0/8", "10.255.0.1"));
    assert_false(holds("10.0.0.0/8", "11.0.0.1"));
    assert_true(holds("10.1.2.3/8", "10.255.0.1")); /* bits behind the prefix do not count */
    assert_true(holds("192.0.2.7", "192.0.2.7"));
    assert_false(holds("192.0.2.7", "192.0.2.6"));
    assert_true(holds("192.0.2.0/25", "192.0.2.127"));
    assert_false(holds("192.0.2.0/25", "192.0.2.128"));
    assert_true(holds("0.0.0.0/0", "192.0.2.1"));
    assert_false(holds("0.0.0.0/0", "2001:db8::1"));
    assert_true(holds("::/0", "2001:db8::1"));
    assert_true(holds("::/0", "192.0.2.1"));
    assert_true(holds("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(holds("2001:db8::/33", "2001:db8:8000::1"));
    assert_true(holds("2001:db8::1", "2001:db8::1"));
    assert_true(holds("192.0.2.0/24", "::ffff:192.0.2.1")); /* on a socket for both */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_block_is_refused),
        cmocka_unit_test(a_block_holds_what_has_its_prefix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
