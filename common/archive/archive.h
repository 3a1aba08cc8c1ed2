/* SPDX-License-Identifier: Apache-2.0
 *
 * archive: finished lines in, published zstd files out. One struct archive per process owns the
 * data directory: its lock, one writer thread a shard, the sync thread, the keeper thread
 * (publishing, repacking, retention), the manifest. This header is all a program needs, beside
 * archive_pack.h, by which a shard hands lines in.
 *
 * The life of a line: archive_pack_line/_commit on the shard's thread -> at 1 MiB or the flush
 * interval the pack is compressed into a frame (still on the shard's thread) -> ring of
 * ARCHIVE_RING_SLOTS -> writer thread writes it whole -> outcome comes back by archive_reap() ->
 * the sync thread makes it durable. A frame's tag (the caller's counters) travels with it, so that
 * the thread that counted a record as received also learns what became of it.
 *
 * A file under its final name passes `zstd -t`, was fsynced and never changes again. Nothing here
 * logs; events are reported by a callback. */
#pragma once

#include "archive/archive_io.h"
#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum archive_kind { ARCHIVE_LOG, ARCHIVE_REJECTED, ARCHIVE_KIND_COUNT };
enum archive_layout { ARCHIVE_LAYOUT_FLAT, ARCHIVE_LAYOUT_DAILY };
enum archive_fsync { ARCHIVE_FSYNC_FLUSH, ARCHIVE_FSYNC_ROTATE, ARCHIVE_FSYNC_NONE };
enum archive_on_full { ARCHIVE_ON_FULL_BLOCK, ARCHIVE_ON_FULL_SHED };

#define ARCHIVE_LEVELS     10u /* per-level counts of a frame; the meaning is the caller's */
#define ARCHIVE_TAG_BYTES  2048u
#define ARCHIVE_PATH_BYTES 4096u

/* What SIGHUP may change while it runs. */
struct archive_policy {
    uint64_t rotate_bytes;       /* compressed */
    uint64_t rotate_interval_ns; /* aligned to UTC; 0: never by time */
    uint64_t flush_interval_ns;
    enum archive_on_full on_full;
    uint32_t min_free_percent; /* of the file system, but at most 10 GiB … */
    uint64_t min_free_bytes;   /* … or this many bytes, if not 0 */
    uint64_t retain_bytes;     /* 0: never delete */
    uint64_t retain_age_ns;    /* 0: never delete */
    uint64_t rejected_bytes;   /* above this on disk, rejected records are counted but not kept */
};

enum archive_event_kind {
    ARCHIVE_EVENT_PUBLISHED, /* `text`: its manifest line */
    ARCHIVE_EVENT_RECOVERED, /* a file of an earlier run was repaired; `text` says how */
    ARCHIVE_EVENT_RETAINED,  /* a published file was deleted by the retention policy */
    ARCHIVE_EVENT_STALLED,   /* nothing can be written; `text` says why */
    ARCHIVE_EVENT_RESUMED,
    ARCHIVE_EVENT_IO_ERROR,     /* survived; `text` says what failed and what is done instead */
    ARCHIVE_EVENT_REJECTED_FULL /* rejected_bytes is reached */
};

struct archive_manifest_entry;

struct archive_event {
    enum archive_event_kind kind;
    const struct archive_manifest_entry *file; /* PUBLISHED: archive_manifest.h; else NULL */
    const char *path;                          /* the file it is about; "" if none */
    const char *text;                          /* key=value pairs; valid during the call */
};

/* Called from the archive's threads, one call at a time. Must not call back into the archive. */
typedef void (*archive_report_fn)(void *arg, const struct archive_event *event);

struct archive_config {
    const char *data_dir;  /* made if absent, mode 0750 */
    const char *state_dir; /* made if absent, mode 0700 */
    const char *instance;  /* part of file names; "" for none */
    enum archive_layout layout;
    enum archive_fsync fsync;
    const char *suffix; /* of log files: "jsonl", "csv", "log"; rejected files are always jsonl */
    struct span header; /* first line of every log file, LF included; empty for none */
    int zstd_level;
    uint32_t shard_count;
    size_t line_bytes_max; /* no line is longer, LF included */
    struct archive_policy policy;
    const struct archive_io *io; /* &archive_io_system but in tests */
    archive_report_fn report;
    void *report_arg;
};

struct archive;

/* Makes the directories, takes the lock, repairs what an earlier run left, starts the threads. The
 * strings and spans of the configuration must outlive the archive; its `report` may be NULL. On
 * failure `ret_why` (always written, NUL-terminated, `why_bytes` long) says what failed, for the
 * user.
 * Errors: ERR_EXISTS another process holds the directory (named in `ret_why`); ERR_IO; ERR_NOMEM.
 */
MUST_CHECK err_t archive_open(const struct archive_config *config, char *ret_why, size_t why_bytes,
                              struct archive **ret);

/* The shards have stopped handing lines in and have flushed their packs. Writes what is in the
 * rings, publishes everything, ends the threads, at the latest at `deadline_mono_ns` (threads
 * that hang in a system call are waited for 0.3 s longer, all together, then left alone); frames
 * not written by then get the outcome ARCHIVE_DROPPED_SHUTDOWN. archive_reap() still works
 * afterwards. */
void archive_stop(struct archive *a, uint64_t deadline_mono_ns);

/* Releases everything, the lock last. After archive_stop() and the last archive_reap(). If a thread
 * hangs, what it may still use stays until the process ends; nothing is reported any more. */
void archive_free(struct archive *a);

/* Any thread: closes the files in hand and publishes them; new ones start with the next frame. */
void archive_rotate(struct archive *a);

/* Any thread: replaces the policy. */
void archive_set_policy(struct archive *a, const struct archive_policy *policy);

/* The pack of a shard and kind (archive_pack.h); lives as long as the archive. */
struct archive_pack;
struct archive_pack *archive_pack_of(struct archive *a, unsigned shard, enum archive_kind kind);

/* What became of a frame that a shard handed over. */
enum archive_fate {
    ARCHIVE_WRITTEN,
    ARCHIVE_DROPPED_DISK_FULL, /* no room for it: on the disk, or in memory when it was finished */
    ARCHIVE_DROPPED_SHUTDOWN
};

struct archive_outcome {
    enum archive_kind kind;
    enum archive_fate fate;
    uint32_t records;
    uint64_t line_bytes; /* uncompressed */
    uint64_t file_bytes; /* compressed, as written */
    const void *tag;     /* the ARCHIVE_TAG_BYTES the shard put into the pack; valid until the next
                            archive_reap() of that shard */
};

/* Shard thread only: the next outcome; false when there is none now. */
bool archive_reap(struct archive *a, unsigned shard, struct archive_outcome *ret);

/* An eventfd (non-blocking) that is readable when archive_reap() or archive_ready() may have news.
 * The shard reads it empty, then reaps. */
int archive_wake_fd(const struct archive *a, unsigned shard);

/* Shard thread only, before every batch: whether the shard may take in more. After it was true, at
 * most BATCH_ITEMS_MAX lines may be committed until it is asked again, of any length and to any of
 * the shard's packs, and packs may be flushed: there is room for the frames of all of that. False
 * while ARCHIVE_RING_SLOTS frames wait for the writer, too many frames or too many bytes are not
 * synced, or the disk is full with on_full=block. */
bool archive_ready(const struct archive *a, unsigned shard);

/* Any thread: false while rejected files hold rejected_bytes on disk: count, do not keep. */
bool archive_keeps_rejected(const struct archive *a);

/* A file being written, as people are shown it. */
#define ARCHIVE_SHOWN_NAME_BYTES 160u
struct archive_open_file {
    char name[ARCHIVE_SHOWN_NAME_BYTES]; /* final, relative to the data directory, cut to fit */
    enum archive_kind kind;
    uint64_t records;
    uint64_t bytes_in;
    uint64_t bytes_out;
};

/* Any thread but a shard's: the files being written; at most `max`. Returns how many. */
uint32_t archive_list_open(struct archive *a, struct archive_open_file *ret, uint32_t max);

/* Any thread; numbers of the moment. */
struct archive_stats {
    uint64_t records_synced;      /* log and rejected, made durable */
    uint64_t files_published;     /* both kinds: the rotations */
    uint64_t files_recovered;     /* at start */
    uint64_t files_removed_empty; /* .open files without a whole frame, at start */
    uint64_t files_retained;      /* deleted by retention */
    uint64_t bytes_in;            /* uncompressed lines written */
    uint64_t bytes_out;           /* compressed bytes written */
    uint64_t syncs;
    uint64_t io_errors;
    uint64_t open_file_bytes; /* of the log files being written */
    uint64_t rejected_disk_bytes;
    uint64_t disk_free_bytes;
    uint64_t disk_total_bytes;
    uint64_t disk_reserve_bytes; /* what min_free keeps of it */
    uint64_t sync_lag_ns;        /* age of the oldest frame written but not synced; 0: none */
    uint32_t files_open;
    bool stalled;
};
void archive_read_stats(const struct archive *a, struct archive_stats *ret);
