/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths in parts, and bodies. */
#include "registry/api_call.h"

#include "tests/support/test.h"

static void paths_that_are_none(void **state)
{
    static const char *const paths[] = {"",      "x",    "//",   "/a//b", "/%",
                                        "/a/%0", "/%00", "/%ff", "/%zz",  "/a/b/c/d/e/f/g"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(paths); i++) {
        struct api_call c = {0};
        assert_err(api_call_split(&c, paths[i]), ERR_UNKNOWN);
    }
}

static void a_part_that_is_too_long(void **state)
{
    static struct api_call c;
    char path[STORE_SUBJECT_BYTES + 2];

    (void)state;
    memset(path, 'x', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    assert_err(api_call_split(&c, path), ERR_UNKNOWN);
    path[sizeof(path) - 2] = '\0';
    assert_ok(api_call_split(&c, path));
}

static void parts_are_unescaped_after_splitting(void **state)
{
    struct api_call c = {0};

    (void)state;
    assert_ok(api_call_split(&c, "/subjects/a%2Fb/versions/"));
    assert_int_equal(c.part_count, 3);
    assert_string_equal(c.parts[1], "a/b");
    assert_true(api_call_matches(&c, "/subjects/_/versions"));
    assert_false(api_call_matches(&c, "/subjects/_"));
    assert_false(api_call_matches(&c, "/subjects/_/versions/_"));
    assert_false(api_call_matches(&c, "/subjects/_/version"));
    assert_ok(api_call_split(&c, "/"));
    assert_true(api_call_matches(&c, "/"));
    assert_false(api_call_matches(&c, "/subjects"));
}

static void bodies_that_are_no_object(void **state)
{
    static const char *const bodies[] = {"", "{", "[]", "1", "{} x"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bodies); i++) {
        struct http_request http = {.body = span_of_str(bodies[i])};
        struct api_call c = {.http = &http};
        json_t *body = NULL;
        assert_err(api_call_body(&c, &body), ERR_SYNTAX);
        assert_int_equal(c.fault.code, API_BAD_REQUEST);
    }
}

static void without_a_connection_there_is_no_query(void **state)
{
    struct http_request http = {.body = SPAN_LIT("{\"a\":1}")};
    struct api_call c = {.http = &http};
    json_t *body = NULL;

    (void)state;
    assert_false(api_call_flag(&c, "deleted"));
    assert_int_equal(api_call_filter(&c), STORE_LIVE);
    assert_ok(api_call_body(&c, &body));
    json_decref(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_that_are_none),
        cmocka_unit_test(a_part_that_is_too_long),
        cmocka_unit_test(parts_are_unescaped_after_splitting),
        cmocka_unit_test(bodies_that_are_no_object),
        cmocka_unit_test(without_a_connection_there_is_no_query),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
