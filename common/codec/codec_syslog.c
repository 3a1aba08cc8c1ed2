/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog: reads <PRI>, lets one of the two formats find the parts, and makes the record.
 * RFC 5424 is known by its version and time stamp; everything else is some kind of RFC 3164. */
#include "codec/codec_syslog.h"

#include "codec/codec_syslog_3164.h"
#include "codec/codec_syslog_5424.h"
#include "codec/codec_syslog_parts.h"

#include <assert.h>

#define PRI_MAX    191u
#define EXTRAS_MAX 7u

#define CLEAN(literal)                             \
    {                                              \
        (literal), sizeof(literal) - 1, TEXT_CLEAN \
    }

/* RFC 5424 section 6.2.1, table 1, by the names that syslog.conf uses; 12 to 15 have none there. */
static const struct text facilities[PRI_MAX / 8 + 1] = {
    CLEAN("kern"),     CLEAN("user"),   CLEAN("mail"),   CLEAN("daemon"), CLEAN("auth"),
    CLEAN("syslog"),   CLEAN("lpr"),    CLEAN("news"),   CLEAN("uucp"),   CLEAN("cron"),
    CLEAN("authpriv"), CLEAN("ftp"),    CLEAN("ntp"),    CLEAN("audit"),  CLEAN("alert"),
    CLEAN("clock"),    CLEAN("local0"), CLEAN("local1"), CLEAN("local2"), CLEAN("local3"),
    CLEAN("local4"),   CLEAN("local5"), CLEAN("local6"), CLEAN("local7"),
};

/* RFC 5424 section 6.2.1: PRI. Leading zeros, which it forbids, are met and do no harm. */
static bool take_pri(struct codec_syslog_cursor *c, unsigned *ret_pri)
{
    const char *p = c->at + 1;
    unsigned pri = 0;

    if (codec_syslog_parts_peek(c) != '<') {
        return false;
    }
    for (; p < c->end && p < c->at + 4 && *p >= '0' && *p <= '9'; p++) {
        pri = pri * 10 + (unsigned)(*p - '0');
    }
    if (p == c->at + 1 || p >= c->end || *p != '>' || pri > PRI_MAX) {
        return false;
    }
    c->at = p + 1;
    *ret_pri = pri;
    return true;
}

/* Senders end messages with LF, CR LF or NUL even where the frame says how long they are. */
static const char *without_end(struct text in)
{
    const char *end = in.at + in.len;

    if (end > in.at && end[-1] == '\0') {
        end--;
    }
    if (end > in.at && end[-1] == '\n') {
        end--;
        end -= end > in.at && end[-1] == '\r';
    }
    return end;
}

static struct extra *put_text(struct extra *at, struct text name, struct text value)
{
    if (value.at == NULL) {
        return at;
    }
    at->name = name;
    at->kind = EXTRA_TEXT;
    at->text = value;
    return at + 1;
}

static void set_extras(struct record *rec, struct text facility,
                       const struct codec_syslog_parts *parts, struct arena *a)
{
    struct extra *extras = arena_alloc(a, EXTRAS_MAX * sizeof(*extras));
    struct extra *at = extras;

    assert(extras != NULL);
    at = put_text(at, (struct text)CLEAN("facility"), facility);
    at = put_text(at, (struct text)CLEAN("hostname"), parts->hostname);
    at = put_text(at, (struct text)CLEAN("procid"), parts->procid);
    at = put_text(at, (struct text)CLEAN("msgid"), parts->msgid);
    if (parts->structured_data.name.at != NULL) {
        *at++ = parts->structured_data;
    }
    at = put_text(at, (struct text)CLEAN("sequence"), text_of(parts->sequence, TEXT_CLEAN));
    at = put_text(at, (struct text)CLEAN("uptime"), text_of(parts->uptime, TEXT_CLEAN));
    rec->extras = extras;
    rec->extra_count = (uint32_t)(at - extras);
}

static void set_four(struct record *rec, unsigned pri, const struct codec_syslog_parts *parts,
                     struct batch *b)
{
    rec->level = text_of(severity_level_name((enum severity)(pri & 7)), TEXT_CLEAN);
    rec->message = parts->message;
    rec->timestamp = parts->timestamp;
    rec->time_source = parts->time_source;
    rec->service = parts->service;
    if (rec->timestamp.at == NULL) {
        rec->timestamp = b->received_text;
        rec->time_source = TIME_RECEIVED;
        b->defaulted[FIELD_TIMESTAMP]++;
    }
    if (rec->service.at == NULL) {
        bool named = parts->hostname.at != NULL && parts->hostname.len <= SERVICE_BYTES_MAX;
        rec->service = named ? parts->hostname : (struct text)CLEAN("syslog");
        b->defaulted[FIELD_SERVICE]++;
    }
}

bool codec_syslog_bare(const struct codec_env *env, struct text in, struct batch *b,
                       struct record *ret_rec)
{
    struct codec_syslog_cursor c = {in.at, without_end(in), in.form == TEXT_CLEAN};
    struct codec_syslog_parts parts;

    codec_syslog_parts_init(&parts, env->zone);
    if (c.at >= c.end || *c.at == '<') {
        return false;
    }
    codec_syslog_3164(&c, b, &parts);
    bool may_be_program = codec_syslog_parts_is_digit(*in.at) && parts.service.at == NULL;
    if (parts.timestamp.at == NULL || may_be_program) {
        return false;
    }
    codec_record_init(ret_rec, FORMAT_SYSLOG);
    set_four(ret_rec, SEVERITY_INFO, &parts, b);
    b->defaulted[FIELD_LEVEL]++;
    set_extras(ret_rec, (struct text){0}, &parts, &b->arena);
    return true;
}

bool codec_syslog(const struct codec_env *env, struct text in, struct batch *b,
                  struct record *ret_rec)
{
    struct codec_syslog_cursor c = {in.at, without_end(in), in.form == TEXT_CLEAN};
    struct codec_syslog_parts parts;
    unsigned pri = 0;

    if (!take_pri(&c, &pri)) {
        return false;
    }
    codec_syslog_parts_init(&parts, env->zone);
    if (!codec_syslog_5424(&c, b, &parts)) {
        codec_syslog_3164(&c, b, &parts);
    }
    codec_record_init(ret_rec, FORMAT_SYSLOG);
    set_four(ret_rec, pri, &parts, b);
    set_extras(ret_rec, facilities[pri / 8], &parts, &b->arena);
    return true;
}
