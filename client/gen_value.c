/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_value: the first row whose word is part of the name decides. */
#include "client/gen_value.h"

#include "base/limits.h"
#include "base/rfc3339.h"
#include "client/gen_random.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#define NAME_BYTES   64u
#define TEXT_BYTES   128u
#define BASE64_BYTES 64u

/* A name in lower case, cut. */
static void lower(struct span name, char out[NAME_BYTES])
{
    size_t len = name.len < NAME_BYTES - 1 ? name.len : NAME_BYTES - 1;

    for (size_t i = 0; i < len; i++) {
        out[i] = (char)tolower((unsigned char)name.at[i]);
    }
    out[len] = '\0';
}

uint32_t gen_value_below(struct gen_value *v, uint32_t n)
{
    return gen_random_below(&v->random, n);
}

static json_t *string_of(const char *text, size_t len)
{
    return json_stringn(text, len);
}

json_t *gen_value_stamp(struct gen_value *v, unsigned digits)
{
    char text[RFC3339_BYTES_MAX];

    return string_of(text, rfc3339_format(v->wall_ns, digits, text));
}

json_t *gen_value_local(struct gen_value *v, unsigned digits)
{
    char text[RFC3339_BYTES_MAX];

    return string_of(text, rfc3339_format(v->wall_ns, digits, text) - 1);
}

json_t *gen_value_date(struct gen_value *v)
{
    char text[RFC3339_BYTES_MAX];

    rfc3339_format(v->wall_ns, 0, text);
    return string_of(text, strlen("2026-11-21"));
}

json_t *gen_value_time(struct gen_value *v, unsigned digits)
{
    static const size_t date = sizeof("2026-11-21T") - 1;
    char text[RFC3339_BYTES_MAX];

    size_t len = rfc3339_format(v->wall_ns, digits, text);
    return string_of(text + date, len - date - 1);
}

/* Source: RFC 9562 section 5.4: version 4, variant 10. */
json_t *gen_value_uuid(struct gen_value *v)
{
    char text[TEXT_BYTES];
    uint64_t a = gen_random_next(&v->random);
    uint64_t b = gen_random_next(&v->random);

    int len = snprintf(text, sizeof(text), "%08x-%04x-4%03x-%04x-%012" PRIx64, (unsigned)(a >> 32),
                       (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
                       (unsigned)(b >> 48 & 0x3fff) | 0x8000u, b & 0xffffffffffffu);
    return string_of(text, (size_t)len);
}

json_t *gen_value_base64(struct gen_value *v, uint32_t bytes)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[(BASE64_BYTES + 2) / 3 * 4];
    size_t len = 0;

    assert(bytes <= BASE64_BYTES);
    for (uint32_t at = 0; at < bytes; at += 3) {
        uint32_t part = bytes - at < 3 ? bytes - at : 3;
        uint32_t bits = gen_value_below(v, 1u << 24) & ~0u << (24 - part * 8);
        for (uint32_t i = 0; i < 4; i++) {
            text[len++] = i <= part ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
        }
    }
    return string_of(text, len);
}

json_t *gen_value_decimal(struct gen_value *v, uint32_t precision, uint32_t scale)
{
    char text[TEXT_BYTES];
    uint32_t whole = precision > scale ? precision - scale : 0;
    uint32_t digits = scale < 64 ? scale : 64;
    int len =
        snprintf(text, sizeof(text), "%s%u", gen_value_below(v, 8) == 0 && whole > 0 ? "-" : "",
                 whole == 0 ? 0 : 1 + gen_value_below(v, whole > 2 ? 999 : 9));

    for (uint32_t i = 0; i < digits; i++) {
        len += snprintf(text + len, sizeof(text) - (size_t)len, "%s%u", i == 0 ? "." : "",
                        gen_value_below(v, 10));
    }
    return string_of(text, (size_t)len);
}

/* By the weights of --levels. */
static json_t *level_text(struct gen_value *v)
{
    uint32_t total = 0;

    for (uint32_t i = 0; i < v->args->level_count; i++) {
        total += v->args->levels[i].weight;
    }
    uint32_t n = gen_value_below(v, total);
    uint32_t i = 0;
    while (n >= v->args->levels[i].weight) {
        n -= v->args->levels[i].weight;
        i++;
    }
    return string_of(v->args->levels[i].name.at, v->args->levels[i].name.len);
}

static json_t *stamp_text(struct gen_value *v)
{
    return gen_value_stamp(v, 3);
}

/* How a text is written: `make`, or one of the words, in which # is a digit and @ one that is not
 * 0. */
struct text_row {
    const char *part; /* of the name */
    json_t *(*make)(struct gen_value *v);
    const char *words[4];
};

/* Longer parts stand before those they contain: "message" before "age". */
static const struct text_row text_rows[] = {
    {"uuid", gen_value_uuid, {0}},
    {"guid", gen_value_uuid, {0}},
    {"timestamp", stamp_text, {0}},
    {"email", NULL, {"user@###@example.com", "anna.@##@example.org", "li.@#@example.net"}},
    {"mail", NULL, {"user@###@example.com", "anna.@##@example.org", "li.@#@example.net"}},
    {"url", NULL, {"https://shop.example.com/items/@###", "https://example.org/a/@##?page=@"}},
    {"uri", NULL, {"https://shop.example.com/items/@###", "urn:example:item:@####"}},
    {"message",
     NULL,
     {"order @##### placed and paid by card", "answered 200 in @# ms",
      "slow query: @### ms to list the orders", "payment @##### failed: card declined"}},
    {"msg", NULL, {"order @##### placed and paid by card", "answered 200 in @# ms"}},
    {"service", NULL, {"orders", "payments", "gateway", "auth"}},
    {"level", level_text, {0}},
    {"severity", level_text, {0}},
    {"address", NULL, {"10.@#.@#.@#", "192.0.2.@#"}},
    {"ipv6", NULL, {"2001:db8::@###", "2001:db8:@##::@"}},
    {"path", NULL, {"/api/v1/orders/@####", "/api/v1/products/@###"}},
    {"host", NULL, {"web-@.example.net", "db-@.example.net"}},
    {"method", NULL, {"GET", "POST", "PUT", "DELETE"}},
    {"country", NULL, {"DE", "FR", "JP", "BR"}},
    {"currency", NULL, {"EUR", "USD", "JPY", "GBP"}},
    {"city", NULL, {"Berlin", "Lyon", "Osaka", "Recife"}},
    {"agent", NULL, {"curl/8.@.@", "Mozilla/5.0 (X11; Linux x86_64)"}},
    {"version", NULL, {"1.@.#", "2.#.@", "3.@.@#"}},
    {"status", NULL, {"ok", "pending", "failed", "done"}},
    {"user", NULL, {"user@####", "anna@##", "li@#"}},
    {"name", NULL, {"Anna Berg", "Li Wei", "Joao Lima", "Mary Quant"}},
    {"session", NULL, {"s@#######"}},
    {"token", NULL, {"t@#######"}},
    {"price", NULL, {"@#.##", "@##.##"}},
    {"date", stamp_text, {0}},
    {"time", stamp_text, {0}},
    {"id", NULL, {"id-@#######", "id-@####"}},
    {"ip", NULL, {"10.@#.@#.@#", "192.0.2.@#"}},
    {"", NULL, {"value-@###", "alpha", "beta-@#", "gamma"}},
};

/* "ip" is in many names, but only as a word of its own an address; so are the other short ones. */
static bool part_matches(const char *name, const char *part)
{
    const char *hit = strstr(name, part);

    if (hit == NULL || strlen(part) > 2 || part[0] == '\0') {
        return hit != NULL;
    }
    size_t end = strlen(name) - strlen(part);
    bool at_end = strcmp(name + end, part) == 0;
    return strcmp(name, part) == 0 || (at_end && (name[end - 1] == '_' || part[1] == 'd')) ||
           (hit == name && name[2] == '_');
}

static json_t *fill_digits(struct gen_value *v, const char *word)
{
    char text[TEXT_BYTES];
    size_t len = 0;
    bool domain = false; /* the @ of an address is the one before a letter */

    for (; *word != '\0' && len < sizeof(text); word++) {
        domain = *word == '@' && word[1] >= 'a' && word[1] <= 'z';
        char c = *word;
        if (c == '#') {
            c = (char)('0' + gen_value_below(v, 10));
        } else if (c == '@' && !domain) {
            c = (char)('1' + gen_value_below(v, 9));
        }
        text[len++] = c;
    }
    return string_of(text, len);
}

json_t *gen_value_text(struct gen_value *v, struct span name)
{
    const struct text_row *row = text_rows;
    char key[NAME_BYTES];
    uint32_t count = 0;

    lower(name, key);
    while (!part_matches(key, row->part)) { /* the last one matches */
        row++;
    }
    if (row->make != NULL) {
        return row->make(v);
    }
    while (count < 4 && row->words[count] != NULL) {
        count++;
    }
    return fill_digits(v, row->words[gen_value_below(v, count)]);
}

struct number_row {
    const char *part;
    int64_t low;
    int64_t high;
};

static const struct number_row number_rows[] = {
    {"status", 200, 204},  {"code", 200, 599},   {"port", 1024, 65535},  {"count", 0, 200},
    {"percent", 0, 100},   {"retries", 0, 5},    {"attempt", 1, 5},      {"latency", 1, 2000},
    {"duration", 1, 5000}, {"elapsed", 1, 5000}, {"bytes", 100, 200000}, {"size", 100, 200000},
    {"length", 1, 20000},  {"quantity", 1, 12},  {"price", 1, 50000},    {"amount", 1, 50000},
    {"year", 2020, 2030},  {"age", 18, 90},      {"pid", 300, 32000},    {"id", 1, 999999},
    {"", 0, 1000},
};

/* A time by the unit in its name, milliseconds without one. False: the name is no time. */
static bool time_of(const struct gen_value *v, const char *name, int64_t *ret)
{
    static const struct {
        const char *part;
        uint64_t ns;
    } units[] = {{"_ns", 1},       {"nano", 1},       {"_us", NS_PER_US}, {"micro", NS_PER_US},
                 {"_s", NS_PER_S}, {"sec", NS_PER_S}, {"epoch", NS_PER_S}};
    uint64_t ns = NS_PER_MS;

    if (strstr(name, "timestamp") == NULL && strstr(name, "epoch") == NULL &&
        strstr(name, "_at") == NULL && strncmp(name, "time", 4) != 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strstr(name, units[i].part) != NULL) {
            ns = units[i].ns;
            break;
        }
    }
    *ret = (int64_t)(v->wall_ns / ns);
    return true;
}

static int64_t between(struct gen_value *v, int64_t low, int64_t high)
{
    uint64_t span = (uint64_t)high - (uint64_t)low;
    uint64_t n = gen_random_next(&v->random);

    return (int64_t)((uint64_t)low + (span == UINT64_MAX ? n : n % (span + 1)));
}

json_t *gen_value_integer(struct gen_value *v, struct span name, int64_t low, int64_t high)
{
    const struct number_row *row = number_rows;
    char key[NAME_BYTES];
    int64_t n = 0;

    assert(low <= high);
    lower(name, key);
    if (time_of(v, key, &n) && n >= low && n <= high) {
        return json_integer(n);
    }
    while (!part_matches(key, row->part)) {
        row++;
    }
    int64_t from = row->low > low ? row->low : low;
    int64_t to = row->high < high ? row->high : high;
    return json_integer(from <= to ? between(v, from, to) : between(v, low, high));
}

/* In eighths: exact as float and as double, so that whoever reads it sees what was written. */
json_t *gen_value_real(struct gen_value *v, struct span name)
{
    json_t *integer = gen_value_integer(v, name, 0, 1000000);

    if (integer == NULL) {
        return NULL;
    }
    double n = (double)json_integer_value(integer) + gen_value_below(v, 8) / 8.0;
    json_decref(integer);
    return json_real(n);
}
