/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog_3164: time, host, tag, message: each is optional, and each is only taken if it looks
 * like nothing else. When in doubt a word belongs to the message, where it is never lost. */
#include "codec/codec_syslog_3164.h"

#include "codec/codec_syslog_time.h"

#define HOST_BYTES_MAX      255u
#define PROCID_BYTES_MAX    128u
#define SEQUENCE_DIGITS_MAX 10u
#define UPTIME_BYTES_MAX    16u
#define USUAL_BYTES         6 /* " h t: " */

enum char_class {
    CHAR_HOST = 1,   /* in a host name or address; relays join several with '/' and '@' */
    CHAR_TAG = 2,    /* in a TAG */
    CHAR_LETTER = 4, /* a TAG has at least one */
    CHAR_DIGIT = 8,  /* a host has at least one or a letter */
    CHAR_UPTIME = 16 /* in an uptime */
};

#define CHAR_WORD (CHAR_HOST | CHAR_TAG)

static const uint8_t char_classes[256] = {
    ['0' ... '9'] = CHAR_WORD | CHAR_DIGIT | CHAR_UPTIME,
    ['A' ... 'Z'] = CHAR_WORD | CHAR_LETTER,
    ['a' ... 'z'] = CHAR_WORD | CHAR_LETTER | CHAR_UPTIME,
    [0x80 ... 0xff] = CHAR_WORD | CHAR_LETTER,
    ['.'] = CHAR_WORD,
    ['-'] = CHAR_WORD,
    ['_'] = CHAR_WORD,
    ['/'] = CHAR_WORD,
    ['@'] = CHAR_WORD,
    ['%'] = CHAR_WORD,
    ['#'] = CHAR_WORD,
    ['+'] = CHAR_WORD,
    [':'] = CHAR_HOST | CHAR_UPTIME,
    ['('] = CHAR_TAG,
    [')'] = CHAR_TAG,
    ['$'] = CHAR_TAG,
    ['&'] = CHAR_TAG,
    ['*'] = CHAR_TAG,
    ['!'] = CHAR_TAG,
    ['~'] = CHAR_TAG,
};

static bool is_of(char c, unsigned wanted)
{
    return (char_classes[(unsigned char)c] & wanted) != 0;
}

/* Cisco: a colon before the time, a star or point where the clock is not to be trusted. */
static void skip_marks(struct codec_syslog_cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == ':' || *c->at == '*' || *c->at == '.')) {
        c->at++;
    }
}

static bool take_any_time(struct codec_syslog_cursor *c, struct batch *b,
                          struct codec_syslog_parts *parts)
{
    return codec_syslog_time_bsd(c, b, parts) || codec_syslog_time_iso(c, b, parts);
}

/* The digits of a Cisco sequence number; the colon behind them is taken, too. */
static bool take_sequence(struct codec_syslog_cursor *c, struct span *ret_digits)
{
    const char *p = c->at;

    while (p < c->end && *p >= '0' && *p <= '9') {
        p++;
    }
    size_t digits = (size_t)(p - c->at);
    if (digits == 0 || digits > SEQUENCE_DIGITS_MAX || p >= c->end || *p != ':') {
        return false;
    }
    *ret_digits = span_of(c->at, digits);
    c->at = p + 1;
    return true;
}

/* A name that ends with a colon, between sequence number and time: the host (IOS origin-id) or the
 * node (IOS XR). */
static bool take_origin(struct codec_syslog_cursor *c, struct span *ret_name)
{
    const char *p = c->at;

    while (p < c->end && *p != ':' && is_of(*p, CHAR_HOST)) {
        p++;
    }
    size_t len = (size_t)(p - c->at);
    if (len == 0 || len > HOST_BYTES_MAX || p >= c->end || *p != ':') {
        return false;
    }
    *ret_name = span_of(c->at, len);
    c->at = p + 1;
    return true;
}

static bool is_before_cisco(const struct codec_syslog_cursor *c)
{
    return span_starts_with(codec_syslog_parts_left(c), SPAN_LIT(": %"));
}

/* 00:01:10 or 4d18h, which stand for the time before a colon and a Cisco message. */
static bool take_uptime(struct codec_syslog_cursor *c, struct codec_syslog_parts *parts)
{
    struct codec_syslog_cursor p = *c;

    if (!codec_syslog_parts_is_digit(codec_syslog_parts_peek(&p))) {
        return false;
    }
    while (p.at < p.end && (size_t)(p.at - c->at) < UPTIME_BYTES_MAX && !is_before_cisco(&p) &&
           is_of(*p.at, CHAR_UPTIME)) {
        p.at++;
    }
    size_t len = (size_t)(p.at - c->at);
    bool counts = memchr(c->at, ':', len) != NULL || memchr(c->at, 'd', len) != NULL ||
                  memchr(c->at, 'w', len) != NULL;
    if (!counts || !is_before_cisco(&p)) {
        return false;
    }
    parts->uptime = span_of(c->at, len);
    *c = p;
    return true;
}

static bool take_time_or_uptime(struct codec_syslog_cursor *c, struct batch *b,
                                struct codec_syslog_parts *parts)
{
    return take_any_time(c, b, parts) || take_uptime(c, parts);
}

/* SEQ: [NAME:] TIME, of which nothing is taken unless there is a time; or SEQ: %MESSAGE. */
static bool take_numbered(struct codec_syslog_cursor *c, struct batch *b,
                          struct codec_syslog_parts *parts)
{
    struct codec_syslog_cursor p = *c;
    struct span sequence;
    struct span origin = {NULL, 0};

    if (!take_sequence(&p, &sequence)) {
        return false;
    }
    skip_marks(&p);
    if (codec_syslog_parts_peek(&p) != '%' && !take_time_or_uptime(&p, b, parts)) {
        if (!take_origin(&p, &origin)) {
            return false;
        }
        skip_marks(&p);
        if (!take_time_or_uptime(&p, b, parts)) {
            return false;
        }
        parts->hostname = codec_syslog_parts_text(c, origin);
    }
    parts->sequence = sequence;
    *c = p;
    return true;
}

/* NAME: TIME before a Cisco message (NX-OS origin-id). Elsewhere a name before a colon is a TAG. */
static bool take_named(struct codec_syslog_cursor *c, struct batch *b,
                       struct codec_syslog_parts *parts)
{
    struct codec_syslog_cursor p = *c;
    struct codec_syslog_parts found = *parts;
    struct span origin;

    if (!take_origin(&p, &origin) || codec_syslog_parts_peek(&p) != ' ') {
        return false;
    }
    skip_marks(&p);
    if (!take_any_time(&p, b, &found) || !is_before_cisco(&p)) {
        return false;
    }
    *parts = found;
    parts->hostname = codec_syslog_parts_text(c, origin);
    *c = p;
    return true;
}

/* What Cisco devices put before their messages in the place of a header. */
static bool take_cisco_header(struct codec_syslog_cursor *c, struct batch *b,
                              struct codec_syslog_parts *parts)
{
    return take_uptime(c, parts) || take_numbered(c, b, parts) || take_named(c, b, parts);
}

/* Meraki: "1 1563249630.774247467 HOST KIND MESSAGE". KIND is what others call TAG. */
static bool take_meraki_header(struct codec_syslog_cursor *c, struct batch *b,
                               struct codec_syslog_parts *parts)
{
    struct codec_syslog_cursor p = *c;

    if (!span_starts_with(codec_syslog_parts_left(&p), SPAN_LIT("1 "))) {
        return false;
    }
    p.at += 2;
    if (!codec_syslog_time_epoch(&p, b, parts)) {
        return false;
    }
    struct text *const words[] = {&parts->hostname, &parts->service};
    for (size_t i = 0; i < 2; i++) {
        codec_syslog_parts_spaces(&p);
        struct span word = codec_syslog_parts_word(&p);
        if (word.len > 0) {
            *words[i] = codec_syslog_parts_text(&p, word);
            p.at += word.len;
        }
    }
    *c = p;
    return true;
}

/* AIX: "Message forwarded from HOST: TAG…". */
static bool take_forwarded_host(struct codec_syslog_cursor *c, struct codec_syslog_parts *parts)
{
    static const struct span lead = {"Message forwarded from ", 23};
    struct codec_syslog_cursor p = *c;
    struct span host;

    if (!span_starts_with(codec_syslog_parts_left(&p), lead)) {
        return false;
    }
    p.at += lead.len;
    if (!take_origin(&p, &host)) {
        return false;
    }
    parts->hostname = codec_syslog_parts_text(c, host);
    *c = p;
    return true;
}

/* Behind the first up to 16 bytes that host and TAG may both have; the classes of the first are
 * added. Most names are over then. */
static inline const char *skip_word(const struct codec_syslog_cursor *c, unsigned *classes)
{
    size_t left = (size_t)(c->end - c->at);
    unsigned run = text_scan_word_bytes(c->at);

    if (run == 0 || left == 0) {
        return c->at;
    }
    *classes |= char_classes[(unsigned char)*c->at];
    return c->at + (run < left ? run : left);
}

/* RFC 3164 section 4.1.2: HOSTNAME, a word; "-" stands for none. A word that ends with a colon or
 * holds a bracket is a TAG: local senders leave the host out. The last word is no host, but all
 * there is to say. */
static void take_host(struct codec_syslog_cursor *c, struct codec_syslog_parts *parts)
{
    unsigned classes = 0;
    const char *p = skip_word(c, &classes);

    if ((classes & (CHAR_LETTER | CHAR_DIGIT)) == 0) {
        p = c->at; /* one of them comes later, if at all */
    }
    for (; p < c->end && is_of(*p, CHAR_HOST); p++) {
        classes |= char_classes[(unsigned char)*p];
    }
    struct span word = span_of(c->at, (size_t)(p - c->at));
    if (p >= c->end || !codec_syslog_parts_is_blank(*p) || word.len == 0 ||
        word.len > HOST_BYTES_MAX || p[-1] == ':') {
        return;
    }
    /* syslogd sums up repetitions without saying where they were. */
    bool repetition = word.len == 4 && span_starts_with(codec_syslog_parts_left(c),
                                                        SPAN_LIT("last message repeated "));
    bool nil = word.len == 1 && word.at[0] == '-';
    if (repetition || (!nil && (classes & (CHAR_LETTER | CHAR_DIGIT)) == 0)) {
        return;
    }
    if (!nil) {
        parts->hostname = codec_syslog_parts_text(c, word);
    }
    c->at = p;
}

static bool is_number(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!codec_syslog_parts_is_digit(s.at[i])) {
            return false;
        }
    }
    return true;
}

/* "[pid]" before a colon; before a space or the end the pid must be a number. */
static bool take_procid(struct codec_syslog_cursor *c, struct span *ret_procid)
{
    struct codec_syslog_cursor inside = {c->at + 1, c->end, c->clean};
    unsigned classes = 0;
    const char *p = skip_word(&inside, &classes);
    bool number = is_number(span_of(inside.at, (size_t)(p - inside.at)));

    while (p < c->end && *p != ']' && *p != '[' && (unsigned char)*p > ' ') {
        number = number && is_of(*p, CHAR_DIGIT);
        p++;
    }
    size_t len = (size_t)(p - (c->at + 1));
    if (len > PROCID_BYTES_MAX || p >= c->end || *p != ']') {
        return false;
    }
    bool before_space = p + 1 >= c->end || p[1] == ' ';
    if (!(before_space && number) && (p + 1 >= c->end || p[1] != ':')) {
        return false;
    }
    *ret_procid = span_of(c->at + 1, len);
    c->at = p + 1;
    return true;
}

/* RFC 3164 section 4.1.3: TAG, with the [pid] that most senders add. */
static void take_tag(struct codec_syslog_cursor *c, struct codec_syslog_parts *parts)
{
    struct codec_syslog_cursor p = *c;
    unsigned classes = 0;

    p.at = skip_word(c, &classes);
    if ((classes & CHAR_LETTER) == 0) {
        p.at = c->at; /* the letter comes later, if there is one */
    }
    while (p.at < p.end && is_of(*p.at, CHAR_TAG)) {
        classes |= char_classes[(unsigned char)*p.at];
        p.at++;
    }
    struct span tag = span_of(c->at, (size_t)(p.at - c->at));
    struct span procid = {NULL, 0};
    if ((classes & CHAR_LETTER) == 0 || tag.len > SERVICE_BYTES_MAX || p.at >= p.end) {
        return;
    }
    if (*p.at == '[') {
        if (!take_procid(&p, &procid)) {
            return;
        }
        p.at += codec_syslog_parts_peek(&p) == ':';
    } else if (*p.at == ':' && (p.at + 1 >= p.end || codec_syslog_parts_is_blank(p.at[1]))) {
        p.at++;
    } else {
        return;
    }
    parts->service = codec_syslog_parts_text(c, tag);
    if (procid.len > 0) {
        parts->procid = codec_syslog_parts_text(c, procid);
    }
    *c = p;
}

/* What stands between the time and the TAG: a host; a colon where Cisco has one. */
static void take_origin_of_message(struct codec_syslog_cursor *c, struct codec_syslog_parts *parts)
{
    bool colon = codec_syslog_parts_peek(c) == ':';

    c->at += colon;
    codec_syslog_parts_blanks(c);
    if (colon || (codec_syslog_parts_peek(c) == 'M' && take_forwarded_host(c, parts))) {
        codec_syslog_parts_spaces(c);
        return;
    }
    take_host(c, parts);
    codec_syslog_parts_blanks(c);
    if (span_starts_with(codec_syslog_parts_left(c), SPAN_LIT(": "))) {
        c->at += 2;
    }
}

/* All of the word, which may be longer than what is looked at at a time. */
static inline size_t word_bytes(const char *p, const char *end)
{
    size_t bytes = 0;
    unsigned run = 16;

    while (run == 16 && p + bytes < end) {
        run = text_scan_word_bytes(p + bytes);
        bytes += run;
    }
    return bytes;
}

/* What nearly always follows the time: " host tag: " or " host tag[pid]: ", of words that cannot be
 * anything else. False, and nothing taken, if it is anything else. */
static bool take_usual_names(struct codec_syslog_cursor *c, struct codec_syslog_parts *parts)
{
    const char *host = c->at + 1;
    size_t host_bytes = word_bytes(host, c->end);
    const char *tag = host + host_bytes + 1;

    if (c->end - c->at < USUAL_BYTES || !is_of(*host, CHAR_LETTER | CHAR_DIGIT) ||
        host_bytes > HOST_BYTES_MAX || host[host_bytes] != ' ' || tag >= c->end ||
        !is_of(*tag, CHAR_LETTER)) {
        return false;
    }
    size_t tag_bytes = word_bytes(tag, c->end);
    const char *p = tag + tag_bytes;
    size_t pid_bytes = 0;
    if (tag_bytes > HOST_BYTES_MAX || p >= c->end) {
        return false;
    }
    if (*p == '[') {
        pid_bytes = text_scan_word_bytes(p + 1);
        p += pid_bytes + 2;
        if (pid_bytes == 0 || p >= c->end || p[-1] != ']') {
            return false;
        }
    }
    if (*p != ':' || p + 1 >= c->end || p[1] != ' ') {
        return false;
    }
    parts->hostname = codec_syslog_parts_text(c, span_of(host, host_bytes));
    parts->service = codec_syslog_parts_text(c, span_of(tag, tag_bytes));
    if (pid_bytes > 0) {
        parts->procid = codec_syslog_parts_text(c, span_of(p - 1 - pid_bytes, pid_bytes));
    }
    c->at = p + 1;
    return true;
}

/* What stands before the message, in any form. */
static void take_header(struct codec_syslog_cursor *c, struct batch *b,
                        struct codec_syslog_parts *parts)
{
    struct codec_syslog_cursor marked = *c;

    codec_syslog_parts_spaces(c);
    skip_marks(&marked);
    if (take_any_time(&marked, b, parts) || take_cisco_header(&marked, b, parts)) {
        *c = marked;
        take_origin_of_message(c, parts);
        take_tag(c, parts);
    } else if (!take_meraki_header(c, b, parts)) {
        take_tag(c, parts);
    }
}

void codec_syslog_3164(const struct codec_syslog_cursor *at, struct batch *b,
                       struct codec_syslog_parts *parts)
{
    struct codec_syslog_cursor c = *at;

    if (!codec_syslog_time_usual(&c, b, parts)) {
        take_header(&c, b, parts);
    } else if (!take_usual_names(&c, parts)) {
        take_origin_of_message(&c, parts);
        take_tag(&c, parts);
    }
    c.at += codec_syslog_parts_is_blank(codec_syslog_parts_peek(&c));
    parts->message = text_of(codec_syslog_parts_left(&c), c.clean ? TEXT_CLEAN : TEXT_PLAIN);
}
