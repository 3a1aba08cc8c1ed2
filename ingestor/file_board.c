/* SPDX-License-Identifier: Apache-2.0
 *
 * file_board: a ring. A file that retention deletes leaves it. */
#include "ingestor/file_board.h"

#include "archive/archive_manifest.h"

#include <stdio.h>
#include <string.h>

void file_board_init(struct file_board *b)
{
    *b = (struct file_board){.published = 0};
    pthread_mutex_init(&b->lock, NULL);
}

void file_board_done(struct file_board *b)
{
    pthread_mutex_destroy(&b->lock);
}

static void add(struct file_board *b, const struct archive_manifest_entry *file)
{
    bool rejected = strcmp(file->kind, "rejected") == 0;
    struct file_board_entry entry = {
        .records = rejected ? 0 : file->records,
        .rejected = rejected ? file->records : 0,
        .bytes_in = file->bytes_in,
        .bytes_out = file->bytes_out,
        .closed_ns = file->at_ns,
    };

    snprintf(entry.name, sizeof(entry.name), "%s", file->file);
    pthread_mutex_lock(&b->lock);
    b->at[b->published++ % FILE_BOARD_PLACES] = entry;
    pthread_mutex_unlock(&b->lock);
}

static bool ends_with(const char *path, const char *name)
{
    size_t path_len = strlen(path);
    size_t len = strlen(name);

    return len > 0 && path_len >= len && strcmp(path + path_len - len, name) == 0;
}

static void remove_file(struct file_board *b, const char *path)
{
    pthread_mutex_lock(&b->lock);
    for (size_t i = 0; i < FILE_BOARD_PLACES; i++) {
        if (ends_with(path, b->at[i].name)) {
            b->at[i] = (struct file_board_entry){.records = 0};
        }
    }
    pthread_mutex_unlock(&b->lock);
}

void file_board_note(struct file_board *b, const struct archive_event *event)
{
    if (event->kind == ARCHIVE_EVENT_PUBLISHED && event->file != NULL) {
        add(b, event->file);
    } else if (event->kind == ARCHIVE_EVENT_RETAINED) {
        remove_file(b, event->path);
    }
}

uint32_t file_board_read(struct file_board *b, struct file_board_entry ret[FILE_BOARD_PLACES])
{
    uint32_t count = 0;

    pthread_mutex_lock(&b->lock);
    for (uint64_t i = 1; i <= FILE_BOARD_PLACES && i <= b->published; i++) {
        const struct file_board_entry *e = &b->at[(b->published - i) % FILE_BOARD_PLACES];
        if (e->name[0] != '\0') {
            ret[count++] = *e;
        }
    }
    pthread_mutex_unlock(&b->lock);
    return count;
}
