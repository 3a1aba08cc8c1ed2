/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of peers in the log: nothing of them can break a line or a terminal. A standard error that
 * nobody reads loses lines, and says so when it takes some again; it stops nobody. */
#include "base/log.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HANG_SECONDS 20

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

/* Standard error is a pipe while a test logs into it; SIGALRM ends one that hangs. */
struct stderr_pipe {
    int kept;
    int fds[2];
};

static void pipe_open(struct stderr_pipe *p)
{
    alarm(HANG_SECONDS);
    assert_int_equal(pipe(p->fds), 0);
    p->kept = dup(STDERR_FILENO);
    assert_true(p->kept >= 0);
    assert_int_equal(dup2(p->fds[1], STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(fcntl(p->fds[0], F_SETFL, O_NONBLOCK), 0);
}

/* Everything in the pipe, as text of which the rest is left out. */
static size_t pipe_read(const struct stderr_pipe *p, char *text, size_t room)
{
    size_t len = 0;
    char rest[4096];

    for (ssize_t n = 1; n > 0 && len + 1 < room; len += n > 0 ? (size_t)n : 0) {
        n = read(p->fds[0], text + len, room - 1 - len);
    }
    text[len] = '\0';
    while (read(p->fds[0], rest, sizeof(rest)) > 0) {
    }
    return len;
}

static void pipe_close(struct stderr_pipe *p)
{
    assert_int_equal(dup2(p->kept, STDERR_FILENO), STDERR_FILENO);
    close(p->kept);
    close(p->fds[0]);
    close(p->fds[1]);
    alarm(0);
}

static void never_waits_and_counts_what_was_lost(void **state)
{
    struct stderr_pipe p;
    char text[1024];
    char *all = malloc(1u << 20);
    unsigned lines = 0;

    (void)state;
    assert_non_null(all);
    pipe_open(&p);
    for (unsigned i = 0; i < 10000; i++) {
        LOG_EACH(LOG_INFO, "test", "event=one i=%u", i);
    }
    size_t len = pipe_read(&p, all, 1u << 20);
    assert_true(len > 0 && all[len - 1] == '\n');
    for (size_t i = 0; i < len; i++) {
        lines += all[i] == '\n';
    }
    assert_in_range(lines, 1, 9999);
    LOG_EACH(LOG_INFO, "test", "event=last");
    IGNORE(pipe_read(&p, text, sizeof(text)) == 0, "looked at below");
    char want[64];
    snprintf(want, sizeof(want), "event=lines_lost lines=%u ", 10000 - lines);
    assert_non_null(strstr(text, want));
    assert_non_null(strstr(text, "event=last\n"));
    LOG_EACH(LOG_INFO, "test", "event=after");
    IGNORE(pipe_read(&p, text, sizeof(text)) == 0, "looked at below");
    assert_null(strstr(text, "lines_lost"));
    pipe_close(&p);
    free(all);
}

static void limits_a_place_but_not_each(void **state)
{
    struct stderr_pipe p;
    char text[16384];
    unsigned limited = 0;
    unsigned each = 0;

    (void)state;
    pipe_open(&p);
    for (unsigned i = 0; i < 100; i++) {
        LOG(LOG_INFO, "test", "event=limited");
        LOG_EACH(LOG_INFO, "test", "event=each");
    }
    IGNORE(pipe_read(&p, text, sizeof(text)) == 0, "counted below");
    for (const char *at = text; (at = strstr(at, "event=")) != NULL; at++) {
        limited += strncmp(at, "event=limited", 13) == 0;
        each += strncmp(at, "event=each", 10) == 0;
    }
    assert_in_range(limited, 1, 40); /* a second may end between two of them */
    assert_int_equal(each, 100);
    pipe_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_every_byte_that_is_not_plain_text),
        cmocka_unit_test(never_writes_past_its_buffer),
        cmocka_unit_test(parses_level_names),
        cmocka_unit_test(never_waits_and_counts_what_was_lost),
        cmocka_unit_test(limits_a_place_but_not_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
