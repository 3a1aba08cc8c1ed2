/* SPDX-License-Identifier: Apache-2.0
 *
 * Names in client certificates against allowed patterns: first everything that must not match. */
#include "net/tls_name.h"
#include "tests/support/test.h"

struct pair {
    const char *pattern;
    const char *name;
};

static void refuses(void **state)
{
    static const struct pair pairs[] = {
        {"", ""},
        {"", "a"},
        {"a", ""},
        {"a.example.org", "b.example.org"},
        {"a.example.org", "a.example.org.evil"},
        {"example.org", "a.example.org"},
        {"*.example.org", "example.org"},
        {"*.example.org", ".example.org"},
        {"*.example.org", "a.b.example.org"},
        {"*.example.org", "a.example.com"},
        {"*.example.org", "aexample.org"},
        {"a*c", "abc"},
        {"a*c", "a*c"},
        {"foo.*.bar", "foo.x.bar"},
        {"*", "a"},
        {"*", "*"},
        {"*.", "a."},
        {"**.example.org", "a.example.org"},
        {"*.*.org", "a.b.org"},
        {"*.*.org", "a.*.org"},
        {"*a.example.org", "ba.example.org"},
        {"a*.example.org", "ab.example.org"},
        {"foo.*.bar", "foo.*.bar"},
        {"foo.*", "foo.bar"},
        {"*.example.org", "a.example.org."},
        {"*.example.org.", "a.example.org"},
        {"a.example.org", "a.example.org."},
        {"a.example.org.", "a.example.org"},
        {"*.example.org", "*.*.example.org"},
        {"a.example.org", "*.example.org"},
        {"*.*", "a.b"},
        {"10.0.0.1", "10.0.0.2"},
        {"*.0.0.1", "a.10.0.0.1"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(pairs); i++) {
        if (tls_name_matches(span_of_str(pairs[i].pattern), span_of_str(pairs[i].name))) {
            fail_msg("%s matches %s", pairs[i].pattern, pairs[i].name);
        }
    }
    assert_false(tls_name_matches(SPAN_LIT("good"), span_of("good\0.evil", 10)));
    assert_false(tls_name_matches(SPAN_LIT("*.example.org"), span_of("a\0.example.org", 14)));
    assert_false(tls_name_matches(SPAN_LIT("*.example.org"), span_of("a.example.org\0", 14)));
    assert_false(tls_name_matches(span_of("a\0", 2), span_of("a\0", 2)));
}

static void allows(void **state)
{
    static const struct pair pairs[] = {
        {"a.example.org", "a.example.org"},
        {"A.Example.org", "a.eXample.ORG"},
        {"*.example.org", "a.example.org"},
        {"*.example.org", "*.example.org"},
        {"client", "client"},
        {"*.EXAMPLE.org", "A.example.ORG"},
        {"a.example.org.", "a.example.org."},
        {"*.b", "a.b"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(pairs); i++) {
        assert_true(tls_name_matches(span_of_str(pairs[i].pattern), span_of_str(pairs[i].name)));
    }
}

static void says_which_patterns_match_nothing(void **state)
{
    static const char *const bad[] = {"", "*", "*.", "a*c", "foo.*.bar", "*.*.org", "**.a", "a.*"};
    static const char *const good[] = {"a", "a.b", "*.b", "*.example.org"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        assert_false(tls_name_is_pattern(span_of_str(bad[i])));
    }
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        assert_true(tls_name_is_pattern(span_of_str(good[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses),
        cmocka_unit_test(allows),
        cmocka_unit_test(says_which_patterns_match_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
