/* SPDX-License-Identifier: Apache-2.0
 *
 * The lock: who finds it taken learns by whom and changes nothing. */
#include "archive/archive_lock.h"
#include "tests/support/archive_fault.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    char dir[TEMP_DIR_BYTES];
    struct archive_fault fault;
    char path[TEMP_DIR_BYTES + 8];
};

static struct fixture f;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(f.dir);
    archive_fault_init(&f.fault);
    snprintf(f.path, sizeof(f.path), "%s/lock", f.dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(f.dir);
    return 0;
}

static void reports_errors(void **state)
{
    long holder = -1;
    int fd = -1;

    (void)state;
    archive_fault_set(&f.fault, ARCHIVE_FAULT_OPEN, 1, 1, EACCES);
    assert_err(archive_lock_take(&f.fault.io, f.path, &holder, &fd), ERR_IO);
    assert_int_equal(errno, EACCES);
    assert_int_equal(fd, -1);
}

static void names_the_holder_and_changes_nothing(void **state)
{
    struct buf content = {0};
    struct stat before;
    struct stat after;
    long holder = -1;
    int first = -1;
    int second = -1;

    (void)state;
    assert_ok(archive_lock_take(&f.fault.io, f.path, &holder, &first));
    assert_int_equal(stat(f.path, &before), 0);
    assert_int_equal(before.st_mode & 07777, 0640);
    assert_err(archive_lock_take(&f.fault.io, f.path, &holder, &second), ERR_EXISTS);
    assert_int_equal(holder, getpid());
    assert_int_equal(second, -1);
    assert_int_equal(stat(f.path, &after), 0);
    assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
    temp_dir_read(f.dir, "lock", &content);
    assert_true(content.len > 1 && content.at[content.len - 1] == '\n');

    archive_lock_release(&f.fault.io, first);
    assert_ok(archive_lock_take(&f.fault.io, f.path, &holder, &second));
    archive_lock_release(&f.fault.io, second);
    buf_done(&content);
}

/* What is in the file is no number: the lock counts, not the text. */
static void bears_any_content(void **state)
{
    long holder = -1;
    int first = -1;
    int second = -1;

    (void)state;
    temp_dir_write(f.dir, "lock", SPAN_LIT("999999999999999999999999999999999999\xff"));
    assert_ok(archive_lock_take(&f.fault.io, f.path, &holder, &first));
    archive_fault_set(&f.fault, ARCHIVE_FAULT_PREAD, 1, 1, EIO);
    assert_err(archive_lock_take(&f.fault.io, f.path, &holder, &second), ERR_EXISTS);
    assert_int_equal(holder, 0);
    archive_lock_release(&f.fault.io, first);
}

#define LOCK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOCK_TEST(reports_errors),
        LOCK_TEST(names_the_holder_and_changes_nothing),
        LOCK_TEST(bears_any_content),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
