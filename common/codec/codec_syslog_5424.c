/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog_5424: words up to the structured data, then the message. The lengths that section 6
 * gives for names are not enforced: longer ones are in use, and cutting a log line helps nobody. */
#include "codec/codec_syslog_5424.h"

#include "codec/codec_syslog_sd.h"
#include "codec/codec_syslog_time.h"

#define VERSION_DIGITS_MAX 3

/* RFC 5424 section 6.2.2: VERSION = NONZERO-DIGIT 0*2DIGIT, and the space behind it. */
static bool take_version(struct codec_syslog_cursor *c)
{
    const char *p = c->at;

    while (p < c->end && p < c->at + VERSION_DIGITS_MAX && *p >= '0' && *p <= '9') {
        p++;
    }
    if (p == c->at || *c->at == '0' || p >= c->end || *p != ' ') {
        return false;
    }
    c->at = p + 1;
    return true;
}

/* Where the spaces of a block of 64 bytes are, of which a header seldom needs a second. */
struct spaces {
    const char *block;
    uint64_t bits;
};

static inline void spaces_init(struct spaces *s, const char *block)
{
    s->block = block;
    s->bits = text_scan_equals_64(block, ' ');
}

/* The first space from `p` on, or `end`. `p` only grows from call to call. */
static inline __attribute__((always_inline)) const char *next_space(struct spaces *s, const char *p,
                                                                    const char *end)
{
    while (p < end) {
        if (p >= s->block + TEXT_SCAN_BLOCK_BYTES) {
            spaces_init(s, p);
        }
        uint64_t ahead = s->bits >> (p - s->block);
        if (ahead != 0) {
            p += __builtin_ctzll(ahead);
            break;
        }
        p = s->block + TEXT_SCAN_BLOCK_BYTES;
    }
    return p < end ? p : end;
}

static inline void skip_one_space(struct codec_syslog_cursor *c)
{
    c->at += codec_syslog_parts_peek(c) == ' ';
}

/* RFC 5424 section 6.2.3: TIMESTAMP = NILVALUE / FULL-DATE "T" FULL-TIME. */
static bool take_time(struct codec_syslog_cursor *c, struct spaces *spaces, struct batch *b,
                      struct codec_syslog_parts *parts)
{
    const char *end = next_space(spaces, c->at, c->end);
    struct span word = span_of(c->at, (size_t)(end - c->at));

    if (rfc3339_valid(word)) {
        parts->timestamp = text_of(word, TEXT_CLEAN);
        c->at = end;
    } else if (codec_syslog_parts_peek(c) == '-') {
        c->at++;
    } else if (!codec_syslog_time_iso(c, b, parts)) {
        return false;
    }
    if (c->at < c->end && *c->at != ' ') {
        parts->timestamp.at = NULL;
        return false;
    }
    skip_one_space(c);
    return true;
}

/* One header field and the space behind it; left absent if nil. */
static inline __attribute__((always_inline)) void take_field(struct codec_syslog_cursor *c,
                                                             struct spaces *spaces,
                                                             struct text *ret)
{
    const char *begin = c->at;
    const char *end = next_space(spaces, begin, c->end);
    struct span word = span_of(begin, (size_t)(end - begin));

    c->at = end + (end < c->end);
    if (word.len > 1 || (word.len == 1 && *begin != '-')) {
        *ret = codec_syslog_parts_text(c, word);
    }
}

/* RFC 5424 section 6.3: STRUCTURED-DATA = NILVALUE / 1*SD-ELEMENT, and the space behind it. What is
 * neither stays: it belongs to the message. */
static void take_structured_data(struct codec_syslog_cursor *c, struct arena *a,
                                 struct codec_syslog_parts *parts)
{
    struct codec_syslog_cursor sd = *c;
    size_t before = a->used;

    if (codec_syslog_parts_peek(&sd) == '-') {
        sd.at++;
    } else if (!codec_syslog_sd(&sd, a, &parts->structured_data)) {
        return;
    }
    if (sd.at < sd.end && *sd.at != ' ') {
        arena_rewind(a, before);
        parts->structured_data.name.at = NULL;
        return;
    }
    skip_one_space(&sd);
    *c = sd;
}

/* Some senders write nothing between the host and the payload of another format. */
static inline bool is_payload(const struct codec_syslog_cursor *c)
{
    char first = codec_syslog_parts_peek(c);
    struct span left = codec_syslog_parts_left(c);

    return (first == 'L' && span_starts_with(left, SPAN_LIT("LEEF:"))) ||
           (first == 'C' && span_starts_with(left, SPAN_LIT("CEF:")));
}

/* From APP-NAME to STRUCTURED-DATA. */
static inline void take_names(struct codec_syslog_cursor *c, struct spaces *spaces, struct batch *b,
                              struct codec_syslog_parts *parts)
{
    if (is_payload(c)) {
        return;
    }
    take_field(c, spaces, &parts->service);
    take_field(c, spaces, &parts->procid);
    take_field(c, spaces, &parts->msgid);
    take_structured_data(c, &b->arena, parts);
}

bool codec_syslog_5424(const struct codec_syslog_cursor *at, struct batch *b,
                       struct codec_syslog_parts *parts)
{
    struct codec_syslog_cursor c = *at;
    struct spaces spaces;

    if (!take_version(&c)) {
        return false;
    }
    spaces_init(&spaces, c.at);
    if (!take_time(&c, &spaces, b, parts)) {
        return false;
    }
    take_field(&c, &spaces, &parts->hostname);
    take_names(&c, &spaces, b, parts);

    struct span message = codec_syslog_parts_left(&c);
    if (codec_syslog_parts_peek(&c) == '\xef' &&
        span_starts_with(message, SPAN_LIT("\xef\xbb\xbf"))) {
        message = span_skip(message, 3); /* RFC 5424 section 6.4: BOM */
    }
    parts->message = text_of(message, c.clean ? TEXT_CLEAN : TEXT_PLAIN);
    return true;
}
