/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_list: names and sizes are read anew each time: files are deleted and moved by people too,
 * and numbers carried along would drift away from the disk. */
#include "archive/archive_list.h"

#include "base/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static uint64_t time_ns(const struct timespec *ts)
{
    return ts->tv_sec < 0 ? 0 : (uint64_t)ts->tv_sec * NS_PER_S + (uint64_t)ts->tv_nsec;
}

static err_t reserve_entry(struct archive_list *list)
{
    if (list->count < list->cap) {
        return ERR_OK;
    }
    size_t cap = list->cap == 0 ? 64 : list->cap * 2;
    struct archive_list_entry *entries = realloc(list->entries, cap * sizeof(*entries));
    ENSURE(entries != NULL, ERR_NOMEM);
    list->entries = entries;
    list->cap = cap;
    return ERR_OK;
}

static err_t add_entry(void *arg, const char *path, const struct archive_name *name)
{
    struct archive_list *list = arg;
    struct stat st;

    if (lstat(path, &st) != 0) {
        return errno == ENOENT ? ERR_OK : ERR_IO;
    }
    TRY(reserve_entry(list));
    char *copy = strdup(path);
    ENSURE(copy != NULL, ERR_NOMEM);
    list->entries[list->count++] = (struct archive_list_entry){
        .path = copy,
        .name = *name,
        .bytes = (uint64_t)st.st_size,
        .written_ns = time_ns(&st.st_mtim),
        .changed_ns = time_ns(&st.st_ctim),
    };
    return ERR_OK;
}

static int compare(const void *a, const void *b)
{
    const struct archive_list_entry *x = a;
    const struct archive_list_entry *y = b;

    if (x->name.time_s != y->name.time_s) {
        return x->name.time_s < y->name.time_s ? -1 : 1;
    }
    if (x->name.number != y->name.number) {
        return x->name.number < y->name.number ? -1 : 1;
    }
    return strcmp(x->path, y->path);
}

err_t archive_list_read(const struct archive_config *config, struct archive_list *ret)
{
    struct archive_list list = {0};
    err_t err = archive_name_walk(config, add_entry, &list);

    if (err != ERR_OK) {
        int why = errno;
        archive_list_done(&list);
        errno = why;
        return err;
    }
    if (list.count > 0) {
        qsort(list.entries, list.count, sizeof(*list.entries), compare);
    }
    *ret = list;
    return ERR_OK;
}

void archive_list_done(struct archive_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->entries[i].path);
    }
    free(list->entries);
    *list = (struct archive_list){0};
}
