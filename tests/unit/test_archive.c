/* SPDX-License-Identifier: Apache-2.0
 *
 * The archive as a whole: what opening meets, what a line's way looks like from outside. */
#include "archive/archive.h"
#include "base/clock.h"
#include "tests/support/archive_rig.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* --- opening --- */

static void assert_open_fails(struct archive_rig *r, err_t want, const char *why)
{
    struct archive *a = NULL;

    assert_err(archive_open(&r->config, r->why, sizeof(r->why), &a), want);
    assert_string_equal(r->why, why);
    assert_null(a);
}

static void explains_what_it_cannot_make(void **state)
{
    struct archive_rig *r = *state;
    char why[TEMP_DIR_BYTES + 64];

    archive_fault_set(&r->fault, ARCHIVE_FAULT_MKDIR, 1, 1, EACCES);
    snprintf(why, sizeof(why), "cannot make directory %s: Permission denied", r->dir);
    assert_open_fails(r, ERR_IO, why);
    archive_fault_set(&r->fault, ARCHIVE_FAULT_OPEN, 1, 1, EROFS);
    snprintf(why, sizeof(why), "cannot lock %s: Read-only file system", r->dir);
    assert_open_fails(r, ERR_IO, why);
    archive_fault_set(&r->fault, ARCHIVE_FAULT_OPEN, 2, 2, EROFS);
    snprintf(why, sizeof(why), "cannot lock %s: Read-only file system", r->state_dir);
    assert_open_fails(r, ERR_IO, why);
}

static err_t open_and_close(void *arg)
{
    struct archive_rig *r = arg;
    struct archive *a = NULL;

    TRY(archive_open(&r->config, r->why, sizeof(r->why), &a));
    archive_stop(a, clock_mono_ns() + ARCHIVE_RIG_WAIT_NS);
    archive_free(a);
    return ERR_OK;
}

/* One allocation further each time, with two shards, until all of it has been made. */
static void survives_missing_memory(void **state)
{
    struct archive_rig *r = *state;

    r->config.shard_count = 2;
    fail_alloc_walk(open_and_close, r);
    assert_string_equal(r->why, "");
    fail_alloc_from(0);
    err_t err = open_and_close(r);
    assert_true(fail_alloc_end());
    assert_err(err, ERR_NOMEM);
    assert_string_equal(r->why, "out of memory");
}

/* Every entry of the directory with its size and time of change, but not the one above it, which
 * others change too. */
static void list(const char *dir, struct buf *ret)
{
    DIR *d = opendir(dir);
    char path[TEMP_DIR_BYTES + 300];
    struct stat st;

    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strcmp(e->d_name, "..") == 0) {
            continue;
        }
        snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
        assert_int_equal(stat(path, &st), 0);
        assert_ok(buf_printf(ret, "%s %lld %lld.%ld\n", e->d_name, (long long)st.st_size,
                             (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec));
    }
    closedir(d);
}

static void assert_refused(struct archive_rig *r, const struct archive_config *config,
                           const char *what, const char *dir)
{
    struct archive *second = NULL;
    char want[TEMP_DIR_BYTES + 64];

    assert_err(archive_open(config, r->why, sizeof(r->why), &second), ERR_EXISTS);
    snprintf(want, sizeof(want), "%s directory %s: in use by process %ld", what, dir,
             (long)getpid());
    assert_string_equal(r->why, want);
    assert_null(second);
}

/* With the same directories, and with a data or a state directory of its own. */
static void refuses_a_second_instance(void **state)
{
    struct archive_rig *r = *state;
    struct archive_config other = r->config;
    char other_dir[TEMP_DIR_BYTES];
    struct buf before = {0};
    struct buf after = {0};

    temp_dir_make(other_dir);
    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 3, 0);
    assert_true(archive_rig_settle(r, 0));
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced == 3);
    list(r->dir, &before);
    list(r->state_dir, &before);

    assert_refused(r, &r->config, "data", r->dir);
    other.state_dir = other_dir;
    assert_refused(r, &other, "data", r->dir);
    other.state_dir = r->state_dir;
    other.data_dir = other_dir;
    assert_refused(r, &other, "state", r->state_dir);
    temp_dir_remove(other_dir);
    list(r->dir, &after);
    list(r->state_dir, &after);
    test_assert_span(buf_span(&before), after.at);
    buf_done(&before);
    buf_done(&after);

    archive_rig_put(r, 0, ARCHIVE_LOG, 3, 0); /* the first one does not mind */
    archive_rig_close(r, 30);
    archive_rig_open(r); /* and gives the lock back */
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).lines, 6);
}

static mode_t mode_of(const char *dir, const char *name)
{
    char path[TEMP_DIR_BYTES + 300];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

/* The modes of everything below the data directory, made while nothing is masked. */
static void makes_private_files_and_directories(void **state)
{
    struct archive_rig *r = *state;
    char data_dir[TEMP_DIR_BYTES + 16];
    unsigned files = 0;

    mode_t before = umask(0);
    snprintf(data_dir, sizeof(data_dir), "%s/logs", r->dir);
    r->config.data_dir = data_dir;
    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 3, 0);
    archive_rig_put(r, 0, ARCHIVE_REJECTED, 3, 0);
    archive_rig_close(r, 30);
    umask(before);

    assert_int_equal(mode_of(data_dir, "."), 0750);
    assert_int_equal(mode_of(r->state_dir, "."), 0700);
    assert_int_equal(mode_of(r->state_dir, "lock"), 0640);
    assert_int_equal(mode_of(data_dir, ".lock"), 0640);
    DIR *d = opendir(data_dir);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') {
            assert_int_equal(mode_of(data_dir, e->d_name), 0640);
            files++;
        }
    }
    closedir(d);
    assert_int_equal(files, 3); /* log, rejected, manifest */
}

/* --- the way of lines --- */

static void archives_what_it_is_given(void **state)
{
    struct archive_rig *r = *state;

    r->config.shard_count = 2;
    r->config.policy.flush_interval_ns = NS_PER_MS;
    archive_rig_open(r);
    assert_true(archive_rig_write(r, 0, ARCHIVE_LOG, 20000, 100));
    assert_true(archive_rig_write(r, 1, ARCHIVE_LOG, 20000, 100));
    assert_true(archive_rig_write(r, 0, ARCHIVE_REJECTED, 300, 10));
    assert_true(archive_rig_settle(r, 0) && archive_rig_settle(r, 1));
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced == 40300);

    struct archive_stats stats = archive_rig_stats(r);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_WRITTEN), 40300);
    assert_int_equal(stats.files_open, 3);
    assert_int_equal(stats.files_published, 0);
    assert_true(stats.bytes_in > 40300 * 40);
    assert_true(stats.bytes_out > 0 && stats.bytes_out < stats.bytes_in);
    assert_true(stats.open_file_bytes > 0 && stats.open_file_bytes < stats.bytes_out);
    assert_int_equal(stats.sync_lag_ns, 0);
    assert_int_equal(stats.io_errors, 0);
    assert_true(stats.syncs > 0);
    assert_int_equal(stats.disk_total_bytes, 1024 * GIB);
    assert_int_equal(stats.disk_free_bytes, 512 * GIB);
    assert_false(stats.stalled);

    archive_rig_close(r, 30);
    struct archive_rig_files files = archive_rig_verify(r);
    assert_int_equal(files.final, 3);
    assert_int_equal(files.rejected, 1);
    assert_int_equal(files.open, 0);
    assert_int_equal(files.lines, 40300);
    assert_int_equal(archive_rig_events(r, ARCHIVE_EVENT_PUBLISHED), 3);
}

static void begins_log_files_with_the_header(void **state)
{
    struct archive_rig *r = *state;

    r->config.header = SPAN_LIT("timestamp,level,message,service,extra\r\n");
    r->config.suffix = "csv";
    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 5, 0);
    archive_rig_put(r, 0, ARCHIVE_REJECTED, 5, 0);
    archive_rig_close(r, 30);
    struct archive_rig_files files = archive_rig_verify(r);
    assert_int_equal(files.final, 2);
    assert_int_equal(files.lines, 11); /* not in the rejected file */
}

static void discards_the_lines_in_hand(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 5, 0);
    archive_pack_discard(archive_pack_of(r->archive, 0, ARCHIVE_LOG));
    r->streams[0][ARCHIVE_LOG].made = 0;
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).lines, 1);
}

/* No frame, no file. */
static void makes_no_empty_files(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    archive_rotate(r->archive);
    archive_rig_flush(r, 0);
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).final, 0);
    assert_int_equal(temp_dir_count(r->dir), 2); /* the state directory and the lock */
}

/* --- back pressure --- */

/* Nothing is synced, so the kept frames come to their limit and the shard must stop; then all of it
 * goes on by itself. */
static void is_not_ready_while_too_much_is_unsynced(void **state)
{
    struct archive_rig *r = *state;
    unsigned frames = 0;

    archive_rig_open(r);
    atomic_store(&r->held, ARCHIVE_RIG_HOLD_FDATASYNC);
    while (archive_ready(r->archive, 0) && frames <= ARCHIVE_FRAMES_PER_SHARD) {
        archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
        assert_true(archive_rig_settle(r, 0));
        frames++;
    }
    assert_int_equal(frames, ARCHIVE_FRAMES_PER_SHARD);
    archive_rig_put(r, 0, ARCHIVE_LOG, BATCH_ITEMS_MAX, 0); /* a batch begun before is taken */
    archive_rig_flush(r, 0);
    assert_true(archive_rig_stats(r).sync_lag_ns > 0);
    atomic_store(&r->held, 0);
    ARCHIVE_RIG_WAIT(r, archive_ready(r->archive, 0));
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).lines, ARCHIVE_FRAMES_PER_SHARD + BATCH_ITEMS_MAX);
}

static void wakes_the_shard_with_news(void **state)
{
    struct archive_rig *r = *state;
    uint64_t count = 0;

    archive_rig_open(r);
    int fd = archive_wake_fd(r->archive, 0);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    archive_rig_flush(r, 0);
    ARCHIVE_RIG_WAIT(r, read(fd, &count, sizeof(count)) == sizeof(count));
    archive_rig_close(r, 30);
}

#define ARCHIVE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARCHIVE_TEST(explains_what_it_cannot_make),
        ARCHIVE_TEST(survives_missing_memory),
        ARCHIVE_TEST(refuses_a_second_instance),
        ARCHIVE_TEST(makes_private_files_and_directories),
        ARCHIVE_TEST(archives_what_it_is_given),
        ARCHIVE_TEST(begins_log_files_with_the_header),
        ARCHIVE_TEST(discards_the_lines_in_hand),
        ARCHIVE_TEST(makes_no_empty_files),
        ARCHIVE_TEST(is_not_ready_while_too_much_is_unsynced),
        ARCHIVE_TEST(wakes_the_shard_with_news),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
