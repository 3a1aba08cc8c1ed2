/* SPDX-License-Identifier: Apache-2.0
 *
 * Free space: which reserve holds, and that a change of state is told exactly once. */
#include "archive/archive_space.h"
#include "base/limits.h"
#include "tests/support/test.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

struct fixture {
    uint64_t free_bytes;
    uint64_t total_bytes;
    int error;
    struct archive_io io;
    struct archive_config config;
    struct archive_space space;
    unsigned stalled;
    unsigned resumed;
    unsigned woken;
    char text[256]; /* of the last event */
};

static struct fixture f;

static int fake_space(void *arg, const char *path, uint64_t *ret_free, uint64_t *ret_total)
{
    (void)arg;
    (void)path;
    if (f.error != 0) {
        errno = f.error;
        return -1;
    }
    *ret_free = f.free_bytes;
    *ret_total = f.total_bytes;
    return 0;
}

static void on_report(void *arg, const struct archive_event *event)
{
    (void)arg;
    f.stalled += event->kind == ARCHIVE_EVENT_STALLED;
    f.resumed += event->kind == ARCHIVE_EVENT_RESUMED;
    strncpy(f.text, event->text, sizeof(f.text) - 1);
}

static void on_resumed(void *arg)
{
    (void)arg;
    f.woken++;
}

/* Makes the reserve 5% of 1 GB, all of which is free. */
static int set_up(void **state)
{
    (void)state;
    f = (struct fixture){.free_bytes = 1000000000, .total_bytes = 1000000000};
    f.io = (struct archive_io){.free_space = fake_space};
    f.config = (struct archive_config){
        .data_dir = "/data", .io = &f.io, .report = on_report, .policy.min_free_percent = 5};
    archive_space_init(&f.space, &f.config, on_resumed, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    archive_space_done(&f.space);
    return 0;
}

/* Looks for sure: so much was written. */
static bool check(void)
{
    return archive_space_check(&f.space, 8 * MIB);
}

static void keeps_a_percentage_of_the_disk(void **state)
{
    (void)state;
    f.free_bytes = 50000000;
    assert_true(check());
    f.free_bytes = 49999999;
    assert_false(check());
    f.total_bytes = 1000 * GIB; /* 50 GiB would be 5%: no more than 10 are kept */
    f.free_bytes = 10 * GIB;
    assert_true(check());
    f.free_bytes = 10 * GIB - 1;
    assert_false(check());
}

static void keeps_bytes_if_they_are_given(void **state)
{
    struct archive_policy policy = {.min_free_percent = 5, .min_free_bytes = 1000};

    (void)state;
    f.free_bytes = 1000;
    archive_space_set_policy(&f.space, &policy);
    assert_true(check());
    f.free_bytes = 999;
    assert_false(check());
}

static void tells_each_change_once(void **state)
{
    (void)state;
    f.free_bytes = 0;
    for (int i = 0; i < 3; i++) {
        assert_false(check());
    }
    assert_int_equal(f.stalled, 1);
    assert_non_null(strstr(f.text, "reason=min_free free_bytes=0 min_free_bytes=50000000"));
    assert_true(atomic_load(&f.space.stalled) && atomic_load(&f.space.blocked));
    archive_space_stuck(&f.space, 3, ENOSPC);
    archive_space_stuck(&f.space, 63, EDQUOT);
    assert_int_equal(f.stalled, 1);
    f.free_bytes = 1000000000;
    assert_true(check());
    archive_space_unstuck(&f.space, 63);
    assert_int_equal(f.resumed, 0);
    assert_int_equal(f.woken, 0);
    archive_space_unstuck(&f.space, 3);
    archive_space_unstuck(&f.space, 3);
    assert_int_equal(f.resumed, 1);
    assert_int_equal(f.woken, 1);
    assert_false(atomic_load(&f.space.stalled) || atomic_load(&f.space.blocked));
}

static void names_the_error(void **state)
{
    (void)state;
    archive_space_stuck(&f.space, 0, ENOSPC);
    assert_string_equal(f.text, "failed=write error=\"No space left on device\" action=block");
}

static void blocks_only_by_policy(void **state)
{
    struct archive_policy shed = {.on_full = ARCHIVE_ON_FULL_SHED};

    (void)state;
    archive_space_stuck(&f.space, 0, ENOSPC);
    assert_true(atomic_load(&f.space.blocked));
    archive_space_set_policy(&f.space, &shed);
    assert_true(atomic_load(&f.space.stalled));
    assert_false(atomic_load(&f.space.blocked));
    assert_int_equal(f.woken, 1);
    assert_int_equal(f.resumed, 0);
    archive_space_set_policy(&f.space, &f.config.policy);
    assert_true(atomic_load(&f.space.blocked));
}

/* A disk that cannot be asked counts as before, in both states. */
static void bears_a_disk_that_cannot_be_asked(void **state)
{
    (void)state;
    f.error = EIO;
    f.free_bytes = 0;
    assert_true(check());
    f.error = 0;
    assert_false(check());
    f.error = EIO;
    f.free_bytes = 1000000000;
    assert_false(check());
    assert_int_equal(f.stalled, 1);
    assert_int_equal(f.resumed, 0);
}

static void looks_after_enough_bytes_only(void **state)
{
    (void)state;
    f.space.checked_mono_ns = UINT64_MAX / 2; /* no look because of time */
    f.free_bytes = 0;
    assert_true(archive_space_check(&f.space, 8 * MIB - 1));
    assert_false(archive_space_check(&f.space, 1));
}

static void looks_after_enough_time(void **state)
{
    (void)state;
    f.free_bytes = 0;
    f.space.checked_mono_ns = 0;
    assert_false(archive_space_check(&f.space, 0));
}

#define SPACE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPACE_TEST(keeps_a_percentage_of_the_disk), SPACE_TEST(keeps_bytes_if_they_are_given),
        SPACE_TEST(tells_each_change_once),         SPACE_TEST(names_the_error),
        SPACE_TEST(blocks_only_by_policy),          SPACE_TEST(bears_a_disk_that_cannot_be_asked),
        SPACE_TEST(looks_after_enough_bytes_only),  SPACE_TEST(looks_after_enough_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
