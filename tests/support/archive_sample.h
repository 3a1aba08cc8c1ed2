/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_sample: archive files to test with. Their lines are numbered, {"n":7,"pad":"…"}, so that
 * a test can say which lines must be where, and how often. What is read back is decompressed by
 * libzstd's one-shot call: an independent witness of what our own scanner says. */
#pragma once

#include "archive/archive_file.h"
#include "base/buf.h"
#include "tests/support/archive_fault.h"
#include "tests/support/temp_dir.h"

#define ARCHIVE_SAMPLE_NS      1795234305000000000ull /* 2026-11-21T04:11:45Z */
#define ARCHIVE_SAMPLE_NAME    "log_0_20261121_041145.jsonl.zst"
#define ARCHIVE_SAMPLE_NUMBERS 4096u

struct archive_sample {
    char dir[TEMP_DIR_BYTES];
    struct archive_fault fault;
    struct archive_config config; /* flat, jsonl, fsync=flush, no limits */
    _Atomic unsigned events[ARCHIVE_EVENT_REJECTED_FULL + 1];
    char last_text[1024];     /* of the last event */
    _Atomic unsigned kept[2]; /* frames of sample files given back: enum archive_kept */
};

/* A data directory of its own, and a configuration with all calls going through `fault`. */
void archive_sample_init(struct archive_sample *s);
void archive_sample_done(struct archive_sample *s);

/* Appends a frame of `count` lines numbered from `first` on, received one a second from
 * ARCHIVE_SAMPLE_NS + `first` s on, with its index frame. */
void archive_sample_frame(struct buf *file, unsigned first, unsigned count);

/* Appends one frame of any content, whole lines or not; with an index frame of `records` or, if
 * that is negative, without one. */
void archive_sample_content(struct buf *file, struct span content, int records);

/* The text of line `n`, LF included, appended. */
void archive_sample_line(struct buf *lines, unsigned n);

/* A file as the writer would hand it over: `frames` frames of `lines_each` lines, numbered from
 * `first` on. */
struct archive_file *archive_sample_file(struct archive_sample *s, enum archive_kind kind,
                                         unsigned first, unsigned frames, unsigned lines_each);

/* Appends one more frame to it. */
void archive_sample_append(struct archive_sample *s, struct archive_file *f, unsigned first,
                           unsigned count);

/* Everything in the compressed bytes; fails the test unless each frame is whole and good. */
void archive_sample_unpack(struct span file, struct buf *ret);

/* Counts the lines of all published log and rejected files by their numbers (and, in the second
 * array, which may be NULL, those of recovered files, which hold them as strings). Fails the test
 * if a published file is damaged. */
void archive_sample_count(struct archive_sample *s, unsigned counts[ARCHIVE_SAMPLE_NUMBERS],
                          unsigned recovered[ARCHIVE_SAMPLE_NUMBERS]);

/* How often the event came. */
unsigned archive_sample_events(const struct archive_sample *s, enum archive_event_kind kind);
