/* SPDX-License-Identifier: Apache-2.0
 *
 * temp_dir: plain system calls, each checked. */
#include "tests/support/temp_dir.h"

#include "tests/support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM 4096

void temp_dir_make(char ret[TEMP_DIR_BYTES])
{
    const char *base = getenv("TMPDIR");

    snprintf(ret, TEMP_DIR_BYTES, "%s/cordwood.XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp(ret));
}

static void join(char out[PATH_ROOM], const char *dir, const char *name)
{
    int len = snprintf(out, PATH_ROOM, "%s/%s", dir, name);

    assert_true(len > 0 && len < PATH_ROOM);
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Removes the files of one directory, and the directories that are empty. */
static void remove_entries(const char *dir)
{
    DIR *d = opendir(dir);
    char path[PATH_ROOM];

    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        join(path, dir, e->d_name);
        if (!is_dots(e->d_name) && unlink(path) != 0) {
            IGNORE(rmdir(path), "it may have entries of its own");
        }
    }
    closedir(d);
}

void temp_dir_remove(const char *dir)
{
    DIR *d = opendir(dir);
    char path[PATH_ROOM];
    struct stat st;

    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        join(path, dir, e->d_name);
        if (!is_dots(e->d_name) && lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            remove_entries(path);
        }
    }
    closedir(d);
    remove_entries(dir);
    assert_int_equal(rmdir(dir), 0);
}

void temp_dir_write(const char *dir, const char *name, struct span content)
{
    char path[PATH_ROOM];

    join(path, dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    assert_true(fd >= 0);
    assert_int_equal(content.len == 0 ? 0 : write(fd, content.at, content.len), content.len);
    close(fd);
}

void temp_dir_read(const char *dir, const char *name, struct buf *ret)
{
    char path[PATH_ROOM];
    ssize_t n;

    join(path, dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ret->len = 0;
    do {
        assert_ok(buf_reserve(ret, 65536));
        n = read(fd, ret->at + ret->len, 65536);
        assert_true(n >= 0);
        ret->len += (size_t)n;
    } while (n > 0);
    close(fd);
}

bool temp_dir_has(const char *dir, const char *name)
{
    char path[PATH_ROOM];
    struct stat st;

    join(path, dir, name);
    return lstat(path, &st) == 0;
}

size_t temp_dir_count(const char *dir)
{
    DIR *d = opendir(dir);
    size_t count = 0;

    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        count += is_dots(e->d_name) ? 0 : 1;
    }
    closedir(d);
    return count;
}
