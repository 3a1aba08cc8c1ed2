/* SPDX-License-Identifier: Apache-2.0
 *
 * Durability: what a failed sync may have lost is written again, once, and told once; what is
 * called synced is. */
#include "archive/archive_sync.h"
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

static void write_lines(struct archive_rig *r, uint32_t lines)
{
    archive_rig_put(r, 0, ARCHIVE_LOG, lines, 0);
    assert_true(archive_rig_settle(r, 0));
}

/* The first, second, … sync fails, once or for a while, for both reasons there are. */
static void writes_again_what_a_failed_sync_lost(void **state)
{
    static const struct {
        unsigned first;
        unsigned last;
        int error;
    } cases[] = {{1, 1, EIO}, {2, 2, ENOSPC}, {1, 4, EIO}, {3, 3, EIO}};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct archive_rig *r = archive_rig_new();
        archive_rig_open(r);
        archive_fault_set(&r->fault, ARCHIVE_FAULT_FDATASYNC, cases[i].first, cases[i].last,
                          cases[i].error);
        for (uint32_t n = 1; n <= 5; n++) {
            write_lines(r, 100);
            archive_rig_put(r, 0, ARCHIVE_REJECTED, 1, 0);
            assert_true(archive_rig_settle(r, 0));
            assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_WRITTEN), n * 101);
            ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced == n * 101);
        }
        assert_true(archive_rig_stats(r).io_errors >= cases[i].last - cases[i].first + 1);
        archive_rig_close(r, 30);
        assert_int_equal(archive_rig_verify(r).lines, 505);
        assert_true(archive_rig_events(r, ARCHIVE_EVENT_IO_ERROR) >= 1);
        archive_rig_free(r);
    }
}

/* As long as nothing can be made durable the archive does not say that it is well. */
static void is_stalled_while_syncs_fail(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    archive_fault_set(&r->fault, ARCHIVE_FAULT_FDATASYNC, 1, UINT_MAX, EIO);
    write_lines(r, 10);
    ARCHIVE_RIG_WAIT(r, atomic_load(&r->fault.calls) > 3);
    assert_true(archive_rig_stats(r).stalled);
    assert_int_equal(archive_rig_events(r, ARCHIVE_EVENT_STALLED), 1);
    assert_true(archive_ready(r->archive, 0)); /* there is room for more as yet */
    archive_fault_set(&r->fault, 0, 0, 0, 0);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced == 10);
    ARCHIVE_RIG_WAIT(r, !archive_rig_stats(r).stalled);
    assert_int_equal(archive_rig_events(r, ARCHIVE_EVENT_RESUMED), 1);
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).lines, 10);
}

/* Synced frames stay in the old file, which is cut behind them; the lost ones come first in a new
 * one. */
static void keeps_the_order_around_a_failure(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    write_lines(r, 10);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced == 10);
    archive_fault_set(&r->fault, ARCHIVE_FAULT_FDATASYNC, 1, 1, EIO);
    write_lines(r, 10);
    write_lines(r, 10);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced == 30);
    archive_rig_close(r, 30);
    struct archive_rig_files files = archive_rig_verify(r);
    assert_int_equal(files.final, 2);
    assert_int_equal(files.lines, 30);
}

/* The last sync, that of a finished file, fails while the archive stops. */
static void writes_again_while_stopping(void **state)
{
    struct archive_rig *r = *state;

    r->config.policy.flush_interval_ns = 3600 * NS_PER_S; /* no sync before */
    archive_rig_open(r);
    write_lines(r, 50);
    archive_fault_set(&r->fault, ARCHIVE_FAULT_FDATASYNC, 1, 2, EIO);
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_WRITTEN), 50);
    struct archive_rig_files files = archive_rig_verify(r);
    assert_int_equal(files.lines, 50);
    assert_int_equal(files.open, 0);
    assert_int_equal(archive_rig_events(r, ARCHIVE_EVENT_IO_ERROR), 2);
}

/* The sync shows that the disk is full, and it stays so: lost frames are never shed, new ones
 * are. */
static void never_sheds_what_it_has_told(void **state)
{
    struct archive_rig *r = *state;

    r->config.policy.on_full = ARCHIVE_ON_FULL_SHED;
    archive_rig_open(r);
    atomic_store(&r->held, ARCHIVE_RIG_HOLD_FDATASYNC);
    write_lines(r, 20);
    ARCHIVE_RIG_WAIT(r, atomic_load(&r->holding) > 0);
    archive_fault_set(&r->fault, ARCHIVE_FAULT_FDATASYNC | ARCHIVE_FAULT_PWRITE, 1, UINT_MAX,
                      ENOSPC);
    atomic_store(&r->held, 0);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).stalled);
    write_lines(r, 7);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_WRITTEN), 20);
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_DROPPED_FULL), 7);
    assert_int_equal(archive_rig_stats(r).records_synced, 0);
    archive_fault_set(&r->fault, 0, 0, 0, 0);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced == 20);
    write_lines(r, 1);
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).lines, 21);
}

/* Rotating away from a file before it is synced changes nothing about the promise. */
static void syncs_finished_files_at_once(void **state)
{
    struct archive_rig *r = *state;

    r->config.policy.flush_interval_ns = 3600 * NS_PER_S;
    archive_rig_open(r);
    write_lines(r, 10);
    archive_rotate(r->archive);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced == 10);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).files_published == 1);
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).lines, 10);
}

/* Bytes or frames unsynced hurry the sync along, however long the interval is. */
static void syncs_early_when_much_is_unsynced(void **state)
{
    struct archive_rig *r = *state;

    r->config.policy.flush_interval_ns = 3600 * NS_PER_S;
    archive_rig_open(r);
    for (unsigned i = 0; i < ARCHIVE_FRAMES_PER_SHARD / 2; i++) {
        write_lines(r, 1);
    }
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced > 0);
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).lines, ARCHIVE_FRAMES_PER_SHARD / 2);
}

static void obeys_a_new_interval_at_once(void **state)
{
    struct archive_rig *r = *state;
    struct archive_policy policy = r->config.policy;

    r->config.policy.flush_interval_ns = 3600 * NS_PER_S;
    archive_rig_open(r);
    write_lines(r, 1);
    assert_int_equal(archive_rig_stats(r).records_synced, 0);
    archive_set_policy(r->archive, &policy);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced == 1);
    archive_rig_close(r, 30);
}

static void measures_the_lag(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    assert_int_equal(archive_rig_stats(r).sync_lag_ns, 0);
    atomic_store(&r->held, ARCHIVE_RIG_HOLD_FDATASYNC);
    write_lines(r, 1);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).sync_lag_ns > 50 * NS_PER_MS);
    assert_int_equal(archive_rig_stats(r).records_synced, 0);
    archive_rotate(r->archive); /* the file is finished, the lag stays */
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).files_open == 0);
    assert_true(archive_rig_stats(r).sync_lag_ns > 50 * NS_PER_MS);
    atomic_store(&r->held, 0);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).sync_lag_ns == 0);
    assert_int_equal(archive_rig_stats(r).records_synced, 1);
    archive_rig_close(r, 30);
}

/* rotate: synced when the file is finished; none: never. Nothing is kept, so nothing blocks. */
static void promises_less_when_told_to(void **state)
{
    static const enum archive_fsync modes[] = {ARCHIVE_FSYNC_ROTATE, ARCHIVE_FSYNC_NONE};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(modes); i++) {
        struct archive_rig *r = archive_rig_new();
        r->config.fsync = modes[i];
        archive_rig_open(r);
        archive_fault_set(&r->fault, ARCHIVE_FAULT_FDATASYNC, UINT_MAX, UINT_MAX, 0);
        for (unsigned n = 0; n < 2 * ARCHIVE_FRAMES_PER_SHARD; n++) {
            write_lines(r, 1);
            ARCHIVE_RIG_WAIT(r, archive_ready(r->archive, 0));
        }
        assert_int_equal(atomic_load(&r->fault.calls), 0);
        assert_int_equal(archive_rig_stats(r).records_synced, 0);
        archive_rotate(r->archive);
        ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).files_published == 1);
        assert_int_equal(archive_rig_stats(r).records_synced,
                         modes[i] == ARCHIVE_FSYNC_ROTATE ? 2 * ARCHIVE_FRAMES_PER_SHARD : 0);
        archive_rig_close(r, 30);
        assert_int_equal(archive_rig_verify(r).lines, 2 * ARCHIVE_FRAMES_PER_SHARD);
        archive_rig_free(r);
    }
}

static void stretches_the_interval_for_a_slow_disk(void **state)
{
    static const struct {
        uint64_t interval_ms;
        uint64_t base_ms;
        uint64_t took_ms;
        uint64_t want_ms;
    } cases[] = {
        {500, 500, 250, 500},     {500, 500, 251, 1000}, {4000, 500, 300, 5000},
        {5000, 500, 60000, 5000}, {5000, 500, 10, 2500}, {600, 500, 10, 500},
        {7000, 7000, 9000, 7000}, {7000, 7000, 1, 7000},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        assert_int_equal(archive_sync_next_interval(cases[i].interval_ms * NS_PER_MS,
                                                    cases[i].base_ms * NS_PER_MS,
                                                    cases[i].took_ms * NS_PER_MS),
                         cases[i].want_ms * NS_PER_MS);
    }
}

#define SYNC_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_again_what_a_failed_sync_lost),
        cmocka_unit_test(stretches_the_interval_for_a_slow_disk),
        cmocka_unit_test(promises_less_when_told_to),
        SYNC_TEST(is_stalled_while_syncs_fail),
        SYNC_TEST(keeps_the_order_around_a_failure),
        SYNC_TEST(writes_again_while_stopping),
        SYNC_TEST(never_sheds_what_it_has_told),
        SYNC_TEST(syncs_finished_files_at_once),
        SYNC_TEST(syncs_early_when_much_is_unsynced),
        SYNC_TEST(obeys_a_new_interval_at_once),
        SYNC_TEST(measures_the_lag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
