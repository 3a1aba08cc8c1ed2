/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_journal: a walk over an entry's bytes that can stop and go on anywhere; no byte is looked
 * at twice. The same walk serves an entry that is kept in the buffer and one that is skipped as it
 * arrives. */
#include "wire/frame_journal.h"

#include "base/limits.h"

#define LENGTH_BYTES 8u

enum state {
    STATE_NAME,    /* at a field's start or inside its name */
    STATE_VALUE,   /* behind '=' */
    STATE_LENGTH,  /* inside the 8 bytes */
    STATE_DATA,    /* inside the data */
    STATE_DATA_END /* at the LF behind it */
};

enum walk {
    WALK_MORE, /* all bytes are looked at, the entry goes on */
    WALK_END,  /* the empty line has been taken */
    WALK_BAD   /* the last byte taken shows that the stream is out of step */
};

void frame_journal_init(struct frame_journal *f, uint32_t entry_bytes_max)
{
    *f = (struct frame_journal){.entry_bytes_max = entry_bytes_max};
}

void frame_journal_done(struct frame_journal *f)
{
    frame_skip_done(&f->skip);
}

static void begin_field(struct frame_journal *f)
{
    f->state = STATE_NAME;
    f->name_bytes = 0;
    f->bad_name = false;
    f->left = 0;
    f->length_bytes = 0;
}

static enum walk end_name(struct frame_journal *f)
{
    if (f->name_bytes == 0) {
        return WALK_END;
    }
    if (f->bad_name) {
        return WALK_BAD;
    }
    f->state = STATE_LENGTH;
    return WALK_MORE;
}

/* Up to and with the '=' or LF. */
static size_t walk_name(struct frame_journal *f, struct span in, enum walk *found)
{
    for (size_t i = 0; i < in.len; i++) {
        char c = in.at[i];
        if (c == '=') {
            f->state = STATE_VALUE;
            return i + 1;
        }
        if (c == '\n') {
            *found = end_name(f);
            return i + 1;
        }
        f->bad_name = f->bad_name || !frame_journal_name_byte(c, f->name_bytes) ||
                      f->name_bytes == FRAME_JOURNAL_NAME_BYTES_MAX;
        f->name_bytes += f->name_bytes <= FRAME_JOURNAL_NAME_BYTES_MAX;
    }
    return in.len;
}

static size_t walk_value(struct frame_journal *f, struct span in)
{
    size_t end = span_find(in, '\n');

    if (end == in.len) {
        return end;
    }
    begin_field(f);
    return end + 1;
}

static size_t walk_length(struct frame_journal *f, struct span in, enum walk *found)
{
    for (size_t i = 0; i < in.len; i++) {
        uint64_t length = f->left | (uint64_t)(unsigned char)in.at[i] << (8 * f->length_bytes);
        if (length > FRAME_SKIP_BYTES_MAX) {
            *found = WALK_BAD;
            return i + 1;
        }
        f->left = length;
        f->length_bytes++;
        if (f->length_bytes == LENGTH_BYTES) {
            f->state = length > 0 ? STATE_DATA : STATE_DATA_END;
            return i + 1;
        }
    }
    return in.len;
}

static size_t walk_data(struct frame_journal *f, struct span in)
{
    struct span part = span_head(in, (size_t)f->left);

    f->left -= part.len;
    if (f->left == 0) {
        f->state = STATE_DATA_END;
    }
    return part.len;
}

static size_t walk_data_end(struct frame_journal *f, struct span in, enum walk *found)
{
    if (in.at[0] != '\n') {
        *found = WALK_BAD;
    }
    begin_field(f);
    return 1;
}

/* One step of the walk. */
static size_t walk_step(struct frame_journal *f, struct span in, enum walk *found)
{
    switch ((enum state)f->state) {
    case STATE_NAME:
        return walk_name(f, in, found);
    case STATE_VALUE:
        return walk_value(f, in);
    case STATE_LENGTH:
        return walk_length(f, in, found);
    case STATE_DATA:
        return walk_data(f, in);
    case STATE_DATA_END:
        break;
    }
    return walk_data_end(f, in, found);
}

static enum walk walk(struct frame_journal *f, struct span in, size_t *ret_bytes)
{
    enum walk found = WALK_MORE;
    size_t at = 0;

    while (at < in.len && found == WALK_MORE) {
        at += walk_step(f, span_skip(in, at), &found);
    }
    *ret_bytes = at;
    return found;
}

static struct frame skipped_frame(struct frame_journal *f, enum reason reason, const char *detail)
{
    f->skipping = false;
    return (struct frame){.payload = buf_span(&f->skip.kept),
                          .length = f->skip.seen,
                          .reason = (uint8_t)reason,
                          .detail = detail};
}

static err_t skip_next(struct frame_journal *f, struct span in, size_t *ret_used, struct frame *ret)
{
    size_t bytes = 0;
    enum walk found = walk(f, in, &bytes);

    frame_skip_take(&f->skip, span_head(in, bytes - (found == WALK_END)));
    *ret_used = bytes;
    ENSURE(found != WALK_MORE, ERR_AGAIN);
    f->broken = found == WALK_BAD;
    *ret = skipped_frame(f, REASON_TOO_LARGE, "");
    begin_field(f);
    return ERR_OK;
}

static size_t take_blank_lines(struct frame_journal *f, struct span in)
{
    size_t i = 0;

    while (i < in.len && in.at[i] == '\n') {
        i++;
    }
    f->blank_count += (uint32_t)i;
    return i;
}

/* `entry` begins with an unfinished entry. It is skipped once it is above the limit, which the LF
 * that ends it does not count for. */
static err_t wait_or_skip(struct frame_journal *f, struct span entry, size_t *ret_used)
{
    if (entry.len <= f->entry_bytes_max) {
        return ERR_AGAIN;
    }
    f->walked = 0;
    f->skipping = true;
    frame_skip_take(&f->skip, entry);
    *ret_used += entry.len;
    return ERR_AGAIN;
}

/* An entry, or its part before the stream went out of step, that is in the buffer as a whole. */
static struct frame entry_frame(const struct frame_journal *f, struct span entry)
{
    bool fits = entry.len <= f->entry_bytes_max;

    return (struct frame){.payload = fits ? entry : span_head(entry, REJECT_KEEP_BYTES),
                          .length = entry.len,
                          .reason = fits ? REASON_NONE : REASON_TOO_LARGE,
                          .detail = ""};
}

static err_t entry_next(struct frame_journal *f, struct span in, size_t *ret_used,
                        struct frame *ret)
{
    size_t bytes = 0;
    enum walk found = walk(f, span_skip(in, f->walked), &bytes);
    size_t walked = f->walked + bytes;
    struct span entry = span_head(in, walked - (found == WALK_END));

    f->walked = walked;
    if (found == WALK_MORE) {
        return wait_or_skip(f, entry, ret_used);
    }
    f->walked = 0;
    f->broken = found == WALK_BAD;
    begin_field(f);
    ENSURE(found == WALK_END || entry.len > f->entry_bytes_max, ERR_SYNTAX);
    *ret = entry_frame(f, entry);
    *ret_used += walked;
    return ERR_OK;
}

err_t frame_journal_next(struct frame_journal *f, struct span in, size_t *ret_used,
                         struct frame *ret)
{
    *ret_used = 0;
    if (f->skipping) {
        return skip_next(f, in, ret_used, ret);
    }
    if (f->skip.seen > 0) {
        frame_skip_done(&f->skip);
    }
    ENSURE(in.len > 0, ERR_AGAIN);
    ENSURE(!f->broken, ERR_SYNTAX);
    if (f->walked == 0) {
        *ret_used = take_blank_lines(f, in);
    }
    ENSURE(*ret_used < in.len, ERR_AGAIN);
    return entry_next(f, span_skip(in, *ret_used), ret_used, ret);
}

static err_t finish_entry(struct frame_journal *f, struct span in, bool whole, struct frame *ret)
{
    ENSURE(in.len > 0, ERR_EOF);
    *ret = entry_frame(f, in);
    if (f->broken) {
        ret->reason = REASON_BAD_FRAME;
        ret->detail = "the stream went out of step before";
    } else if (!whole) {
        ret->reason = REASON_TRUNCATED;
        ret->detail = "the stream ended inside an entry";
    }
    return ERR_OK;
}

err_t frame_journal_finish(struct frame_journal *f, struct span in, enum frame_end end,
                           struct frame *ret)
{
    bool whole = end == FRAME_END_ORDERLY && f->state == STATE_NAME && f->name_bytes == 0;
    err_t err = ERR_OK;

    if (f->skipping) {
        frame_skip_take(&f->skip, in);
        *ret = skipped_frame(f, whole ? REASON_TOO_LARGE : REASON_TRUNCATED,
                             whole ? "" : "the stream ended inside an entry");
    } else {
        err = finish_entry(f, in, whole, ret);
    }
    f->broken = false;
    f->walked = 0;
    begin_field(f);
    return err;
}
