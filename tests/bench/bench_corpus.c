/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_corpus: entries are drawn, then written in their format. */
#include "tests/bench/bench_corpus.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FIRST_TIME_MS      1795234305000ull /* 2026-11-21T04:11:45Z */
#define RECORDS_PER_SECOND 100u
#define GROW_BYTES         (64ull * 1024 * 1024)

#define FRAME_HEAD         5u
#define FACILITY_LOCAL0    16u
#define TIME_BYTES         32u

/* The host's start, and where the sequence numbers of its journal are at the first record. */
#define BOOT_TIME_US  (FIRST_TIME_MS * 1000 - 86461234567ull)
#define JOURNAL_FIRST 4711000u
#define SPREAD        0x9e3779b97f4a7c15ull /* odd: distinct numbers give distinct ones */

static char *put_span(char *out, struct span s)
{
    memcpy(out, s.at, s.len);
    return out + s.len;
}

static char *put_str(char *out, const char *s)
{
    return put_span(out, span_of_str(s));
}

static char *put_digits(char *out, uint64_t value, unsigned digits)
{
    for (unsigned i = digits; i-- > 0;) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + digits;
}

static char *put_number(char *out, uint64_t value)
{
    unsigned digits = 1;

    for (uint64_t rest = value / 10; rest > 0; rest /= 10) {
        digits++;
    }
    return put_digits(out, value, digits);
}

static char *put_hex(char *out, uint64_t value)
{
    static const char digits[] = "0123456789abcdef";
    unsigned shift = 60;

    while (shift > 0 && value >> shift == 0) {
        shift -= 4;
    }
    for (;; shift -= 4) {
        *out++ = digits[value >> shift & 15];
        if (shift == 0) {
            return out;
        }
    }
}

static char *put_json_text(char *out, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"' || s.at[i] == '\\') {
            *out++ = '\\';
        }
        *out++ = s.at[i];
    }
    return out;
}

static struct tm time_of(const struct bench_entry *e)
{
    time_t seconds = (time_t)(e->time_ms / 1000);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    return tm;
}

static char *put_rfc3339(char *out, const struct bench_entry *e)
{
    struct tm tm = time_of(e);

    out = put_digits(out, (uint64_t)tm.tm_year + 1900, 4);
    *out++ = '-';
    out = put_digits(out, (uint64_t)tm.tm_mon + 1, 2);
    *out++ = '-';
    out = put_digits(out, (uint64_t)tm.tm_mday, 2);
    *out++ = 'T';
    out = put_digits(out, (uint64_t)tm.tm_hour, 2);
    *out++ = ':';
    out = put_digits(out, (uint64_t)tm.tm_min, 2);
    *out++ = ':';
    out = put_digits(out, (uint64_t)tm.tm_sec, 2);
    if (e->millis) {
        *out++ = '.';
        out = put_digits(out, e->time_ms % 1000, 3);
    }
    *out++ = 'Z';
    return out;
}

static char *put_object(char *out, const struct bench_entry *e)
{
    out = put_str(out, "{\"timestamp\":\"");
    out = put_rfc3339(out, e);
    out = put_str(out, "\",\"level\":\"");
    out = put_str(out, e->level->name);
    out = put_str(out, "\",\"message\":\"");
    out = put_json_text(out, e->message);
    out = put_str(out, "\",\"service\":\"");
    out = put_span(out, e->service);
    return put_str(out, "\"}");
}

static char *put_varint(char *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        *out++ = (char)(value | 0x80);
    }
    *out++ = (char)value;
    return out;
}

/* A string field of a Protobuf message: its tag (wire type 2), its length, its bytes. */
static char *put_field(char *out, unsigned number, struct span s)
{
    *out++ = (char)(number << 3 | 2);
    return put_span(put_varint(out, s.len), s);
}

static char *put_message(char *out, const struct bench_entry *e)
{
    char time[TIME_BYTES];
    char *end = put_rfc3339(time, e);

    out = put_field(out, 1, span_of(time, (size_t)(end - time)));
    out = put_field(out, 2, span_of_str(e->level->name));
    out = put_field(out, 3, e->message);
    return put_field(out, 4, e->service);
}

/* An Avro string: its length, zigzag coded, and its bytes. */
static char *put_avro_string(char *out, struct span s)
{
    return put_span(put_varint(out, s.len << 1), s);
}

static char *put_datum(char *out, const struct bench_entry *e)
{
    char time[TIME_BYTES];
    char *end = put_rfc3339(time, e);

    out = put_avro_string(out, span_of(time, (size_t)(end - time)));
    out = put_avro_string(out, span_of_str(e->level->name));
    out = put_avro_string(out, e->message);
    return put_avro_string(out, e->service);
}

/* A go-client frame: its format byte, the length of its payload, the payload. */
static char *put_frame(char *out, char format, char *(*put)(char *out, const struct bench_entry *e),
                       const struct bench_entry *e)
{
    char *end = put(out + FRAME_HEAD, e);
    size_t len = (size_t)(end - out) - FRAME_HEAD;

    out[0] = format;
    for (unsigned i = 0; i < 4; i++) {
        out[1 + i] = (char)(len >> (24 - 8 * i));
    }
    return end;
}

static char *put_raw(char *out, const struct bench_entry *e)
{
    out = put_rfc3339(out, e);
    out = put_str(out, " [");
    out = put_str(out, e->level->name);
    out = put_str(out, "] [");
    out = put_span(out, e->service);
    out = put_str(out, "] ");
    out = put_span(out, e->message);
    return put_str(out, "\n");
}

static char *put_priority(char *out, const struct bench_entry *e)
{
    *out++ = '<';
    out = put_number(out, FACILITY_LOCAL0 * 8 + e->level->severity);
    *out++ = '>';
    return out;
}

/* A process id that goes with the service and so stays the same for many records. */
static uint64_t process_id(const struct bench_entry *e)
{
    return 1000 + e->service.len * 97;
}

static char *put_rfc3164(char *out, const struct bench_entry *e)
{
    struct tm tm = time_of(e);

    out = put_priority(out, e);
    out += strftime(out, TIME_BYTES, "%b %e %H:%M:%S", &tm);
    out = put_str(out, " web-1 ");
    out = put_span(out, e->service);
    out = put_str(out, "[");
    out = put_number(out, process_id(e));
    out = put_str(out, "]: ");
    out = put_span(out, e->message);
    return put_str(out, "\n");
}

static char *put_rfc5424(char *out, const struct bench_entry *e)
{
    char message[BENCH_CORPUS_RECORD_BYTES_MAX];
    char *end = put_priority(message, e);

    end = put_str(end, "1 ");
    end = put_rfc3339(end, e);
    end = put_str(end, " web-1 ");
    end = put_span(end, e->service);
    end = put_str(end, " ");
    end = put_number(end, process_id(e));
    end = put_str(end, " - - ");
    end = put_span(end, e->message);
    size_t len = (size_t)(end - message);
    out = put_number(out, len);
    *out++ = ' ';
    return put_span(out, span_of(message, len));
}

/* Where the entry lies in its journal: file, sequence number, boot, times, and a checksum. */
static char *put_cursor(char *out, const struct bench_entry *e, uint64_t us)
{
    out = put_str(out, "\"__CURSOR\":\"s=1f0e4c5d8a7b4e6f9d2c3b1a0f9e8d7c;i=");
    out = put_hex(out, JOURNAL_FIRST + e->number);
    out = put_str(out, ";b=7c2f9e1d4b8a4f6c9e0d1a2b3c4d5e6f;m=");
    out = put_hex(out, us - BOOT_TIME_US);
    out = put_str(out, ";t=");
    out = put_hex(out, us);
    out = put_str(out, ";x=");
    out = put_hex(out, e->number * SPREAD);
    out = put_str(out, "\",\"__REALTIME_TIMESTAMP\":\"");
    out = put_number(out, us);
    out = put_str(out, "\",\"__MONOTONIC_TIMESTAMP\":\"");
    return put_number(out, us - BOOT_TIME_US);
}

/* What the journal knows of the process that wrote the line. */
static char *put_process(char *out, const struct bench_entry *e)
{
    static const char *const before_service[] = {
        "\",\"_SYSTEMD_UNIT\":\"",
        ".service\",\"_SYSTEMD_CGROUP\":\"/system.slice/",
        ".service\",\"SYSLOG_IDENTIFIER\":\"",
        "\",\"_COMM\":\"",
        "\",\"_EXE\":\"/usr/lib/shop/",
        "\",\"_CMDLINE\":\"/usr/lib/shop/",
    };

    for (size_t i = 0; i < sizeof(before_service) / sizeof(before_service[0]); i++) {
        out = put_str(out, before_service[i]);
        out = put_span(out, e->service);
    }
    out = put_str(out, " --config /etc/shop.conf\",\"_PID\":\"");
    out = put_number(out, process_id(e));
    return put_str(out, "\",\"_UID\":\"997\",\"_GID\":\"997\",\"_CAP_EFFECTIVE\":\"0\","
                        "\"_SYSTEMD_SLICE\":\"system.slice\","
                        "\"_SYSTEMD_INVOCATION_ID\":\"5a6b7c8d9e0f4a1b8c2d3e4f5a6b7c8d\","
                        "\"_SELINUX_CONTEXT\":\"unconfined\\n\","
                        "\"_STREAM_ID\":\"e1d2c3b4a5964788b9c0d1e2f3a4b5c6\","
                        "\"_BOOT_ID\":\"7c2f9e1d4b8a4f6c9e0d1a2b3c4d5e6f\","
                        "\"_MACHINE_ID\":\"0a1b2c3d4e5f46789a0b1c2d3e4f5a6b\","
                        "\"_HOSTNAME\":\"web-1\",\"_TRANSPORT\":\"stdout\","
                        "\"SYSLOG_FACILITY\":\"3\",\"PRIORITY\":\"");
}

/* A line of `journalctl -o json`: what a service wrote to its standard output. */
static char *put_journald(char *out, const struct bench_entry *e)
{
    uint64_t us = e->time_ms * 1000 + e->number % RECORDS_PER_SECOND * 10000 +
                  (e->number * SPREAD >> 40) % 10000;

    *out++ = '{';
    out = put_cursor(out, e, us);
    out = put_process(out, e);
    out = put_number(out, e->level->severity);
    out = put_str(out, "\",\"MESSAGE\":\"");
    out = put_json_text(out, e->message);
    return put_str(out, "\"}\n");
}

size_t bench_corpus_put(enum bench_format format, const struct bench_entry *e, char *out)
{
    switch (format) {
    case BENCH_FORMAT_JSON:
        return (size_t)(put_frame(out, 1, put_object, e) - out);
    case BENCH_FORMAT_PROTO:
        return (size_t)(put_frame(out, 2, put_message, e) - out);
    case BENCH_FORMAT_AVRO:
        return (size_t)(put_frame(out, 3, put_datum, e) - out);
    case BENCH_FORMAT_NDJSON:
        return (size_t)(put_str(put_object(out, e), "\n") - out);
    case BENCH_FORMAT_RAW:
        return (size_t)(put_raw(out, e) - out);
    case BENCH_FORMAT_RFC3164:
        return (size_t)(put_rfc3164(out, e) - out);
    case BENCH_FORMAT_RFC5424:
        return (size_t)(put_rfc5424(out, e) - out);
    case BENCH_FORMAT_JOURNALD:
        return (size_t)(put_journald(out, e) - out);
    }
    assert(false);
    return 0;
}

/* Draws the message into `text` and the rest into `e`. */
static void draw_entry(const struct bench_corpus_config *config, struct bench_text *t,
                       uint64_t number, char *text, struct bench_entry *e)
{
    size_t len = 0;

    if (config->texts == BENCH_TEXTS_VARIED) {
        len = bench_text_varied(t, text);
    } else {
        struct span s = bench_text_short(t);
        memcpy(text, s.at, s.len);
        len = s.len;
    }
    if (config->marks) {
        char *end = put_number(put_str(text + len, " s="), config->sender);
        len = (size_t)(put_number(put_str(end, " n="), number) - text);
    }
    e->message = span_of(text, len);
    e->level = bench_text_draw_level(t);
    e->service = bench_text_draw_service(t);
    e->number = number;
    e->millis = config->texts == BENCH_TEXTS_VARIED;
    e->time_ms = FIRST_TIME_MS + number / RECORDS_PER_SECOND * 1000;
    if (e->millis) {
        e->time_ms += number % RECORDS_PER_SECOND * 10 + bench_text_draw(t, 10);
    }
}

static err_t grow(struct bench_corpus *c, size_t *cap)
{
    if (*cap - c->len >= BENCH_CORPUS_RECORD_BYTES_MAX) {
        return ERR_OK;
    }
    char *at = realloc(c->at, *cap + GROW_BYTES);
    ENSURE(at != NULL, ERR_NOMEM);
    c->at = at;
    *cap += GROW_BYTES;
    return ERR_OK;
}

static err_t build(const struct bench_corpus_config *config, struct bench_corpus *c)
{
    char text[2 * BENCH_TEXT_BYTES_MAX];
    struct bench_text t;
    size_t cap = 0;

    bench_text_init(&t, config->sender);
    c->record_bytes = calloc(config->records + 1, sizeof(*c->record_bytes));
    ENSURE(c->record_bytes != NULL, ERR_NOMEM);
    for (; c->records < config->records; c->records++) {
        struct bench_entry e;
        TRY(grow(c, &cap));
        draw_entry(config, &t, c->records, text, &e);
        size_t len = bench_corpus_put(config->format, &e, c->at + c->len);
        c->record_bytes[c->records] = (uint32_t)len;
        c->len += len;
    }
    return ERR_OK;
}

err_t bench_corpus_build(const struct bench_corpus_config *config, struct bench_corpus *ret)
{
    struct bench_corpus c = {0};
    err_t err = build(config, &c);

    if (err != ERR_OK) {
        bench_corpus_done(&c);
        return err;
    }
    *ret = c;
    return ERR_OK;
}

void bench_corpus_done(struct bench_corpus *c)
{
    free(c->at);
    free(c->record_bytes);
    *c = (struct bench_corpus){0};
}
