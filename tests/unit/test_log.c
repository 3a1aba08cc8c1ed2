/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of peers in the log: nothing of them can break a line or a terminal. */
#include "base/log.h"
#include "tests/support/test.h"

#include <stdlib.h>

static void escapes_every_byte_that_is_not_plain_text(void **state)
{
    char out[64];

    (void)state;
    assert_string_equal(log_escape(SPAN_LIT("a\n\x1b[\"\\\x7f\xc3"), out, sizeof(out)),
                        "\"a\\x0a\\x1b[\\x22\\x5c\\x7f\\xc3\"");
    assert_string_equal(log_escape(span_of(NULL, 0), out, sizeof(out)), "\"\"");
    for (unsigned c = 0; c < 256; c++) {
        char byte = (char)c;
        const char *text = log_escape(span_of(&byte, 1), out, sizeof(out));
        for (; *text != '\0'; text++) {
            assert_in_range((unsigned char)*text, 0x20, 0x7e);
        }
    }
}

/* Cut to fit, for every size of the buffer and of the text. */
static void never_writes_past_its_buffer(void **state)
{
    char text[64];

    (void)state;
    memset(text, '\n', sizeof(text));
    for (size_t cap = 16; cap < 96; cap++) {
        for (size_t len = 0; len <= sizeof(text); len++) {
            char *out = malloc(cap); /* the sanitizer watches its end */
            assert_non_null(out);
            assert_true(strlen(log_escape(span_of(text, len), out, cap)) < cap);
            free(out);
        }
    }
}

static void parses_level_names(void **state)
{
    enum log_level level = LOG_INFO;

    (void)state;
    assert_false(log_level_parse(SPAN_LIT("loud"), &level));
    assert_false(log_level_parse(SPAN_LIT(""), &level));
    assert_true(log_level_parse(SPAN_LIT("debug"), &level));
    assert_int_equal(level, LOG_DEBUG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_every_byte_that_is_not_plain_text),
        cmocka_unit_test(never_writes_past_its_buffer),
        cmocka_unit_test(parses_level_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
