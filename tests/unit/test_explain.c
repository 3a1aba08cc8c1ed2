/* SPDX-License-Identifier: Apache-2.0
 *
 * --explain in one process: exit statuses, what is said of which record, and that each offset is
 * that of the record. What is archived is compared in tests/integration/test_explain.py. */
#include "ingestor/explain.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct told {
    int status;
    struct buf text; /* with a NUL behind it */
};

/* Runs with standard output in a file. */
static void explain(struct span input, const char *const *more, struct told *ret)
{
    char dir[TEMP_DIR_BYTES];
    char path[TEMP_DIR_BYTES + 8];
    char *argv[12] = {strdup("cordwood-ingestor"), strdup("--explain"), path};
    char *env[1] = {NULL};
    struct ingestor_cfg cfg;
    struct option_report report = {0};
    int argc = 3;

    temp_dir_make(dir);
    snprintf(path, sizeof(path), "%s/in", dir);
    temp_dir_write(dir, "in", input);
    temp_dir_write(dir, "out", SPAN_LIT(""));
    for (; more != NULL && *more != NULL; more++) {
        argv[argc++] = strdup(*more);
    }
    struct ingestor_cfg_input from = {argc, argv, env};
    assert_ok(ingestor_cfg_load(&from, &cfg, &report));
    char out_path[TEMP_DIR_BYTES + 8];
    snprintf(out_path, sizeof(out_path), "%s/out", dir);
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    int out = open(out_path, O_WRONLY | O_TRUNC);
    assert_true(kept >= 0 && out >= 0 && dup2(out, STDOUT_FILENO) >= 0);
    ret->status = explain_run(&cfg);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    close(kept);
    close(out);
    ret->text = (struct buf){0};
    temp_dir_read(dir, "out", &ret->text);
    assert_ok(buf_append(&ret->text, span_of("", 1)));
    ingestor_cfg_done(&cfg);
    for (int i = 0; i < argc; i++) {
        if (i != 2) {
            free(argv[i]);
        }
    }
    temp_dir_remove(dir);
}

static void says(const struct told *told, const char *part)
{
    if (strstr(told->text.at, part) == NULL) {
        fail_msg("\"%s\" is not in:\n%s", part, told->text.at);
    }
}

static void checks(struct span input, int status, const char *const *parts)
{
    struct told told;

    explain(input, NULL, &told);
    assert_int_equal(told.status, status);
    for (; *parts != NULL; parts++) {
        says(&told, *parts);
    }
    buf_done(&told.text);
}

static void what_cannot_be_read(void **state)
{
    char none[] = "/nowhere/at/all";
    char directory[] = "/";
    struct ingestor_cfg cfg = {.explain = none};

    (void)state;
    assert_int_equal(explain_run(&cfg), EXPLAIN_FAILED);

    char *argv[] = {none, strdup("--explain"), directory};
    char *env[1] = {NULL};
    struct ingestor_cfg_input from = {3, argv, env};
    struct option_report report = {0};
    assert_ok(ingestor_cfg_load(&from, &cfg, &report));
    assert_int_equal(explain_run(&cfg), EXPLAIN_FAILED);
    ingestor_cfg_done(&cfg);
    free(argv[1]);
}

static void rejects_are_explained(void **state)
{
    static const char frames[] = "\x01\0\0\0\2{}"
                                 "\x01\0\0\0\0"
                                 "\x09\0\0\0\1x"
                                 "\x04\0\0\0\5hello"
                                 "zzzzz and more";
    static const char *const of_frames[] = {
        "#1 at byte 5, 2 bytes, stream: go-client frames, format: json: rejected\n",
        "missing_timestamp",
        "   change     send a member \"timestamp\"",
        "#2 at byte 12, 0 bytes",
        "   reason     empty",
        "#3 at byte 17, 1 bytes",
        "   reason     unknown_format",
        "#4 at byte 23, 5 bytes, stream: go-client frames, format: raw: archived\n",
        "#5 at byte 28, 14 bytes, stream: go-client frames, format: unknown: rejected\n",
        "   reason     bad_frame",
        "5 records in 42 bytes: not all would be archived (1 archived, 4 rejected)",
        "the connection would be closed there",
        NULL};
    static const char *const of_http[] = {"stream: HTTP,",
                                          "   change     newline-delimited JSON over TLS",
                                          "the connection would be closed there", NULL};
    static const char *const of_nothing[] = {"stream: nothing known,", "payload_base64", NULL};

    (void)state;
    checks(span_of(frames, sizeof(frames) - 1), EXPLAIN_REJECTS, of_frames);
    checks(SPAN_LIT("GET / HTTP/1.1\r\n\r\n"), EXPLAIN_REJECTS, of_http);
    checks(SPAN_LIT("\x80\x81\x82"), EXPLAIN_REJECTS, of_nothing);
}

static void defaults_are_explained(void **state)
{
    static const char *const parts[] = {
        "#1 at byte 4, 9 bytes, stream: syslog lines, format: syslog: archived\n",
        "   <- no usable time in the record: the time of receipt\n",
        "#2 at byte 15,",
        "   <- no year in the record: the one nearest to now\n",
        "   <- no service in the record: its host name\n",
        "   schema     LogEntry (json, built in)\n",
        "2 records in ",
        "all would be archived (2 archived, 0 rejected, 1 blank lines between them)\n",
        NULL};

    (void)state;
    checks(SPAN_LIT("\xef\xbb\xbf\n<13>hello\n\n<34>Oct 11 22:14:15 mymachine : failed"),
           EXPLAIN_ALL_GOOD, parts);
}

static void other_names_are_named(void **state)
{
    static const char *const parts[] = {
        "   message    slow   <- member msg\n", "   service    shop   <- member app\n",
        "   message    as ours\n", "   message    y   <- member msg\n", NULL};

    (void)state;
    checks(SPAN_LIT("{\"msg\" : \"slow\",\"app\":\"shop\"}\n{\"message\":\"as ours\"}\n"
                    "{\"a\\\"msg\":\"x\",\"msg\":\"y\"}\n"),
           EXPLAIN_ALL_GOOD, parts);
}

static void numbers_are_named(void **state)
{
    static const char *const parts[] = {
        "   timestamp  2026-01-01T00:00:00Z   <- another form of time in the record\n",
        "   level      WARN   <- a number or another form in the record\n", "   level      INFO\n",
        NULL};

    (void)state;
    checks(SPAN_LIT("{\"ts\":1767225600,\"level\":40,\"msg\":\"a\"}\n"
                    "{\"ts\":1767225600,\"level\":\"INFO\",\"msg\":\"a\"}\n"),
           EXPLAIN_ALL_GOOD, parts);
}

static void nothing_is_nothing(void **state)
{
    static const char *const parts[] = {"0 records in 0 bytes: all would be archived", NULL};

    (void)state;
    checks(SPAN_LIT(""), EXPLAIN_ALL_GOOD, parts);
}

/* A record above the limit is skipped without being held; its offset is where the one before
 * ended. */
static void a_record_too_large(void **state)
{
    static const char *const more[] = {"--max-record-bytes",
                                       "1KiB",
                                       "--max-message-bytes",
                                       "64",
                                       "--explain-format",
                                       "json",
                                       NULL};
    struct buf input = {0};
    struct told told;

    (void)state;
    assert_ok(buf_append(&input, SPAN_LIT("first\n")));
    assert_ok(buf_reserve(&input, 300000));
    memset(input.at + input.len, 'x', 300000);
    input.len += 300000;
    assert_ok(buf_append(&input, SPAN_LIT("\nlast")));
    explain(buf_span(&input), more, &told);
    assert_int_equal(told.status, EXPLAIN_REJECTS);
    says(&told,
         "{\"record\":1,\"offset\":0,\"length\":5,\"stream\":\"raw lines\",\"format\":\"raw\","
         "\"result\":\"archived\"");
    says(&told, "{\"record\":2,\"offset\":6,\"length\":300000,");
    says(&told, "\"reason\":\"too_large\"");
    says(&told, "{\"record\":3,\"offset\":300007,\"length\":4,");
    buf_done(&told.text);
    buf_done(&input);
}

static void the_terminal_is_safe(void **state)
{
    struct told told;

    (void)state;
    explain(SPAN_LIT("\x1b[31mred\x1b[0m \xc2\x9b\n"), NULL, &told);
    assert_null(strchr(told.text.at, '\x1b'));
    assert_null(strstr(told.text.at, "\xc2\x9b"));
    buf_done(&told.text);
}

static void a_reader_who_leaves(void **state)
{
    char *argv[] = {strdup("cordwood-ingestor"), strdup("--explain"), strdup("/etc/passwd")};
    char *env[1] = {NULL};
    struct ingestor_cfg cfg;
    struct option_report report = {0};
    struct ingestor_cfg_input from = {3, argv, env};

    (void)state;
    assert_ok(ingestor_cfg_load(&from, &cfg, &report));
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    int full = open("/dev/full", O_WRONLY);
    assert_true(kept >= 0 && full >= 0 && dup2(full, STDOUT_FILENO) >= 0);
    int status = explain_run(&cfg);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    assert_int_equal(status, EXPLAIN_FAILED);
    clearerr(stdout);
    close(kept);
    close(full);
    ingestor_cfg_done(&cfg);
    for (size_t i = 0; i < TEST_COUNT(argv); i++) {
        free(argv[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_read),    cmocka_unit_test(rejects_are_explained),
        cmocka_unit_test(defaults_are_explained), cmocka_unit_test(numbers_are_named),
        cmocka_unit_test(nothing_is_nothing),     cmocka_unit_test(other_names_are_named),
        cmocka_unit_test(a_record_too_large),     cmocka_unit_test(the_terminal_is_safe),
        cmocka_unit_test(a_reader_who_leaves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
