/* SPDX-License-Identifier: Apache-2.0
 *
 * The link between shard and writer: limits at which a shard stops, room for what it may still
 * produce after that, frames that come back twice. */
#include "archive/archive_queue.h"
#include "base/clock.h"
#include "tests/support/test.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static int set_up(void **state)
{
    struct archive_queue *q = NULL;

    assert_ok(archive_queue_new(&q));
    *state = q;
    return 0;
}

static int tear_down(void **state)
{
    archive_queue_free(*state);
    return 0;
}

static struct archive_frame *push(struct archive_queue *q, size_t bytes)
{
    struct archive_frame *frame = archive_queue_take(q);

    frame->len = bytes; /* nothing reads the data */
    archive_queue_push(q, frame);
    return frame;
}

static void release(struct archive_queue *q, struct archive_frame *frame)
{
    archive_queue_decide(q, frame, ARCHIVE_WRITTEN);
    archive_queue_release(q, frame);
}

static void reports_missing_descriptors(void **state)
{
    struct rlimit before;
    struct rlimit none;
    struct archive_queue *q = NULL;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    err_t err = archive_queue_new(&q);
    int why = errno;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_err(err, ERR_IO);
    assert_int_equal(why, EMFILE);
    assert_null(q);
}

static void stops_the_shard_at_each_limit(void **state)
{
    struct archive_queue *q = *state;

    for (unsigned i = 0; i < ARCHIVE_RING_SLOTS; i++) {
        assert_true(archive_queue_has_room(q));
        push(q, 1);
    }
    assert_false(archive_queue_has_room(q)); /* the writer is behind */
    for (unsigned used = ARCHIVE_RING_SLOTS; used < ARCHIVE_FRAMES_PER_SHARD; used++) {
        assert_non_null(archive_queue_pop(q));
        assert_true(archive_queue_has_room(q));
        push(q, 1);
    }
    while (archive_queue_pop(q) != NULL) {
    }
    assert_false(archive_queue_has_room(q)); /* the sync is behind */
}

static void stops_the_shard_at_unsynced_bytes(void **state)
{
    struct archive_queue *q = *state;

    struct archive_frame *first = push(q, ARCHIVE_UNSYNCED_MAX);
    assert_true(archive_queue_has_room(q));
    push(q, 1);
    assert_false(archive_queue_has_room(q));
    assert_ptr_equal(archive_queue_pop(q), first);
    release(q, first);
    assert_ptr_equal(archive_queue_reap(q), first);
    assert_false(archive_queue_has_room(q));
    assert_null(archive_queue_reap(q)); /* takes the release */
    assert_true(archive_queue_has_room(q));
}

/* The last batch before the shard stops may make a frame of each of its lines. */
static void has_room_for_a_batch_of_frames(void **state)
{
    struct archive_queue *q = *state;
    unsigned limit = ARCHIVE_FRAMES_PER_SHARD - 1;

    for (unsigned i = 0; i < limit; i++) {
        push(q, 1);
        assert_non_null(archive_queue_pop(q));
    }
    assert_true(archive_queue_has_room(q));
    for (unsigned i = 0; i < BATCH_ITEMS_MAX + ARCHIVE_KIND_COUNT; i++) {
        push(q, 1);
    }
    assert_int_equal(ring_count(&q->to_writer), BATCH_ITEMS_MAX + ARCHIVE_KIND_COUNT);
    for (unsigned i = 0; i < limit + BATCH_ITEMS_MAX + ARCHIVE_KIND_COUNT; i++) {
        release(q, &q->frames[i]); /* and all of them may come back at once */
    }
    for (unsigned i = 0; i < limit + BATCH_ITEMS_MAX + ARCHIVE_KIND_COUNT; i++) {
        assert_ptr_equal(archive_queue_reap(q), &q->frames[i]);
    }
    assert_null(archive_queue_reap(q));
    assert_int_equal(q->frames_used, 0);
    assert_int_equal(q->bytes_used, 0);
}

static void reuses_the_last_frame_first(void **state)
{
    struct archive_queue *q = *state;

    struct archive_frame *a = push(q, 1);
    struct archive_frame *b = push(q, 1);
    release(q, a);
    release(q, b);
    assert_ptr_equal(archive_queue_reap(q), a);
    assert_int_equal(a->fate, ARCHIVE_WRITTEN);
    /* Decided and reported, but not used again while the caller may look at its tag. */
    assert_ptr_not_equal(archive_queue_take(q), a);
    assert_ptr_equal(archive_queue_reap(q), b);
    assert_null(archive_queue_reap(q));
    assert_ptr_equal(archive_queue_take(q), b);
    assert_ptr_equal(archive_queue_take(q), a);
    assert_false(a->decided || a->reported || a->len != 0);
}

static void wakes_both_sides(void **state)
{
    struct archive_queue *q = *state;
    uint64_t count = 0;

    assert_int_equal(read(q->shard_fd, &count, sizeof(count)), -1);
    assert_int_equal(errno, EAGAIN);
    archive_queue_wake_shard(q);
    archive_queue_wake_shard(q);
    assert_int_equal(read(q->shard_fd, &count, sizeof(count)), sizeof(count));

    uint64_t far = clock_mono_ns() + 3600 * NS_PER_S;
    archive_queue_wake_writer(q);
    archive_queue_wake_writer(q);
    archive_queue_rest(q, far); /* returns at once, or the test times out */
    uint64_t until = clock_mono_ns() + 20 * NS_PER_MS;
    archive_queue_rest(q, until); /* both wake-ups were taken */
    assert_true(clock_mono_ns() >= until);
}

#define QUEUE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_missing_descriptors), QUEUE_TEST(stops_the_shard_at_each_limit),
        QUEUE_TEST(stops_the_shard_at_unsynced_bytes), QUEUE_TEST(has_room_for_a_batch_of_frames),
        QUEUE_TEST(reuses_the_last_frame_first),       QUEUE_TEST(wakes_both_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
