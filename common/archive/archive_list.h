/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_list: what is in the data directory at one moment, oldest name first. */
#pragma once

#include "archive/archive_name.h"

struct archive_list_entry {
    char *path; /* as on disk */
    struct archive_name name;
    uint64_t bytes;
    uint64_t written_ns; /* last written */
    uint64_t changed_ns; /* last written, renamed or linked */
    bool spared;         /* the reader's own mark, false at first */
};

struct archive_list {
    struct archive_list_entry *entries;
    size_t count;
    size_t cap;
};

/* Ordered by the time and the number in the names, then by path. Files that vanish meanwhile are
 * left out. ERR_IO with errno, ERR_NOMEM. The caller frees it with archive_list_done(). */
MUST_CHECK err_t archive_list_read(const struct archive_config *config, struct archive_list *ret);
void archive_list_done(struct archive_list *list);
