/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_io: the system's calls behind the table. Interrupted calls are repeated here, so that
 * nobody above has to know EINTR. */
#include "archive/archive_io.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define RETRY(call) ((int)TEMP_FAILURE_RETRY(call)) /* glibc's yields a long */

/* A new file gets its mode by fchmod because the umask may have taken bits away. It can only have
 * taken some, so where the file system knows no modes the failure harms nobody. */
static int system_open(void *arg, const char *path, int flags, mode_t mode)
{
    (void)arg;
    if ((flags & O_CREAT) == 0) {
        return RETRY(open(path, flags | O_CLOEXEC));
    }
    int fd = RETRY(open(path, flags | O_EXCL | O_CLOEXEC, mode));
    if (fd >= 0) {
        IGNORE(fchmod(fd, mode) != 0, "the mode is narrower than asked at worst");
        return fd;
    }
    if (errno == EEXIST && (flags & O_EXCL) == 0) {
        return RETRY(open(path, (flags & ~O_CREAT) | O_CLOEXEC));
    }
    return -1;
}

static ssize_t system_pread(void *arg, int fd, void *data, size_t bytes, off_t at)
{
    (void)arg;
    return TEMP_FAILURE_RETRY(pread(fd, data, bytes, at));
}

static ssize_t system_pwrite(void *arg, int fd, const void *data, size_t bytes, off_t at)
{
    (void)arg;
    return TEMP_FAILURE_RETRY(pwrite(fd, data, bytes, at));
}

static int system_fdatasync(void *arg, int fd)
{
    (void)arg;
    return RETRY(fdatasync(fd));
}

static int system_ftruncate(void *arg, int fd, off_t bytes)
{
    (void)arg;
    return RETRY(ftruncate(fd, bytes));
}

static int system_close(void *arg, int fd)
{
    (void)arg;
    return close(fd);
}

/* If the old name cannot be removed after linking, both names stand for one finished file and the
 * next start removes the old one: that is a success. */
static int rename_by_link(const char *from, const char *to)
{
    if (link(from, to) != 0) {
        return -1;
    }
    IGNORE(unlink(from) != 0, "recovery removes a working name beside a final one");
    return 0;
}

static int system_rename(void *arg, const char *from, const char *to)
{
    (void)arg;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) {
        return rename_by_link(from, to);
    }
    return -1;
}

static int system_unlink(void *arg, const char *path)
{
    (void)arg;
    return unlink(path);
}

static int system_rmdir(void *arg, const char *path)
{
    (void)arg;
    return rmdir(path);
}

static int system_mkdir(void *arg, const char *path, mode_t mode)
{
    (void)arg;
    if (mkdir(path, mode) != 0) {
        return -1;
    }
    IGNORE(chmod(path, mode) != 0, "the mode is narrower than asked at worst");
    return 0;
}

static int system_sync_dir(void *arg, const char *path)
{
    (void)arg;
    int fd = RETRY(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd < 0) {
        return -1;
    }
    int result = RETRY(fsync(fd));
    if (result != 0 && (errno == EINVAL || errno == EOPNOTSUPP)) {
        result = 0; /* a file system that cannot sync directories does not need it */
    }
    int why = errno;
    close(fd);
    errno = why;
    return result;
}

static int system_free_space(void *arg, const char *path, uint64_t *ret_free, uint64_t *ret_total)
{
    struct statvfs vfs;

    (void)arg;
    if (RETRY(statvfs(path, &vfs)) != 0) {
        return -1;
    }
    *ret_free = (uint64_t)vfs.f_bavail * vfs.f_frsize;
    *ret_total = (uint64_t)vfs.f_blocks * vfs.f_frsize;
    return 0;
}

const struct archive_io archive_io_system = {
    .open = system_open,
    .pread = system_pread,
    .pwrite = system_pwrite,
    .fdatasync = system_fdatasync,
    .ftruncate = system_ftruncate,
    .close = system_close,
    .rename = system_rename,
    .unlink = system_unlink,
    .rmdir = system_rmdir,
    .mkdir = system_mkdir,
    .sync_dir = system_sync_dir,
    .free_space = system_free_space,
};

/* A write of nothing means that nothing more fits. */
err_t archive_io_write_all(const struct archive_io *io, int fd, struct span bytes, uint64_t at)
{
    while (bytes.len > 0) {
        ssize_t n = io->pwrite(io->arg, fd, bytes.at, bytes.len, (off_t)at);
        if (n <= 0) {
            errno = n == 0 ? ENOSPC : errno;
            return ERR_IO;
        }
        at += (uint64_t)n;
        bytes = span_skip(bytes, (size_t)n);
    }
    return ERR_OK;
}
