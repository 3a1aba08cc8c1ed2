/* SPDX-License-Identifier: Apache-2.0
 *
 * Recovery of one file, truncated at every byte and with bits flipped at random: what is published
 * is always good, and every line of the good part is in it exactly once. */
#include "archive/archive_recover.h"

#include "tests/support/archive_sample.h"
#include "tests/support/test.h"

#include <stdlib.h>

#define FRAMES     4u
#define LINES_EACH 5u
#define LINES      (FRAMES * LINES_EACH)
#define FLIPS      300u

struct fixture {
    struct archive_sample sample;
    struct buf file;
    size_t frame_end[FRAMES]; /* behind the zstd frame */
    size_t index_end[FRAMES]; /* behind its index frame */
    unsigned counts[ARCHIVE_SAMPLE_NUMBERS];
    unsigned recovered[ARCHIVE_SAMPLE_NUMBERS];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    archive_sample_init(&f->sample);
    f->sample.config.fsync = ARCHIVE_FSYNC_NONE; /* hundreds of recoveries */
    for (unsigned i = 0; i < FRAMES; i++) {
        archive_sample_frame(&f->file, i * LINES_EACH, LINES_EACH);
        f->index_end[i] = f->file.len;
        f->frame_end[i] = f->file.len - ARCHIVE_INDEX_BYTES;
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    archive_sample_done(&f->sample);
    buf_done(&f->file);
    free(f);
    return 0;
}

/* Recovers a directory that holds this as its only .open file, and counts what comes out. */
static struct archive_recover_stats recover(struct fixture *f, struct span bytes)
{
    struct archive_recover_stats stats;
    struct archive_sample *s = &f->sample;

    temp_dir_remove(s->dir);
    temp_dir_make(s->dir);
    temp_dir_write(s->dir, ARCHIVE_SAMPLE_NAME ".open", bytes);
    assert_ok(archive_recover(&s->config, &stats));
    assert_int_equal(stats.files_left, 0);
    assert_int_equal(stats.files_recovered + stats.files_removed_empty, 1);
    assert_false(temp_dir_has(s->dir, ARCHIVE_SAMPLE_NAME ".open"));
    archive_sample_count(s, f->counts, f->recovered);
    return stats;
}

/* The tail must be the input's end, whole. */
static void assert_tail(struct fixture *f, struct span bytes, size_t good)
{
    struct buf tail = {0};

    assert_int_equal(temp_dir_has(f->sample.dir, ARCHIVE_SAMPLE_NAME ".tail"), good < bytes.len);
    if (good < bytes.len) {
        temp_dir_read(f->sample.dir, ARCHIVE_SAMPLE_NAME ".tail", &tail);
        assert_int_equal(tail.len, bytes.len - good);
        assert_memory_equal(tail.at, bytes.at + good, tail.len);
    }
    buf_done(&tail);
}

/* How many frames of the file lie before `at` and have not lost their index frame; a frame that has
 * lost it is the last. */
static unsigned frames_before(const struct fixture *f, size_t at, size_t *ret_good)
{
    unsigned frames = 0;

    *ret_good = 0;
    while (frames < FRAMES && f->index_end[frames] <= at) {
        *ret_good = f->index_end[frames];
        frames++;
    }
    if (frames < FRAMES && f->frame_end[frames] <= at) {
        *ret_good = f->frame_end[frames];
        frames++;
    }
    return frames;
}

static void survives_truncation_at_every_byte(void **state)
{
    struct fixture *f = *state;

    for (size_t len = 0; len <= f->file.len; len++) {
        struct span bytes = span_head(buf_span(&f->file), len);
        size_t good;
        unsigned lines = frames_before(f, len, &good) * LINES_EACH;
        struct archive_recover_stats stats = recover(f, bytes);
        assert_int_equal(stats.files_recovered, lines > 0);
        assert_tail(f, bytes, good);
        uint64_t salvaged = 0;
        for (unsigned n = 0; n < LINES; n++) {
            assert_int_equal(f->counts[n], n < lines);
            assert_true(f->recovered[n] <= (n >= lines && n < lines + LINES_EACH));
            salvaged += f->recovered[n];
        }
        assert_int_equal(salvaged, stats.lines_salvaged);
    }
}

/* xorshift: the same flips in every run. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void survives_flipped_bits(void **state)
{
    struct fixture *f = *state;
    uint32_t random = 20261121;

    for (unsigned i = 0; i < FLIPS; i++) {
        size_t at = next_random(&random) % f->file.len;
        char bit = (char)(1 << next_random(&random) % 8);
        f->file.at[at] = (char)(f->file.at[at] ^ bit);
        size_t good;
        unsigned before = frames_before(f, at, &good);
        struct archive_recover_stats stats = recover(f, buf_span(&f->file));
        f->file.at[at] = (char)(f->file.at[at] ^ bit);
        for (unsigned n = 0; n < LINES; n++) {
            bool whole = n / LINES_EACH < before;
            bool damaged = n / LINES_EACH == before;
            assert_int_equal(f->counts[n] <= 1, true);
            assert_true(f->counts[n] == 1 || !whole);
            assert_true(f->counts[n] + f->recovered[n] >= 1 || damaged);
        }
        assert_true(stats.files_recovered == 1 || before == 0);
    }
}

/* Any length, any place, any bytes: only the promise about published files is checked. */
static void survives_garbage_in_the_middle(void **state)
{
    struct fixture *f = *state;
    uint32_t random = 4711;

    for (unsigned i = 0; i < FLIPS; i++) {
        struct buf bytes = {0};
        size_t at = next_random(&random) % f->file.len;
        size_t len = next_random(&random) % (f->file.len - at);
        size_t good;
        assert_ok(buf_append(&bytes, buf_span(&f->file)));
        for (size_t k = at; k < at + len; k++) {
            bytes.at[k] = (char)next_random(&random);
        }
        unsigned before = frames_before(f, at, &good);
        recover(f, buf_span(&bytes));
        for (unsigned n = 0; n < before * LINES_EACH; n++) {
            assert_int_equal(f->counts[n], 1);
        }
        buf_done(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(survives_truncation_at_every_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(survives_flipped_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(survives_garbage_in_the_middle, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
