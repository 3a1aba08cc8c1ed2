/* SPDX-License-Identifier: Apache-2.0
 *
 * The system's calls: exact modes under any umask, names that are taken, errors as errno. */
#include "archive/archive_io.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct archive_io *const io = &archive_io_system;

struct place {
    char dir[TEMP_DIR_BYTES];
    char a[TEMP_DIR_BYTES + 8];
    char b[TEMP_DIR_BYTES + 8];
};

static struct place place;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(place.dir);
    snprintf(place.a, sizeof(place.a), "%s/a", place.dir);
    snprintf(place.b, sizeof(place.b), "%s/b", place.dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(place.dir);
    return 0;
}

static mode_t mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void gives_exact_modes_under_any_umask(void **state)
{
    static const mode_t masks[] = {0, 022, 077, 0777};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(masks); i++) {
        mode_t before = umask(masks[i]);
        int fd = io->open(io->arg, place.a, O_RDWR | O_CREAT | O_EXCL, 0640);
        int made = io->mkdir(io->arg, place.b, 0750);
        umask(before);
        assert_true(fd >= 0);
        assert_int_equal(made, 0);
        assert_int_equal(mode_of(place.a), 0640);
        assert_int_equal(mode_of(place.b), 0750);
        assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
        assert_int_equal(io->close(io->arg, fd), 0);
        assert_int_equal(io->unlink(io->arg, place.a), 0);
        assert_int_equal(rmdir(place.b), 0);
    }
}

static void leaves_an_existing_file_as_it_is(void **state)
{
    (void)state;
    temp_dir_write(place.dir, "a", SPAN_LIT("content"));
    assert_int_equal(chmod(place.a, 0600), 0);
    int fd = io->open(io->arg, place.a, O_RDWR | O_CREAT, 0640);
    assert_true(fd >= 0);
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(mode_of(place.a), 0600);
    assert_int_equal(io->close(io->arg, fd), 0);
    assert_int_equal(io->open(io->arg, place.a, O_RDWR | O_CREAT | O_EXCL, 0640), -1);
    assert_int_equal(errno, EEXIST);
}

static void renames_only_to_a_free_name(void **state)
{
    (void)state;
    temp_dir_write(place.dir, "a", SPAN_LIT("from"));
    temp_dir_write(place.dir, "b", SPAN_LIT("to"));
    assert_int_equal(io->rename(io->arg, place.a, place.b), -1);
    assert_int_equal(errno, EEXIST);
    assert_true(temp_dir_has(place.dir, "a"));
    assert_int_equal(io->unlink(io->arg, place.b), 0);
    assert_int_equal(io->rename(io->arg, place.a, place.b), 0);
    assert_false(temp_dir_has(place.dir, "a"));
    assert_true(temp_dir_has(place.dir, "b"));
}

static void reports_errors_as_errno(void **state)
{
    uint64_t free_bytes = 7;
    uint64_t total_bytes = 7;
    char byte = 0;

    (void)state;
    assert_int_equal(io->open(io->arg, place.a, O_RDONLY, 0), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(io->pread(io->arg, -1, &byte, 1, 0), -1);
    assert_int_equal(errno, EBADF);
    assert_int_equal(io->pwrite(io->arg, -1, &byte, 1, 0), -1);
    assert_int_equal(errno, EBADF);
    assert_int_equal(io->fdatasync(io->arg, -1), -1);
    assert_int_equal(errno, EBADF);
    assert_int_equal(io->ftruncate(io->arg, -1, 0), -1);
    assert_true(errno == EBADF || errno == EINVAL);
    assert_int_equal(io->close(io->arg, -1), -1);
    assert_int_equal(errno, EBADF);
    assert_int_equal(io->unlink(io->arg, place.a), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(io->mkdir(io->arg, place.dir, 0750), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(io->sync_dir(io->arg, place.a), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(io->free_space(io->arg, place.a, &free_bytes, &total_bytes), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(free_bytes, 7);
}

static void measures_the_disk(void **state)
{
    uint64_t free_bytes = 0;
    uint64_t total_bytes = 0;

    (void)state;
    assert_int_equal(io->free_space(io->arg, place.dir, &free_bytes, &total_bytes), 0);
    assert_true(total_bytes > 0 && free_bytes <= total_bytes);
    assert_int_equal(io->sync_dir(io->arg, place.dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_exact_modes_under_any_umask, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_an_existing_file_as_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(renames_only_to_a_free_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reports_errors_as_errno, set_up, tear_down),
        cmocka_unit_test_setup_teardown(measures_the_disk, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
