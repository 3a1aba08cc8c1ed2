/* SPDX-License-Identifier: Apache-2.0
 *
 * Retention: what is never deleted, and in which order the rest goes. */
#include "archive/archive_retain.h"

#include "base/limits.h"
#include "tests/support/archive_sample.h"
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define NOW_S 1800000000ll

static int set_up(void **state)
{
    struct archive_sample *s = calloc(1, sizeof(*s));

    archive_sample_init(s);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct archive_sample *s = *state;

    archive_sample_done(s);
    free(s);
    return 0;
}

/* A file of 100 bytes, last written `age_s` before NOW_S. */
static void put(struct archive_sample *s, const char *name, long long age_s)
{
    char path[ARCHIVE_PATH_BYTES];
    char bytes[100] = {0};
    struct timespec times[2] = {{.tv_sec = NOW_S - age_s}, {.tv_sec = NOW_S - age_s}};

    temp_dir_write(s->dir, name, span_of(bytes, sizeof(bytes)));
    snprintf(path, sizeof(path), "%s/%s", s->dir, name);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static struct archive_retain_result run(struct archive_sample *s)
{
    struct archive_retain_result result;

    assert_ok(
        archive_retain_run(&s->config, &s->config.policy, (uint64_t)NOW_S * NS_PER_S, &result));
    return result;
}

static void reports_a_directory_that_is_gone(void **state)
{
    struct archive_sample *s = *state;
    struct archive_retain_result result;

    s->config.data_dir = "/nonexistent";
    assert_err(archive_retain_run(&s->config, &s->config.policy, 1, &result), ERR_IO);
    assert_int_equal(errno, ENOENT);
}

static void deletes_nothing_without_a_policy(void **state)
{
    struct archive_sample *s = *state;

    put(s, "log_0_20200101_000000.jsonl.zst", 1000000);
    put(s, "log_0_20200102_000000.jsonl.zst", 1000000);
    assert_int_equal(run(s).files_deleted, 0);
    assert_int_equal(temp_dir_count(s->dir), 2);
}

static void deletes_the_oldest_first(void **state)
{
    struct archive_sample *s = *state;

    put(s, "log_0_20200101_000000_10.jsonl.zst", 0);
    put(s, "log_0_20200101_000000_9.jsonl.zst", 0);
    put(s, "rejected_1_20200102_000000.jsonl.zst", 0);
    put(s, "recovered_0_20200103_000000.jsonl.zst", 0);
    put(s, "log_0_20200104_000000.csv.zst", 0);
    put(s, "log_1_20200105_000000.jsonl.zst", 0);
    s->config.policy.retain_bytes = 500;
    assert_int_equal(run(s).files_deleted, 1);
    assert_false(temp_dir_has(s->dir, "log_0_20200101_000000_9.jsonl.zst"));
    assert_int_equal(run(s).files_deleted, 0);
    s->config.policy.retain_bytes = 299;
    struct archive_retain_result result = run(s);
    assert_int_equal(result.files_deleted, 3);
    assert_int_equal(result.rejected_bytes, 0);
    assert_true(temp_dir_has(s->dir, "log_0_20200104_000000.csv.zst"));
    assert_true(temp_dir_has(s->dir, "log_1_20200105_000000.jsonl.zst"));
}

static void spares_what_is_not_published_and_the_newest(void **state)
{
    struct archive_sample *s = *state;

    put(s, "log_0_20200101_000000.jsonl.zst", 1000);
    put(s, "log_1_20200101_000000.jsonl.zst.open", 1000);
    put(s, "log_1_20200101_000001.jsonl.zst.repack", 1000);
    put(s, "rejected_2_20200101_000000.jsonl.zst.open", 1000);
    put(s, "rejected_2_20190101_000000.jsonl.zst", 1000);
    put(s, "foreign", 1000);
    s->config.policy.retain_bytes = 1;
    s->config.policy.retain_age_ns = 1;
    struct archive_retain_result result = run(s);
    assert_int_equal(result.files_deleted, 0);
    assert_int_equal(result.rejected_bytes, 200);
    assert_int_equal(temp_dir_count(s->dir), 6);
}

static void deletes_by_the_last_write(void **state)
{
    struct archive_sample *s = *state;

    put(s, "log_0_20200101_000000.jsonl.zst", 50);
    put(s, "log_0_20200102_000000.jsonl.zst", 101);
    put(s, "rejected_0_20200103_000000.jsonl.zst", 5000);
    put(s, "log_0_20200104_000000.jsonl.zst.tail", 5000);
    put(s, "log_0_20200105_000000.jsonl.zst", 5000);
    s->config.policy.retain_age_ns = 100 * NS_PER_S;
    assert_int_equal(run(s).files_deleted, 3);
    assert_true(temp_dir_has(s->dir, "log_0_20200101_000000.jsonl.zst"));
    assert_true(temp_dir_has(s->dir, "log_0_20200105_000000.jsonl.zst"));
}

static void tells_what_it_deletes(void **state)
{
    struct archive_sample *s = *state;
    struct buf manifest = {0};

    put(s, "rejected_0_20200101_000000.jsonl.zst", 50);
    put(s, "log_0_20200102_000000.jsonl.zst", 50);
    s->config.policy.retain_bytes = 100;
    assert_int_equal(run(s).files_deleted, 1);
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_RETAINED), 1);
    assert_string_equal(s->last_text, "bytes=100 action=deleted");
    temp_dir_read(s->dir, "manifest.jsonl", &manifest);
    static const char want[] = "\"file\":\"rejected_0_20200101_000000.jsonl.zst\","
                               "\"kind\":\"rejected\",\"records\":0,\"rejected\":0,\"bytes_in\":0,"
                               "\"bytes_out\":100}\n";
    assert_non_null(memmem(manifest.at, manifest.len, want, strlen(want)));
    assert_true(span_starts_with(buf_span(&manifest), SPAN_LIT("{\"event\":\"retained\",")));
    buf_done(&manifest);
}

static void goes_on_behind_what_cannot_be_deleted(void **state)
{
    struct archive_sample *s = *state;

    put(s, "log_0_20200101_000000.jsonl.zst", 50);
    put(s, "log_0_20200102_000000.jsonl.zst", 50);
    put(s, "log_0_20200103_000000.jsonl.zst", 50);
    s->config.policy.retain_bytes = 200;
    archive_fault_set(&s->fault, ARCHIVE_FAULT_UNLINK, 1, 1, EACCES);
    struct archive_retain_result result = run(s);
    assert_int_equal(result.errors, 1);
    assert_int_equal(result.files_deleted, 1);
    assert_true(temp_dir_has(s->dir, "log_0_20200101_000000.jsonl.zst"));
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_IO_ERROR), 1);

    put(s, "log_0_20200104_000000.jsonl.zst", 50);
    archive_fault_set(&s->fault, ARCHIVE_FAULT_OPEN, 1, 1, ENOSPC);
    result = run(s);
    assert_int_equal(result.errors, 1);
    assert_int_equal(result.files_deleted, 1);
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_RETAINED), 2);
}

static void takes_empty_folders_along(void **state)
{
    struct archive_sample *s = *state;
    char path[ARCHIVE_PATH_BYTES];

    snprintf(path, sizeof(path), "%s/2020-01-01", s->dir);
    assert_int_equal(mkdir(path, 0750), 0);
    snprintf(path, sizeof(path), "%s/2020-01-02", s->dir);
    assert_int_equal(mkdir(path, 0750), 0);
    put(s, "2020-01-01/log_0_20200101_000000.jsonl.zst", 50);
    put(s, "2020-01-01/log_0_20200101_000001.jsonl.zst", 50);
    put(s, "2020-01-02/log_0_20200102_000000.jsonl.zst", 50);
    put(s, "2020-01-02/log_0_20200102_000001.jsonl.zst", 50);
    s->config.policy.retain_bytes = 300;
    assert_int_equal(run(s).files_deleted, 1);
    assert_true(temp_dir_has(s->dir, "2020-01-01"));
    s->config.policy.retain_bytes = 100;
    assert_int_equal(run(s).files_deleted, 2);
    assert_false(temp_dir_has(s->dir, "2020-01-01"));
    assert_true(temp_dir_has(s->dir, "2020-01-02"));
}

int main(void)
{
#define RETAIN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        RETAIN_TEST(reports_a_directory_that_is_gone),
        RETAIN_TEST(deletes_nothing_without_a_policy),
        RETAIN_TEST(deletes_the_oldest_first),
        RETAIN_TEST(spares_what_is_not_published_and_the_newest),
        RETAIN_TEST(deletes_by_the_last_write),
        RETAIN_TEST(tells_what_it_deletes),
        RETAIN_TEST(goes_on_behind_what_cannot_be_deleted),
        RETAIN_TEST(takes_empty_folders_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
