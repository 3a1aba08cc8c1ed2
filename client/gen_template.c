/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_template: renders each message in each form once, as text with marks (gen_mark.h). Then the
 * marks become places. */
#include "client/gen_template.h"

#include "base/limits.h"
#include "client/framed.h"
#include "client/gen_binary.h"
#include "client/gen_mark.h"

#include <string.h>

struct message {
    enum severity severity; /* levels of this class get it */
    const char *service;
    const char *text;
};

static const struct message messages[] = {
    {SEVERITY_ERR, "payments", "payment @###### failed: card declined by the bank"},
    {SEVERITY_ERR, "gateway", "no answer from checkout within @### ms, request @####### given up"},
    {SEVERITY_ERR, "orders", "connection @## to database replica @ lost: reset by peer"},
    {SEVERITY_WARNING, "orders", "slow query: @### ms to list the orders of customer @#####"},
    {SEVERITY_WARNING, "media", "disk of volume @# is 9# percent full"},
    {SEVERITY_INFO, "auth", "user @##### logged in from 10.@#.@#.@#"},
    {SEVERITY_INFO, "shop", "order @####### placed and paid by card"},
    {SEVERITY_INFO, "gateway", "GET /api/v1/products/@#### answered 200 in @# ms"},
    {SEVERITY_DEBUG, "cache", "session @####### not cached, read from the database"},
    {SEVERITY_DEBUG, "scheduler", "job report-@# starts in @## s on worker @"},
};

#define MESSAGE_COUNT (sizeof(messages) / sizeof(messages[0]))

/* One record being rendered. */
struct draft {
    const struct message *message;
    const struct args_level *level;
    const struct option_strings *fields;
    struct buf text;
};

/* How the fields of a record are written. */
struct field_style {
    const char *before;
    const char *between; /* name and value */
    const char *after;
};

static err_t append_fields(struct draft *d, const struct field_style *style)
{
    for (uint32_t i = 0; i < d->fields->count; i++) {
        TRY(buf_printf(&d->text, "%s%s%s~%s", style->before, d->fields->at[i], style->between,
                       style->after));
    }
    return ERR_OK;
}

static const struct field_style json_field = {",\"", "\":\"", "\""};
static const struct field_style text_field = {" ", "=", ""};
static const struct field_style param_field = {" ", "=\"", "\""};

static err_t draft_json(struct draft *d)
{
    TRY(buf_printf(
        &d->text, "{\"timestamp\":\"^\",\"level\":\"%.*s\",\"message\":\"%s\",\"service\":\"%s\"",
        (int)d->level->name.len, d->level->name.at, d->message->text, d->message->service));
    TRY(append_fields(d, &json_field));
    return buf_printf(&d->text, "}");
}

static err_t draft_line(struct draft *d)
{
    TRY(buf_printf(&d->text, "^ [%.*s] [%s] %s", (int)d->level->name.len, d->level->name.at,
                   d->message->service, d->message->text));
    return append_fields(d, &text_field);
}

/* Facility daemon. Levels below debug are debug: syslog knows no trace. */
static unsigned priority_of(const struct draft *d)
{
    unsigned severity = d->level->severity < SEVERITY_DEBUG ? d->level->severity : SEVERITY_DEBUG;

    return 3u * 8u + severity;
}

/* RFC 3164 section 4.1. */
static err_t draft_rfc3164(struct draft *d)
{
    TRY(buf_printf(&d->text, "<%u>^ web-@ %s[@###]: %s", priority_of(d), d->message->service,
                   d->message->text));
    return append_fields(d, &text_field);
}

/* RFC 5424 section 6; 32473 is the number for examples (RFC 5612). */
static err_t draft_rfc5424(struct draft *d)
{
    TRY(buf_printf(&d->text, "<%u>1 ^ web-@.example.net %s @### - ", priority_of(d),
                   d->message->service));
    if (d->fields->count == 0) {
        return buf_printf(&d->text, "- %s", d->message->text);
    }
    TRY(buf_printf(&d->text, "[fields@32473"));
    TRY(append_fields(d, &param_field));
    return buf_printf(&d->text, "] %s", d->message->text);
}

/* As `journalctl -o json` writes it. */
static err_t draft_journald(struct draft *d)
{
    TRY(buf_printf(&d->text,
                   "{\"__REALTIME_TIMESTAMP\":\"^\",\"PRIORITY\":\"%u\",\"_HOSTNAME\":\"web-@\","
                   "\"_PID\":\"@###\",\"_SYSTEMD_UNIT\":\"%s.service\",\"MESSAGE\":\"%s\"",
                   priority_of(d) & 7u, d->message->service, d->message->text));
    TRY(append_fields(d, &json_field));
    return buf_printf(&d->text, "}");
}

struct form {
    err_t (*draft)(struct draft *d); /* NULL: gen_binary makes it from the message */
    enum gen_template_stamp stamp;
};

static const struct form json_forms[] = {{draft_json, GEN_TEMPLATE_RFC3339}};
static const struct form binary_forms[] = {{NULL, GEN_TEMPLATE_RFC3339}};
static const struct form raw_forms[] = {
    {draft_line, GEN_TEMPLATE_RFC3339},
    {draft_rfc3164, GEN_TEMPLATE_BSD},
    {draft_rfc5424, GEN_TEMPLATE_RFC3339},
    {draft_journald, GEN_TEMPLATE_US},
};

static bool is_binary(enum gen_shape shape)
{
    return shape == GEN_PROTO_FRAMES || shape == GEN_AVRO_FRAMES;
}

/* The bytes of a record without its framing. */
static err_t place_record(struct gen_template_set *set, const struct draft *d,
                          struct gen_template *t)
{
    if (!is_binary(set->shape)) {
        return gen_mark_place(set, buf_span(&d->text), t);
    }
    const struct span values[FIELD_COUNT] = {
        [FIELD_TIMESTAMP] = SPAN_LIT("^"),
        [FIELD_LEVEL] = d->level->name,
        [FIELD_MESSAGE] = span_of_str(d->message->text),
        [FIELD_SERVICE] = span_of_str(d->message->service),
    };
    return gen_binary_place(set, values, t);
}

static err_t add_template(struct gen_template_set *set, const struct draft *d,
                          enum gen_template_stamp stamp)
{
    static const uint8_t format_bytes[] = {[GEN_JSON_FRAMES] = FRAMED_JSON,
                                           [GEN_PROTO_FRAMES] = FRAMED_PROTO,
                                           [GEN_AVRO_FRAMES] = FRAMED_AVRO,
                                           [GEN_RAW_FRAMES] = FRAMED_RAW};
    struct gen_template t = {.at = (uint32_t)set->bytes.len, .stamp = (uint8_t)stamp};

    t.run_at = (uint32_t)(set->runs.len / sizeof(struct gen_template_run));
    if (set->shape != GEN_JSON_LINES) {
        TRY(buf_append(&set->bytes, span_of("\0\0\0\0", FRAME_HEAD_BYTES)));
    }
    TRY(place_record(set, d, &t));
    if (set->shape == GEN_JSON_LINES) {
        TRY(buf_append(&set->bytes, SPAN_LIT("\n")));
    }
    t.len = (uint32_t)set->bytes.len - t.at;
    if (set->shape != GEN_JSON_LINES) {
        framed_head_write(set->bytes.at + t.at, format_bytes[set->shape], t.len - FRAME_HEAD_BYTES);
    }
    set->len_max = t.len > set->len_max ? t.len : set->len_max;
    set->count++;
    return buf_append(&set->templates, span_of((const char *)&t, sizeof(t)));
}

/* The forms of a shape, `ret_count` of them. */
static const struct form *forms_of(enum gen_shape shape, size_t *ret_count)
{
    *ret_count = shape == GEN_RAW_FRAMES ? sizeof(raw_forms) / sizeof(raw_forms[0]) : 1;
    if (shape == GEN_RAW_FRAMES) {
        return raw_forms;
    }
    return is_binary(shape) ? binary_forms : json_forms;
}

static err_t add_message(struct gen_template_set *set, struct draft *d, uint32_t *count)
{
    size_t form_count = 0;
    const struct form *forms = forms_of(set->shape, &form_count);

    for (size_t i = 0; i < form_count; i++) {
        d->text.len = 0;
        if (forms[i].draft != NULL) {
            TRY(forms[i].draft(d));
        }
        TRY(add_template(set, d, forms[i].stamp));
        ++*count;
    }
    return ERR_OK;
}

/* Which of the four classes of messages suits a level. */
static enum severity message_class(enum severity severity)
{
    if (severity <= SEVERITY_ERR) {
        return SEVERITY_ERR;
    }
    if (severity >= SEVERITY_DEBUG) {
        return SEVERITY_DEBUG;
    }
    return severity == SEVERITY_WARNING ? SEVERITY_WARNING : SEVERITY_INFO;
}

err_t gen_template_add_level(struct gen_template_set *set, const struct args_level *level,
                             const struct option_strings *fields, uint32_t *ret_count)
{
    struct draft d = {.level = level, .fields = fields};
    uint32_t count = 0;
    err_t err = ERR_OK;

    for (size_t i = 0; i < MESSAGE_COUNT && err == ERR_OK; i++) {
        d.message = &messages[i];
        if (messages[i].severity == message_class(level->severity)) {
            err = add_message(set, &d, &count);
        }
    }
    buf_done(&d.text);
    if (err == ERR_OK) {
        *ret_count = count;
    }
    return err;
}

void gen_template_done(struct gen_template_set *set)
{
    buf_done(&set->bytes);
    buf_done(&set->runs);
    buf_done(&set->templates);
    *set = (struct gen_template_set){0};
}
