/* SPDX-License-Identifier: Apache-2.0
 *
 * Refusals, the vectors of RFC 4648 section 10 both ways, and what the lenient form takes. */
#include "base/base64.h"
#include "tests/support/test.h"

static void refuses(const char *text, enum base64_form form)
{
    struct buf out = {0};

    assert_ok(buf_append(&out, SPAN_LIT("before")));
    assert_err(base64_decode(span_of_str(text), form, &out), ERR_SYNTAX);
    test_assert_span(buf_span(&out), "before");
    buf_done(&out);
}

static void refuses_what_is_none(void **state)
{
    static const char *const never[] = {"A",     "AAAAA", "A===", "A A=", "Zm9v\n",
                                        "=AAA",  "Zm9vY", "Zh==", "Zm9=", "Zg=",
                                        "Zg===", "Zm9v=", "Zm.v", "====", "="};
    static const char *const lenient_only[] = {"Zm-_", "Zm8", "Zg", "_-__"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(never); i++) {
        refuses(never[i], BASE64_STRICT);
        refuses(never[i], BASE64_LENIENT);
    }
    for (size_t i = 0; i < TEST_COUNT(lenient_only); i++) {
        refuses(lenient_only[i], BASE64_STRICT);
    }
}

static void decodes(const char *text, enum base64_form form, const char *want)
{
    struct buf out = {0};

    assert_ok(base64_decode(span_of_str(text), form, &out));
    test_assert_span(buf_span(&out), want);
    buf_done(&out);
}

static void goes_both_ways(void **state)
{
    static const struct {
        const char *bytes;
        const char *text;
    } rows[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"},
                {"\xff\xfe\xfd", "//79"}};
    char out[16];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct span bytes = span_of_str(rows[i].bytes);
        size_t len = (size_t)(base64_encode(out, bytes) - out);
        assert_int_equal(len, BASE64_BYTES(bytes.len));
        test_assert_span(span_of(out, len), rows[i].text);
        decodes(rows[i].text, BASE64_STRICT, rows[i].bytes);
        decodes(rows[i].text, BASE64_LENIENT, rows[i].bytes);
    }
}

static void takes_the_other_alphabet_and_no_padding(void **state)
{
    (void)state;
    decodes("__79", BASE64_LENIENT, "\xff\xfe\xfd");
    decodes("Zm8", BASE64_LENIENT, "fo");
    decodes("Zg", BASE64_LENIENT, "f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(goes_both_ways),
        cmocka_unit_test(takes_the_other_alphabet_and_no_padding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
