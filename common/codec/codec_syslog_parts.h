/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog_parts: what the two syslog formats share: a cursor over one message and the parts
 * that are found in it. Texts point into the message, into the arena or to static text. */
#pragma once

#include "base/zone.h"
#include "wire/batch.h"
#include "wire/text_scan.h"

struct codec_syslog_cursor {
    const char *at;
    const char *end; /* SPAN_SLACK_BYTES are readable behind it */
    bool clean;      /* the whole message is TEXT_CLEAN */
};

/* Absent (at == NULL) is what the sender did not give. */
struct codec_syslog_parts {
    struct text timestamp; /* RFC 3339 */
    struct text hostname;
    struct text service; /* APP-NAME or TAG */
    struct text procid;
    struct text msgid;
    struct text message;          /* never absent, perhaps empty */
    struct extra structured_data; /* EXTRA_JSON, or EXTRA_TEXT if it has too many parameters; its
                                     name is absent if there is none */
    struct span sequence;         /* digits that Cisco devices put before the time */
    struct span uptime;           /* what they put in the place of the time */
    uint8_t time_source;          /* enum time_source, if there is a timestamp */
    const struct zone *zone;      /* given: of times that name none; NULL: UTC */
};

static inline struct span codec_syslog_parts_left(const struct codec_syslog_cursor *c)
{
    return span_of(c->at, (size_t)(c->end - c->at));
}

/* The next byte; NUL at the end (and for a NUL in the message). */
static inline char codec_syslog_parts_peek(const struct codec_syslog_cursor *c)
{
    return c->at < c->end ? *c->at : '\0';
}

static inline bool codec_syslog_parts_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes the next byte if it is the wanted one. */
static inline bool codec_syslog_parts_take(struct codec_syslog_cursor *c, char wanted)
{
    if (c->at >= c->end || *c->at != wanted) {
        return false;
    }
    c->at++;
    return true;
}

static inline void codec_syslog_parts_spaces(struct codec_syslog_cursor *c)
{
    while (c->at < c->end && *c->at == ' ') {
        c->at++;
    }
}

/* Space or tab: some senders put tabs between the parts of a header. */
static inline bool codec_syslog_parts_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline void codec_syslog_parts_blanks(struct codec_syslog_cursor *c)
{
    while (c->at < c->end && codec_syslog_parts_is_blank(*c->at)) {
        c->at++;
    }
}

/* Whether a part of the message is ASCII that JSON need not escape. */
static inline bool codec_syslog_parts_plain(struct span part)
{
    return text_scan_is_clean(part.at, part.len);
}

/* A part of the message as a text of the right form. */
static inline struct text codec_syslog_parts_text(const struct codec_syslog_cursor *c,
                                                  struct span part)
{
    bool clean = c->clean || codec_syslog_parts_plain(part);

    return text_of(part, clean ? TEXT_CLEAN : TEXT_PLAIN);
}

/* The first space from `p` on, or `end`. */
static inline const char *codec_syslog_parts_space(const char *p, const char *end)
{
    for (; p < end; p += 16) {
        uint32_t spaces = text_scan_equals_16(p, ' ');
        if (spaces != 0) {
            p += __builtin_ctz(spaces);
            break;
        }
    }
    return p < end ? p : end;
}

/* What stands before the next space, which stays; perhaps nothing. */
static inline struct span codec_syslog_parts_word(const struct codec_syslog_cursor *c)
{
    return span_of(c->at, (size_t)(codec_syslog_parts_space(c->at, c->end) - c->at));
}

/* Makes all parts absent; what an absent one says besides does not matter. */
static inline void codec_syslog_parts_init(struct codec_syslog_parts *parts,
                                           const struct zone *zone)
{
    parts->timestamp.at = NULL;
    parts->hostname.at = NULL;
    parts->service.at = NULL;
    parts->procid.at = NULL;
    parts->msgid.at = NULL;
    parts->message.at = NULL;
    parts->structured_data.name.at = NULL;
    parts->sequence.at = NULL;
    parts->uptime.at = NULL;
    parts->time_source = TIME_AS_SENT;
    parts->zone = zone;
}
