/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_publish: NAME.open becomes NAME. Steps, each of which may fail and be repeated later:
 *   1  NAME.open is repacked into NAME.repack if it is mostly small frames and that works; then
 *      NAME.repack or NAME.open is renamed to NAME. If NAME is taken, NAME.open first becomes
 *      NAME_N.open, so that at any moment a name belongs to one file in all its forms.
 *   2  the directory is synced (not with fsync=none) and what is left of NAME.open removed
 *   3  the manifest line (SHA-256 of the file as published) and ARCHIVE_EVENT_PUBLISHED
 * One thread at a time. */
#pragma once

#include "archive/archive.h"

#include <stdatomic.h>

enum archive_publish_step {
    ARCHIVE_PUBLISH_RENAME,
    ARCHIVE_PUBLISH_SYNC,
    ARCHIVE_PUBLISH_DROP_OPEN, /* instead of SYNC, after repacking */
    ARCHIVE_PUBLISH_ANNOUNCE,
    ARCHIVE_PUBLISH_DONE
};

struct archive_publish {
    char *path;        /* the final path, in ARCHIVE_PATH_BYTES of room; changes if it is taken */
    const char *event; /* of the manifest line: "published" or "recovered" */
    const char *kind;  /* … "log", "rejected" or "recovered" */
    uint64_t frames;
    uint64_t records;
    uint64_t line_bytes;
    uint64_t first_ns;
    uint64_t last_ns;
    const _Atomic uint64_t *repack_until_ns; /* repacking is given up then; NULL: never */
    enum archive_publish_step step;          /* the next one */
    uint64_t bytes;                          /* of the file as published; set by the last step */
};

/* Goes on from `step` to the end. The content of NAME.open is whole, good frames and, unless the
 * configuration promises less, synced. ERR_IO with errno (ENOENT: NAME.open is gone), ERR_NOMEM:
 * `step` says where to go on. ERR_SYNTAX: NAME.open is damaged and not published. */
MUST_CHECK err_t archive_publish_run(const struct archive_config *config,
                                     struct archive_publish *p);
