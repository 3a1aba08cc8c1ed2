/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_manifest: DATA/manifest.jsonl: one JSON line for every file published or deleted,
 * appended whole and synced. A torn last line of a crash is completed with LF by the next append
 * and never mistaken for an entry, for it is no whole JSON object.
 *
 * {"event":"published","at":"2026-11-21T04:11:45.123456789Z",
 *  "file":"log_0_20261121_031145.jsonl.zst","kind":"log","records":N,"rejected":0,"bytes_in":N,
 *  "bytes_out":N,"first":"…Z","last":"…Z","sha256":"…"}
 * "records" counts log records or salvaged lines, "rejected" rejected records: one of them is 0.
 * Salvaged lines have "unchecked":true. Times and digests that are not known are left out.
 * One thread at a time. */
#pragma once

#include "archive/archive.h"

/* Room for any entry. */
#define ARCHIVE_MANIFEST_LINE_BYTES (6u * ARCHIVE_PATH_BYTES + 1024u)

struct archive_manifest_entry {
    const char *event; /* "published", "recovered", "retained" */
    const char *file;  /* relative to the data directory */
    const char *kind;  /* "log", "rejected" or "recovered" */
    uint64_t records;
    uint64_t bytes_in;  /* uncompressed */
    uint64_t bytes_out; /* the file's size */
    uint64_t first_ns;  /* receive times; 0: unknown */
    uint64_t last_ns;
    uint64_t at_ns;  /* wall time of the event; 0: unknown */
    char sha256[65]; /* hex, NUL-terminated; "" if unknown */
};

/* Formats the entry as one JSON object without LF, NUL-terminated; returns its length. `cap` is at
 * least ARCHIVE_MANIFEST_LINE_BYTES. */
size_t archive_manifest_format(const struct archive_manifest_entry *entry, char *out, size_t cap);

/* Appends the entry to the manifest and, but with fsync=none, syncs it. ERR_IO with errno: nothing,
 * or nothing visible to a reader of whole lines, was appended. */
MUST_CHECK err_t archive_manifest_append(const struct archive_config *config,
                                         const struct archive_manifest_entry *entry);

/* Whether an entry is about this file. ERR_IO with errno, ERR_NOMEM. */
MUST_CHECK err_t archive_manifest_names(const struct archive_config *config, const char *file,
                                        bool *ret);

/* SHA-256 and size of a file. ERR_IO with errno. */
MUST_CHECK err_t archive_manifest_digest(const struct archive_config *config, const char *path,
                                         char ret_sha256[65], uint64_t *ret_bytes);
