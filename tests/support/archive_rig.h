/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_rig: an archive in a directory of its own, numbered lines handed in as a shard does, and
 * the books about them: which fate each line was told, and how often it is in the files. A line is
 * {"s":SHARD,"k":KIND,"n":NUMBER,"pad":"…"}.
 *
 * The functions that take a shard belong to that shard's thread; they check with plain assert(), so
 * that a test may call them from threads of its own. */
#pragma once

#include "archive/archive.h"
#include "archive/archive_pack.h"
#include "tests/support/archive_fault.h"
#include "tests/support/temp_dir.h"

#include <pthread.h>

#define ARCHIVE_RIG_SHARDS     2u
#define ARCHIVE_RIG_LINES      100000u
#define ARCHIVE_RIG_LINE_BYTES (64u * KIB)
#define ARCHIVE_RIG_EVENTS     (ARCHIVE_EVENT_REJECTED_FULL + 1u)
#define ARCHIVE_RIG_WAIT_NS    (60 * NS_PER_S) /* for what must happen soon */

enum archive_rig_fate {
    ARCHIVE_RIG_UNDECIDED,
    ARCHIVE_RIG_WRITTEN,
    ARCHIVE_RIG_DROPPED_FULL,
    ARCHIVE_RIG_DROPPED_SHUTDOWN
};

/* Calls that can be held: a disk that hangs. */
enum archive_rig_hold { ARCHIVE_RIG_HOLD_PWRITE = 1, ARCHIVE_RIG_HOLD_FDATASYNC = 2 };

/* The lines of a shard and kind. */
struct archive_rig_stream {
    uint32_t made;
    uint32_t decided[ARCHIVE_RIG_DROPPED_SHUTDOWN + 1]; /* lines by fate; [0] unused */
    uint8_t fate[ARCHIVE_RIG_LINES];                    /* enum archive_rig_fate */
    uint8_t seen[ARCHIVE_RIG_LINES];                    /* times found in files */
};

struct archive_rig {
    struct archive_fault fault;  /* first: the calls' argument is the rig too */
    _Atomic uint64_t free_bytes; /* what the disk says; half of 1 TiB at first */
    _Atomic uint64_t total_bytes;
    _Atomic unsigned held;    /* calls that do not return while it is set: enum archive_rig_hold */
    _Atomic unsigned holding; /* … and how many do not at the moment */
    struct archive_io faulty; /* the calls of `fault`, behind those of the rig */
    char dir[TEMP_DIR_BYTES];
    char state_dir[TEMP_DIR_BYTES + 8];
    struct archive_config config; /* may be changed before the archive is opened */
    struct archive *archive;
    char why[256];
    struct archive_rig_stream streams[ARCHIVE_RIG_SHARDS][ARCHIVE_KIND_COUNT];

    /* under lock */
    pthread_mutex_t lock;
    unsigned events[ARCHIVE_RIG_EVENTS];
    char texts[ARCHIVE_RIG_EVENTS][256]; /* of the last of each kind */
    unsigned reporting;                  /* calls under way; more than one is an error */
};

/* One shard, level 1, lines to 64 KiB, flush interval 10 ms, rotation by nothing, block. */
struct archive_rig *archive_rig_new(void);

/* Opens the archive; must succeed. */
void archive_rig_open(struct archive_rig *r);

/* Hands in `lines` lines with `pad` bytes of padding, waiting for archive_ready() as a shard does;
 * false: it was not ready for ARCHIVE_RIG_WAIT_NS. Reaps meanwhile. */
bool archive_rig_write(struct archive_rig *r, unsigned shard, enum archive_kind kind,
                       uint32_t lines, size_t pad);

/* The same in one go, without asking archive_ready(). At most BATCH_ITEMS_MAX lines. */
void archive_rig_put(struct archive_rig *r, unsigned shard, enum archive_kind kind, uint32_t lines,
                     size_t pad);
void archive_rig_flush(struct archive_rig *r, unsigned shard);

/* Enters all outcomes there are into the books. */
void archive_rig_reap(struct archive_rig *r, unsigned shard);

/* Flushes and reaps until all lines of the shard are decided; false after ARCHIVE_RIG_WAIT_NS. */
bool archive_rig_settle(struct archive_rig *r, unsigned shard);

/* Lines of all streams by fate. */
uint32_t archive_rig_count(const struct archive_rig *r, enum archive_rig_fate fate);

unsigned archive_rig_events(struct archive_rig *r, enum archive_event_kind kind);
struct archive_stats archive_rig_stats(const struct archive_rig *r);

/* Waits until `cond` holds, reaping shard 0 meanwhile; fails the test after ARCHIVE_RIG_WAIT_NS. */
#define ARCHIVE_RIG_WAIT(r, cond)                                \
    do {                                                         \
        uint64_t until_ = clock_mono_ns() + ARCHIVE_RIG_WAIT_NS; \
        archive_rig_reap((r), 0);                                \
        while (!(cond)) {                                        \
            assert_true(clock_mono_ns() < until_);               \
            archive_rig_pause();                                 \
            archive_rig_reap((r), 0);                            \
        }                                                        \
    } while (0)

/* 1 ms. */
void archive_rig_pause(void);

/* Flushes, stops with `seconds` of time, reaps the rest, frees. Every line must have a fate
 * then. */
void archive_rig_close(struct archive_rig *r, unsigned seconds);

/* What the files hold, after archive_rig_close(). */
struct archive_rig_files {
    unsigned final;    /* published files … */
    unsigned rejected; /* … of which hold rejected records */
    unsigned open;     /* NAME.open */
    uint64_t lines;    /* in all of them */
};

/* Reads every file with libzstd alone, whole frames only, and enters the lines into the books.
 * Fails unless the lines that were told to be written are there exactly once, in order, and no
 * other line is there at all. */
struct archive_rig_files archive_rig_verify(struct archive_rig *r);

/* Closes what is open and removes the directory. */
void archive_rig_free(struct archive_rig *r);
