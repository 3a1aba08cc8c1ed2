/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_line: every byte is searched once for each terminator that is still possible, by memchr,
 * which the C library vectorises; `scanned` remembers how far an unfinished line was searched. */
#include "wire/frame_line.h"

#include "base/limits.h"

void frame_line_init(struct frame_line *f, enum frame_line_mode mode, uint32_t line_bytes_max)
{
    *f = (struct frame_line){
        .line_bytes_max = line_bytes_max,
        .mode = (uint8_t)mode,
        .decided = mode == FRAME_LINE_LF,
        .terminator = '\n',
    };
}

void frame_line_done(struct frame_line *f)
{
    frame_skip_done(&f->skip);
}

/* The offset of the first terminator, or `in.len`. The first one of a stream decides. */
static size_t find_end(struct frame_line *f, struct span in)
{
    if (f->decided) {
        return span_find(in, f->terminator);
    }
    size_t lf = span_find(in, '\n');
    size_t nul = span_find(span_head(in, lf), '\0');
    if (nul < lf) {
        f->terminator = '\0';
    }
    f->decided = nul < in.len;
    return nul;
}

/* One CR before LF belongs to the terminator, but not in raw lines. */
static bool cr_belongs_to_end(const struct frame_line *f)
{
    return f->mode == FRAME_LINE_LF_OR_NUL && f->terminator == '\n';
}

static struct span without_cr(const struct frame_line *f, struct span line)
{
    bool drop = line.len > 0 && line.at[line.len - 1] == '\r' && cr_belongs_to_end(f);

    return span_head(line, line.len - drop);
}

/* Nothing but CR. Above the limit even that is a line, as it is when it has to be skipped. */
static bool is_blank(const struct frame_line *f, struct span line)
{
    size_t i = 0;

    while (i < line.len && line.at[i] == '\r') {
        i++;
    }
    return i == line.len && line.len <= f->line_bytes_max;
}

/* A line that is in the buffer as a whole. Of an over-long one the head is kept in place. */
static struct frame line_frame(const struct frame_line *f, struct span line)
{
    bool fits = line.len <= f->line_bytes_max;

    return (struct frame){
        .payload = fits ? line : span_head(line, REJECT_KEEP_BYTES),
        .length = line.len,
        .reason = fits ? REASON_NONE : REASON_TOO_LARGE,
        .detail = "",
    };
}

/* The line that was skipped, all of it met. */
static struct frame skipped_frame(struct frame_line *f, enum reason reason, const char *detail)
{
    f->skipping = false;
    return (struct frame){
        .payload = buf_span(&f->skip.kept),
        .length = f->skip.seen,
        .reason = (uint8_t)reason,
        .detail = detail,
    };
}

static err_t skip_next(struct frame_line *f, struct span in, size_t *ret_used, struct frame *ret)
{
    size_t end = find_end(f, in);

    frame_skip_take(&f->skip, span_head(in, end));
    *ret_used += end;
    ENSURE(end < in.len, ERR_AGAIN);
    *ret_used += 1;
    *ret = skipped_frame(f, REASON_TOO_LARGE, "");
    if (f->skip.last == '\r' && cr_belongs_to_end(f)) {
        ret->length--;
        ret->payload = span_head(ret->payload, (size_t)ret->length);
    }
    return ERR_OK;
}

/* `line` has no end yet. It may be one byte above the limit: that byte may be the CR of CR LF. */
static err_t wait_or_skip(struct frame_line *f, struct span line, size_t *ret_used)
{
    if (line.len <= (size_t)f->line_bytes_max + 1) {
        f->scanned = line.len;
        return ERR_AGAIN;
    }
    f->scanned = 0;
    f->skipping = true;
    frame_skip_take(&f->skip, line);
    *ret_used += line.len;
    return ERR_AGAIN;
}

err_t frame_line_next(struct frame_line *f, struct span in, size_t *ret_used, struct frame *ret)
{
    *ret_used = 0;
    if (f->skipping) {
        return skip_next(f, in, ret_used, ret);
    }
    if (f->skip.seen > 0) {
        frame_skip_done(&f->skip);
    }
    ENSURE(in.len > 0, ERR_AGAIN);
    for (;;) {
        struct span rest = span_skip(in, *ret_used);
        size_t end = f->scanned + find_end(f, span_skip(rest, f->scanned));
        if (end == rest.len) {
            return wait_or_skip(f, rest, ret_used);
        }
        f->scanned = 0;
        *ret_used += end + 1;
        struct span line = without_cr(f, span_head(rest, end));
        if (!is_blank(f, line)) {
            *ret = line_frame(f, line);
            return ERR_OK;
        }
        f->blank_count++;
    }
}

static err_t finish_line(struct frame_line *f, struct span in, enum frame_end end,
                         struct frame *ret)
{
    if (is_blank(f, in)) {
        f->blank_count += in.len > 0;
        return ERR_EOF;
    }
    *ret = line_frame(f, in);
    if (end == FRAME_END_CUT) {
        ret->reason = REASON_TRUNCATED;
        ret->detail = "the stream was cut inside a line";
    }
    return ERR_OK;
}

err_t frame_line_finish(struct frame_line *f, struct span in, enum frame_end end, struct frame *ret)
{
    err_t err = ERR_OK;

    if (f->skipping) {
        bool cut = end == FRAME_END_CUT;
        frame_skip_take(&f->skip, in);
        *ret = skipped_frame(f, cut ? REASON_TRUNCATED : REASON_TOO_LARGE,
                             cut ? "the stream was cut inside a line" : "");
    } else {
        err = finish_line(f, in, end, ret);
    }
    f->scanned = 0;
    f->decided = f->mode == FRAME_LINE_LF;
    f->terminator = '\n';
    return err;
}
