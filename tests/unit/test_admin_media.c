/* SPDX-License-Identifier: Apache-2.0
 *
 * Which form of /metrics an Accept header asks for. */
#include "ingestor/admin_media.h"
#include "tests/support/test.h"

static void chooses_by_accept(void **state)
{
    static const struct {
        const char *accept;
        enum admin_media media;
    } cases[] = {
        {NULL, ADMIN_MEDIA_TEXT},
        {"", ADMIN_MEDIA_TEXT},
        {",;,=;q=", ADMIN_MEDIA_TEXT},
        {"*/*", ADMIN_MEDIA_TEXT},
        {"text/html", ADMIN_MEDIA_TEXT},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", ADMIN_MEDIA_TEXT},
        {"text/plain", ADMIN_MEDIA_TEXT},
        {"application/jsonx", ADMIN_MEDIA_TEXT},
        {"application/json", ADMIN_MEDIA_JSON},
        {"Application/JSON ; charset=utf-8", ADMIN_MEDIA_JSON},
        {"application/json, text/plain, */*", ADMIN_MEDIA_JSON},
        {"application/json;q=0", ADMIN_MEDIA_TEXT},
        {"application/json;q=0.0", ADMIN_MEDIA_TEXT},
        {"application/json;q=nonsense", ADMIN_MEDIA_TEXT},
        {"application/json;q=0.5,text/plain", ADMIN_MEDIA_TEXT},
        {"application/json;q=0.501,text/plain;q=0.5", ADMIN_MEDIA_JSON},
        {"application/openmetrics-text", ADMIN_MEDIA_OPENMETRICS},
        {"application/openmetrics-text; version=0.0.1", ADMIN_MEDIA_TEXT},
        {"application/openmetrics-text;q=0.2,application/json;q=0.3", ADMIN_MEDIA_JSON},
        /* Prometheus 2.42 and 3.5 */
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
         "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         ADMIN_MEDIA_OPENMETRICS},
        {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/"
         "openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
         "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
         ADMIN_MEDIA_OPENMETRICS},
        {"text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4",
         ADMIN_MEDIA_TEXT},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        assert_int_equal(admin_media_by_accept(cases[i].accept), cases[i].media);
    }
}

static void chooses_by_format(void **state)
{
    (void)state;
    assert_int_equal(admin_media_by_format("json", ADMIN_MEDIA_TEXT), ADMIN_MEDIA_JSON);
    assert_int_equal(admin_media_by_format("JSON", ADMIN_MEDIA_TEXT), ADMIN_MEDIA_JSON);
    assert_int_equal(admin_media_by_format("prometheus", ADMIN_MEDIA_JSON), ADMIN_MEDIA_TEXT);
    assert_int_equal(admin_media_by_format("openmetrics", ADMIN_MEDIA_TEXT),
                     ADMIN_MEDIA_OPENMETRICS);
    assert_int_equal(admin_media_by_format("xml", ADMIN_MEDIA_JSON), ADMIN_MEDIA_JSON);
    assert_int_equal(admin_media_by_format("", ADMIN_MEDIA_OPENMETRICS), ADMIN_MEDIA_OPENMETRICS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_by_accept),
        cmocka_unit_test(chooses_by_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
