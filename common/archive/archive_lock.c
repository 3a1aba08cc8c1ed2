/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_lock: the lock is the kernel's and ends with the process, however it ends; the file
 * stays, because removing it would let two processes lock two files of one name. */
#include "archive/archive_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define LOCK_MODE 0640

static long read_holder(const struct archive_io *io, int fd)
{
    char text[24] = {0};

    if (io->pread(io->arg, fd, text, sizeof(text) - 1, 0) <= 0) {
        return 0;
    }
    long pid = strtol(text, NULL, 10);
    return pid > 0 ? pid : 0;
}

static void write_holder(const struct archive_io *io, int fd)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

    IGNORE(io->ftruncate(io->arg, fd, 0) != 0,
           "the number is for people, the lock is the kernel's");
    IGNORE(io->pwrite(io->arg, fd, text, (size_t)len, 0) != len, "as above: the disk may be full");
}

err_t archive_lock_take(const struct archive_io *io, const char *path, long *ret_holder,
                        int *ret_fd)
{
    int fd = io->open(io->arg, path, O_RDWR | O_CREAT, LOCK_MODE);
    ENSURE(fd >= 0, ERR_IO);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        write_holder(io, fd);
        *ret_fd = fd;
        return ERR_OK;
    }
    int why = errno;
    err_t err = why == EWOULDBLOCK ? ERR_EXISTS : ERR_IO;
    if (err == ERR_EXISTS) {
        *ret_holder = read_holder(io, fd);
    }
    IGNORE(io->close(io->arg, fd) != 0, "nothing was written");
    errno = why;
    return err;
}

void archive_lock_release(const struct archive_io *io, int fd)
{
    IGNORE(io->close(io->arg, fd) != 0, "closing gives the lock back");
}
