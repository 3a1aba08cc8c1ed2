/* SPDX-License-Identifier: Apache-2.0
 *
 * Rotation: by size, time, request and stop, each kind of file by itself. */
#include "base/clock.h"
#include "tests/support/archive_rig.h"
#include "tests/support/test.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

static int set_up(void **state)
{
    *state = archive_rig_new();
    return 0;
}

static int tear_down(void **state)
{
    archive_rig_free(*state);
    return 0;
}

static void rotates_by_compressed_size(void **state)
{
    struct archive_rig *r = *state;

    r->config.policy.rotate_bytes = 1000;
    archive_rig_open(r);
    for (int i = 0; i < 40; i++) { /* a frame of one line has about 200 bytes */
        archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
        assert_true(archive_rig_settle(r, 0));
    }
    archive_rig_put(r, 0, ARCHIVE_REJECTED, 1, 0);
    assert_true(archive_rig_settle(r, 0));
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).files_published >= 5);
    assert_true(archive_rig_stats(r).open_file_bytes < 1000);
    archive_rig_close(r, 30);
    struct archive_rig_files files = archive_rig_verify(r);
    assert_in_range(files.final, 6, 20);
    assert_int_equal(files.rejected, 1); /* it had its one frame all the time */
    assert_int_equal(files.lines, 41);
}

/* With nothing to write and nobody asking, the hour (here: second) ends all the same. */
static void rotates_by_time_while_idle(void **state)
{
    struct archive_rig *r = *state;

    r->config.policy.rotate_interval_ns = NS_PER_S;
    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    archive_rig_put(r, 0, ARCHIVE_REJECTED, 1, 0);
    assert_true(archive_rig_settle(r, 0));
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).files_published == 2);
    assert_int_equal(archive_rig_stats(r).files_open, 0);
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).lines, 2);
}

/* A long interval that is aligned to UTC ends at its boundary, not that long after the start. */
static void aligns_intervals_to_utc(void **state)
{
    struct archive_rig *r = *state;
    uint64_t now = clock_wall_ns();

    r->config.policy.rotate_interval_ns = now / 2 + 2 * NS_PER_S; /* ends in 4 s, after decades */
    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    assert_true(archive_rig_settle(r, 0));
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).files_published == 1);
    assert_true(clock_wall_ns() >= 2 * r->config.policy.rotate_interval_ns);
    archive_rig_close(r, 30);
}

static void rotates_on_request(void **state)
{
    struct archive_rig *r = *state;

    r->config.shard_count = 2;
    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    archive_rig_put(r, 0, ARCHIVE_REJECTED, 1, 0);
    archive_rig_put(r, 1, ARCHIVE_LOG, 1, 0);
    assert_true(archive_rig_settle(r, 0) && archive_rig_settle(r, 1));
    assert_int_equal(archive_rig_stats(r).files_open, 3);
    archive_rotate(r->archive);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).files_published == 3);
    assert_int_equal(archive_rig_stats(r).files_open, 0);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    assert_true(archive_rig_settle(r, 0));
    assert_int_equal(archive_rig_stats(r).files_open, 1);
    archive_rig_close(r, 30);
    struct archive_rig_files files = archive_rig_verify(r);
    assert_int_equal(files.final, 4);
    assert_int_equal(files.lines, 4);
}

static void obeys_a_new_policy(void **state)
{
    struct archive_rig *r = *state;
    struct archive_policy policy = r->config.policy;

    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    assert_true(archive_rig_settle(r, 0));
    policy.rotate_bytes = 1;
    archive_set_policy(r->archive, &policy);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).files_published == 1);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    assert_true(archive_rig_settle(r, 0));
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).files_published == 2);
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).final, 2);
}

/* While a file can neither be written nor rotated away from, its end is still seen. */
static void rotates_while_it_cannot_write(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    assert_true(archive_rig_settle(r, 0));
    archive_fault_set(&r->fault, ARCHIVE_FAULT_PWRITE, 1, UINT_MAX, ENOSPC);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    archive_rig_flush(r, 0);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).stalled);
    archive_rotate(r->archive);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).files_open == 0);
    archive_fault_set(&r->fault, 0, 0, 0, 0);
    assert_true(archive_rig_settle(r, 0));
    archive_rig_close(r, 30);
    struct archive_rig_files files = archive_rig_verify(r);
    assert_int_equal(files.final, 2);
    assert_int_equal(files.lines, 2);
}

static void fills_a_folder_a_day(void **state)
{
    struct archive_rig *r = *state;
    unsigned folders = 0;

    r->config.layout = ARCHIVE_LAYOUT_DAILY;
    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).final, 1);
    DIR *d = opendir(r->dir);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        int year = 0;
        int month = 0;
        int day = 0;
        folders += sscanf(e->d_name, "%4d-%2d-%2d", &year, &month, &day) == 3;
    }
    closedir(d);
    assert_int_equal(folders, 1);
}

#define WRITER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WRITER_TEST(rotates_by_compressed_size), WRITER_TEST(rotates_by_time_while_idle),
        WRITER_TEST(aligns_intervals_to_utc),    WRITER_TEST(rotates_on_request),
        WRITER_TEST(obeys_a_new_policy),         WRITER_TEST(rotates_while_it_cannot_write),
        WRITER_TEST(fills_a_folder_a_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
