/* SPDX-License-Identifier: Apache-2.0
 *
 * proto: the table of streams. What is in a frame goes to one codec; a frame that is a reject by
 * its framing alone is passed on as such. */
#include "ingestor/proto.h"

#include "codec/codec_journal_export.h"
#include "codec/codec_json.h"
#include "codec/codec_raw.h"

#include <assert.h>

/* The format byte of a go-client frame. */
enum frame_type {
    FRAME_TYPE_JSON = 1,
    FRAME_TYPE_PROTO = 2,
    FRAME_TYPE_AVRO = 3,
    FRAME_TYPE_RAW = 4
};

static enum format format_of_type(uint8_t type)
{
    switch ((enum frame_type)type) {
    case FRAME_TYPE_JSON:
        return FORMAT_JSON;
    case FRAME_TYPE_PROTO:
        return FORMAT_PROTO;
    case FRAME_TYPE_AVRO:
        return FORMAT_AVRO;
    case FRAME_TYPE_RAW:
        return FORMAT_RAW;
    }
    return FORMAT_UNKNOWN;
}

static void take_reject(const struct frame *f, enum format format, enum reason reason,
                        const char *detail, struct batch *b)
{
    batch_reject(b, (struct reject){.payload = f->payload,
                                    .length = f->length,
                                    .detail = detail,
                                    .format = (uint8_t)format,
                                    .reason = (uint8_t)reason});
}

/* The decoder's answer to a frame: a record, a reject, or nothing yet. */
static bool settle(struct proto_state *st, const struct frame *f,
                   const struct payload_result *result, struct batch *b)
{
    if (result->awaits) {
        st->awaits = true;
        st->awaited_id = result->awaited_id;
        return false;
    }
    if (result->reason == REASON_NONE) {
        batch_accept(b);
    } else {
        take_reject(f, format_of_type(f->type), result->reason, result->detail, b);
    }
    return true;
}

/* Decodes by a schema; one that is not known yet is waited for unless that was in vain. */
static struct payload_result decode_by_schema(const struct proto_state *st, enum schema_kind kind,
                                              struct span bytes, struct batch *b)
{
    struct record *rec = &b->records[b->record_count];
    struct payload p = {kind, st->waits_not ? PAYLOAD_WAITS_NOT : PAYLOAD_WAITS, bytes};
    struct payload_result result = payload_decode(&st->env->payload, &p, b, rec);

    if (result.awaits && st->gave_up && st->gave_up_id == result.awaited_id) {
        p.patience = PAYLOAD_WAITS_NOT;
        result = payload_decode(&st->env->payload, &p, b, rec);
    }
    return result;
}

/* The most frequent frame, on the shortest way. */
static inline bool take_entry(const struct proto_state *st, const struct frame *f, struct batch *b)
{
    const char *detail = "";
    enum reason reason =
        payload_entry(&st->env->payload, f->payload, b, &b->records[b->record_count], &detail);

    if (reason == REASON_NONE) {
        batch_accept(b);
    } else {
        take_reject(f, FORMAT_JSON, reason, detail, b);
    }
    return true;
}

/* One whole go-client frame into the batch. False: it must wait for its schema. */
static bool take_typed_frame(struct proto_state *st, const struct frame *f, struct batch *b)
{
    struct payload_result result = {.reason = (enum reason)f->reason, .detail = f->detail};

    if (result.reason == REASON_NONE && f->type == FRAME_TYPE_JSON &&
        payload_is_entry(&st->env->payload, f->payload)) {
        return take_entry(st, f, b);
    }
    if (result.reason != REASON_NONE) {
        return settle(st, f, &result, b);
    }
    switch ((enum frame_type)f->type) {
    case FRAME_TYPE_JSON:
        result = decode_by_schema(st, SCHEMA_KIND_JSON, f->payload, b);
        break;
    case FRAME_TYPE_PROTO:
        result = decode_by_schema(st, SCHEMA_KIND_PROTOBUF, f->payload, b);
        break;
    case FRAME_TYPE_AVRO:
        result = decode_by_schema(st, SCHEMA_KIND_AVRO, f->payload, b);
        break;
    case FRAME_TYPE_RAW:
        result.reason = codec_raw_frame(&st->codec, f->payload, b, &b->records[b->record_count],
                                        &result.detail);
        break;
    }
    return settle(st, f, &result, b);
}

/* One whole line or message of a normalised stream into the batch. */
static void take_text(const struct codec_env *env, enum format format, const struct frame *f,
                      struct batch *b)
{
    struct record *rec = &b->records[b->record_count];
    enum reason reason = (enum reason)f->reason;
    const char *detail = f->detail;

    if (reason == REASON_NONE && format == FORMAT_JSON) {
        reason = codec_json_line(env, f->payload, b, rec, &detail);
    } else if (reason == REASON_NONE && format == FORMAT_JOURNALD) {
        reason = codec_journal_export(env, f->payload, b, rec, &detail);
    } else if (reason == REASON_NONE && format == FORMAT_SYSLOG) {
        reason = codec_raw_syslog(env, f->payload, b, rec, &detail);
    } else if (reason == REASON_NONE) {
        reason = codec_raw_line(env, f->payload, b, rec, &detail);
    }
    if (reason == REASON_NONE) {
        batch_accept(b);
        return;
    }
    take_reject(f, format, reason, detail, b);
}

static bool take_raw(struct proto_state *st, const struct frame *f, struct batch *b)
{
    take_text(&st->codec, FORMAT_RAW, f, b);
    return true;
}

static bool take_syslog(struct proto_state *st, const struct frame *f, struct batch *b)
{
    take_text(&st->codec, FORMAT_SYSLOG, f, b);
    return true;
}

static bool take_journal(struct proto_state *st, const struct frame *f, struct batch *b)
{
    take_text(&st->codec, FORMAT_JOURNALD, f, b);
    return true;
}

static bool take_json_line(struct proto_state *st, const struct frame *f, struct batch *b)
{
    take_text(&st->codec, FORMAT_JSON, f, b);
    return true;
}

/* A framing and what is in its frames. Known where a stream's functions are compiled, so that the
 * loops below call nothing through a pointer. */
struct framing {
    err_t (*next)(struct proto_state *st, struct span in, size_t *ret_used, struct frame *ret);
    err_t (*last)(struct proto_state *st, struct span in, enum frame_end end, struct frame *ret);
    /* False: the frame must wait; it is met again. */
    bool (*take)(struct proto_state *st, const struct frame *f, struct batch *b);
};

/* A skipped frame's payload lives in the framing's state until its next call, so it ends a
 * batch. */
static bool ends_batch(const struct frame *f)
{
    return f->reason == REASON_TOO_LARGE;
}

static inline __attribute__((always_inline)) err_t decode(struct proto_state *st,
                                                          const struct framing *framing,
                                                          struct span in, size_t *ret_used,
                                                          struct batch *b)
{
    err_t err = ERR_OK;
    size_t done = 0;
    bool more = true;

    st->awaits = false;
    while (more && batch_has_room(b, st->env->record_bytes_max)) {
        struct frame f;
        size_t used = 0;
        err = framing->next(st, span_skip(in, done), &used, &f);
        if (err == ERR_OK && !framing->take(st, &f, b)) {
            break;
        }
        done += used;
        more = err == ERR_OK && !ends_batch(&f);
    }
    *ret_used = done;
    return err == ERR_SYNTAX && done == 0 ? ERR_SYNTAX : ERR_OK;
}

static inline __attribute__((always_inline)) void finish(struct proto_state *st,
                                                         const struct framing *framing,
                                                         struct span in, enum frame_end end,
                                                         struct batch *b)
{
    struct frame f;

    if (framing->last(st, in, end, &f) == ERR_OK) {
        bool taken = framing->take(st, &f, b);
        assert(taken); /* a last frame is a line, or a reject */
        (void)taken;
    }
}

static err_t next_length(struct proto_state *st, struct span in, size_t *ret_used,
                         struct frame *ret)
{
    return frame_length_next(&st->length, in, ret_used, ret);
}

static err_t last_length(struct proto_state *st, struct span in, enum frame_end end,
                         struct frame *ret)
{
    return frame_length_finish(&st->length, in, end, ret);
}

static err_t next_octet(struct proto_state *st, struct span in, size_t *ret_used, struct frame *ret)
{
    return frame_octet_next(&st->octet, in, ret_used, ret);
}

static err_t last_octet(struct proto_state *st, struct span in, enum frame_end end,
                        struct frame *ret)
{
    return frame_octet_finish(&st->octet, in, end, ret);
}

static err_t next_line(struct proto_state *st, struct span in, size_t *ret_used, struct frame *ret)
{
    return frame_line_next(&st->line, in, ret_used, ret);
}

static err_t last_line(struct proto_state *st, struct span in, enum frame_end end,
                       struct frame *ret)
{
    return frame_line_finish(&st->line, in, end, ret);
}

static err_t next_journal(struct proto_state *st, struct span in, size_t *ret_used,
                          struct frame *ret)
{
    return frame_journal_next(&st->journal, in, ret_used, ret);
}

static err_t last_journal(struct proto_state *st, struct span in, enum frame_end end,
                          struct frame *ret)
{
    return frame_journal_finish(&st->journal, in, end, ret);
}

static const struct framing framing_frames = {next_length, last_length, take_typed_frame};
static const struct framing framing_octet = {next_octet, last_octet, take_syslog};
static const struct framing framing_syslog = {next_line, last_line, take_syslog};
static const struct framing framing_ndjson = {next_line, last_line, take_json_line};
static const struct framing framing_raw = {next_line, last_line, take_raw};
static const struct framing framing_journal = {next_journal, last_journal, take_journal};

static void frames_start(struct proto_state *st)
{
    frame_length_init(&st->length, st->env->record_bytes_max);
}

static void frames_stop(struct proto_state *st)
{
    frame_length_done(&st->length);
}

static err_t frames_decode(struct proto_state *st, struct span in, size_t *ret_used,
                           struct batch *b)
{
    return decode(st, &framing_frames, in, ret_used, b);
}

static void frames_finish(struct proto_state *st, struct span in, enum frame_end end,
                          struct batch *b)
{
    finish(st, &framing_frames, in, end, b);
}

static void octet_start(struct proto_state *st)
{
    frame_octet_init(&st->octet, st->env->record_bytes_max);
}

static void octet_stop(struct proto_state *st)
{
    frame_octet_done(&st->octet);
}

static err_t octet_decode(struct proto_state *st, struct span in, size_t *ret_used, struct batch *b)
{
    return decode(st, &framing_octet, in, ret_used, b);
}

static void octet_finish(struct proto_state *st, struct span in, enum frame_end end,
                         struct batch *b)
{
    finish(st, &framing_octet, in, end, b);
}

static void raw_start(struct proto_state *st)
{
    frame_line_init(&st->line, FRAME_LINE_LF, st->env->record_bytes_max);
}

static void text_start(struct proto_state *st)
{
    frame_line_init(&st->line, FRAME_LINE_LF_OR_NUL, st->env->record_bytes_max);
}

static void line_stop(struct proto_state *st)
{
    frame_line_done(&st->line);
}

static void take_blank_lines(struct proto_state *st, struct batch *b)
{
    b->blank_count += st->line.blank_count;
    st->line.blank_count = 0;
}

static err_t raw_decode(struct proto_state *st, struct span in, size_t *ret_used, struct batch *b)
{
    err_t err = decode(st, &framing_raw, in, ret_used, b);

    take_blank_lines(st, b);
    return err;
}

static void raw_finish(struct proto_state *st, struct span in, enum frame_end end, struct batch *b)
{
    finish(st, &framing_raw, in, end, b);
    take_blank_lines(st, b);
}

static err_t syslog_decode(struct proto_state *st, struct span in, size_t *ret_used,
                           struct batch *b)
{
    err_t err = decode(st, &framing_syslog, in, ret_used, b);

    take_blank_lines(st, b);
    return err;
}

static void syslog_finish(struct proto_state *st, struct span in, enum frame_end end,
                          struct batch *b)
{
    finish(st, &framing_syslog, in, end, b);
    take_blank_lines(st, b);
}

static err_t ndjson_decode(struct proto_state *st, struct span in, size_t *ret_used,
                           struct batch *b)
{
    err_t err = decode(st, &framing_ndjson, in, ret_used, b);

    take_blank_lines(st, b);
    return err;
}

static void ndjson_finish(struct proto_state *st, struct span in, enum frame_end end,
                          struct batch *b)
{
    finish(st, &framing_ndjson, in, end, b);
    take_blank_lines(st, b);
}

static void journal_start(struct proto_state *st)
{
    frame_journal_init(&st->journal, st->env->record_bytes_max);
}

static void journal_stop(struct proto_state *st)
{
    frame_journal_done(&st->journal);
}

static void take_journal_blanks(struct proto_state *st, struct batch *b)
{
    b->blank_count += st->journal.blank_count;
    st->journal.blank_count = 0;
}

static err_t journal_decode(struct proto_state *st, struct span in, size_t *ret_used,
                            struct batch *b)
{
    err_t err = decode(st, &framing_journal, in, ret_used, b);

    take_journal_blanks(st, b);
    return err;
}

static void journal_finish(struct proto_state *st, struct span in, enum frame_end end,
                           struct batch *b)
{
    finish(st, &framing_journal, in, end, b);
    take_journal_blanks(st, b);
}

static const struct proto protos[] = {
    [SNIFF_FRAMES] = {"go-client frames", frames_start, frames_stop, frames_decode, frames_finish},
    [SNIFF_OCTET] = {"octet-counted syslog", octet_start, octet_stop, octet_decode, octet_finish},
    [SNIFF_SYSLOG] = {"syslog lines", text_start, line_stop, syslog_decode, syslog_finish},
    [SNIFF_NDJSON] = {"JSON lines", text_start, line_stop, ndjson_decode, ndjson_finish},
    [SNIFF_RAW] = {"raw lines", raw_start, line_stop, raw_decode, raw_finish},
    [SNIFF_JOURNAL] = {"journald export", journal_start, journal_stop, journal_decode,
                       journal_finish},
};

const char *proto_name(enum sniff_kind kind)
{
    assert(kind != SNIFF_FOREIGN);
    return protos[kind].name;
}

void proto_start(struct proto_state *st, const struct proto_env *env, enum sniff_kind kind)
{
    assert(kind != SNIFF_FOREIGN);
    *st = (struct proto_state){.proto = &protos[kind],
                               .env = env,
                               .zone = st->zone,
                               .codec = env->codec,
                               .waits_not = st->waits_not};
    st->codec.zone = st->zone;
    st->proto->start(st);
}

void proto_stop(struct proto_state *st)
{
    if (st->proto != NULL) {
        st->proto->stop(st);
        st->proto = NULL;
    }
}
