/* SPDX-License-Identifier: Apache-2.0
 *
 * A crash at any call of the recovery, and of the publishing that it follows: whatever has been
 * done until then, the next recovery ends with the same archive. From the crash on every call that
 * changes something fails, and a write that was under way is half done. */
#include "archive/archive_recover.h"

#include "archive/archive_keeper.h"
#include "archive/archive_name.h"
#include "base/clock.h"
#include "base/limits.h"
#include "tests/support/archive_sample.h"
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct archive_sample sample;
    struct buf torn; /* two good frames, half of a large one, one more good frame */
    size_t torn_good;
    unsigned counts[ARCHIVE_SAMPLE_NUMBERS];
    unsigned recovered[ARCHIVE_SAMPLE_NUMBERS];
};

static void append_torn_frame(struct buf *file)
{
    struct buf lines = {0};
    struct buf frame = {0};

    for (unsigned n = 1000; n < 4000; n++) {
        archive_sample_line(&lines, n);
        assert_ok(buf_printf(&lines, "%0100u\n", n));
    }
    archive_sample_content(&frame, buf_span(&lines), 6000);
    assert_ok(buf_append(file, span_head(buf_span(&frame), frame.len / 2)));
    buf_done(&lines);
    buf_done(&frame);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    archive_sample_init(&f->sample);
    f->sample.fault.sync = ARCHIVE_FAULT_SYNC_NOT; /* hundreds of recoveries */
    archive_sample_frame(&f->torn, 0, 10);
    archive_sample_frame(&f->torn, 10, 10);
    f->torn_good = f->torn.len;
    append_torn_frame(&f->torn);
    archive_sample_frame(&f->torn, 20, 10);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    archive_sample_done(&f->sample);
    buf_done(&f->torn);
    free(f);
    return 0;
}

static void write_frame(struct archive_sample *s, const char *name, unsigned first)
{
    struct buf file = {0};

    archive_sample_frame(&file, first, 10);
    temp_dir_write(s->dir, name, buf_span(&file));
    buf_done(&file);
}

/* What a crash may leave, all at once. */
static void leave_everything(struct fixture *f)
{
    struct archive_sample *s = &f->sample;

    temp_dir_remove(s->dir);
    temp_dir_make(s->dir);
    temp_dir_write(s->dir, ARCHIVE_SAMPLE_NAME ".open", buf_span(&f->torn));
    write_frame(s, "rejected_0_20261121_041145.jsonl.zst.open", 30);
    temp_dir_write(s->dir, "log_1_20261121_041145.jsonl.zst.open", SPAN_LIT(""));
    write_frame(s, "log_2_20261121_041145.jsonl.zst", 40);
    write_frame(s, "log_2_20261121_041145.jsonl.zst.open", 40);
    write_frame(s, "log_3_20261121_041145.jsonl.zst.open", 50);
    temp_dir_write(s->dir, "log_3_20261121_041145.jsonl.zst.repack", SPAN_LIT("half a copy"));
    write_frame(s, "log_4_20261121_041145.jsonl.zst.repack", 60);
}

/* How many entries the manifest has for a file: whole lines that name it. */
static unsigned entries_of(struct archive_sample *s, const char *file)
{
    struct buf content = {0};
    char needle[256];
    unsigned count = 0;

    snprintf(needle, sizeof(needle), "\"file\":\"%s\"", file);
    temp_dir_read(s->dir, "manifest.jsonl", &content);
    struct span left = buf_span(&content);
    while (left.len > 0) {
        size_t len = span_find(left, '\n');
        assert_true(len < left.len);
        count += memmem(left.at, len, needle, strlen(needle)) != NULL && left.at[len - 1] == '}';
        left = span_skip(left, len + 1);
    }
    buf_done(&content);
    return count;
}

static err_t check_entry(void *arg, const char *path, const struct archive_name *name)
{
    struct archive_sample *s = arg;

    assert_true(name->state == ARCHIVE_NAME_FINAL || name->state == ARCHIVE_NAME_TAIL);
    if (name->state == ARCHIVE_NAME_FINAL) {
        assert_int_equal(entries_of(s, archive_name_relative(&s->config, path)), 1);
    }
    return ERR_OK;
}

static void check_everything(struct fixture *f)
{
    struct archive_sample *s = &f->sample;
    struct buf tail = {0};

    assert_ok(archive_name_walk(&s->config, check_entry, s));
    archive_sample_count(s, f->counts, f->recovered);
    for (unsigned n = 0; n < ARCHIVE_SAMPLE_NUMBERS; n++) {
        bool good = n < 70 && (n < 20 || n >= 30);
        assert_int_equal(f->counts[n], good);
        assert_true(f->recovered[n] <= 1);
    }
    assert_int_equal(f->recovered[20], 1);
    assert_int_equal(f->recovered[1000], 1);
    assert_int_equal(f->recovered[1500], 1);
    assert_int_equal(f->recovered[3999], 0);
    temp_dir_read(s->dir, ARCHIVE_SAMPLE_NAME ".tail", &tail);
    assert_int_equal(tail.len, f->torn.len - f->torn_good);
    assert_memory_equal(tail.at, f->torn.at + f->torn_good, tail.len);
    buf_done(&tail);
    /* log 0, 2, 3, 4, rejected, recovered, tail, manifest */
    assert_int_equal(temp_dir_count(s->dir), 8);
}

/* Runs a recovery that crashes at its `call`-th call; false if it had fewer. */
static bool crash_at(struct fixture *f, unsigned call)
{
    struct archive_sample *s = &f->sample;
    struct archive_recover_stats stats;

    archive_fault_set(&s->fault, ARCHIVE_FAULT_CHANGING, call, UINT_MAX, EIO);
    err_t err = archive_recover(&s->config, &stats);
    assert_true(err == ERR_OK || err == ERR_IO);
    unsigned calls = atomic_load(&s->fault.calls);
    archive_fault_set(&s->fault, 0, 0, 0, 0);
    return calls >= call;
}

static void finish(struct fixture *f)
{
    struct archive_recover_stats stats;

    assert_ok(archive_recover(&f->sample.config, &stats));
    assert_int_equal(stats.files_left, 0);
    check_everything(f);
}

static void survives_a_crash_at_every_call(void **state)
{
    struct fixture *f = *state;
    bool crashed = true;

    for (unsigned call = 1; crashed; call++) {
        leave_everything(f);
        crashed = crash_at(f, call);
        assert_true(crashed || call > 40);
        finish(f);
    }
}

static void survives_a_crash_of_the_next_recovery(void **state)
{
    struct fixture *f = *state;
    bool crashed = true;

    for (unsigned call = 1; crashed; call++) {
        leave_everything(f);
        crashed = crash_at(f, call);
        IGNORE(crash_at(f, 1 + call * 7 % 23), "it may have less to do");
        finish(f);
    }
}

/* One call that fails, and all others work. */
static void survives_a_failure_at_every_call(void **state)
{
    struct fixture *f = *state;
    struct archive_sample *s = &f->sample;
    struct archive_recover_stats stats;
    bool failed = true;

    for (unsigned call = 1; failed; call++) {
        leave_everything(f);
        archive_fault_set(&s->fault, ARCHIVE_FAULT_ALL, call, call, ENOSPC);
        assert_ok(archive_recover(&s->config, &stats));
        failed = atomic_load(&s->fault.calls) >= call;
        assert_true(failed || call > 60);
        archive_fault_set(&s->fault, 0, 0, 0, 0);
        finish(f);
    }
}

/* Publishes a file of four small frames by a keeper that crashes at the `call`-th call; false if it
 * had fewer. */
static bool crash_keeper_at(struct fixture *f, unsigned call)
{
    struct archive_sample *s = &f->sample;
    struct archive_keeper *k = NULL;
    struct archive_file *file = archive_sample_file(s, ARCHIVE_LOG, 0, 4, 10);

    assert_ok(archive_file_sync(file, s->config.io));
    assert_ok(archive_keeper_start(&s->config, &k));
    archive_fault_set(&s->fault, ARCHIVE_FAULT_CHANGING, call, UINT_MAX, EIO);
    archive_keeper_publish(k, file);
    assert_true(archive_keeper_stop(k, clock_mono_ns() + 20 * NS_PER_S));
    archive_keeper_free(k);
    bool crashed = atomic_load(&s->fault.calls) >= call;
    archive_fault_set(&s->fault, 0, 0, 0, 0);
    return crashed;
}

static void survives_a_crash_while_publishing(void **state)
{
    struct fixture *f = *state;
    struct archive_sample *s = &f->sample;
    bool crashed = true;

    for (unsigned call = 1; crashed; call++) {
        struct archive_recover_stats stats;
        temp_dir_remove(s->dir);
        temp_dir_make(s->dir);
        crashed = crash_keeper_at(f, call);
        assert_true(crashed || call > 8);
        assert_ok(archive_recover(&s->config, &stats));
        archive_sample_count(s, f->counts, NULL);
        for (unsigned n = 0; n < ARCHIVE_SAMPLE_NUMBERS; n++) {
            assert_int_equal(f->counts[n], n < 40);
        }
        assert_int_equal(temp_dir_count(s->dir), 2);
        assert_int_equal(entries_of(s, ARCHIVE_SAMPLE_NAME), 1);
    }
}

int main(void)
{
#define CRASH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CRASH_TEST(survives_a_crash_at_every_call),
        CRASH_TEST(survives_a_crash_of_the_next_recovery),
        CRASH_TEST(survives_a_failure_at_every_call),
        CRASH_TEST(survives_a_crash_while_publishing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
