/* SPDX-License-Identifier: Apache-2.0
 *
 * A password in a URL is not shown, wherever the URL hides its @. */
#include "ingestor/url_hide.h"

#include "tests/support/test.h"

static void users_are_hidden_and_nothing_else(void **state)
{
    static const struct {
        const char *url;
        const char *shown;
    } rows[] = {
        {"", ""},
        {"plain text", "plain text"},
        {"http://", "http://"},
        {"http://host:8000/a@b?c@d#e@f", "http://host:8000/a@b?c@d#e@f"},
        {"http://host?a@b", "http://host?a@b"},
        {"https://me:hush@host/x", "https://(hidden)@host/x"},
        {"https://me:hu@sh@host/x@y", "https://(hidden)@host/x@y"},
        {"https://@host", "https://(hidden)@host"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct buf out = {0};
        assert_ok(url_hide_append(span_of_str(rows[i].url), &out));
        test_assert_span(buf_span(&out), rows[i].shown);
        buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(users_are_hidden_and_nothing_else)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
