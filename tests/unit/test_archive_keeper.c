/* SPDX-License-Identifier: Apache-2.0
 *
 * The keeper: what it does when disk, manifest or name stand against it, and that a file is
 * published once, whole and never over another. */
#include "archive/archive_keeper.h"

#include "archive/archive_name.h"
#include "base/clock.h"
#include "tests/support/archive_sample.h"
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_NS (20 * NS_PER_S)
#define SOON        (clock_mono_ns() + PATIENCE_NS)

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

static struct archive_keeper *start(struct archive_sample *s)
{
    struct archive_keeper *k = NULL;

    assert_ok(archive_keeper_start(&s->config, &k));
    return k;
}

static void stop(struct archive_keeper *k)
{
    assert_true(archive_keeper_stop(k, SOON));
    archive_keeper_free(k);
}

static void wait_for(const _Atomic uint64_t *value, uint64_t least)
{
    uint64_t until = SOON;

    while (atomic_load(value) < least && clock_mono_ns() < until) {
        usleep(1000);
    }
    assert_true(atomic_load(value) >= least);
}

/* Fails unless the published files hold the lines [0, count) once each, and no others. */
static void assert_lines(struct archive_sample *s, unsigned count)
{
    unsigned counts[ARCHIVE_SAMPLE_NUMBERS];

    archive_sample_count(s, counts, NULL);
    for (unsigned n = 0; n < ARCHIVE_SAMPLE_NUMBERS; n++) {
        assert_int_equal(counts[n], n < count ? 1 : 0);
    }
}

static void assert_manifest_has(struct archive_sample *s, const char *text)
{
    struct buf content = {0};

    temp_dir_read(s->dir, "manifest.jsonl", &content);
    assert_non_null(memmem(content.at, content.len, text, strlen(text)));
    buf_done(&content);
}

/* sha256sum is the independent witness of what the manifest says. */
static void assert_digest(struct archive_sample *s, const char *name)
{
    char command[ARCHIVE_PATH_BYTES];
    char want[80] = "\"sha256\":\"";
    size_t head = strlen(want);

    snprintf(command, sizeof(command), "sha256sum < '%s/%s'", s->dir, name);
    FILE *p = popen(command, "r");
    assert_non_null(p);
    assert_int_equal(fread(want + head, 1, 64, p), 64);
    assert_int_equal(pclose(p), 0);
    assert_manifest_has(s, want);
}

static void does_not_start_without_its_directory(void **state)
{
    struct archive_sample *s = *state;
    struct archive_keeper *k = NULL;

    s->config.data_dir = "/nonexistent";
    assert_err(archive_keeper_start(&s->config, &k), ERR_IO);
    assert_int_equal(errno, ENOENT);
    assert_null(k);
}

static void cuts_a_file_whose_sync_fails(void **state)
{
    struct archive_sample *s = *state;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 2, 10);

    assert_ok(archive_file_sync(f, s->config.io));
    archive_sample_append(s, f, 20, 10);
    archive_fault_set(&s->fault, ARCHIVE_FAULT_FDATASYNC, 1, 1, EIO);
    struct archive_keeper *k = start(s);
    archive_keeper_publish(k, f);
    wait_for(&archive_keeper_read_stats(k)->files_published, 1);
    stop(k);
    assert_lines(s, 20);
    assert_manifest_has(s, "\"records\":20,");
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_IO_ERROR), 1);
    assert_int_equal(atomic_load(&s->kept[ARCHIVE_KEPT_SYNCED]), 2);
    assert_int_equal(atomic_load(&s->kept[ARCHIVE_KEPT_LOST]), 1);
}

static void tries_again_to_cut(void **state)
{
    struct archive_sample *s = *state;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 2, 10);

    f->torn = true;
    assert_int_equal(pwrite(f->fd, "torn", 4, (off_t)f->bytes), 4);
    archive_fault_set(&s->fault, ARCHIVE_FAULT_FTRUNCATE, 1, 1, EIO);
    struct archive_keeper *k = start(s);
    archive_keeper_publish(k, f);
    wait_for(&archive_keeper_read_stats(k)->files_published, 1);
    stop(k);
    assert_lines(s, 20);
}

static void removes_a_file_that_lost_everything(void **state)
{
    struct archive_sample *s = *state;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 2, 10);

    archive_fault_set(&s->fault, ARCHIVE_FAULT_FDATASYNC, 1, 1, EIO);
    struct archive_keeper *k = start(s);
    archive_keeper_publish(k, f);
    wait_for(&archive_keeper_read_stats(k)->io_errors, 1);
    stop(k);
    assert_int_equal(temp_dir_count(s->dir), 0);
}

/* The call that finds `is_late` set comes from the last try of a keeper that stops: a file that is
 * handed over now meets a stopping keeper for sure. */
struct late {
    struct archive_keeper *keeper;
    struct archive_file *file;
    _Atomic bool is_late;
};

static int rename_never(void *arg, const char *from, const char *to)
{
    struct late *late = arg;

    (void)from;
    (void)to;
    if (atomic_load(&late->is_late) && late->file != NULL) {
        archive_keeper_publish(late->keeper, late->file);
        late->file = NULL;
    }
    errno = EIO;
    return -1;
}

static int fdatasync_late(void *arg, int fd)
{
    struct late *late = arg;

    if (atomic_load(&late->is_late)) {
        errno = EIO;
        return -1;
    }
    return archive_io_system.fdatasync(NULL, fd);
}

/* Nobody is left to write the frames again: the file keeps them for the recovery. */
static void does_not_cut_while_stopping(void **state)
{
    struct archive_sample *s = *state;
    struct archive_io io = archive_io_system;
    struct late late = {0};
    char path[ARCHIVE_PATH_BYTES];
    struct stat st;

    io.arg = &late;
    io.rename = rename_never;
    io.fdatasync = fdatasync_late;
    s->config.io = &io;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 2, 10);
    struct archive_frame *kept = f->kept_first;
    void (*kept_done)(void *, struct archive_frame *, enum archive_kept) = f->kept_done;
    uint64_t bytes = f->bytes;
    archive_name_form(f->path, ARCHIVE_NAME_OPEN, path);
    late.file = f;
    late.keeper = start(s);
    archive_keeper_publish(late.keeper, archive_sample_file(s, ARCHIVE_LOG, 20, 1, 10));
    wait_for(&archive_keeper_read_stats(late.keeper)->io_errors, 1);
    atomic_store(&late.is_late, true);
    stop(late.keeper);
    assert_null(late.file);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, bytes);
    kept_done(s, kept, ARCHIVE_KEPT_LOST); /* frames that stay kept are their owner's to free */
}

static void tries_again_what_may_pass(void **state)
{
    struct archive_sample *s = *state;
    static const unsigned masks[] = {ARCHIVE_FAULT_RENAME, ARCHIVE_FAULT_SYNC_DIR,
                                     ARCHIVE_FAULT_PWRITE};

    for (unsigned i = 0; i < TEST_COUNT(masks); i++) {
        struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, i * 10, 1, 10);
        assert_ok(archive_file_sync(f, s->config.io));
        archive_fault_set(&s->fault, masks[i], 1, 1, ENOSPC);
        struct archive_keeper *k = start(s);
        archive_keeper_publish(k, f);
        wait_for(&archive_keeper_read_stats(k)->files_published, 1);
        assert_int_equal(atomic_load(&archive_keeper_read_stats(k)->io_errors), 1);
        stop(k);
        assert_lines(s, (i + 1) * 10);
        assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_PUBLISHED), i + 1);
    }
}

static void leaves_what_will_not_pass(void **state)
{
    struct archive_sample *s = *state;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 1, 10);

    archive_fault_set(&s->fault, ARCHIVE_FAULT_RENAME, 1, UINT_MAX, EACCES);
    struct archive_keeper *k = start(s);
    archive_keeper_publish(k, f);
    wait_for(&archive_keeper_read_stats(k)->io_errors, 1);
    stop(k);
    assert_true(temp_dir_has(s->dir, ARCHIVE_SAMPLE_NAME ".open"));
    assert_false(temp_dir_has(s->dir, ARCHIVE_SAMPLE_NAME));
    assert_int_equal(atomic_load(&s->fault.calls), 1);
}

static void gives_up_a_file_that_is_gone(void **state)
{
    struct archive_sample *s = *state;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 1, 10);
    char path[ARCHIVE_PATH_BYTES];

    archive_name_form(f->path, ARCHIVE_NAME_OPEN, path);
    assert_int_equal(unlink(path), 0);
    struct archive_keeper *k = start(s);
    archive_keeper_publish(k, f);
    wait_for(&archive_keeper_read_stats(k)->io_errors, 1);
    stop(k);
    assert_int_equal(temp_dir_count(s->dir), 0);
}

/* Small frames are to be repacked, which finds out that one is damaged. */
static void does_not_publish_a_damaged_file(void **state)
{
    struct archive_sample *s = *state;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 4, 10);

    assert_int_equal(pwrite(f->fd, "damaged!", 8, 30), 8);
    struct archive_keeper *k = start(s);
    archive_keeper_publish(k, f);
    wait_for(&archive_keeper_read_stats(k)->io_errors, 1);
    stop(k);
    assert_int_equal(temp_dir_count(s->dir), 1);
    assert_true(temp_dir_has(s->dir, ARCHIVE_SAMPLE_NAME ".open"));
}

static void stops_in_time_when_nothing_works(void **state)
{
    struct archive_sample *s = *state;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 1, 10);

    assert_ok(archive_file_sync(f, s->config.io));
    archive_fault_set(&s->fault, ARCHIVE_FAULT_RENAME, 1, UINT_MAX, EIO);
    struct archive_keeper *k = start(s);
    archive_keeper_publish(k, f);
    wait_for(&archive_keeper_read_stats(k)->io_errors, 1);
    uint64_t begun = clock_mono_ns();
    stop(k);
    assert_true(clock_mono_ns() - begun < PATIENCE_NS / 2);
    assert_true(temp_dir_has(s->dir, ARCHIVE_SAMPLE_NAME ".open"));
}

static void leaves_everything_when_its_time_is_over(void **state)
{
    struct archive_sample *s = *state;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 1, 10);

    archive_fault_set(&s->fault, ARCHIVE_FAULT_RENAME, 1, 1, EIO);
    struct archive_keeper *k = start(s);
    archive_keeper_publish(k, f);
    wait_for(&archive_keeper_read_stats(k)->io_errors, 1);
    assert_true(archive_keeper_stop(k, clock_mono_ns() - 1));
    assert_int_equal(atomic_load(&archive_keeper_read_stats(k)->files_published), 0);
    archive_keeper_free(k);
    assert_true(temp_dir_has(s->dir, ARCHIVE_SAMPLE_NAME ".open"));
}

static void never_replaces_a_file(void **state)
{
    struct archive_sample *s = *state;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 4, 10);
    struct buf content = {0};

    temp_dir_write(s->dir, ARCHIVE_SAMPLE_NAME, SPAN_LIT("somebody's"));
    temp_dir_write(s->dir, "log_0_20261121_041145_1.jsonl.zst.open", SPAN_LIT(""));
    struct archive_keeper *k = start(s);
    archive_keeper_publish(k, f);
    stop(k);
    temp_dir_read(s->dir, ARCHIVE_SAMPLE_NAME, &content);
    test_assert_span(buf_span(&content), "somebody's");
    buf_done(&content);
    assert_true(temp_dir_has(s->dir, "log_0_20261121_041145_2.jsonl.zst"));
    assert_int_equal(temp_dir_count(s->dir), 4); /* with the manifest */
    assert_manifest_has(s, "\"file\":\"log_0_20261121_041145_2.jsonl.zst\"");
}

/* The name is taken after it was looked at. */
static int rename_after_thief(void *arg, const char *from, const char *to)
{
    struct archive_sample *s = arg;

    if (strcmp(archive_name_relative(&s->config, to), ARCHIVE_SAMPLE_NAME) == 0) {
        temp_dir_write(s->dir, ARCHIVE_SAMPLE_NAME, SPAN_LIT("somebody's"));
    }
    return archive_io_system.rename(NULL, from, to);
}

static void steps_on_when_the_name_is_taken_at_the_last_moment(void **state)
{
    struct archive_sample *s = *state;
    struct archive_io io = archive_io_system;
    struct buf content = {0};

    io.arg = s;
    io.rename = rename_after_thief;
    s->config.io = &io;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 4, 10);
    struct archive_keeper *k = start(s);
    archive_keeper_publish(k, f);
    stop(k);
    temp_dir_read(s->dir, ARCHIVE_SAMPLE_NAME, &content);
    test_assert_span(buf_span(&content), "somebody's");
    buf_done(&content);
    assert_true(temp_dir_has(s->dir, "log_0_20261121_041145_1.jsonl.zst"));
    assert_int_equal(temp_dir_count(s->dir), 3);
}

static void publishes_as_it_is_when_repacking_fails(void **state)
{
    struct archive_sample *s = *state;
    struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, 0, 4, 10);

    assert_ok(archive_file_sync(f, s->config.io));
    uint64_t bytes = f->bytes;
    archive_fault_set(&s->fault, ARCHIVE_FAULT_PWRITE, 1, 1, ENOSPC);
    struct archive_keeper *k = start(s);
    archive_keeper_publish(k, f);
    stop(k);
    struct buf content = {0};
    temp_dir_read(s->dir, ARCHIVE_SAMPLE_NAME, &content);
    assert_int_equal(content.len, bytes);
    buf_done(&content);
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_IO_ERROR), 1);
    assert_int_equal(temp_dir_count(s->dir), 2);
    assert_lines(s, 40);
}

static void publishes_what_comes_while_it_works(void **state)
{
    struct archive_sample *s = *state;
    struct archive_keeper *k = start(s);

    for (unsigned i = 0; i < 40; i++) {
        enum archive_kind kind = i % 4 == 3 ? ARCHIVE_REJECTED : ARCHIVE_LOG;
        archive_keeper_publish(k, archive_sample_file(s, kind, i * 20, 2, 10));
    }
    wait_for(&archive_keeper_read_stats(k)->files_published, 20);
    stop(k);
    assert_lines(s, 800);
    assert_int_equal(temp_dir_count(s->dir), 41);
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_PUBLISHED), 40);
    assert_digest(s, ARCHIVE_SAMPLE_NAME);
    assert_digest(s, "rejected_0_20261121_041145_9.jsonl.zst");
    assert_int_equal(atomic_load(&s->kept[ARCHIVE_KEPT_LOST]), 0);
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_IO_ERROR), 0);
}

static void syncs_as_configured(void **state)
{
    struct archive_sample *s = *state;
    unsigned mask = ARCHIVE_FAULT_FDATASYNC | ARCHIVE_FAULT_SYNC_DIR;
    static const enum archive_fsync modes[] = {ARCHIVE_FSYNC_NONE, ARCHIVE_FSYNC_ROTATE,
                                               ARCHIVE_FSYNC_FLUSH};

    for (size_t i = 0; i < TEST_COUNT(modes); i++) {
        s->config.fsync = modes[i];
        struct archive_file *f = archive_sample_file(s, ARCHIVE_LOG, (unsigned)i * 10, 2, 5);
        archive_fault_set(&s->fault, mask, UINT_MAX, UINT_MAX, EIO);
        struct archive_keeper *k = start(s);
        archive_keeper_publish(k, f);
        stop(k);
        if (modes[i] == ARCHIVE_FSYNC_NONE) {
            assert_int_equal(atomic_load(&s->fault.calls), 0);
        } else {
            /* the file, its directory, the repacked file, the directory, the manifest */
            assert_true(atomic_load(&s->fault.calls) >= 5);
        }
    }
    assert_lines(s, 30);
}

static void counts_rejected_files_against_the_quota(void **state)
{
    struct archive_sample *s = *state;

    s->config.policy.rejected_bytes = 100;
    struct archive_keeper *k = start(s);
    assert_true(archive_keeper_keeps_rejected(k));
    archive_keeper_publish(k, archive_sample_file(s, ARCHIVE_LOG, 0, 1, 10));
    wait_for(&archive_keeper_read_stats(k)->files_published, 1);
    assert_true(archive_keeper_keeps_rejected(k));
    archive_keeper_publish(k, archive_sample_file(s, ARCHIVE_REJECTED, 10, 1, 10));
    archive_keeper_publish(k, archive_sample_file(s, ARCHIVE_REJECTED, 20, 1, 10));
    wait_for(&archive_keeper_read_stats(k)->files_published, 3);
    assert_false(archive_keeper_keeps_rejected(k));
    stop(k);

    k = start(s);
    assert_false(archive_keeper_keeps_rejected(k));
    uint64_t until = SOON;
    while (archive_sample_events(s, ARCHIVE_EVENT_REJECTED_FULL) == 0 && clock_mono_ns() < until) {
        usleep(1000);
    }
    struct archive_policy policy = s->config.policy;
    policy.rejected_bytes = MIB;
    archive_keeper_set_policy(k, &policy);
    assert_true(archive_keeper_keeps_rejected(k));
    stop(k);
    unsigned events = archive_sample_events(s, ARCHIVE_EVENT_REJECTED_FULL);
    assert_true(events >= 1 && events <= 2); /* once a run; the first may end before it looks */
}

static void applies_a_new_policy_at_once(void **state)
{
    struct archive_sample *s = *state;
    struct archive_keeper *k = start(s);
    struct archive_policy policy = s->config.policy;

    for (unsigned i = 0; i < 3; i++) {
        archive_keeper_publish(k, archive_sample_file(s, ARCHIVE_LOG, i * 10, 1, 10));
    }
    wait_for(&archive_keeper_read_stats(k)->files_published, 3);
    policy.retain_bytes = 1;
    archive_keeper_set_policy(k, &policy);
    wait_for(&archive_keeper_read_stats(k)->files_retained, 2);
    stop(k);
    assert_int_equal(temp_dir_count(s->dir), 2);
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_RETAINED), 2);
}

int main(void)
{
#define KEEPER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        KEEPER_TEST(does_not_start_without_its_directory),
        KEEPER_TEST(cuts_a_file_whose_sync_fails),
        KEEPER_TEST(tries_again_to_cut),
        KEEPER_TEST(removes_a_file_that_lost_everything),
        KEEPER_TEST(does_not_cut_while_stopping),
        KEEPER_TEST(tries_again_what_may_pass),
        KEEPER_TEST(leaves_what_will_not_pass),
        KEEPER_TEST(gives_up_a_file_that_is_gone),
        KEEPER_TEST(does_not_publish_a_damaged_file),
        KEEPER_TEST(stops_in_time_when_nothing_works),
        KEEPER_TEST(leaves_everything_when_its_time_is_over),
        KEEPER_TEST(never_replaces_a_file),
        KEEPER_TEST(steps_on_when_the_name_is_taken_at_the_last_moment),
        KEEPER_TEST(publishes_as_it_is_when_repacking_fails),
        KEEPER_TEST(publishes_what_comes_while_it_works),
        KEEPER_TEST(syncs_as_configured),
        KEEPER_TEST(counts_rejected_files_against_the_quota),
        KEEPER_TEST(applies_a_new_policy_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
