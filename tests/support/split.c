/* SPDX-License-Identifier: Apache-2.0
 *
 * split: the stream lies in memory once; a framing sees a window of it that grows at its end as
 * bytes "arrive" and loses at its start what was used. Bytes that have not arrived are poisoned for
 * the address sanitizer. */
#include "tests/support/split.h"

#include "tests/support/test.h"

#include <sanitizer/asan_interface.h>
#include <stdlib.h>

#define PAYLOAD_SHOWN_MAX 64u
#define SMALL_STREAM      4096u
#define EDGE_BYTES        300u
#define STRIDE            997u

static void length_reset(void *state)
{
    struct frame_length *f = state;

    frame_length_done(f);
    frame_length_init(f, f->payload_bytes_max);
}

static err_t length_next(void *state, struct span in, size_t *ret_used, struct frame *ret)
{
    return frame_length_next(state, in, ret_used, ret);
}

static err_t length_finish(void *state, struct span in, enum frame_end end, struct frame *ret)
{
    return frame_length_finish(state, in, end, ret);
}

struct split_framing split_length(struct frame_length *f)
{
    return (struct split_framing){f, length_reset, length_next, length_finish, NULL};
}

static void line_reset(void *state)
{
    struct frame_line *f = state;

    frame_line_done(f);
    frame_line_init(f, (enum frame_line_mode)f->mode, f->line_bytes_max);
}

static err_t line_next(void *state, struct span in, size_t *ret_used, struct frame *ret)
{
    return frame_line_next(state, in, ret_used, ret);
}

static err_t line_finish(void *state, struct span in, enum frame_end end, struct frame *ret)
{
    return frame_line_finish(state, in, end, ret);
}

static uint32_t line_blanks(void *state)
{
    return ((struct frame_line *)state)->blank_count;
}

struct split_framing split_line(struct frame_line *f)
{
    return (struct split_framing){f, line_reset, line_next, line_finish, line_blanks};
}

static void octet_reset(void *state)
{
    struct frame_octet *f = state;

    frame_octet_done(f);
    frame_octet_init(f, f->message_bytes_max);
}

static err_t octet_next(void *state, struct span in, size_t *ret_used, struct frame *ret)
{
    return frame_octet_next(state, in, ret_used, ret);
}

static err_t octet_finish(void *state, struct span in, enum frame_end end, struct frame *ret)
{
    return frame_octet_finish(state, in, end, ret);
}

struct split_framing split_octet(struct frame_octet *f)
{
    return (struct split_framing){f, octet_reset, octet_next, octet_finish, NULL};
}

static void journal_reset(void *state)
{
    struct frame_journal *f = state;

    frame_journal_done(f);
    frame_journal_init(f, f->entry_bytes_max);
}

static err_t journal_next(void *state, struct span in, size_t *ret_used, struct frame *ret)
{
    return frame_journal_next(state, in, ret_used, ret);
}

static err_t journal_finish(void *state, struct span in, enum frame_end end, struct frame *ret)
{
    return frame_journal_finish(state, in, end, ret);
}

static uint32_t journal_blanks(void *state)
{
    return ((struct frame_journal *)state)->blank_count;
}

struct split_framing split_journal(struct frame_journal *f)
{
    return (struct split_framing){f, journal_reset, journal_next, journal_finish, journal_blanks};
}

uint64_t split_hash(struct span bytes)
{
    uint64_t hash = 0xcbf29ce484222325ull;

    for (size_t i = 0; i < bytes.len; i++) {
        hash = (hash ^ (unsigned char)bytes.at[i]) * 0x100000001b3ull;
    }
    return hash;
}

static void write_payload(struct buf *out, struct span payload)
{
    if (payload.len > PAYLOAD_SHOWN_MAX) {
        assert_ok(
            buf_printf(out, "%zu:%016llx", payload.len, (unsigned long long)split_hash(payload)));
        return;
    }
    assert_ok(buf_append(out, SPAN_LIT("\"")));
    for (size_t i = 0; i < payload.len; i++) {
        unsigned char c = (unsigned char)payload.at[i];
        bool shown = c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
        assert_ok(buf_printf(out, shown ? "%c" : "\\x%02x", c));
    }
    assert_ok(buf_append(out, SPAN_LIT("\"")));
}

static void write_frame(struct buf *out, const struct frame *frame)
{
    assert_non_null(frame->detail);
    assert_ok(buf_printf(out, "%s %u %llu ", reason_name((enum reason)frame->reason), frame->type,
                         (unsigned long long)frame->length));
    write_payload(out, frame->payload);
    assert_ok(buf_append(out, SPAN_LIT("\n")));
}

/* Takes every frame of the window; false when the stream is out of step. */
static bool take_frames(const struct split_framing *f, struct span *window, struct buf *out)
{
    for (;;) {
        struct frame frame = {0};
        size_t used = SIZE_MAX;
        err_t err = f->next(f->state, *window, &used, &frame);
        assert_true(used <= window->len);
        if (err == ERR_SYNTAX) { /* again, from the offending byte on */
            assert_err(f->next(f->state, span_skip(*window, used), &used, &frame), ERR_SYNTAX);
            assert_int_equal(used, 0);
            assert_ok(buf_append(out, SPAN_LIT("out_of_step\n")));
            return false;
        }
        if (err == ERR_OK) {
            assert_true(used > 0 || window->len == 0);
            write_frame(out, &frame);
        }
        *window = window->at == NULL ? *window : span_skip(*window, used);
        if (err != ERR_OK) {
            assert_err(err, ERR_AGAIN);
            return true;
        }
    }
}

static void end_stream(const struct split_framing *f, struct span window, enum frame_end end,
                       struct buf *out)
{
    struct frame frame = {0};
    err_t err = f->finish(f->state, window, end, &frame);

    if (err == ERR_OK) {
        write_frame(out, &frame);
        err = f->finish(f->state, span_of(NULL, 0), end, &frame);
    }
    assert_err(err, ERR_EOF);
}

void split_feed(const struct split_framing *f, struct span stream, struct split_cut cut,
                enum frame_end end, struct buf *out)
{
    char *bytes = malloc(stream.len + 1); /* the last byte is poisoned: an end that is noticed */
    size_t fed = 0;
    bool in_step = true;

    assert_non_null(bytes);
    if (stream.len > 0) {
        memcpy(bytes, stream.at, stream.len);
    }
    struct span window = span_of(bytes, 0);
    f->reset(f->state);
    while (in_step && fed < stream.len) {
        size_t want = fed == 0 && cut.first > 0 ? cut.first : cut.piece;
        size_t more = want < stream.len - fed ? want : stream.len - fed;
        fed += more;
        window.len += more;
        ASAN_POISON_MEMORY_REGION(bytes + fed, stream.len + 1 - fed);
        in_step = take_frames(f, &window, out);
        ASAN_UNPOISON_MEMORY_REGION(bytes, stream.len + 1);
    }
    if (in_step) {
        end_stream(f, window, end, out);
    }
    uint32_t blanks = f->blanks == NULL ? 0 : f->blanks(f->state);
    if (blanks > 0) {
        assert_ok(buf_printf(out, "blank %u\n", blanks));
    }
    f->reset(f->state);
    free(bytes);
}

static void feed_text(const struct split_framing *f, struct span stream, struct split_cut cut,
                      enum frame_end end, struct buf *out)
{
    split_feed(f, stream, cut, end, out);
    assert_ok(buf_append(out, span_of("", 1)));
}

static void check_one(const struct split_framing *f, struct span stream, struct split_cut cut,
                      enum frame_end end, const char *want)
{
    struct buf out = {0};

    feed_text(f, stream, cut, end, &out);
    if (strcmp(out.at, want) != 0) {
        print_error("split at %zu, pieces of %zu\n", cut.first, cut.piece);
    }
    assert_string_equal(out.at, want);
    buf_done(&out);
}

void split_check(const struct split_framing *f, struct span stream, enum frame_end end,
                 const char *want)
{
    check_one(f, stream, (struct split_cut){0, stream.len + 1}, end, want);
    check_one(f, stream, (struct split_cut){0, 1}, end, want);
    for (size_t at = 1; at < stream.len; at++) {
        bool at_edge = at < EDGE_BYTES || stream.len - at < EDGE_BYTES;
        if (stream.len <= SMALL_STREAM || at_edge || at % STRIDE == 0) {
            check_one(f, stream, (struct split_cut){at, stream.len}, end, want);
        }
    }
}

void split_check_equal(const struct split_framing *f, struct span stream)
{
    static const struct split_cut cuts[] = {{0, 1}, {0, 7}};

    for (enum frame_end end = FRAME_END_ORDERLY; end <= FRAME_END_CUT; end++) {
        struct buf whole = {0};
        feed_text(f, stream, (struct split_cut){0, stream.len + 1}, end, &whole);
        for (size_t i = 0; i < TEST_COUNT(cuts); i++) {
            check_one(f, stream, cuts[i], end, whole.at);
        }
        buf_done(&whole);
    }
}
