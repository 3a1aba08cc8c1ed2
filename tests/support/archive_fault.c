/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_fault: each call asks fault_due() and then goes on to the system's. close() never fails:
 * nobody can do anything about it, and a test would leak descriptors. */
#include "tests/support/archive_fault.h"

#include "base/err.h"

#include <errno.h>
#include <stddef.h>

static bool fault_due(void *arg, enum archive_fault_call call)
{
    struct archive_fault *f = arg;

    if ((atomic_load(&f->mask) & (unsigned)call) == 0) {
        return false;
    }
    unsigned n = atomic_fetch_add(&f->calls, 1) + 1;
    if (n < atomic_load(&f->first) || n > atomic_load(&f->last)) {
        return false;
    }
    errno = atomic_load(&f->error);
    return true;
}

static int fault_open(void *arg, const char *path, int flags, mode_t mode)
{
    if (fault_due(arg, ARCHIVE_FAULT_OPEN)) {
        return -1;
    }
    return archive_io_system.open(NULL, path, flags, mode);
}

static ssize_t fault_pread(void *arg, int fd, void *data, size_t bytes, off_t at)
{
    if (fault_due(arg, ARCHIVE_FAULT_PREAD)) {
        return -1;
    }
    return archive_io_system.pread(NULL, fd, data, bytes, at);
}

static ssize_t fault_pwrite(void *arg, int fd, const void *data, size_t bytes, off_t at)
{
    if (!fault_due(arg, ARCHIVE_FAULT_PWRITE)) {
        return archive_io_system.pwrite(NULL, fd, data, bytes, at);
    }
    int why = errno;
    IGNORE(archive_io_system.pwrite(NULL, fd, data, bytes / 2, at) < 0, "it fails in any case");
    errno = why;
    return -1;
}

static int fault_fdatasync(void *arg, int fd)
{
    const struct archive_fault *f = arg;

    if (fault_due(arg, ARCHIVE_FAULT_FDATASYNC)) {
        return -1;
    }
    return f->sync == ARCHIVE_FAULT_SYNC_NOT ? 0 : archive_io_system.fdatasync(NULL, fd);
}

static int fault_ftruncate(void *arg, int fd, off_t bytes)
{
    if (fault_due(arg, ARCHIVE_FAULT_FTRUNCATE)) {
        return -1;
    }
    return archive_io_system.ftruncate(NULL, fd, bytes);
}

static int fault_close(void *arg, int fd)
{
    (void)arg;
    return archive_io_system.close(NULL, fd);
}

static int fault_rename(void *arg, const char *from, const char *to)
{
    if (fault_due(arg, ARCHIVE_FAULT_RENAME)) {
        return -1;
    }
    return archive_io_system.rename(NULL, from, to);
}

static int fault_unlink(void *arg, const char *path)
{
    if (fault_due(arg, ARCHIVE_FAULT_UNLINK)) {
        return -1;
    }
    return archive_io_system.unlink(NULL, path);
}

static int fault_rmdir(void *arg, const char *path)
{
    (void)arg;
    return archive_io_system.rmdir(NULL, path);
}

static int fault_mkdir(void *arg, const char *path, mode_t mode)
{
    if (fault_due(arg, ARCHIVE_FAULT_MKDIR)) {
        return -1;
    }
    return archive_io_system.mkdir(NULL, path, mode);
}

static int fault_sync_dir(void *arg, const char *path)
{
    const struct archive_fault *f = arg;

    if (fault_due(arg, ARCHIVE_FAULT_SYNC_DIR)) {
        return -1;
    }
    return f->sync == ARCHIVE_FAULT_SYNC_NOT ? 0 : archive_io_system.sync_dir(NULL, path);
}

static int fault_free_space(void *arg, const char *path, uint64_t *ret_free, uint64_t *ret_total)
{
    (void)arg;
    return archive_io_system.free_space(NULL, path, ret_free, ret_total);
}

void archive_fault_init(struct archive_fault *f)
{
    *f = (struct archive_fault){.first = UINT_MAX, .last = UINT_MAX, .error = EIO};
    f->io = (struct archive_io){
        .arg = f,
        .open = fault_open,
        .pread = fault_pread,
        .pwrite = fault_pwrite,
        .fdatasync = fault_fdatasync,
        .ftruncate = fault_ftruncate,
        .close = fault_close,
        .rename = fault_rename,
        .unlink = fault_unlink,
        .rmdir = fault_rmdir,
        .mkdir = fault_mkdir,
        .sync_dir = fault_sync_dir,
        .free_space = fault_free_space,
    };
}

void archive_fault_set(struct archive_fault *f, unsigned mask, unsigned first, unsigned last,
                       int error)
{
    atomic_store(&f->mask, 0);
    atomic_store(&f->calls, 0);
    atomic_store(&f->first, first);
    atomic_store(&f->last, last);
    atomic_store(&f->error, error);
    atomic_store(&f->mask, mask);
}
