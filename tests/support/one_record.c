/* SPDX-License-Identifier: Apache-2.0
 *
 * one_record: the input is copied with slack that looks like more JSON, so that a decoder that
 * trusts it goes astray; the sanitizer watches the byte behind the slack. */
#include "tests/support/one_record.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define RECORD_BYTES_MAX (256u * KIB)
#define RECEIVED_NS      1795234305123456789ull /* 2026-11-21T04:11:45.123456789Z */

static const char slack_text[] = "\"}],\"level\":\"INFO\"}\\u0041\":0}\n";

void one_record_init(struct one_record *r, one_record_codec_fn codec)
{
    *r = (struct one_record){.codec = codec, .out = "jsonl"};
    if (batch_init(&r->batch, RECORD_BYTES_MAX) != ERR_OK) {
        abort();
    }
}

void one_record_done(struct one_record *r)
{
    batch_done(&r->batch);
    buf_done(&r->input);
    buf_done(&r->line);
}

static void require(bool holds, const char *what, struct span payload, struct span got)
{
    if (!holds) {
        fprintf(stderr, "one_record: %s\n  payload %.*s\n  got     %.*s\n", what, (int)payload.len,
                payload.at, (int)got.len, got.at);
        abort();
    }
}

static struct span copy_input(struct one_record *r, struct span payload)
{
    buf_done(&r->input);
    if (buf_reserve(&r->input, payload.len + 1) != ERR_OK ||
        buf_append(&r->input, payload) != ERR_OK) {
        abort();
    }
    for (size_t i = 0; i < SPAN_SLACK_BYTES; i++) {
        r->input.at[r->input.len + i] = slack_text[i % (sizeof(slack_text) - 1)];
    }
    return buf_span(&r->input);
}

static void render(struct one_record *r, struct span payload)
{
    const struct render *render = render_find(span_of_str(r->out));
    const struct record *rec = &r->batch.records[0];
    size_t bound = render->bound(rec);

    require(bound <= RENDER_LINE_BYTES_MAX(payload.len), "the bound exceeds the maximum", payload,
            text_span(rec->message));
    buf_done(&r->line);
    if (buf_reserve(&r->line, bound) != ERR_OK) {
        abort();
    }
    r->line.len = (size_t)(render->line(rec, r->line.at) - r->line.at);
    struct span line = buf_span(&r->line);
    require(line.len <= bound, "the line is longer than its bound", payload, line);
    require(span_find(line, '\n') == line.len - 1, "not exactly one line", payload, line);
}

enum reason one_record_run(struct one_record *r, struct span payload)
{
    const struct check_entry_limits limits = {.message_bytes_max = ONE_RECORD_MESSAGE_BYTES_MAX};
    struct batch *b = &r->batch;
    const char *detail = NULL;

    r->line.len = 0;
    batch_reset(b, RECEIVED_NS);
    struct span in = copy_input(r, payload);
    memset(&b->records[0], 0xa5, sizeof(b->records[0])); /* a codec sets all of it */
    size_t room = arena_left(&b->arena);
    enum reason reason = r->codec(&r->env, in, b, &b->records[0], &detail);
    require(room - arena_left(&b->arena) <= in.len * BATCH_ARENA_PER_BYTE + BATCH_ARENA_SPARE,
            "more arena than promised", payload, in);
    if (reason != REASON_NONE) {
        require(detail != NULL, "a reject without a detail", payload, in);
        batch_reject(
            b, (struct reject){
                   .payload = in, .length = in.len, .detail = detail, .reason = (uint8_t)reason});
        return reason;
    }
    b->record_count = 1;
    check_entry_batch(&limits, b);
    require(b->record_count + b->reject_count == 1, "neither kept nor rejected", payload, in);
    if (b->reject_count == 1) {
        return (enum reason)b->rejects[0].reason;
    }
    render(r, payload);
    return REASON_NONE;
}

void one_record_is(struct one_record *r, struct span payload, const char *line)
{
    enum reason reason = one_record_run(r, payload);
    struct span got = buf_span(&r->line);

    require(reason == REASON_NONE, reason_name(reason), payload,
            reason == REASON_NONE ? got : span_of_str(r->batch.rejects[0].detail));
    got.len--; /* LF */
    require(span_equal(got, span_of_str(line)), line, payload, got);
}

void one_record_fails(struct one_record *r, struct span payload, enum reason reason)
{
    enum reason got = one_record_run(r, payload);

    require(got == reason, reason_name(reason), payload, span_of_str(reason_name(got)));
}
