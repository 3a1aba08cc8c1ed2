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

static void skip_one_space(struct codec_syslog_cursor *c)
{
    c->at += codec_syslog_parts_peek(c) == ' ';
}

/* RFC 5424 section 6.2.3: TIMESTAMP = NILVALUE / FULL-DATE "T" FULL-TIME. */
static bool take_time(struct codec_syslog_cursor *c, struct batch *b,
                      struct codec_syslog_parts *parts)
{
    if (codec_syslog_parts_peek(c) == '-') {
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

/* One header field and the space behind it; absent if nil. */
static struct text take_field(struct codec_syslog_cursor *c)
{
    struct span word = codec_syslog_parts_word(c);

    c->at += word.len;
    skip_one_space(c);
    if (word.len == 0 || (word.len == 1 && *word.at == '-')) {
        return (struct text){0};
    }
    return codec_syslog_parts_text(c, word);
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
static bool is_payload(const struct codec_syslog_cursor *c)
{
    struct span left = codec_syslog_parts_left(c);

    return span_starts_with(left, SPAN_LIT("LEEF:")) || span_starts_with(left, SPAN_LIT("CEF:"));
}

/* From APP-NAME to STRUCTURED-DATA. */
static void take_names(struct codec_syslog_cursor *c, struct batch *b,
                       struct codec_syslog_parts *parts)
{
    if (is_payload(c)) {
        return;
    }
    parts->service = take_field(c);
    parts->procid = take_field(c);
    parts->msgid = take_field(c);
    take_structured_data(c, &b->arena, parts);
}

bool codec_syslog_5424(const struct codec_syslog_cursor *at, struct batch *b,
                       struct codec_syslog_parts *parts)
{
    struct codec_syslog_cursor c = *at;

    if (!take_version(&c) || !take_time(&c, b, parts)) {
        return false;
    }
    parts->hostname = take_field(&c);
    take_names(&c, b, parts);

    struct span message = codec_syslog_parts_left(&c);
    if (span_starts_with(message, SPAN_LIT("\xef\xbb\xbf"))) {
        message = span_skip(message, 3); /* RFC 5424 section 6.4: BOM */
    }
    parts->message = text_of(message, c.clean ? TEXT_CLEAN : TEXT_PLAIN);
    return true;
}
