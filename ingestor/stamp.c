/* SPDX-License-Identifier: Apache-2.0
 *
 * stamp: names are checked at the start so that they need no escaping; NAME_cert is ours even where
 * there is no certificate, so that no sender can claim one. */
#include "ingestor/stamp.h"

#include "net/addr.h"
#include "net/tls_cert_name.h"
#include "render/render_extra.h"
#include "render/render_put.h"

#define ESCAPED_BYTES 6u /* that a byte of a name in a certificate can become */
#define MEMBER_BYTES  6u /* ,"":"" */

_Static_assert(3 * (MEMBER_BYTES + STAMP_NAME_BYTES_MAX) + sizeof(STAMP_CERT_SUFFIX) +
                       ESCAPED_BYTES * (ADDR_TEXT_BYTES + TLS_CERT_NAME_BYTES_MAX) +
                       RFC3339_BYTES_MAX <=
                   RECORD_STAMP_BYTES_MAX,
               "all three members fit");

static const char fault[] = "at most 64 of A-Z a-z 0-9 _ - . @, the first a letter or @";
static const char taken[] = "a name that is not one of the record's own (timestamp, level, "
                            "message, service, type, time_source, truncated_bytes, "
                            "message_missing, invalid_utf8, raw_base64)";

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '@';
}

const char *stamp_name_fault(const char *name)
{
#define NAME_TEXT(name) #name,
    static const char *const own[] = {"timestamp", "level", "message",
                                      "service",   "type",  RENDER_OWN_NAMES(NAME_TEXT)};
#undef NAME_TEXT
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789_-.@");

    if (name[len] != '\0' || len > STAMP_NAME_BYTES_MAX || !is_letter(name[0])) {
        return fault;
    }
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (strcmp(name, own[i]) == 0) {
            return taken;
        }
    }
    return NULL;
}

static bool given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static void add_name(struct stamp *s, struct span name)
{
    s->record.names[s->record.name_count++] = name;
}

void stamp_init(struct stamp *s, const struct stamp_config *config)
{
    *s = (struct stamp){0};
    if (given(config->peer_field)) {
        s->peer_name = span_of_str(config->peer_field);
        char *end = render_put_bytes(s->cert_chars, s->peer_name);
        end = render_put_literal(end, STAMP_CERT_SUFFIX);
        s->cert_name = span_of(s->cert_chars, (size_t)(end - s->cert_chars));
        add_name(s, s->peer_name);
        add_name(s, s->cert_name);
    }
    if (given(config->received_field)) {
        s->received_name = span_of_str(config->received_field);
        add_name(s, s->received_name);
    }
}

static char *put_member(char *out, struct span name, struct text value)
{
    out = render_put_literal(out, ",\"");
    out = render_put_bytes(out, name);
    out = render_put_literal(out, "\":\"");
    out = render_put_text(out, value);
    *out++ = '"';
    return out;
}

void stamp_put(struct stamp *s, const char *peer, const char *cert, struct batch *b)
{
    char *out = s->members;

    if (s->peer_name.len > 0) {
        out = put_member(out, s->peer_name, text_of(span_of_str(peer), TEXT_PLAIN));
    }
    if (s->peer_name.len > 0 && cert[0] != '\0') {
        out = put_member(out, s->cert_name, text_of(span_of_str(cert), TEXT_PLAIN));
    }
    if (s->received_name.len > 0) {
        out = put_member(out, s->received_name, b->received_text);
    }
    s->record.members = span_of(s->members, (size_t)(out - s->members));
    for (uint32_t i = 0; i < b->record_count; i++) {
        b->records[i].stamp = &s->record;
    }
}
