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

#define FACILITY(name)         \
    {                          \
        name, sizeof(name) - 1 \
    }

/* RFC 5424 section 6.2.1, table 1, by the names that syslog.conf uses; 12 to 15 have none there. */
static const struct facility {
    char name[EXTRA_BRIEF_BYTES];
    uint8_t len;
} facilities[PRI_MAX / 8 + 1] = {
    FACILITY("kern"),   FACILITY("user"),   FACILITY("mail"),     FACILITY("daemon"),
    FACILITY("auth"),   FACILITY("syslog"), FACILITY("lpr"),      FACILITY("news"),
    FACILITY("uucp"),   FACILITY("cron"),   FACILITY("authpriv"), FACILITY("ftp"),
    FACILITY("ntp"),    FACILITY("audit"),  FACILITY("alert"),    FACILITY("clock"),
    FACILITY("local0"), FACILITY("local1"), FACILITY("local2"),   FACILITY("local3"),
    FACILITY("local4"), FACILITY("local5"), FACILITY("local6"),   FACILITY("local7"),
};

/* RFC 5424 section 6.2.1, table 2. */
static const struct text level_names[] = {
    CLEAN("EMERG"),   CLEAN("ALERT"),  CLEAN("CRIT"), CLEAN("ERR"),
    CLEAN("WARNING"), CLEAN("NOTICE"), CLEAN("INFO"), CLEAN("DEBUG"),
};

_Static_assert((int)SEVERITY_EMERG == 0 && (int)SEVERITY_DEBUG == 7, "severities have its numbers");

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

/* Names of extras, readable for EXTRA_BRIEF_BYTES as an EXTRA_BRIEF has to be. */
static const char names[][EXTRA_BRIEF_BYTES] = {"facility", "hostname", "procid",
                                                "msgid",    "sequence", "uptime"};

enum name { NAME_FACILITY, NAME_HOSTNAME, NAME_PROCID, NAME_MSGID, NAME_SEQUENCE, NAME_UPTIME };

static const uint8_t name_bytes[] = {8, 8, 6, 5, 8, 6};

static inline struct extra *put(struct extra *at, enum name name, const struct text *value)
{
    bool brief = value->form == TEXT_CLEAN && value->len <= EXTRA_BRIEF_BYTES;

    if (value->at == NULL) {
        return at;
    }
    at->name.at = names[name];
    at->name.len = name_bytes[name];
    at->name.form = TEXT_CLEAN;
    at->kind = brief ? EXTRA_BRIEF : EXTRA_TEXT;
    at->text.at = value->at;
    at->text.len = value->len;
    at->text.form = value->form;
    return at + 1;
}

/* What few messages have. */
static struct extra *put_rare(struct extra *at, const struct codec_syslog_parts *parts)
{
    const struct text sequence = text_of(parts->sequence, TEXT_CLEAN);
    const struct text uptime = text_of(parts->uptime, TEXT_CLEAN);

    if (parts->structured_data.name.at != NULL) {
        *at++ = parts->structured_data;
    }
    at = put(at, NAME_SEQUENCE, &sequence);
    return put(at, NAME_UPTIME, &uptime);
}

static void set_extras(struct record *rec, const struct text *facility,
                       const struct codec_syslog_parts *parts, struct arena *a)
{
    struct extra *extras = arena_alloc(a, EXTRAS_MAX * sizeof(*extras));
    struct extra *at = extras;

    assert(extras != NULL);
    at = put(at, NAME_FACILITY, facility);
    at = put(at, NAME_HOSTNAME, &parts->hostname);
    at = put(at, NAME_PROCID, &parts->procid);
    at = put(at, NAME_MSGID, &parts->msgid);
    at = put_rare(at, parts);
    rec->extras = extras;
    rec->extra_count = (uint32_t)(at - extras);
}

static void set_four(struct record *rec, unsigned pri, const struct codec_syslog_parts *parts,
                     struct batch *b)
{
    rec->level = level_names[pri & 7];
    rec->severity = (uint8_t)(pri & 7); /* enum severity has syslog's numbers */
    rec->time_valid = true;
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
    const struct text none = {NULL, 0, TEXT_CLEAN};
    set_extras(ret_rec, &none, &parts, &b->arena);
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
    const struct facility *facility = &facilities[pri / 8];
    const struct text name = {facility->name, facility->len, TEXT_CLEAN};
    set_extras(ret_rec, &name, &parts, &b->arena);
    return true;
}
