/* SPDX-License-Identifier: Apache-2.0
 *
 * file_board: the files that were published last, for people to see. The archive's threads add, any
 * thread reads; no shard does. */
#pragma once

#include "archive/archive.h"

#include <pthread.h>

#define FILE_BOARD_PLACES 20u

struct file_board_entry {
    char name[ARCHIVE_SHOWN_NAME_BYTES];
    uint64_t records;
    uint64_t rejected;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t closed_ns; /* wall time */
};

struct file_board {
    pthread_mutex_t lock;
    uint64_t published;                            /* since the start */
    struct file_board_entry at[FILE_BOARD_PLACES]; /* number n is at n % FILE_BOARD_PLACES */
};

void file_board_init(struct file_board *b);
void file_board_done(struct file_board *b);

/* From an event of the archive; those that are of no published file change nothing. */
void file_board_note(struct file_board *b, const struct archive_event *event);

/* Copies, the newest first. Returns how many. */
uint32_t file_board_read(struct file_board *b, struct file_board_entry ret[FILE_BOARD_PLACES]);
