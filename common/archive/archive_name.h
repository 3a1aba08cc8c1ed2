/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_name: names of archive files and nothing else knows them:
 *   [YYYY-mm-dd/]log_[<instance>_]<shard>_<YYYYmmdd_HHMMSS>[_N].<suffix>.zst     (UTC)
 *   rejected_… the same, always .jsonl; recovered_… what was salvaged from a torn tail
 * and their working forms NAME.open, NAME.repack, NAME.tail. Paths handed out by this module are
 * short enough for every working form to fit into ARCHIVE_PATH_BYTES. */
#pragma once

#include "archive/archive.h"

enum archive_name_state {
    ARCHIVE_NAME_FINAL,
    ARCHIVE_NAME_OPEN,
    ARCHIVE_NAME_REPACK,
    ARCHIVE_NAME_TAIL
};

struct archive_name {
    char family[16]; /* "log", "rejected" or "recovered" */
    unsigned shard;
    uint64_t time_s; /* UTC seconds in the name */
    unsigned number; /* the _N, 0 without */
    enum archive_name_state state;
};

/* What a new file is for. */
struct archive_name_want {
    const char *family;
    unsigned shard;
    uint64_t wall_ns;
};

/* Makes the directory of the day if the layout wants one, and creates NAME.open for the first free
 * NAME (free: neither NAME nor NAME.open, NAME.repack, NAME.tail exist). The directory of the day
 * is durable then, the entry in it is not yet. `ret_path` gets the final path, without ".open";
 * `ret_fd` is open for reading and writing. ERR_IO with errno. */
MUST_CHECK err_t archive_name_create(const struct archive_config *config,
                                     const struct archive_name_want *want,
                                     char ret_path[ARCHIVE_PATH_BYTES], int *ret_fd);

/* Takes a file name (no directory) apart. The suffix of a log file may be the configured one or any
 * of jsonl, csv, log: an earlier run may have had another. ERR_UNKNOWN if it is no archive file of
 * this instance. */
MUST_CHECK err_t archive_name_parse(const struct archive_config *config, const char *name,
                                    struct archive_name *ret);

/* Calls `each` for every archive file below the data directory (one level of day directories), in
 * no order; `path` is the file as it stands on disk, working forms included. Stops at the first
 * error of `each` and returns it. ERR_IO with errno. */
typedef err_t (*archive_name_fn)(void *arg, const char *path, const struct archive_name *name);
MUST_CHECK err_t archive_name_walk(const struct archive_config *config, archive_name_fn each,
                                   void *arg);

/* A working form of the final path `path` (ARCHIVE_NAME_FINAL: a copy of it). */
void archive_name_form(const char *path, enum archive_name_state state,
                       char ret[ARCHIVE_PATH_BYTES]);

/* The other way: the final path of a path in the given form. */
void archive_name_final(const char *path, enum archive_name_state state,
                        char ret[ARCHIVE_PATH_BYTES]);

/* Whether anything has this path, be it a dangling link. ERR_IO with errno: cannot be told. */
MUST_CHECK err_t archive_name_exists(const struct archive_config *config, const char *path,
                                     bool *ret);

/* The next free name behind the final path `path` in the same directory: _1, _2, …. ERR_IO with
 * errno. */
MUST_CHECK err_t archive_name_next(const struct archive_config *config, const char *path,
                                   char ret[ARCHIVE_PATH_BYTES]);

/* The one final path that lines salvaged from the file with the final path `path` go to: family
 * "recovered", same directory, shard and time. Its number is four times the file's, plus 0 for a
 * log file in jsonl, 1 in csv, 2 in text, 3 for a rejected file: two files never share one, and a
 * recovery that was interrupted finds what it has made. ERR_UNKNOWN if `path` has no such name. */
MUST_CHECK err_t archive_name_recovered(const struct archive_config *config, const char *path,
                                        char ret[ARCHIVE_PATH_BYTES]);

/* The directory that holds `path`. */
void archive_name_folder(const char *path, char ret[ARCHIVE_PATH_BYTES]);

/* Makes the entries of the directory that holds `path` durable; nothing with fsync=none. ERR_IO
 * with errno. */
MUST_CHECK err_t archive_name_sync_folder(const struct archive_config *config, const char *path);

/* `path` relative to the data directory; points into `path`. */
const char *archive_name_relative(const struct archive_config *config, const char *path);
