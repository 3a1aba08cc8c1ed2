/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_frame: the index frame's bytes. Written by offset, so that the code and the table in the
 * header can be compared line by line. */
#include "archive/archive_frame.h"

#include <endian.h>
#include <stdlib.h>

#define INDEX_VERSION    1u
#define INDEX_HEAD_BYTES 8u /* magic and size, as in every skippable frame */

_Static_assert(ARCHIVE_INDEX_BYTES == 48 + 4 * ARCHIVE_LEVELS, "the table in the header adds up");

static void put_le16(char *out, uint16_t value)
{
    value = htole16(value);
    memcpy(out, &value, sizeof(value));
}

static void put_le32(char *out, uint32_t value)
{
    value = htole32(value);
    memcpy(out, &value, sizeof(value));
}

static void put_le64(char *out, uint64_t value)
{
    value = htole64(value);
    memcpy(out, &value, sizeof(value));
}

void archive_frame_put_index(const struct archive_index *index, char *out)
{
    put_le32(out, ARCHIVE_INDEX_MAGIC);
    put_le32(out + 4, ARCHIVE_INDEX_BYTES - INDEX_HEAD_BYTES);
    out[8] = (char)INDEX_VERSION;
    out[9] = (char)index->kind;
    put_le16(out + 10, index->shard);
    put_le32(out + 12, index->records);
    put_le64(out + 16, index->first_ns);
    put_le64(out + 24, index->last_ns);
    put_le64(out + 32, index->sequence);
    put_le32(out + 40, index->line_bytes);
    put_le32(out + 44, index->frame_bytes);
    for (size_t i = 0; i < ARCHIVE_LEVELS; i++) {
        put_le32(out + 48 + 4 * i, index->levels[i]);
    }
}

err_t archive_frame_get_index(struct span in, struct archive_index *ret)
{
    struct rd r = rd_of(in);
    struct archive_index index = {0};

    uint32_t magic = rd_le32(&r);
    uint32_t bytes = rd_le32(&r);
    uint8_t version = rd_u8(&r);
    index.kind = rd_u8(&r);
    uint8_t shard_low = rd_u8(&r);
    uint8_t shard_high = rd_u8(&r);
    index.shard = (uint16_t)(shard_low | shard_high << 8);
    index.records = rd_le32(&r);
    index.first_ns = rd_le64(&r);
    index.last_ns = rd_le64(&r);
    index.sequence = rd_le64(&r);
    index.line_bytes = rd_le32(&r);
    index.frame_bytes = rd_le32(&r);
    for (size_t i = 0; i < ARCHIVE_LEVELS; i++) {
        index.levels[i] = rd_le32(&r);
    }
    TRY(rd_status(&r));
    ENSURE(magic == ARCHIVE_INDEX_MAGIC && bytes == ARCHIVE_INDEX_BYTES - INDEX_HEAD_BYTES &&
               version == INDEX_VERSION,
           ERR_SYNTAX);
    *ret = index;
    return ERR_OK;
}

void archive_frame_done(struct archive_frame *frame)
{
    free(frame->data);
    frame->data = NULL;
    frame->len = 0;
    frame->cap = 0;
}

void archive_frame_append(struct archive_frame_list *list, struct archive_frame *frames)
{
    struct archive_frame *last = frames;

    if (frames == NULL) {
        return;
    }
    while (last->next != NULL) {
        last = last->next;
    }
    if (list->last == NULL) {
        list->first = frames;
    } else {
        list->last->next = frames;
    }
    list->last = last;
}

struct archive_frame *archive_frame_pop(struct archive_frame_list *list)
{
    struct archive_frame *frame = list->first;

    if (frame != NULL) {
        list->first = frame->next;
        list->last = list->first == NULL ? NULL : list->last;
        frame->next = NULL;
    }
    return frame;
}

void archive_frame_put_back(struct archive_frame_list *list, struct archive_frame *frame)
{
    frame->next = list->first;
    list->first = frame;
    if (list->last == NULL) {
        list->last = frame;
    }
}
