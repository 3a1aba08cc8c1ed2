/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_template: renders each message in each form once, as text with marks: @ and # are digits (@
 * is not 0), ~ the eight hexadecimal digits of a field, ^ the place of the time. Then the marks
 * become places. */
#include "client/gen_template.h"

#include "base/limits.h"

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
    err_t (*draft)(struct draft *d);
    enum gen_template_stamp stamp;
};

static const struct form json_forms[] = {{draft_json, GEN_TEMPLATE_RFC3339}};
static const struct form raw_forms[] = {
    {draft_line, GEN_TEMPLATE_RFC3339},
    {draft_rfc3164, GEN_TEMPLATE_BSD},
    {draft_rfc5424, GEN_TEMPLATE_RFC3339},
    {draft_journald, GEN_TEMPLATE_US},
};

static size_t stamp_bytes(enum gen_template_stamp stamp)
{
    static const size_t bytes[GEN_TEMPLATE_STAMPS] = {
        GEN_TEMPLATE_RFC3339_BYTES, GEN_TEMPLATE_BSD_BYTES, GEN_TEMPLATE_US_BYTES};

    return bytes[stamp];
}

static bool is_digit_mark(char c)
{
    return c == '@' || c == '#';
}

/* The run of marks at the head of `text`. "fields@32473" of RFC 5424 is no run: a digit follows. */
static struct gen_template_run run_of(struct span text)
{
    struct gen_template_run run = {.low = 1, .span = 1};

    if (text.at[0] == '~') {
        return (struct gen_template_run){.digits = 1, .hex = 1};
    }
    while (run.digits < text.len && is_digit_mark(text.at[run.digits])) {
        run.low *= run.digits == 0 ? 1 : 10;
        run.digits++;
    }
    if (run.digits < text.len && text.at[run.digits] >= '0' && text.at[run.digits] <= '9') {
        return (struct gen_template_run){0};
    }
    run.span = run.low * 9;
    if (text.at[0] == '#') { /* may begin with 0 */
        run.span = run.low * 10;
        run.low = 0;
    }
    return run;
}

/* Copies the draft into the set's bytes with every mark given its room; the runs are noted. */
static err_t place_marks(struct gen_template_set *set, struct span text, struct gen_template *t)
{
    static const char zeros[GEN_TEMPLATE_STAMP_MAX] = "000000000000000000000000";

    while (text.len > 0) {
        char c = text.at[0];
        struct gen_template_run run = {0};
        struct span room = span_head(text, 1);
        if (c == '^') {
            t->stamp_at = (uint32_t)set->bytes.len - t->at;
            room = span_of(zeros, stamp_bytes((enum gen_template_stamp)t->stamp));
        } else if (is_digit_mark(c) || c == '~') {
            run = run_of(text);
        }
        size_t marks = run.digits > 0 ? run.digits : 1;
        if (run.digits > 0) {
            run.at = (uint32_t)set->bytes.len - t->at;
            run.digits = run.hex == 1 ? 8 : run.digits;
            room = span_of(zeros, run.digits);
            TRY(buf_append(&set->runs, span_of((const char *)&run, sizeof(run))));
            t->run_count++;
        }
        TRY(buf_append(&set->bytes, room));
        text = span_skip(text, marks);
    }
    return ERR_OK;
}

/* The go-client's head, when the length is known: 1 byte format, 4 bytes big-endian length. */
static void frame_head_write(char *at, uint8_t format, size_t payload_bytes)
{
    at[0] = (char)format;
    at[1] = (char)(payload_bytes >> 24);
    at[2] = (char)(payload_bytes >> 16);
    at[3] = (char)(payload_bytes >> 8);
    at[4] = (char)payload_bytes;
}

static err_t add_template(struct gen_template_set *set, enum gen_shape shape, struct span text,
                          enum gen_template_stamp stamp)
{
    struct gen_template t = {.at = (uint32_t)set->bytes.len, .stamp = (uint8_t)stamp};

    t.run_at = (uint32_t)(set->runs.len / sizeof(struct gen_template_run));
    if (shape != GEN_JSON_LINES) {
        TRY(buf_append(&set->bytes, span_of("\0\0\0\0", FRAME_HEAD_BYTES)));
    }
    TRY(place_marks(set, text, &t));
    if (shape == GEN_JSON_LINES) {
        TRY(buf_append(&set->bytes, SPAN_LIT("\n")));
    }
    t.len = (uint32_t)set->bytes.len - t.at;
    if (shape != GEN_JSON_LINES) {
        frame_head_write(set->bytes.at + t.at, shape == GEN_JSON_FRAMES ? 1 : 4,
                         t.len - FRAME_HEAD_BYTES);
    }
    set->len_max = t.len > set->len_max ? t.len : set->len_max;
    set->count++;
    return buf_append(&set->templates, span_of((const char *)&t, sizeof(t)));
}

static err_t add_message(struct gen_template_set *set, enum gen_shape shape, struct draft *d,
                         uint32_t *count)
{
    const struct form *forms = shape == GEN_RAW_FRAMES ? raw_forms : json_forms;
    size_t form_count = shape == GEN_RAW_FRAMES ? sizeof(raw_forms) / sizeof(raw_forms[0]) : 1;

    for (size_t i = 0; i < form_count; i++) {
        d->text.len = 0;
        TRY(forms[i].draft(d));
        TRY(add_template(set, shape, buf_span(&d->text), forms[i].stamp));
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

err_t gen_template_add_level(struct gen_template_set *set, enum gen_shape shape,
                             const struct args_level *level, const struct option_strings *fields,
                             uint32_t *ret_count)
{
    struct draft d = {.level = level, .fields = fields};
    uint32_t count = 0;
    err_t err = ERR_OK;

    for (size_t i = 0; i < MESSAGE_COUNT && err == ERR_OK; i++) {
        d.message = &messages[i];
        if (messages[i].severity == message_class(level->severity)) {
            err = add_message(set, shape, &d, &count);
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
