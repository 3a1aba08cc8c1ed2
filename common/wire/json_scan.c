/* SPDX-License-Identifier: Apache-2.0
 *
 * json_scan: strings, numbers and literals are taken by position; containers by a loop with a small
 * stack instead of recursion, since the depth is the sender's choice. */
#include "wire/json_scan.h"

#include "wire/json_names.h"
#include "wire/utf8.h"

#include <assert.h>

/* The containers that are open around the scanner inside one value. The outermost object, which the
 * caller walks, is one level more. */
struct nest {
    unsigned depth;
    char close[JSON_DEPTH_MAX]; /* '}' or ']' */
    uint32_t first_name[JSON_DEPTH_MAX];
};

err_t json_scan_fail(struct json_scan *s, enum reason reason, const char *detail)
{
    s->reason = (uint8_t)reason;
    s->detail = detail;
    return ERR_SYNTAX;
}

static err_t bad_json(struct json_scan *s, const char *detail)
{
    return json_scan_fail(s, REASON_BAD_JSON, detail);
}

void json_scan_reserve(struct json_scan *s, size_t text_bytes)
{
    s->name_max = (uint32_t)JSON_SCAN_NAMES_MAX(text_bytes);
    s->names = arena_alloc(s->arena, s->name_max * sizeof(*s->names));
    assert(s->names != NULL);
}

/* The next byte; NUL, which is no token, at the end. */
static char peek(const struct json_scan *s)
{
    return s->at < s->end ? *s->at : '\0';
}

/* Takes `c` and the white space behind it, or nothing. */
static bool take(struct json_scan *s, char c)
{
    if (peek(s) != c) {
        return false;
    }
    s->at++;
    json_scan_space(s);
    return true;
}

/* Four hexadecimal digits as a number; -1 if they are none. */
static int hex4(const char *p)
{
    int value = 0;

    for (size_t i = 0; i < 4; i++) {
        unsigned digit = (unsigned char)p[i] - (unsigned)'0';
        if (digit > 9) {
            digit = ((unsigned char)p[i] | 0x20u) - (unsigned)'a';
            if (digit > 5) {
                return -1;
            }
            digit += 10;
        }
        value = value << 4 | (int)digit;
    }
    return value;
}

/* The escape at `s->at`. Digits may be read behind the end: then the closing quote is missing,
 * too. */
static err_t scan_escape(struct json_scan *s)
{
    char c = s->at[1];

    if (c != 'u') {
        if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL) {
            return bad_json(s, "an escape that JSON does not have");
        }
        s->at += 2;
        return ERR_OK;
    }
    int unit = hex4(s->at + 2);
    if (unit < 0) {
        return bad_json(s, "\\u is not followed by four hexadecimal digits");
    }
    s->at += 6;
    if (unit < 0xd800 || unit > 0xdfff) {
        return ERR_OK;
    }
    int low = unit <= 0xdbff && s->at[0] == '\\' && s->at[1] == 'u' ? hex4(s->at + 2) : -1;
    if (low < 0xdc00 || low > 0xdfff) {
        return bad_json(s, "a surrogate escape without its other half");
    }
    s->at += 6;
    return ERR_OK;
}

/* A string with something in it that is not plain. It began at `start`, the scanner is at its first
 * stop. */
static err_t scan_rich_string(struct json_scan *s, const char *start, struct text *ret_text)
{
    bool escaped = false;
    bool special = false; /* valid in JSON, but our output escapes it */

    for (;; s->at = text_scan_next(&s->sight, s->at)) {
        if (s->at >= s->end) {
            return bad_json(s, "a string is not closed");
        }
        unsigned char c = (unsigned char)*s->at;
        if (c == '"') {
            break;
        }
        if (c == '\\') {
            escaped = true;
            TRY(scan_escape(s));
            continue;
        }
        if (c < 0x20) {
            return bad_json(s, "a control character in a string is not escaped");
        }
        if (c == 0x7f) {
            special = true;
            s->at++;
            continue;
        }
        size_t len = utf8_sequence(s->at, (size_t)(s->end - s->at));
        if (len == 0) {
            return json_scan_fail(s, REASON_BAD_UTF8, "a string is not UTF-8");
        }
        special |= utf8_is_break(s->at);
        s->at += len;
    }
    enum text_form form = escaped ? TEXT_JSON : special ? TEXT_PLAIN : TEXT_CLEAN;
    *ret_text = text_of(span_of(start, (size_t)(s->at - start)), form);
    s->at++;
    return ERR_OK;
}

err_t json_scan_string(struct json_scan *s, struct text *ret_text)
{
    const char *stop = text_scan_next(&s->sight, s->at);

    if (stop >= s->end || *stop != '"') {
        const char *start = s->at;
        s->at = stop;
        return scan_rich_string(s, start, ret_text);
    }
    *ret_text = text_of(span_of(s->at, (size_t)(stop - s->at)), TEXT_CLEAN);
    s->at = stop + 1;
    return ERR_OK;
}

static void skip_digits(struct json_scan *s)
{
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9') {
        s->at++;
    }
}

/* At least one digit. */
static err_t scan_digits(struct json_scan *s)
{
    const char *start = s->at;

    skip_digits(s);
    return s->at > start ? ERR_OK : bad_json(s, "a number lacks digits");
}

/* RFC 8259 section 6. What may not follow a number is found by whoever looks for the next token. */
static err_t scan_number(struct json_scan *s)
{
    if (peek(s) == '-') {
        s->at++;
    }
    if (peek(s) == '0') {
        s->at++;
    } else {
        TRY(scan_digits(s));
    }
    if (peek(s) == '.') {
        s->at++;
        TRY(scan_digits(s));
    }
    if ((peek(s) | 0x20) == 'e') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-') {
            s->at++;
        }
        TRY(scan_digits(s));
    }
    return ERR_OK;
}

static err_t scan_literal(struct json_scan *s, struct span literal)
{
    if (!span_starts_with(span_of(s->at, (size_t)(s->end - s->at)), literal)) {
        return bad_json(s, "a value is missing or is none that JSON has");
    }
    s->at += literal.len;
    return ERR_OK;
}

/* A number, true, false or null. */
static err_t scan_scalar(struct json_scan *s)
{
    switch (peek(s)) {
    case 't':
        return scan_literal(s, SPAN_LIT("true"));
    case 'f':
        return scan_literal(s, SPAN_LIT("false"));
    case 'n':
        return scan_literal(s, SPAN_LIT("null"));
    case '-':
    case '0' ... '9':
        return scan_number(s);
    default:
        return bad_json(s, "a value is missing or is none that JSON has");
    }
}

err_t json_scan_name(struct json_scan *s, struct text *ret_name)
{
    if (peek(s) != '"') {
        return bad_json(s, "a member's name is missing");
    }
    s->at++;
    TRY(json_scan_string(s, ret_name));
    json_scan_space(s);
    if (!take(s, ':')) {
        return bad_json(s, "no colon behind a name");
    }
    assert(s->name_count < s->name_max);
    s->names[s->name_count++] = (struct json_name){
        .offset = (uint32_t)(ret_name->at - s->begin),
        .len = ret_name->len & INT32_MAX,
        .escaped = ret_name->form == TEXT_JSON,
    };
    return ERR_OK;
}

/* Takes closing brackets, each of which ends a value, until more is to come in an open
 * container. */
static err_t scan_behind_value(struct json_scan *s, struct nest *n)
{
    while (n->depth > 0) {
        json_scan_space(s);
        char close = n->close[n->depth - 1];
        if (take(s, ',')) {
            return ERR_OK;
        }
        if (peek(s) != close) {
            return bad_json(s, close == '}' ? "neither a comma nor a brace behind a member"
                                            : "neither a comma nor a bracket behind an element");
        }
        s->at++;
        n->depth--;
        if (close == '}') {
            TRY(json_scan_unique(s, n->first_name[n->depth]));
        }
    }
    return ERR_OK;
}

/* Enters the container at `s->at`, with at least one member or element unless `*ret_empty`. */
static err_t scan_enter(struct json_scan *s, struct nest *n, bool *ret_empty)
{
    char close = *s->at == '{' ? '}' : ']';

    if (n->depth >= JSON_DEPTH_MAX - 1) {
        return json_scan_fail(s, REASON_TOO_DEEP, "nested deeper than 64 levels");
    }
    s->at++;
    json_scan_space(s);
    *ret_empty = peek(s) == close;
    if (*ret_empty) {
        s->at++;
        return ERR_OK;
    }
    n->close[n->depth] = close;
    n->first_name[n->depth] = s->name_count;
    n->depth++;
    return ERR_OK;
}

/* The container at `s->at`, whole. */
static err_t scan_container(struct json_scan *s)
{
    struct nest n;
    struct text ignored;

    n.depth = 0;
    do {
        bool done = true;
        if (n.depth > 0 && n.close[n.depth - 1] == '}') {
            TRY(json_scan_name(s, &ignored));
        }
        char c = peek(s);
        if (c == '{' || c == '[') {
            TRY(scan_enter(s, &n, &done));
        } else if (c == '"') {
            s->at++;
            TRY(json_scan_string(s, &ignored));
        } else {
            TRY(scan_scalar(s));
        }
        if (done) {
            TRY(scan_behind_value(s, &n));
        }
    } while (n.depth > 0);
    return ERR_OK;
}

err_t json_scan_value(struct json_scan *s, struct extra *ret)
{
    const char *start = s->at;
    char c = peek(s);

    if (c == '"') {
        s->at++;
        TRY(json_scan_string(s, &ret->text));
        ret->kind = EXTRA_TEXT;
        return ERR_OK;
    }
    if (c == '{' || c == '[') {
        TRY(scan_container(s));
    } else {
        TRY(scan_scalar(s));
    }
    ret->kind = EXTRA_JSON;
    ret->json = span_of(start, (size_t)(s->at - start));
    return ERR_OK;
}

/* Nothing but white space may follow the object. */
static err_t scan_end(struct json_scan *s)
{
    json_scan_space(s);
    return s->at == s->end ? ERR_OK : bad_json(s, "something follows the object");
}

err_t json_scan_open(struct json_scan *s, bool *ret_empty)
{
    bool empty = false;

    json_scan_space(s);
    if (!take(s, '{')) {
        return bad_json(s, "not an object");
    }
    empty = take(s, '}');
    if (empty) {
        TRY(scan_end(s));
    }
    *ret_empty = empty;
    return ERR_OK;
}

err_t json_scan_next(struct json_scan *s, bool *ret_more)
{
    json_scan_space(s);
    if (take(s, ',')) {
        *ret_more = true;
        return ERR_OK;
    }
    if (!take(s, '}')) {
        return bad_json(s, "neither a comma nor a brace behind a member");
    }
    TRY(scan_end(s));
    *ret_more = false;
    return ERR_OK;
}

err_t json_scan_unique(struct json_scan *s, uint32_t first)
{
    struct json_names set = {
        .at = s->names + first,
        .count = s->name_count - first,
        .begin = s->begin,
        .arena = s->arena,
    };

    if (set.count > 1 && !json_names_differ(&set)) {
        return bad_json(s, "the same name twice in an object");
    }
    s->name_count = first;
    return ERR_OK;
}
