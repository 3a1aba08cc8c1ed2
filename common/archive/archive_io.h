/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_io: every call by which the archive touches files, in one table, so that tests can inject
 * short writes, full disks and failing syncs. Each returns like its system call: -1 and errno. */
#pragma once

#include "base/err.h"
#include "base/span.h"

#include <stdint.h>
#include <sys/types.h>

struct archive_io {
    void *arg; /* first argument of every call */
    /* O_CLOEXEC is added; `mode` is set exactly, whatever the umask. */
    int (*open)(void *arg, const char *path, int flags, mode_t mode);
    ssize_t (*pread)(void *arg, int fd, void *data, size_t bytes, off_t at);
    ssize_t (*pwrite)(void *arg, int fd, const void *data, size_t bytes, off_t at);
    int (*fdatasync)(void *arg, int fd);
    int (*ftruncate)(void *arg, int fd, off_t bytes);
    int (*close)(void *arg, int fd);
    /* Fails with EEXIST if `to` exists (renameat2 RENAME_NOREPLACE; link and unlink where the file
     * system does not know it). */
    int (*rename)(void *arg, const char *from, const char *to);
    int (*unlink)(void *arg, const char *path);
    int (*rmdir)(void *arg, const char *path);
    int (*mkdir)(void *arg, const char *path, mode_t mode); /* mode exact, as above */
    int (*sync_dir)(void *arg, const char *path);
    int (*free_space)(void *arg, const char *path, uint64_t *ret_free, uint64_t *ret_total);
};

/* The system's calls. They take no notice of `arg`: a copy of the table may have another. */
extern const struct archive_io archive_io_system;

/* Writes all of `bytes` at `at`, continuing short writes. ERR_IO with errno: a part may be written.
 */
MUST_CHECK err_t archive_io_write_all(const struct archive_io *io, int fd, struct span bytes,
                                      uint64_t at);
