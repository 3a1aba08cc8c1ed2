/* SPDX-License-Identifier: Apache-2.0
 *
 * sniff: a table of matchers, asked in order. Each answers ERR_OK (it is mine), ERR_UNKNOWN (it is
 * not) or ERR_AGAIN (it could be): an earlier entry that may still match makes the rest wait. */
#include "ingestor/sniff.h"

#include <stdbool.h>
#include <stdint.h>

#define COUNT_DIGITS_MAX 7u
#define PRI_DIGITS_MAX   3u

struct matcher {
    err_t (*matches)(struct span head);
    enum sniff_kind kind;
    const char *foreign;
    const char *instead;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* `head` against the start `word`: all of it, none, or not enough bytes to tell. */
static err_t matches_word(struct span head, struct span word)
{
    struct span common = span_head(word, head.len);

    if (!span_starts_with(head, common)) {
        return ERR_UNKNOWN;
    }
    return common.len == word.len ? ERR_OK : ERR_AGAIN;
}

static err_t matches_any(struct span head, const struct span *words, size_t count)
{
    err_t answer = ERR_UNKNOWN;

    for (size_t i = 0; i < count; i++) {
        err_t err = matches_word(head, words[i]);
        if (err == ERR_OK) {
            return ERR_OK;
        }
        if (err == ERR_AGAIN) {
            answer = ERR_AGAIN;
        }
    }
    return answer;
}

/* Bytes before { or < that belong to nothing: one BOM, then CR LF NUL SP TAB. */
static size_t padding_bytes(struct span head)
{
    size_t i = span_starts_with(head, SPAN_LIT("\xef\xbb\xbf")) ? 3 : 0;

    while (i < head.len && (head.at[i] == '\r' || head.at[i] == '\n' || head.at[i] == '\0' ||
                            head.at[i] == ' ' || head.at[i] == '\t')) {
        i++;
    }
    return i;
}

static err_t matches_frames(struct span head)
{
    return head.at[0] >= 1 && head.at[0] <= 4 ? ERR_OK : ERR_UNKNOWN;
}

/* [1-9][0-9]{0,6} SP, and where it ends. */
static err_t match_count(struct span head, size_t *ret_end)
{
    size_t i = 0;

    if (head.at[0] < '1' || head.at[0] > '9') {
        return ERR_UNKNOWN;
    }
    while (i < head.len && i < COUNT_DIGITS_MAX && is_digit(head.at[i])) {
        i++;
    }
    if (i == head.len) {
        return ERR_AGAIN;
    }
    *ret_end = i + 1;
    return head.at[i] == ' ' ? ERR_OK : ERR_UNKNOWN;
}

/* RFC 6587 section 3.4.1: MSG-LEN SP, and the message begins with <PRI>. */
static err_t matches_octet(struct span head)
{
    size_t at = 0;

    TRY(match_count(head, &at));
    ENSURE(at < head.len, ERR_AGAIN);
    ENSURE(head.at[at] == '<', ERR_UNKNOWN);
    size_t digits = 0;
    for (at++; at < head.len && digits < PRI_DIGITS_MAX && is_digit(head.at[at]); at++) {
        digits++;
    }
    ENSURE(at < head.len, ERR_AGAIN);
    return digits > 0 && head.at[at] == '>' ? ERR_OK : ERR_UNKNOWN;
}

static err_t matches_syslog(struct span head)
{
    head = span_skip(head, padding_bytes(head));
    ENSURE(head.len > 0, ERR_AGAIN);
    ENSURE(head.at[0] == '<', ERR_UNKNOWN);
    ENSURE(head.len > 1, ERR_AGAIN);
    return is_digit(head.at[1]) ? ERR_OK : ERR_UNKNOWN;
}

static err_t matches_ndjson(struct span head)
{
    if (matches_word(head, SPAN_LIT("\xef\xbb\xbf")) == ERR_AGAIN) {
        return ERR_AGAIN;
    }
    head = span_skip(head, padding_bytes(head));
    ENSURE(head.len > 0, ERR_AGAIN);
    return head.at[0] == '{' ? ERR_OK : ERR_UNKNOWN;
}

static err_t matches_journal(struct span head)
{
    static const struct span starts[] = {{"__CURSOR=", 9}, {"__REALTIME_TIMESTAMP=", 21}};

    return matches_any(head, starts, sizeof(starts) / sizeof(starts[0]));
}

static err_t matches_http(struct span head)
{
    static const struct span methods[] = {
        {"GET ", 4},     {"POST ", 5},    {"PUT ", 4},   {"HEAD ", 5},  {"DELETE ", 7},
        {"OPTIONS ", 8}, {"CONNECT ", 8}, {"TRACE ", 6}, {"PATCH ", 6},
    };

    return matches_any(head, methods, sizeof(methods) / sizeof(methods[0]));
}

static err_t matches_http2(struct span head)
{
    return matches_word(head, SPAN_LIT("PRI * HTTP/2"));
}

/* RELP: transaction number SP "open". */
static err_t matches_relp(struct span head)
{
    size_t at = 0;

    TRY(match_count(head, &at));
    return matches_word(span_skip(head, at), SPAN_LIT("open"));
}

/* Lumberjack: version 1 or 2, a window size frame; the size's high byte is never text. */
static err_t matches_lumberjack(struct span head)
{
    static const struct span starts[] = {{"1W\0", 3}, {"2W\0", 3}};

    return matches_any(head, starts, sizeof(starts) / sizeof(starts[0]));
}

static err_t matches_ssh(struct span head)
{
    return matches_word(head, SPAN_LIT("SSH-"));
}

/* A byte that text can begin with: no control character but TAB LF VT FF CR ESC, and no byte that
 * starts no UTF-8 sequence. Leading NUL belong to a raw line if such a byte follows. */
static err_t matches_raw(struct span head)
{
    if (head.at[0] == '\0') {
        head = span_skip(head, padding_bytes(head));
        ENSURE(head.len > 0, ERR_AGAIN);
    }
    uint8_t c = (uint8_t)head.at[0];
    bool refused = c <= 0x08 || (c >= 0x0e && c <= 0x1a) || (c >= 0x1c && c <= 0x1f) ||
                   (c >= 0x7f && c <= 0xc1) || c >= 0xf5;

    return refused ? ERR_UNKNOWN : ERR_OK;
}

static const struct matcher matchers[] = {
    {matches_frames, SNIFF_FRAMES, "", ""},
    {matches_octet, SNIFF_OCTET, "", ""},
    {matches_syslog, SNIFF_SYSLOG, "", ""},
    {matches_ndjson, SNIFF_NDJSON, "", ""},
    {matches_journal, SNIFF_JOURNAL, "", ""},
    {matches_http, SNIFF_FOREIGN, "HTTP", "newline-delimited JSON over TLS"},
    {matches_http2, SNIFF_FOREIGN, "HTTP/2", "newline-delimited JSON over TLS"},
    {matches_relp, SNIFF_FOREIGN, "RELP", "rsyslog omfwd over TLS with octet counting"},
    {matches_lumberjack, SNIFF_FOREIGN, "Lumberjack", "newline-delimited JSON over TLS"},
    {matches_ssh, SNIFF_FOREIGN, "SSH", "a log sender: this is no login service"},
    {matches_raw, SNIFF_RAW, "", ""},
};

/* At a line's end, at 64 bytes and at the stream's end nobody waits any longer: what could still
 * have matched does not. */
static bool is_final(struct span head, enum sniff_more more)
{
    struct span text = span_skip(head, padding_bytes(head));

    return more == SNIFF_END || head.len >= SNIFF_PEEK_BYTES || span_find(text, '\n') < text.len;
}

err_t sniff_decide(struct span head, enum sniff_more more, struct sniff_result *ret)
{
    head = span_head(head, SNIFF_PEEK_BYTES);
    ENSURE(head.len > 0, more == SNIFF_END ? ERR_UNKNOWN : ERR_AGAIN);

    bool final = is_final(head, more);
    for (size_t i = 0; i < sizeof(matchers) / sizeof(matchers[0]); i++) {
        const struct matcher *m = &matchers[i];
        err_t err = m->matches(head);
        if (err == ERR_UNKNOWN || (err == ERR_AGAIN && final)) {
            continue;
        }
        if (err == ERR_OK) {
            bool padded = m->kind == SNIFF_SYSLOG || m->kind == SNIFF_NDJSON;
            *ret = (struct sniff_result){.kind = m->kind,
                                         .skip = padded ? padding_bytes(head) : 0,
                                         .foreign = m->foreign,
                                         .instead = m->instead};
        }
        return err;
    }
    return ERR_UNKNOWN;
}

/* Whether nothing but padding, or a part of it, has arrived. */
static bool is_padding(struct span head)
{
    return padding_bytes(head) == head.len ||
           matches_word(head, SPAN_LIT("\xef\xbb\xbf")) == ERR_AGAIN;
}

/* Octet counting shows itself by a count and a priority; anything else is lines, and a line that is
 * no syslog becomes a raw record. */
static err_t decide_syslog(struct span head, bool final, struct sniff_result *ret)
{
    struct span text = span_skip(head, padding_bytes(head));
    err_t err = is_padding(head) ? ERR_AGAIN : matches_octet(text);

    ENSURE(err != ERR_AGAIN || final, ERR_AGAIN);
    bool padded = err == ERR_OK || (text.len > 0 && text.at[0] == '<');
    ret->kind = err == ERR_OK ? SNIFF_OCTET : SNIFF_SYSLOG;
    ret->skip = padded ? padding_bytes(head) : 0;
    return ERR_OK;
}

static err_t decide_ndjson(struct span head, bool final, struct sniff_result *ret)
{
    size_t padding = padding_bytes(head);

    ENSURE(final || !is_padding(head), ERR_AGAIN);
    ret->kind = SNIFF_NDJSON;
    ret->skip = padding < head.len && head.at[padding] == '{' ? padding : 0;
    return ERR_OK;
}

err_t sniff_decide_port(enum sniff_port port, struct span head, enum sniff_more more,
                        struct sniff_result *ret)
{
    struct sniff_result found = {.foreign = "", .instead = ""};
    err_t err = ERR_OK;

    if (port == SNIFF_PORT_AUTO) {
        return sniff_decide(head, more, ret);
    }
    head = span_head(head, SNIFF_PEEK_BYTES);
    ENSURE(head.len > 0, more == SNIFF_END ? ERR_UNKNOWN : ERR_AGAIN);
    switch (port) {
    case SNIFF_PORT_AUTO:
    case SNIFF_PORT_SYSLOG:
        err = decide_syslog(head, is_final(head, more), &found);
        break;
    case SNIFF_PORT_NDJSON:
        err = decide_ndjson(head, is_final(head, more), &found);
        break;
    case SNIFF_PORT_FRAMES:
        found.kind = SNIFF_FRAMES;
        break;
    case SNIFF_PORT_RAW:
        found.kind = SNIFF_RAW;
        break;
    case SNIFF_PORT_JOURNALD:
        found.kind = SNIFF_JOURNAL;
        break;
    }
    if (err == ERR_OK) {
        *ret = found;
    }
    return err;
}
