/* SPDX-License-Identifier: Apache-2.0
 *
 * Escapes in addresses: what is refused, what is replaced. */
#include "net/http_request.h"
#include "tests/support/test.h"

static void refuses_bad_escapes(void **state)
{
    static const char *const bad[] = {"%", "a%2", "%zz", "%2g", "%g2", "%00", "%-1", "% 1", "%%41"};
    char out[64] = "kept";

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        assert_err(http_request_unescape(span_of_str(bad[i]), out, sizeof(out)), ERR_SYNTAX);
    }
}

static void refuses_what_does_not_fit(void **state)
{
    char out[4];

    (void)state;
    assert_err(http_request_unescape(SPAN_LIT(""), out, 0), ERR_LIMIT);
    assert_err(http_request_unescape(SPAN_LIT("abcd"), out, sizeof(out)), ERR_LIMIT);
    assert_err(http_request_unescape(SPAN_LIT("%41%42%43%44"), out, sizeof(out)), ERR_LIMIT);
    assert_ok(http_request_unescape(SPAN_LIT("%41%42%43"), out, sizeof(out)));
    assert_string_equal(out, "ABC");
}

static void replaces_escapes(void **state)
{
    static const struct {
        const char *in;
        const char *out;
    } good[] = {
        {"", ""},
        {"plain", "plain"},
        {"a%20b%2Fc%2fd", "a b/c/d"},
        {"%C3%bc%25%25", "\xC3\xBC%%"},
        {"%01%7F%ff", "\x01\x7F\xFF"},
    };
    char out[64];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        assert_ok(http_request_unescape(span_of_str(good[i].in), out, sizeof(out)));
        assert_string_equal(out, good[i].out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_bad_escapes),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(replaces_escapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
