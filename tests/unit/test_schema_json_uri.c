/* SPDX-License-Identifier: Apache-2.0
 *
 * Resolving references: the examples' shapes of RFC 3986 section 5.4 on a base of our own, and
 * bases that are no hierarchy. */
#include "schema/schema_json_uri.h"

#include "base/limits.h"
#include "tests/support/test.h"

#include <stdlib.h>

static struct arena arena;

static void resolves_to(const char *base, const char *reference, const char *want)
{
    struct schema_json_uri uri;

    arena_reset(&arena);
    assert_ok(schema_json_uri_resolve(span_of_str(base), span_of_str(reference), &arena, &uri));
    test_assert_span(uri.document, want);
}

static const char *const rows[][3] = {
    /* base, reference, document */
    {"http://h/b/c/d?q", "g", "http://h/b/c/g"},
    {"http://h/b/c/d?q", "./g", "http://h/b/c/g"},
    {"http://h/b/c/d?q", "g/", "http://h/b/c/g/"},
    {"http://h/b/c/d?q", "/g", "http://h/g"},
    {"http://h/b/c/d?q", "//g", "http://g"},
    {"http://h/b/c/d?q", "?y", "http://h/b/c/d?y"},
    {"http://h/b/c/d?q", "g?y#s", "http://h/b/c/g?y"},
    {"http://h/b/c/d?q", "", "http://h/b/c/d?q"},
    {"http://h/b/c/d?q", "#s", "http://h/b/c/d?q"},
    {"http://h/b/c/d?q", ".", "http://h/b/c/"},
    {"http://h/b/c/d?q", "..", "http://h/b/"},
    {"http://h/b/c/d?q", "../g", "http://h/b/g"},
    {"http://h/b/c/d?q", "../../../g", "http://h/g"},
    {"http://h/b/c/d?q", "/./g/../k", "http://h/k"},
    {"http://h/b/c/d?q", "urn:x:y", "urn:x:y"},
    {"http://h", "g", "http://h/g"},
    {"", "g", "g"},
    {"", "#s", ""},
    {"a/b", "c", "a/c"},
    {"urn:uuid:1-2", "#s", "urn:uuid:1-2"},
    {"file:///a/b", "c", "file:///a/c"},
};

static void resolves(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        resolves_to(rows[i][0], rows[i][1], rows[i][2]);
    }
}

static void tells_fragments(void **state)
{
    struct schema_json_uri uri;

    (void)state;
    assert_ok(schema_json_uri_resolve(SPAN_LIT(""), SPAN_LIT("a"), &arena, &uri));
    assert_null(uri.fragment.at);
    assert_ok(schema_json_uri_resolve(SPAN_LIT(""), SPAN_LIT("a#"), &arena, &uri));
    assert_true(uri.fragment.at != NULL && uri.fragment.len == 0);
    assert_ok(schema_json_uri_resolve(SPAN_LIT(""), SPAN_LIT("#/a%25#"), &arena, &uri));
    test_assert_span(uri.fragment, "/a%25#");
}

static void has_limits(void **state)
{
    static char text[SCHEMA_JSON_URI_BYTES_MAX + 1];
    struct schema_json_uri uri;
    struct arena small;

    (void)state;
    memset(text, 'a', sizeof(text));
    struct span over = span_of(text, sizeof(text));
    assert_err(schema_json_uri_resolve(SPAN_LIT(""), over, &arena, &uri), ERR_LIMIT);
    assert_err(schema_json_uri_resolve(over, SPAN_LIT(""), &arena, &uri), ERR_LIMIT);
    assert_ok(arena_init(&small, 16));
    assert_err(schema_json_uri_resolve(SPAN_LIT(""), span_of(text, 100), &small, &uri), ERR_LIMIT);
    arena_done(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_limits),
        cmocka_unit_test(tells_fragments),
        cmocka_unit_test(resolves),
    };
    if (arena_init(&arena, MIB) != ERR_OK) {
        return EXIT_FAILURE;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
