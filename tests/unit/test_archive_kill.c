/* SPDX-License-Identifier: Apache-2.0
 *
 * kill -9 in the middle of writing, rotating, repacking and publishing, then the recovery of the
 * next start: every line that was told to be written is published exactly once, no other line is
 * there twice, and every published file is good and in the manifest. */
#include "archive/archive_pack.h"
#include "archive/archive_recover.h"
#include "base/clock.h"
#include "tests/support/archive_sample.h"
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS      16u
#define LINES       4000u
#define FRAME_LINES 20u

/* Seen by both processes. */
struct shared {
    _Atomic bool running;
    _Atomic unsigned written; /* lines told to be written, from 0 on */
};

static void reap(struct archive *a, struct shared *shared)
{
    struct archive_outcome outcome;

    while (archive_reap(a, 0, &outcome)) {
        if (outcome.fate == ARCHIVE_WRITTEN) {
            atomic_fetch_add(&shared->written, outcome.records);
        }
    }
}

static void put_line(struct archive_pack *pack, struct buf *line, unsigned n)
{
    line->len = 0;
    archive_sample_line(line, n);
    memcpy(archive_pack_line(pack, line->len), line->at, line->len);
    archive_pack_commit(pack, line->len, 6, ARCHIVE_SAMPLE_NS + n, clock_mono_ns());
}

/* The writing process: never returns. */
static void run_writer(const struct archive_config *config, struct shared *shared)
{
    struct archive *a = NULL;
    struct buf line = {0};
    char why[256];

    if (archive_open(config, why, sizeof(why), &a) != ERR_OK) {
        _exit(3);
    }
    atomic_store(&shared->running, true);
    struct archive_pack *pack = archive_pack_of(a, 0, ARCHIVE_LOG);
    for (unsigned n = 0; n < LINES; n += FRAME_LINES) {
        while (!archive_ready(a, 0)) {
            reap(a, shared);
            usleep(100);
        }
        for (unsigned i = 0; i < FRAME_LINES; i++) {
            put_line(pack, &line, n + i);
        }
        archive_pack_flush(pack);
        reap(a, shared);
    }
    for (;;) {
        reap(a, shared);
        usleep(100);
    }
}

/* Runs a writer and kills it `us` microseconds after it has begun. */
static void kill_writer(const struct archive_config *config, struct shared *shared, unsigned us)
{
    pid_t pid = fork();
    int status = 0;

    assert_true(pid >= 0);
    if (pid == 0) {
        run_writer(config, shared);
    }
    while (!atomic_load(&shared->running) && waitpid(pid, &status, WNOHANG) == 0) {
        usleep(100);
    }
    usleep(us);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

static void check(struct archive_sample *s, unsigned written)
{
    static unsigned counts[ARCHIVE_SAMPLE_NUMBERS];
    static unsigned salvaged[ARCHIVE_SAMPLE_NUMBERS];

    archive_sample_count(s, counts, salvaged);
    for (unsigned n = 0; n < ARCHIVE_SAMPLE_NUMBERS; n++) {
        assert_true(counts[n] == 1 || n >= written);
        assert_true(counts[n] + salvaged[n] <= 1);
    }
}

static void keeps_what_was_written(void **state)
{
    struct archive_sample s;
    char state_dir[TEMP_DIR_BYTES + 8];
    struct shared *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned most = 0;

    (void)state;
    assert_true(shared != MAP_FAILED);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct archive_recover_stats stats;
        archive_sample_init(&s);
        snprintf(state_dir, sizeof(state_dir), "%s/state", s.dir);
        s.config.state_dir = state_dir;
        s.config.policy.rotate_bytes = 4 * KIB;
        s.config.policy.flush_interval_ns = NS_PER_MS;
        atomic_store(&shared->running, false);
        atomic_store(&shared->written, 0);
        kill_writer(&s.config, shared, round * round * 500);
        assert_ok(archive_recover(&s.config, &stats));
        assert_int_equal(stats.files_left, 0);
        check(&s, atomic_load(&shared->written));
        most = atomic_load(&shared->written) > most ? atomic_load(&shared->written) : most;
        archive_sample_done(&s);
    }
    assert_true(most > 0);
    assert_int_equal(munmap(shared, sizeof(*shared)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_what_was_written)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
