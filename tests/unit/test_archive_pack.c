/* SPDX-License-Identifier: Apache-2.0
 *
 * Packs: where frames end, what is noted about them, and what becomes of one when memory is
 * gone. */
#include "archive/archive_frame.h"
#include "archive/archive_pack.h"
#include "base/clock.h"
#include "tests/support/archive_rig.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

#include <dirent.h>
#include <zstd.h>

static int set_up(void **state)
{
    struct archive_rig *r = archive_rig_new();

    r->config.line_bytes_max = 3 * MIB;
    archive_rig_open(r);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    archive_rig_free(*state);
    return 0;
}

/* A line of exactly `bytes` bytes. */
static void commit(struct archive_rig *r, size_t bytes, unsigned level, uint64_t wall_ns)
{
    struct archive_pack *pack = archive_pack_of(r->archive, 0, ARCHIVE_LOG);
    char *at = archive_pack_line(pack, bytes);

    memset(at, 'x', bytes - 1);
    at[bytes - 1] = '\n';
    archive_pack_commit(pack, bytes, level, wall_ns, clock_mono_ns());
}

/* Waits for the outcome of the next frame. */
static struct archive_outcome next_outcome(struct archive_rig *r)
{
    struct archive_outcome o = {0};
    uint64_t until = clock_mono_ns() + ARCHIVE_RIG_WAIT_NS;

    while (!archive_reap(r->archive, 0, &o)) {
        assert_true(clock_mono_ns() < until);
        archive_rig_pause();
    }
    return o;
}

static void ends_a_frame_at_its_size(void **state)
{
    static const size_t sizes[] = {ARCHIVE_FRAME_BYTES, ARCHIVE_FRAME_BYTES + 1, 3 * MIB};
    struct archive_rig *r = *state;
    struct archive_pack *pack = archive_pack_of(r->archive, 0, ARCHIVE_LOG);

    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        commit(r, sizes[i], 0, 1);
        assert_int_equal(pack->len, 0);
        assert_int_equal(next_outcome(r).line_bytes, sizes[i]);
    }
    commit(r, ARCHIVE_FRAME_BYTES - 1, 0, 1);
    assert_int_equal(pack->len, ARCHIVE_FRAME_BYTES - 1);
    commit(r, 3 * MIB, 0, 1); /* the largest line behind the fullest pack */
    assert_int_equal(pack->len, 0);
    struct archive_outcome o = next_outcome(r);
    assert_int_equal(o.line_bytes, 4 * MIB - 1);
    assert_int_equal(o.records, 2);
    assert_int_equal(o.kind, ARCHIVE_LOG);
    assert_int_equal(o.fate, ARCHIVE_WRITTEN);
    assert_true(o.file_bytes > ARCHIVE_INDEX_BYTES && o.file_bytes < 10000);
}

static void carries_the_tag_of_each_frame(void **state)
{
    struct archive_rig *r = *state;
    struct archive_pack *pack = archive_pack_of(r->archive, 0, ARCHIVE_LOG);
    unsigned char want[ARCHIVE_TAG_BYTES];
    unsigned char zeros[ARCHIVE_TAG_BYTES] = {0};

    for (unsigned i = 1; i < 4; i++) {
        assert_memory_equal(archive_pack_tag(pack), zeros, sizeof(zeros));
        memset(archive_pack_tag(pack), (int)i, ARCHIVE_TAG_BYTES);
        commit(r, 10, 0, 1);
        archive_pack_flush(pack);
        archive_pack_flush(pack); /* nothing in hand: no frame */
    }
    for (unsigned i = 1; i < 4; i++) {
        memset(want, (int)i, sizeof(want));
        assert_memory_equal(next_outcome(r).tag, want, sizeof(want));
    }
}

static void knows_when_its_first_line_came(void **state)
{
    struct archive_rig *r = *state;
    struct archive_pack *pack = archive_pack_of(r->archive, 0, ARCHIVE_LOG);

    assert_int_equal(pack->begun_mono_ns, 0);
    uint64_t before = clock_mono_ns();
    commit(r, 10, 0, 1);
    uint64_t begun = pack->begun_mono_ns;
    assert_true(begun >= before);
    commit(r, 10, 0, 1);
    assert_int_equal(pack->begun_mono_ns, begun);
    archive_pack_flush(pack);
    assert_int_equal(pack->begun_mono_ns, 0);
}

/* The index frame of the n-th frame in the only log file. */
static struct archive_index read_index(struct archive_rig *r, unsigned n)
{
    struct archive_index index = {0};
    struct buf file = {0};
    DIR *d = opendir(r->dir);

    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strncmp(e->d_name, "log_", 4) == 0) {
            temp_dir_read(r->dir, e->d_name, &file);
        }
    }
    closedir(d);
    struct span left = buf_span(&file);
    for (unsigned i = 0; i <= n; i++) {
        left = span_skip(left, ZSTD_findFrameCompressedSize(left.at, left.len));
        assert_ok(archive_frame_get_index(left, &index));
        left = span_skip(left, ARCHIVE_INDEX_BYTES);
    }
    buf_done(&file);
    return index;
}

/* The clock steps back within a frame; first and last are the earliest and the latest all the same.
 */
static void notes_what_a_frame_holds(void **state)
{
    struct archive_rig *r = *state;
    struct archive_pack *pack = archive_pack_of(r->archive, 0, ARCHIVE_LOG);

    commit(r, 10, 3, 5000);
    archive_pack_flush(pack);
    commit(r, 10, 0, 7000);
    commit(r, 20, 9, 6000);
    commit(r, 30, 9, 8000);
    commit(r, 40, 9, 7500);
    archive_pack_flush(pack);
    next_outcome(r);
    next_outcome(r);

    struct archive_index index = read_index(r, 1);
    assert_int_equal(index.kind, ARCHIVE_LOG);
    assert_int_equal(index.shard, 0);
    assert_int_equal(index.sequence, 1);
    assert_int_equal(index.records, 4);
    assert_int_equal(index.first_ns, 6000);
    assert_int_equal(index.last_ns, 8000);
    assert_int_equal(index.line_bytes, 100);
    assert_int_equal(index.levels[0], 1);
    assert_int_equal(index.levels[3], 0); /* that was the frame before */
    assert_int_equal(index.levels[9], 3);
    assert_int_equal(read_index(r, 0).levels[3], 1);
}

/* No memory for the compressed bytes: the records are told to be gone, and it goes on. */
static void drops_a_frame_without_memory(void **state)
{
    struct archive_rig *r = *state;
    struct archive_pack *pack = archive_pack_of(r->archive, 0, ARCHIVE_LOG);

    commit(r, 10, 0, 1);
    commit(r, 10, 0, 1);
    fail_alloc_from(0);
    archive_pack_flush(pack);
    assert_true(fail_alloc_end());
    struct archive_outcome o = next_outcome(r);
    assert_int_equal(o.fate, ARCHIVE_DROPPED_DISK_FULL);
    assert_int_equal(o.records, 2);
    ARCHIVE_RIG_WAIT(r, archive_rig_events(r, ARCHIVE_EVENT_IO_ERROR) == 1);
    assert_string_equal(r->texts[ARCHIVE_EVENT_IO_ERROR],
                        "failed=compress error=\"out of memory\" records=2 action=drop_frame");
    commit(r, 10, 0, 1);
    archive_pack_flush(pack);
    assert_int_equal(next_outcome(r).fate, ARCHIVE_WRITTEN);
    assert_int_equal(read_index(r, 0).records, 1);
}

#define PACK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PACK_TEST(ends_a_frame_at_its_size),       PACK_TEST(carries_the_tag_of_each_frame),
        PACK_TEST(knows_when_its_first_line_came), PACK_TEST(notes_what_a_frame_holds),
        PACK_TEST(drops_a_frame_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
