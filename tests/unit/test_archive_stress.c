/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything at once: two shard threads, faults of all kinds, rotation, changing policies and a
 * reader of the statistics. Whatever happens, the books agree with the files. Also run under
 * ThreadSanitizer. */
#include "base/clock.h"
#include "tests/support/archive_rig.h"
#include "tests/support/test.h"

#include <errno.h>
#include <pthread.h>

struct shard_run {
    struct archive_rig *rig;
    unsigned shard;
    uint32_t batches;
    bool ok;
    pthread_t thread;
};

/* A shard's life: batches of changing size, flushed now and then. */
static void *shard_main(void *arg)
{
    struct shard_run *run = arg;

    run->ok = true;
    for (uint32_t i = 0; i < run->batches && run->ok; i++) {
        enum archive_kind kind = i % 7 == 0 ? ARCHIVE_REJECTED : ARCHIVE_LOG;
        run->ok = archive_rig_write(run->rig, run->shard, kind, 1 + i % 200, i * 13 % 3000);
        if (i % 3 == 0) {
            archive_rig_flush(run->rig, run->shard);
        }
    }
    run->ok = run->ok && archive_rig_settle(run->rig, run->shard);
    return NULL;
}

static void start(struct shard_run *run, struct archive_rig *r, unsigned shard, uint32_t batches)
{
    *run = (struct shard_run){.rig = r, .shard = shard, .batches = batches};
    assert_int_equal(pthread_create(&run->thread, NULL, shard_main, run), 0);
}

static void join(struct shard_run *run)
{
    assert_int_equal(pthread_join(run->thread, NULL), 0);
    assert_true(run->ok);
}

/* What the numbers may never do, however they are looked at. */
static void check_stats(struct archive_rig *r, struct archive_stats *last)
{
    struct archive_stats now = archive_rig_stats(r);

    assert_true(now.records_synced >= last->records_synced);
    assert_true(now.bytes_in >= last->bytes_in && now.bytes_out >= last->bytes_out);
    assert_true(now.files_published >= last->files_published);
    assert_true(now.files_open <= 4);
    *last = now;
}

/* One disturbance after the other while the shards run. */
static void disturb(struct archive_rig *r, unsigned turn)
{
    static const struct {
        unsigned calls;
        unsigned last;
        int error;
    } faults[] = {
        {ARCHIVE_FAULT_PWRITE, 3, ENOSPC},
        {ARCHIVE_FAULT_FDATASYNC, 1, EIO},
        {ARCHIVE_FAULT_OPEN, 2, EMFILE},
        {ARCHIVE_FAULT_PWRITE | ARCHIVE_FAULT_FTRUNCATE, 4, EIO},
        {ARCHIVE_FAULT_FDATASYNC, 2, ENOSPC},
        {ARCHIVE_FAULT_RENAME, 1, EIO},
    };
    size_t i = turn % TEST_COUNT(faults);

    archive_fault_set(&r->fault, faults[i].calls, 1, faults[i].last, faults[i].error);
    if (turn % 8 == 0) {
        archive_rotate(r->archive);
    }
    struct archive_policy policy = r->config.policy;
    policy.rotate_bytes = 100000 + turn % 5 * 100000;
    policy.on_full = turn % 8 < 6 ? ARCHIVE_ON_FULL_BLOCK : ARCHIVE_ON_FULL_SHED;
    archive_set_policy(r->archive, &policy);
    atomic_store(&r->free_bytes, turn % 16 == 9 ? 0 : 512 * GIB);
}

static void run_shards(struct archive_rig *r, uint32_t batches, unsigned turns)
{
    struct shard_run runs[2];
    struct archive_stats last = {0};

    archive_rig_open(r);
    start(&runs[0], r, 0, batches);
    start(&runs[1], r, 1, batches);
    for (unsigned turn = 0; turn < turns; turn++) {
        disturb(r, turn);
        for (int i = 0; i < 20; i++) {
            archive_rig_pause();
            check_stats(r, &last);
        }
    }
    archive_fault_set(&r->fault, 0, 0, 0, 0);
    atomic_store(&r->free_bytes, 512 * GIB);
    join(&runs[0]);
    join(&runs[1]);
    ARCHIVE_RIG_WAIT(r, archive_rig_stats(r).records_synced ==
                            archive_rig_count(r, ARCHIVE_RIG_WRITTEN));
    archive_rig_close(r, 60);
}

static void keeps_its_books_through_everything(void **state)
{
    struct archive_rig *r = archive_rig_new();

    (void)state;
    r->config.shard_count = 2;
    r->config.policy.flush_interval_ns = 2 * NS_PER_MS;
    run_shards(r, 300, 48);
    struct archive_rig_files files = archive_rig_verify(r);
    assert_int_equal(files.open, 0);
    assert_int_equal(files.lines, archive_rig_count(r, ARCHIVE_RIG_WRITTEN));
    assert_true(files.lines > 0);
    archive_rig_free(r);
}

static void runs_undisturbed(void **state)
{
    static const enum archive_fsync modes[] = {ARCHIVE_FSYNC_FLUSH, ARCHIVE_FSYNC_ROTATE};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(modes); i++) {
        struct archive_rig *r = archive_rig_new();
        struct shard_run runs[2];
        r->config.shard_count = 2;
        r->config.fsync = modes[i];
        r->config.policy.rotate_bytes = 400000;
        archive_rig_open(r);
        start(&runs[0], r, 0, 200);
        start(&runs[1], r, 1, 200);
        join(&runs[0]);
        join(&runs[1]);
        archive_rig_close(r, 60);
        uint32_t made = 0;
        for (unsigned n = 0; n < 4; n++) {
            made += r->streams[n / 2][n % 2].made;
        }
        assert_int_equal(archive_rig_verify(r).lines, made);
        archive_rig_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_undisturbed),
        cmocka_unit_test(keeps_its_books_through_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
