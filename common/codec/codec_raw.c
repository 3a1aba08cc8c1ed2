/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_raw: tries what a line can be, the most telling form first. Whatever comes out of it, the
 * line is valid UTF-8 before anyone looks at it, and the sender's bytes are kept if it was not. */
#include "codec/codec_raw.h"

#include "codec/codec_journal.h"
#include "codec/codec_json_members.h"
#include "codec/codec_syslog.h"
#include "wire/utf8.h"

#define TIME_BYTES_MAX 64u /* longer words at the start of a line are no times */

static size_t leading_blanks(struct span s)
{
    size_t i = 0;

    while (i < s.len && (s.at[i] == ' ' || s.at[i] == '\t')) {
        i++;
    }
    return i;
}

/* A journald entry as JSON. `sent_bytes` is the length before any repair. */
static bool take_journal(const struct codec_env *env, struct span line, size_t sent_bytes,
                         struct batch *b, struct record *ret_rec)
{
    size_t arena_used = b->arena.used;
    size_t brace = leading_blanks(line);
    struct codec_json_members members;
    struct json_scan scan;

    if (brace == line.len || line.at[brace] != '{') {
        return false;
    }
    json_scan_init(&scan, span_skip(line, brace), &b->arena);
    if (codec_json_members_parse(&scan, sent_bytes, &members) != ERR_OK ||
        !codec_journal_matches(members.at, members.count)) {
        arena_rewind(&b->arena, arena_used);
        return false;
    }
    codec_journal_members(env, members.at, members.count, b, ret_rec);
    return true;
}

/* "[…]" and the space behind it, which the end of the line may replace. */
static bool take_bracketed(struct span *left, struct span *ret_inside)
{
    size_t close = span_find(*left, ']');

    if (left->len == 0 || left->at[0] != '[' || close == left->len) {
        return false;
    }
    struct span behind = span_skip(*left, close + 1);
    if (behind.len > 0 && behind.at[0] != ' ') {
        return false;
    }
    *ret_inside = span_of(left->at + 1, close - 1);
    *left = span_skip(behind, behind.len > 0);
    return true;
}

static struct text classified(struct span s)
{
    enum text_form form = TEXT_PLAIN;

    utf8_classify(s, &form);
    return text_of(s, form);
}

/* TIMESTAMP [LEVEL] [SERVICE] MESSAGE */
static bool take_fields(struct text line, struct record *ret_rec)
{
    struct span left = text_span(line);
    struct span time = span_head(left, span_find(span_head(left, TIME_BYTES_MAX), ' '));
    struct span name;
    struct span service;
    struct span level;
    enum severity severity = SEVERITY_OTHER;

    if (time.len == left.len || left.at[time.len] != ' ' || !rfc3339_valid(time)) {
        return false;
    }
    left = span_skip(left, time.len + 1);
    if (!take_bracketed(&left, &name) || !severity_lookup(name, &level, &severity) ||
        !take_bracketed(&left, &service) || service.len == 0 || service.len > SERVICE_BYTES_MAX) {
        return false;
    }
    codec_record_init(ret_rec, FORMAT_RAW);
    ret_rec->timestamp = text_of(time, TEXT_CLEAN);
    ret_rec->level = text_of(level, TEXT_CLEAN);
    ret_rec->message = text_of(left, (enum text_form)line.form);
    ret_rec->service = classified(service);
    return true;
}

static void take_whole(struct text line, struct batch *b, struct record *ret_rec)
{
    codec_record_init(ret_rec, FORMAT_RAW);
    ret_rec->timestamp = b->received_text;
    ret_rec->time_source = TIME_RECEIVED;
    ret_rec->level = text_of(severity_level_name(SEVERITY_INFO), TEXT_CLEAN);
    ret_rec->message = line;
    ret_rec->service = text_of(SPAN_LIT("raw"), TEXT_CLEAN);
    b->defaulted[FIELD_TIMESTAMP]++;
    b->defaulted[FIELD_LEVEL]++;
    b->defaulted[FIELD_SERVICE]++;
}

enum line_stream { STREAM_ANY, STREAM_SYSLOG };

/* All of the record but its origin. */
static void take_line(const struct codec_env *env, enum line_stream stream, struct span in,
                      struct batch *b, struct record *ret_rec)
{
    enum text_form form = TEXT_PLAIN;
    bool valid = utf8_classify(in, &form);
    struct text line = text_of(in, form);

    if (!valid) {
        line = text_of(utf8_repair(in, &b->arena), TEXT_PLAIN);
    }
    if (!take_journal(env, text_span(line), in.len, b, ret_rec) &&
        !codec_syslog(env, line, b, ret_rec) && !take_fields(line, ret_rec) &&
        !(stream == STREAM_SYSLOG && codec_syslog_bare(env, line, b, ret_rec))) {
        take_whole(line, b, ret_rec);
    }
    ret_rec->source = in;
    if (!valid) {
        ret_rec->invalid_utf8 = true;
        ret_rec->raw = in;
    }
}

enum reason codec_raw_line(const struct codec_env *env, struct span in, struct batch *b,
                           struct record *ret_rec, const char **ret_detail)
{
    if (in.len == 0) {
        *ret_detail = "";
        return REASON_EMPTY;
    }
    take_line(env, STREAM_ANY, in, b, ret_rec);
    ret_rec->origin = ORIGIN_LINE;
    return REASON_NONE;
}

enum reason codec_raw_syslog(const struct codec_env *env, struct span in, struct batch *b,
                             struct record *ret_rec, const char **ret_detail)
{
    if (in.len == 0) {
        *ret_detail = "";
        return REASON_EMPTY;
    }
    take_line(env, STREAM_SYSLOG, in, b, ret_rec);
    ret_rec->origin = ORIGIN_LINE;
    return REASON_NONE;
}

enum reason codec_raw_frame(const struct codec_env *env, struct span in, struct batch *b,
                            struct record *ret_rec, const char **ret_detail)
{
    if (in.len == 0) {
        *ret_detail = "";
        return REASON_EMPTY;
    }
    take_line(env, STREAM_ANY, in, b, ret_rec);
    ret_rec->origin = ORIGIN_FRAME;
    return REASON_NONE;
}
