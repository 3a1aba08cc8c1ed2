/* SPDX-License-Identifier: Apache-2.0
 *
 * Stopping: everything handed over gets its fate, whatever the disk does and however little time is
 * left. */
#include "base/clock.h"
#include "tests/support/archive_rig.h"
#include "tests/support/test.h"

#include <errno.h>

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

static void writes_what_is_in_the_rings(void **state)
{
    struct archive_rig *r = *state;

    r->config.shard_count = 2;
    archive_rig_open(r);
    for (unsigned i = 0; i < 10; i++) {
        archive_rig_put(r, 0, ARCHIVE_LOG, 20, 0);
        archive_rig_put(r, 1, ARCHIVE_REJECTED, 20, 0);
        archive_rig_flush(r, 0);
        archive_rig_flush(r, 1);
    }
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_WRITTEN), 400);
    struct archive_rig_files files = archive_rig_verify(r);
    assert_int_equal(files.lines, 400);
    assert_int_equal(files.final, 2);
    assert_int_equal(files.open, 0);
}

/* The disk is full and stays so: the writer tries until the deadline, then lets go. */
static void ends_a_retry_at_the_deadline(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 5, 0);
    assert_true(archive_rig_settle(r, 0));
    archive_fault_set(&r->fault, ARCHIVE_FAULT_PWRITE, 1, UINT_MAX, ENOSPC);
    for (unsigned i = 0; i < 10; i++) {
        archive_rig_put(r, 0, ARCHIVE_LOG, 5, 0);
        archive_rig_put(r, 0, ARCHIVE_REJECTED, 5, 0);
        archive_rig_flush(r, 0);
    }
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).stalled);
    uint64_t begun = clock_mono_ns();
    archive_rig_close(r, 1);
    uint64_t took = clock_mono_ns() - begun;
    assert_true(took >= NS_PER_S && took < ARCHIVE_RIG_WAIT_NS);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_WRITTEN), 5);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_DROPPED_SHUTDOWN), 100);
    assert_int_equal(archive_rig_verify(r).lines, 5);
}

/* The deadline has passed before it begins: what is written stays, the rest is dropped, counted. */
static void drops_the_rest_without_time(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    archive_rig_put(r, 0, ARCHIVE_LOG, 5, 0);
    assert_true(archive_rig_settle(r, 0));
    archive_fault_set(&r->fault, ARCHIVE_FAULT_PWRITE, 1, UINT_MAX, EIO);
    archive_rig_put(r, 0, ARCHIVE_LOG, 7, 0);
    archive_rig_flush(r, 0);
    archive_rig_put(r, 0, ARCHIVE_LOG, 7, 0);
    archive_rig_close(r, 0);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_WRITTEN), 5);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_DROPPED_SHUTDOWN), 14);
    struct archive_rig_files files = archive_rig_verify(r);
    assert_int_equal(files.final + files.open, 1);
    assert_int_equal(files.lines, 5);
}

/* Nothing more can be written, and records that were told to be written got lost: that is said. */
static void tells_of_records_it_lost(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    atomic_store(&r->held, ARCHIVE_RIG_HOLD_FDATASYNC);
    archive_rig_put(r, 0, ARCHIVE_LOG, 5, 0);
    assert_true(archive_rig_settle(r, 0));
    ARCHIVE_RIG_WAIT(r, atomic_load(&r->holding) > 0);
    archive_fault_set(&r->fault, ARCHIVE_FAULT_FDATASYNC | ARCHIVE_FAULT_PWRITE, 1, UINT_MAX, EIO);
    atomic_store(&r->held, 0);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).stalled);
    archive_rig_close(r, 1);
    assert_string_equal(r->texts[ARCHIVE_EVENT_IO_ERROR],
                        "failed=stop records_lost=5 reason=sync_failed action=none");
}

/* A thread that hangs still uses the archive and the rig when the test is over, so both stay where
 * the leak checker finds them; the disk stops hanging in the end, and the thread ends. */
static struct archive_rig *volatile hung_rigs[2];
static struct archive *volatile hung_archives[2];

static void let_go(struct archive_rig *r)
{
    atomic_store(&r->held, 0);
    while (atomic_load(&r->holding) > 0) {
        archive_rig_pause();
    }
}

/* Writes do not return: the process can end, soon however many hang, and the fate of all frames is
 * known. */
static void leaves_writers_that_hang(void **state)
{
    struct archive_rig *r = archive_rig_new();

    (void)state;
    hung_rigs[0] = r;
    r->config.shard_count = 2;
    archive_rig_open(r);
    hung_archives[0] = r->archive;
    archive_rig_put(r, 0, ARCHIVE_LOG, 5, 0);
    assert_true(archive_rig_settle(r, 0));
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced == 5);
    atomic_store(&r->held, ARCHIVE_RIG_HOLD_PWRITE);
    archive_rig_put(r, 0, ARCHIVE_LOG, 5, 0);
    archive_rig_flush(r, 0);
    archive_rig_put(r, 0, ARCHIVE_REJECTED, 5, 0);
    archive_rig_put(r, 1, ARCHIVE_LOG, 5, 0);
    archive_rig_flush(r, 1);
    ARCHIVE_RIG_WAIT(r, atomic_load(&r->holding) > 1);
    uint64_t begun = clock_mono_ns();
    archive_rig_close(r, 0);
    assert_true(clock_mono_ns() - begun < NS_PER_S);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_WRITTEN), 5);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_DROPPED_SHUTDOWN), 15);
    let_go(r);
    temp_dir_remove(r->dir);
}

static void leaves_a_sync_that_hangs(void **state)
{
    struct archive_rig *r = archive_rig_new();

    (void)state;
    hung_rigs[1] = r;
    archive_rig_open(r);
    hung_archives[1] = r->archive;
    atomic_store(&r->held, ARCHIVE_RIG_HOLD_FDATASYNC);
    archive_rig_put(r, 0, ARCHIVE_LOG, 5, 0);
    assert_true(archive_rig_settle(r, 0));
    ARCHIVE_RIG_WAIT(r, atomic_load(&r->holding) > 0);
    archive_rig_close(r, 0);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_WRITTEN), 5);
    assert_int_equal(archive_rig_verify(r).open, 1);
    let_go(r);
    temp_dir_remove(r->dir);
}

#define STOP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STOP_TEST(writes_what_is_in_the_rings),     STOP_TEST(ends_a_retry_at_the_deadline),
        STOP_TEST(drops_the_rest_without_time),     STOP_TEST(tells_of_records_it_lost),
        cmocka_unit_test(leaves_writers_that_hang), cmocka_unit_test(leaves_a_sync_that_hangs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
