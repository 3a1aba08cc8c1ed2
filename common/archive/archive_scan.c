/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_scan: the decompressor is fed exactly the pieces it asks for, block by block: it never
 * sees a whole frame at once and so hands out every block before it can stumble over the next one.
 * That is what a torn frame's lines are salvaged from. */
#include "archive/archive_scan.h"

#include "base/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define WINDOW_LOG_MAX  26 /* 64 MiB; level 19 uses 8 MiB */
#define INPUT_BYTES     (256u * KIB)
#define OUTPUT_STEP     (128u * KIB) /* the largest block */
#define FRAME_HEAD_MIN  5u           /* magic and frame header descriptor */
#define CHECKSUM_FLAG   0x04         /* in the descriptor: RFC 8878 section 3.1.1.1.1 */
#define ZSTD_MAGIC_SIZE 4u

_Static_assert(INPUT_BYTES > OUTPUT_STEP + 64u, "a block and the next block's head fit");

static const char magic[ZSTD_MAGIC_SIZE] = {'\x28', '\xB5', '\x2F', '\xFD'};

struct archive_scan {
    struct archive_scan_source source;
    uint64_t at;   /* where the next frame begins */
    bool is_ended; /* the last frame lacks its index frame: nothing behind it is trusted */
    ZSTD_DCtx *dctx;
    struct buf content; /* of the frame in hand */
    char *input;        /* INPUT_BYTES: a window of the file */
    uint64_t input_at;
    size_t input_len;
};

err_t archive_scan_new(const struct archive_scan_source *source, struct archive_scan **ret)
{
    struct archive_scan *s = calloc(1, sizeof(*s));

    ENSURE(s != NULL, ERR_NOMEM);
    s->source = *source;
    s->input = malloc(INPUT_BYTES);
    s->dctx = ZSTD_createDCtx();
    if (s->input == NULL || s->dctx == NULL ||
        ZSTD_isError(ZSTD_DCtx_setParameter(s->dctx, ZSTD_d_windowLogMax, WINDOW_LOG_MAX))) {
        archive_scan_free(s);
        return ERR_NOMEM;
    }
    *ret = s;
    return ERR_OK;
}

void archive_scan_free(struct archive_scan *s)
{
    if (s == NULL) {
        return;
    }
    ZSTD_freeDCtx(s->dctx);
    buf_done(&s->content);
    free(s->input);
    free(s);
}

uint64_t archive_scan_at(const struct archive_scan *s)
{
    return s->at;
}

/* Fills the window from `at` on; it is shorter than INPUT_BYTES only at the end. */
static err_t load(struct archive_scan *s, uint64_t at)
{
    const struct archive_io *io = s->source.io;
    size_t len = 0;

    if (io == NULL) {
        struct span left =
            at < s->source.bytes.len ? span_skip(s->source.bytes, (size_t)at) : span_of(NULL, 0);
        len = span_head(left, INPUT_BYTES).len;
        if (len > 0) {
            memcpy(s->input, left.at, len);
        }
    }
    while (io != NULL && len < INPUT_BYTES) {
        ssize_t n =
            io->pread(io->arg, s->source.fd, s->input + len, INPUT_BYTES - len, (off_t)(at + len));
        ENSURE(n >= 0, ERR_IO);
        if (n == 0) {
            break;
        }
        len += (size_t)n;
    }
    s->input_at = at;
    s->input_len = len;
    return ERR_OK;
}

/* The next `want` bytes from `at` on; fewer only at the end. Valid until the next call. */
static err_t peek(struct archive_scan *s, uint64_t at, size_t want, struct span *ret)
{
    bool inside = at >= s->input_at && at + want <= s->input_at + s->input_len;

    if (!inside) {
        TRY(load(s, at));
    }
    *ret = span_head(span_skip(span_of(s->input, s->input_len), (size_t)(at - s->input_at)), want);
    return ERR_OK;
}

/* One step of decompression: feeds at most `*want` bytes from `*at` on, and moves both. */
static err_t decode_step(struct archive_scan *s, uint64_t *at, size_t *want)
{
    struct span bytes;

    TRY(peek(s, *at, *want < INPUT_BYTES ? *want : INPUT_BYTES, &bytes));
    ENSURE(bytes.len > 0, ERR_SYNTAX);
    TRY(buf_reserve(&s->content, OUTPUT_STEP));
    ZSTD_inBuffer in = {bytes.at, bytes.len, 0};
    ZSTD_outBuffer out = {s->content.at, s->content.cap, s->content.len};
    size_t hint = ZSTD_decompressStream(s->dctx, &out, &in);
    if (ZSTD_isError(hint)) {
        return ZSTD_getErrorCode(hint) == ZSTD_error_memory_allocation ? ERR_NOMEM : ERR_SYNTAX;
    }
    ENSURE(hint == 0 || in.pos > 0 || out.pos > s->content.len, ERR_SYNTAX);
    s->content.len = out.pos;
    ENSURE(s->content.len <= ARCHIVE_SCAN_CONTENT_MAX, ERR_SYNTAX);
    *at += in.pos;
    *want = hint;
    return ERR_OK;
}

/* Decompresses the zstd frame at `at` into the content; `ret_end` is the offset behind it. */
static err_t decode_frame(struct archive_scan *s, uint64_t at, uint64_t *ret_end)
{
    size_t want = FRAME_HEAD_MIN;
    struct span head;

    s->content.len = 0;
    TRY(peek(s, at, FRAME_HEAD_MIN, &head));
    ENSURE(head.len > 0, ERR_EOF);
    ENSURE(!s->is_ended, ERR_SYNTAX);
    ENSURE(head.len == FRAME_HEAD_MIN && span_starts_with(head, span_of(magic, sizeof(magic))),
           ERR_SYNTAX);
    ENSURE((head.at[ZSTD_MAGIC_SIZE] & CHECKSUM_FLAG) != 0, ERR_SYNTAX);
    ZSTD_DCtx_reset(s->dctx, ZSTD_reset_session_only);
    while (want > 0) {
        TRY(decode_step(s, &at, &want));
    }
    ENSURE(s->content.len > 0 && s->content.at[s->content.len - 1] == '\n', ERR_SYNTAX);
    *ret_end = at;
    return ERR_OK;
}

static uint64_t count_lines(struct span lines)
{
    uint64_t count = 0;

    for (size_t at = span_find(lines, '\n'); at < lines.len; at = span_find(lines, '\n')) {
        lines = span_skip(lines, at + 1);
        count++;
    }
    return count;
}

/* Takes the index frame at `end`, if it is one and is about this frame. */
static err_t take_index(struct archive_scan *s, uint64_t end, struct archive_scan_frame *frame)
{
    struct archive_index index;
    struct span bytes;

    TRY(peek(s, end, ARCHIVE_INDEX_BYTES, &bytes));
    if (archive_frame_get_index(bytes, &index) != ERR_OK) {
        return ERR_OK;
    }
    bool is_header = index.records == 0 && frame->line_count == 1;
    frame->indexed = (is_header || index.records == frame->line_count) &&
                     index.line_bytes == frame->lines.len && index.frame_bytes == end - s->at;
    if (frame->indexed) {
        frame->index = index;
        frame->records = index.records;
    }
    return ERR_OK;
}

err_t archive_scan_next(struct archive_scan *s, struct archive_scan_frame *ret)
{
    struct archive_scan_frame frame = {0};
    uint64_t end;

    TRY(decode_frame(s, s->at, &end));
    frame.lines = buf_span(&s->content);
    frame.line_count = count_lines(frame.lines);
    frame.records = frame.line_count;
    TRY(take_index(s, end, &frame));
    s->at = end + (frame.indexed ? ARCHIVE_INDEX_BYTES : 0);
    s->is_ended = !frame.indexed;
    *ret = frame;
    return ERR_OK;
}

struct span archive_scan_partial(const struct archive_scan *s)
{
    const char *last = s->content.len == 0 ? NULL : memrchr(s->content.at, '\n', s->content.len);

    return last == NULL ? span_of(NULL, 0)
                        : span_of(s->content.at, (size_t)(last + 1 - s->content.at));
}

err_t archive_scan_resync(struct archive_scan *s)
{
    uint64_t at = s->at + 1;
    struct span bytes;

    for (;;) {
        TRY(peek(s, at, INPUT_BYTES, &bytes));
        ENSURE(bytes.len >= ZSTD_MAGIC_SIZE, ERR_EOF);
        const char *hit = memmem(bytes.at, bytes.len, magic, sizeof(magic));
        if (hit != NULL) {
            s->at = at + (size_t)(hit - bytes.at);
            s->is_ended = false;
            return ERR_OK;
        }
        at += bytes.len - (ZSTD_MAGIC_SIZE - 1);
    }
}
