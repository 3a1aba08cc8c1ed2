/* SPDX-License-Identifier: Apache-2.0
 *
 * A token is read whole, whatever its line ends with, or refused with a reason. */
#include "ingestor/token_file.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <stdio.h>

struct fixture {
    char dir[TEMP_DIR_BYTES];
    char path[TEMP_DIR_BYTES + 8];
    char token[TOKEN_FILE_BYTES];
    char why[512];
};

static struct fixture f;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(f.dir);
    snprintf(f.path, sizeof(f.path), "%s/token", f.dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(f.dir);
    return 0;
}

static err_t read_of(struct span content)
{
    temp_dir_write(f.dir, "token", content);
    return token_file_read(f.path, f.token, f.why, sizeof(f.why));
}

static void refuses_what_is_no_token(void **state)
{
    char longest[BEARER_TOKEN_BYTES_MAX + 1];

    (void)state;
    assert_err(token_file_read(f.path, f.token, f.why, sizeof(f.why)), ERR_IO);
    assert_non_null(strstr(f.why, "No such file"));
    assert_err(token_file_read(f.dir, f.token, f.why, sizeof(f.why)), ERR_IO);
    assert_err(read_of(SPAN_LIT("")), ERR_SYNTAX);
    assert_non_null(strstr(f.why, f.path));
    assert_err(read_of(SPAN_LIT("\r\nsecret\n")), ERR_SYNTAX);
    assert_non_null(strstr(f.why, "empty"));
    assert_err(read_of(SPAN_LIT("sec\0ret\n")), ERR_SYNTAX);
    assert_non_null(strstr(f.why, "NUL"));
    memset(longest, 'x', sizeof(longest));
    assert_err(read_of(span_of(longest, sizeof(longest))), ERR_SYNTAX);
    assert_non_null(strstr(f.why, "longer; allowed: a first line of 1 to 512 bytes"));
}

static void reads_the_first_line_whole(void **state)
{
    static const char *const ends[] = {"", "\n", "\r\n", "\nsecond line\n"};
    char content[BEARER_TOKEN_BYTES_MAX + 32];

    (void)state;
    for (size_t len = 1; len <= BEARER_TOKEN_BYTES_MAX; len += len < 500 ? 100 : 1) {
        for (size_t i = 0; i < TEST_COUNT(ends); i++) {
            memset(content, 'x', len);
            memcpy(content + len, ends[i], strlen(ends[i]));
            assert_ok(read_of(span_of(content, len + strlen(ends[i]))));
            test_assert_span(span_of(content, len), f.token);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_what_is_no_token, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_the_first_line_whole, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
