/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog_sd: first the elements and parameters are noted where they stand, then the JSON is
 * written. Equal names are found by comparing all pairs: their number is bounded. */
#include "codec/codec_syslog_sd.h"

#include <assert.h>

/* Quotes, colon, comma, braces and brackets that one item can need. */
#define PUNCTUATION_BYTES 10u

/* Elements and their parameters, as they follow each other. */
struct item {
    struct span name;
    struct span value; /* without quotes, escapes as sent; at == NULL: this is an SD-ID */
    bool written;
};

struct items {
    struct item at[CODEC_SYSLOG_SD_ITEMS_MAX];
    uint32_t count;
    bool too_many;
};

/* RFC 5424 section 6.3.2: SD-NAME = 1*32PRINTUSASCII except '=', SP, ']', '"'. Longer names and
 * other characters than ASCII pass. */
static const bool name_chars[256] = {
    ['!'] = true,
    ['#' ... '<'] = true,
    ['>' ... '\\'] = true,
    ['^' ... 0xff] = true,
};

static bool take_name(struct codec_syslog_cursor *c, struct span *ret_name)
{
    const char *p = c->at;

    if (p < c->end) {
        p += text_scan_word_bytes(p); /* most of a name, or all of it */
        p = p < c->end ? p : c->end;
    }
    while (p < c->end && name_chars[(unsigned char)*p]) {
        p++;
    }
    if (p == c->at) {
        return false;
    }
    *ret_name = span_of(c->at, (size_t)(p - c->at));
    c->at = p;
    return true;
}

/* RFC 5424 section 6.3.3: PARAM-VALUE. A backslash takes the next character with it. */
static bool take_value(struct codec_syslog_cursor *c, struct span *ret_value)
{
    const char *p = c->at + 1;

    if (!codec_syslog_parts_take(c, '"')) {
        return false;
    }
    for (p = text_scan_stop(p, c->end); p < c->end && *p != '"'; p = text_scan_stop(p, c->end)) {
        p += *p == '\\' ? 2 : 1;
    }
    if (p >= c->end) {
        return false;
    }
    *ret_value = span_of(c->at, (size_t)(p - c->at));
    c->at = p + 1;
    return true;
}

static void add_item(struct items *items, struct span name, struct span value)
{
    if (items->count == CODEC_SYSLOG_SD_ITEMS_MAX) {
        items->too_many = true;
        return;
    }
    items->at[items->count++] = (struct item){.name = name, .value = value};
}

/* SD-ELEMENT = "[" SD-ID *(SP SD-PARAM) "]", behind the bracket. */
static bool take_element(struct codec_syslog_cursor *c, struct items *items)
{
    struct span name;
    struct span value;

    if (!take_name(c, &name)) {
        return false;
    }
    add_item(items, name, span_of(NULL, 0));
    while (!codec_syslog_parts_take(c, ']')) {
        if (!codec_syslog_parts_take(c, ' ')) {
            return false;
        }
        codec_syslog_parts_spaces(c);
        if (codec_syslog_parts_peek(c) == ']') {
            continue;
        }
        if (!take_name(c, &name) || !codec_syslog_parts_take(c, '=') || !take_value(c, &value)) {
            return false;
        }
        add_item(items, name, value);
    }
    return true;
}

static char *put_control(char *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";

    memcpy(out, "\\u00", 4);
    out[4] = hex[c >> 4];
    out[5] = hex[c & 15];
    return out + 6;
}

/* The backslash at `p` and what it belongs to: `\"` and `\\` mean in JSON what they mean here, `\]`
 * is a bracket, and a backslash before anything else is itself. Returns what to go on with. */
static const char *put_backslash(char **out, const char *p, const char *end, bool is_value)
{
    char next = is_value && p + 1 < end ? p[1] : '\0';

    if (next == ']') {
        return p + 1;
    }
    *(*out)++ = '\\';
    if (next == '"' || next == '\\') {
        *(*out)++ = next;
        return p + 2;
    }
    *(*out)++ = '\\';
    return p + 1;
}

/* A name, or a value with its escapes, inside a JSON string. */
static char *put_escaped(char *out, struct span s, bool is_value)
{
    const char *end = s.at + s.len;

    if (codec_syslog_parts_plain(s)) {
        memcpy(out, s.at, s.len);
        return out + s.len;
    }
    for (const char *p = s.at; p < end;) {
        const char *stop = text_scan_stop(p, end);
        memcpy(out, p, (size_t)(stop - p));
        out += stop - p;
        p = stop;
        if (p == end) {
            break;
        }
        unsigned char c = (unsigned char)*p;
        if (c == '\\') {
            p = put_backslash(&out, p, end, is_value);
        } else if (c < 0x20) {
            out = put_control(out, c);
            p++;
        } else {
            *out++ = (char)c;
            p++;
        }
    }
    return out;
}

static char *put_name(char *out, struct span name)
{
    *out++ = '"';
    out = put_escaped(out, name, false);
    *out++ = '"';
    *out++ = ':';
    return out;
}

static char *put_value(char *out, struct span value)
{
    *out++ = '"';
    out = put_escaped(out, value, true);
    *out++ = '"';
    return out;
}

/* The item behind the element's last parameter. */
static uint32_t element_end(const struct items *items, uint32_t element)
{
    uint32_t i = element + 1;

    while (i < items->count && items->at[i].value.at != NULL) {
        i++;
    }
    return i;
}

static bool same_kind_and_name(const struct item *a, const struct item *b)
{
    return (a->value.at == NULL) == (b->value.at == NULL) && span_equal(a->name, b->name);
}

/* The next item in [i, end) that is like `like`; `end` if there is none. */
static uint32_t next_like(const struct items *items, const struct item *like, uint32_t i,
                          uint32_t end)
{
    while (i < end && !same_kind_and_name(&items->at[i], like)) {
        i++;
    }
    return i;
}

/* One parameter, with the values of all that are named like it up to `end`. */
static char *put_param(char *out, struct items *items, uint32_t i, uint32_t end)
{
    const struct item *first = &items->at[i];
    bool many = next_like(items, first, i + 1, end) < end;

    out = put_name(out, first->name);
    if (many) {
        *out++ = '[';
    }
    for (; i < end; i = next_like(items, first, i + 1, end)) {
        out = put_value(out, items->at[i].value);
        *out++ = ',';
        items->at[i].written = true;
    }
    out--;
    if (many) {
        *out++ = ']';
    }
    return out;
}

/* The parameters of one element. */
static char *put_object(char *out, struct items *items, uint32_t element)
{
    uint32_t end = element_end(items, element);

    *out++ = '{';
    for (uint32_t i = element + 1; i < end; i++) {
        if (!items->at[i].written) {
            out = put_param(out, items, i, end);
            *out++ = ',';
        }
    }
    out -= end > element + 1; /* the last comma */
    *out++ = '}';
    return out;
}

/* One element, with the objects of all that have the same SD-ID. */
static char *put_element(char *out, struct items *items, uint32_t i)
{
    const struct item *first = &items->at[i];
    uint32_t end = items->count;
    bool many = next_like(items, first, i + 1, end) < end;

    out = put_name(out, first->name);
    if (many) {
        *out++ = '[';
    }
    for (; i < end; i = next_like(items, first, i + 1, end)) {
        out = put_object(out, items, i);
        *out++ = ',';
        items->at[i].written = true;
    }
    out--;
    if (many) {
        *out++ = ']';
    }
    return out;
}

static char *put_all(char *out, struct items *items)
{
    *out++ = '{';
    for (uint32_t i = 0; i < items->count; i++) {
        if (items->at[i].value.at == NULL && !items->at[i].written) {
            out = put_element(out, items, i);
            *out++ = ',';
        }
    }
    out[-1] = '}';
    return out;
}

/* What the JSON of `sd` can need at most: a control character becomes six bytes. What is not needed
 * is given back. */
static size_t json_bound(struct span sd, uint32_t item_count)
{
    return sd.len * 6 + item_count * PUNCTUATION_BYTES + 2;
}

bool codec_syslog_sd(struct codec_syslog_cursor *c, struct arena *a, struct extra *ret)
{
    struct codec_syslog_cursor p = *c;
    struct items items;

    items.count = 0;
    items.too_many = false;
    if (codec_syslog_parts_peek(&p) != '[') {
        return false;
    }
    while (codec_syslog_parts_take(&p, '[')) {
        if (!take_element(&p, &items)) {
            return false;
        }
    }
    struct span sd = span_of(c->at, (size_t)(p.at - c->at));
    *c = p;
    *ret = (struct extra){.name = text_of(SPAN_LIT("structured_data"), TEXT_CLEAN)};
    if (items.too_many) {
        ret->kind = EXTRA_TEXT;
        ret->text = text_of(sd, TEXT_PLAIN);
        return true;
    }
    size_t before = a->used;
    char *out = arena_alloc(a, json_bound(sd, items.count));
    assert(out != NULL);
    size_t len = (size_t)(put_all(out, &items) - out);
    arena_rewind(a, before);
    ret->kind = EXTRA_JSON;
    ret->json = span_of(arena_alloc(a, len), len); /* the same memory, only shorter */
    return true;
}
