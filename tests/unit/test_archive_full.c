/* SPDX-License-Identifier: Apache-2.0
 *
 * A disk that is full or fails: with block nothing is lost and it goes on by itself, with shed
 * exactly what was dropped is counted; no frame is ever half in a file. */
#include "base/clock.h"
#include "tests/support/archive_rig.h"
#include "tests/support/test.h"

#include <errno.h>
#include <string.h>

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

static void break_calls(struct archive_rig *r, enum archive_fault_call call, int error)
{
    archive_fault_set(&r->fault, call, 1, UINT_MAX, error);
}

static void mend(struct archive_rig *r)
{
    archive_fault_set(&r->fault, 0, 0, 0, 0);
}

/* A frame that is in its file, so that the next one is appended. */
static void write_one(struct archive_rig *r)
{
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    assert_true(archive_rig_settle(r, 0));
    assert_int_equal(archive_rig_stats(r).files_open, 1);
}

static void assert_changes(struct archive_rig *r, unsigned stalled, unsigned resumed)
{
    assert_int_equal(archive_rig_events(r, ARCHIVE_EVENT_STALLED), stalled);
    assert_int_equal(archive_rig_events(r, ARCHIVE_EVENT_RESUMED), resumed);
}

/* What makes writing impossible, and whether a file is open when it begins. */
struct fullness {
    enum archive_fault_call call;
    int error;
    bool open;
};

static const struct fullness all_full[] = {
    {ARCHIVE_FAULT_PWRITE, ENOSPC, true},
    {ARCHIVE_FAULT_PWRITE, ENOSPC, false},
    {ARCHIVE_FAULT_PWRITE, EDQUOT, true},
    {ARCHIVE_FAULT_OPEN, ENOSPC, false},
};

static void block_waits_and_resumes(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(all_full); i++) {
        struct archive_rig *r = archive_rig_new();
        archive_rig_open(r);
        if (all_full[i].open) {
            write_one(r);
        }
        break_calls(r, all_full[i].call, all_full[i].error);
        archive_rig_put(r, 0, ARCHIVE_LOG, 10, 0);
        archive_rig_flush(r, 0);
        archive_rig_put(r, 0, ARCHIVE_REJECTED, 10, 0);
        archive_rig_flush(r, 0);
        ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).stalled);
        assert_false(archive_ready(r->archive, 0));
        ARCHIVE_RIG_WAIT(r, atomic_load(&r->fault.calls) > 4); /* it is tried again and again */
        assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_WRITTEN), all_full[i].open ? 1 : 0);
        mend(r);
        assert_true(archive_rig_settle(r, 0));
        ARCHIVE_RIG_WAIT(r, archive_ready(r->archive, 0));
        archive_rig_close(r, 30);
        assert_int_equal(archive_rig_verify(r).lines, all_full[i].open ? 21 : 20);
        assert_changes(r, 1, 1);
        archive_rig_free(r);
    }
}

static void shed_drops_and_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(all_full); i++) {
        struct archive_rig *r = archive_rig_new();
        r->config.policy.on_full = ARCHIVE_ON_FULL_SHED;
        archive_rig_open(r);
        if (all_full[i].open) {
            write_one(r);
        }
        uint32_t before = archive_rig_count(r, ARCHIVE_RIG_WRITTEN);
        break_calls(r, all_full[i].call, all_full[i].error);
        archive_rig_put(r, 0, ARCHIVE_LOG, 10, 0);
        archive_rig_put(r, 0, ARCHIVE_REJECTED, 5, 0);
        assert_true(archive_rig_settle(r, 0));
        assert_true(archive_ready(r->archive, 0));
        assert_true(archive_rig_stats(r).stalled);
        assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_DROPPED_FULL), 15);
        mend(r);
        archive_rig_put(r, 0, ARCHIVE_LOG, 7, 0);
        assert_true(archive_rig_settle(r, 0));
        ARCHIVE_RIG_WAIT(r, !archive_rig_stats(r).stalled);
        archive_rig_close(r, 30);
        assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_DROPPED_FULL), 15);
        assert_int_equal(archive_rig_verify(r).lines, before + 7);
        assert_changes(r, 1, 1);
        archive_rig_free(r);
    }
}

/* Without descriptors or memory a new file must wait; the disk has room, so nothing is shed. */
static void shed_drops_nothing_for_want_of_descriptors(void **state)
{
    static const int errors[] = {EMFILE, ENFILE, ENOMEM};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(errors); i++) {
        struct archive_rig *r = archive_rig_new();
        r->config.policy.on_full = ARCHIVE_ON_FULL_SHED;
        archive_rig_open(r);
        break_calls(r, ARCHIVE_FAULT_OPEN, errors[i]);
        archive_rig_put(r, 0, ARCHIVE_LOG, 10, 0);
        archive_rig_flush(r, 0);
        ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).stalled);
        ARCHIVE_RIG_WAIT(r, atomic_load(&r->fault.calls) > 2);
        assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_DROPPED_FULL), 0);
        mend(r);
        assert_true(archive_rig_settle(r, 0));
        archive_rig_close(r, 30);
        assert_int_equal(archive_rig_verify(r).lines, 10);
        archive_rig_free(r);
    }
}

static void min_free_counts_as_full(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    write_one(r);
    atomic_store(&r->free_bytes, 9 * GIB); /* less than 10 GiB, the most of 5% */
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).stalled);
    assert_false(archive_ready(r->archive, 0));
    archive_rig_put(r, 0, ARCHIVE_LOG, 10, 0);
    archive_rig_flush(r, 0);

    struct archive_policy policy = r->config.policy;
    policy.on_full = ARCHIVE_ON_FULL_SHED;
    archive_set_policy(r->archive, &policy);
    assert_true(archive_rig_settle(r, 0)); /* what waited is shed too */
    assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_DROPPED_FULL), 10);
    assert_true(archive_ready(r->archive, 0));

    policy.on_full = ARCHIVE_ON_FULL_BLOCK;
    archive_set_policy(r->archive, &policy);
    archive_rig_put(r, 0, ARCHIVE_LOG, 5, 0);
    archive_rig_flush(r, 0);
    policy.min_free_bytes = 8 * GIB;
    archive_set_policy(r->archive, &policy);
    assert_true(archive_rig_settle(r, 0));
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_verify(r).lines, 6);
    assert_changes(r, 1, 1);
    assert_non_null(strstr(r->texts[ARCHIVE_EVENT_STALLED], "reason=min_free"));
}

/* Nobody hands anything in; the state changes all the same, both ways. */
static void recovers_while_idle(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    atomic_store(&r->free_bytes, 0);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).stalled);
    atomic_store(&r->free_bytes, 512 * GIB);
    ARCHIVE_RIG_WAIT(r, !archive_rig_stats(r).stalled);

    struct archive_policy policy = r->config.policy;
    policy.on_full = ARCHIVE_ON_FULL_SHED;
    archive_set_policy(r->archive, &policy);
    break_calls(r, ARCHIVE_FAULT_OPEN, ENOSPC);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    assert_true(archive_rig_settle(r, 0));
    assert_true(archive_rig_stats(r).stalled);
    ARCHIVE_RIG_WAIT(r, !archive_rig_stats(r).stalled); /* no frame tells; time does */
    mend(r);
    archive_rig_close(r, 30);
    assert_changes(r, 2, 2);
}

/* Every call fails once or for a while, with both policies: EIO is no full disk. */
static void repeats_what_failed(void **state)
{
    static const struct {
        unsigned first;
        unsigned last;
        enum archive_on_full on_full;
        unsigned calls;
    } cases[] = {
        {1, 1, ARCHIVE_ON_FULL_BLOCK, ARCHIVE_FAULT_PWRITE},
        {1, 1, ARCHIVE_ON_FULL_SHED, ARCHIVE_FAULT_PWRITE},
        {3, 40, ARCHIVE_ON_FULL_SHED, ARCHIVE_FAULT_PWRITE},
        {2, 2, ARCHIVE_ON_FULL_BLOCK, ARCHIVE_FAULT_PWRITE | ARCHIVE_FAULT_FTRUNCATE},
        {1, 24, ARCHIVE_ON_FULL_BLOCK, ARCHIVE_FAULT_PWRITE | ARCHIVE_FAULT_FTRUNCATE},
        {1, 1, ARCHIVE_ON_FULL_SHED, ARCHIVE_FAULT_OPEN},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct archive_rig *r = archive_rig_new();
        r->config.policy.on_full = cases[i].on_full;
        archive_rig_open(r);
        archive_fault_set(&r->fault, cases[i].calls, cases[i].first, cases[i].last, EIO);
        for (int n = 0; n < 5; n++) {
            archive_rig_put(r, 0, ARCHIVE_LOG, 50, 0);
            archive_rig_put(r, 0, ARCHIVE_REJECTED, 5, 0);
            assert_true(archive_rig_settle(r, 0));
        }
        mend(r);
        archive_rig_close(r, 30);
        assert_int_equal(archive_rig_verify(r).lines, 275);
        assert_int_equal(archive_rig_count(r, ARCHIVE_RIG_WRITTEN), 275);
        archive_rig_free(r);
    }
}

static void names_an_error_once(void **state)
{
    struct archive_rig *r = *state;

    archive_rig_open(r);
    write_one(r);
    break_calls(r, ARCHIVE_FAULT_PWRITE, EIO);
    archive_rig_put(r, 0, ARCHIVE_LOG, 1, 0);
    archive_rig_flush(r, 0);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).io_errors > 2);
    mend(r);
    archive_rig_close(r, 30);
    assert_int_equal(archive_rig_events(r, ARCHIVE_EVENT_IO_ERROR), 1);
    assert_string_equal(r->texts[ARCHIVE_EVENT_IO_ERROR],
                        "failed=write error=\"Input/output error\" action=retry");
    assert_changes(r, 1, 1);
}

#define FULL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_waits_and_resumes),
        cmocka_unit_test(shed_drops_and_counts),
        cmocka_unit_test(shed_drops_nothing_for_want_of_descriptors),
        cmocka_unit_test(repeats_what_failed),
        FULL_TEST(min_free_counts_as_full),
        FULL_TEST(recovers_while_idle),
        FULL_TEST(names_an_error_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
