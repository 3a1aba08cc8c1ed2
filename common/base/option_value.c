/* SPDX-License-Identifier: Apache-2.0
 *
 * option_value: numbers with units are digits and one unit of a table, largest unit first, so that
 * the same table writes the shortest exact text. */
#include "base/option_value.h"

#include "base/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

struct unit {
    const char *name;
    uint64_t factor;
    bool alias; /* understood, never written */
};

static const struct unit size_units[] = {
    {"TiB", 1024 * GIB, false},
    {"GiB", GIB, false},
    {"MiB", MIB, false},
    {"KiB", KIB, false},
    {"", 1, false},
    {"TB", 1000000000000ull, true},
    {"GB", 1000000000ull, true},
    {"MB", 1000000, true},
    {"kB", 1000, true},
    {"B", 1, true},
};

static const struct unit time_units[] = {
    {"d", 86400 * NS_PER_S, false},
    {"h", 3600 * NS_PER_S, false},
    {"m", 60 * NS_PER_S, false},
    {"s", NS_PER_S, false},
    {"ms", NS_PER_MS, false},
    {"us", NS_PER_US, false},
    {"ns", 1, false},
};

#define UNIT_COUNT(units) (sizeof(units) / sizeof((units)[0]))

static bool text_is(struct span text, const char *name)
{
    return text.len == strlen(name) && strncasecmp(text.at, name, text.len) == 0;
}

/* Digits only; `ret_rest` is what follows them. */
static err_t digits_parse(struct span text, uint64_t *ret, struct span *ret_rest)
{
    uint64_t n = 0;
    size_t i = 0;
    bool fits = true;

    for (; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++) {
        fits = fits && !__builtin_mul_overflow(n, 10u, &n) &&
               !__builtin_add_overflow(n, (uint64_t)(text.at[i] - '0'), &n);
    }
    ENSURE(i > 0, ERR_SYNTAX);
    *ret_rest = span_skip(text, i);
    ENSURE(fits, ERR_LIMIT);
    *ret = n;
    return ERR_OK;
}

/* A whole number and nothing else. */
static err_t number_parse(struct span text, uint64_t *ret)
{
    struct span rest = {0};
    uint64_t n = 0;
    err_t err = digits_parse(text, &n, &rest);

    ENSURE(err != ERR_SYNTAX && rest.len == 0, ERR_SYNTAX);
    TRY(err);
    *ret = n;
    return ERR_OK;
}

static const struct unit *unit_find(const struct unit *units, size_t count, struct span name)
{
    for (size_t i = 0; i < count; i++) {
        if (text_is(name, units[i].name)) {
            return &units[i];
        }
    }
    return NULL;
}

static err_t size_parse(struct span text, uint64_t *ret)
{
    struct span rest = {0};
    uint64_t n = 0;
    err_t err = digits_parse(text, &n, &rest);

    ENSURE(err != ERR_SYNTAX, ERR_SYNTAX);
    const struct unit *unit = unit_find(size_units, UNIT_COUNT(size_units), rest);
    ENSURE(unit != NULL, ERR_SYNTAX);
    TRY(err);
    ENSURE(!__builtin_mul_overflow(n, unit->factor, ret), ERR_LIMIT);
    return ERR_OK;
}

/* A number without unit is taken only where the row names one, or when it is 0. */
static err_t duration_parse(const struct option *row, struct span text, uint64_t *ret)
{
    struct span rest = {0};
    uint64_t n = 0;

    if ((row->flags & OPTION_AUTO_OK) != 0 && text_is(text, "auto")) {
        *ret = OPTION_AUTO;
        return ERR_OK;
    }
    err_t err = digits_parse(text, &n, &rest);
    ENSURE(err != ERR_SYNTAX, ERR_SYNTAX);
    if (rest.len == 0 && (row->unit != NULL || (err == ERR_OK && n == 0))) {
        rest = span_of_str(row->unit != NULL ? row->unit : "s");
    }
    const struct unit *unit = unit_find(time_units, UNIT_COUNT(time_units), rest);
    ENSURE(unit != NULL, ERR_SYNTAX);
    TRY(err);
    ENSURE(!__builtin_mul_overflow(n, unit->factor, ret), ERR_LIMIT);
    return ERR_OK;
}

static err_t bool_parse(struct span text, uint64_t *ret)
{
    static const char *const no_yes[][4] = {{"false", "no", "off", "0"},
                                            {"true", "yes", "on", "1"}};

    for (size_t i = 0; i < 8; i++) {
        if (text_is(text, no_yes[i / 4][i % 4])) {
            *ret = i / 4;
            return ERR_OK;
        }
    }
    return ERR_SYNTAX;
}

static err_t enum_parse(const struct option *row, struct span text, uint64_t *ret)
{
    for (uint64_t i = 0; row->choices[i] != NULL; i++) {
        if (text_is(text, row->choices[i])) {
            *ret = i;
            return ERR_OK;
        }
    }
    return ERR_SYNTAX;
}

static err_t port_parse(struct span text, uint64_t *ret)
{
    uint64_t n = 0;

    if (text_is(text, "off")) {
        *ret = (uint64_t)OPTION_PORT_DISABLED;
        return ERR_OK;
    }
    TRY(number_parse(text, &n));
    ENSURE(n <= UINT16_MAX, ERR_LIMIT);
    *ret = n;
    return ERR_OK;
}

static uint64_t row_max(const struct option *row)
{
    return row->max == 0 ? UINT64_MAX : row->max;
}

static err_t bounds_check(const struct option *row, uint64_t n)
{
    bool special = (n == 0 && (row->flags & OPTION_ZERO_OK) != 0) ||
                   (n == OPTION_AUTO && (row->flags & OPTION_AUTO_OK) != 0);

    return special || (n >= row->min && n <= row_max(row)) ? ERR_OK : ERR_LIMIT;
}

static err_t share_parse(const struct option *row, struct span text, struct option_value *ret)
{
    struct option_value v = {0};

    if (text.len > 0 && text.at[text.len - 1] == '%') {
        TRY(number_parse(span_head(text, text.len - 1), &v.percent));
        TRY(bounds_check(row, v.percent));
    } else {
        TRY(size_parse(text, &v.number));
    }
    *ret = v;
    return ERR_OK;
}

/* Texts become C strings: a NUL inside would cut them silently. */
static err_t string_check(const struct option *row, struct span text)
{
    uint64_t max = row->max == 0 ? OPTION_TEXT_MAX : row->max;

    ENSURE(span_find(text, '\0') == text.len, ERR_SYNTAX);
    ENSURE(text.len > 0 || (row->flags & OPTION_NOT_EMPTY) == 0, ERR_LIMIT);
    ENSURE(text.len <= max, ERR_LIMIT);
    return ERR_OK;
}

err_t option_value_parse(const struct option *row, struct span text, struct option_value *ret)
{
    struct option_value v = {0};

    switch (row->type) {
    case OPTION_STRING:
    case OPTION_PATH:
    case OPTION_STRING_LIST:
        TRY(string_check(row, text));
        break;
    case OPTION_ENUM:
        TRY(enum_parse(row, text, &v.number));
        break;
    case OPTION_BOOL:
        TRY(bool_parse(text, &v.number));
        break;
    case OPTION_INTEGER:
        TRY(number_parse(text, &v.number));
        TRY(bounds_check(row, v.number));
        break;
    case OPTION_PORT:
    case OPTION_PORT_LIST:
        TRY(port_parse(text, &v.number));
        break;
    case OPTION_BYTES:
        TRY(size_parse(text, &v.number));
        TRY(bounds_check(row, v.number));
        break;
    case OPTION_DURATION:
        TRY(duration_parse(row, text, &v.number));
        TRY(bounds_check(row, v.number));
        break;
    case OPTION_SHARE:
        TRY(share_parse(row, text, &v));
        break;
    }
    *ret = v;
    return ERR_OK;
}

const char *option_value_noun(const struct option *row)
{
    switch (row->type) {
    case OPTION_STRING:
    case OPTION_STRING_LIST:
        return "text";
    case OPTION_PATH:
        return "path";
    case OPTION_ENUM:
        return "choice";
    case OPTION_BOOL:
        return "truth value";
    case OPTION_INTEGER:
        return "number";
    case OPTION_PORT:
    case OPTION_PORT_LIST:
        return "port";
    case OPTION_BYTES:
        return "size";
    case OPTION_DURATION:
        return "duration";
    case OPTION_SHARE:
        return "size or percentage";
    }
    return "value";
}

/* The number in the largest unit that holds it without rest. */
static const char *units_format(const struct unit *units, size_t count, uint64_t n, char out[32])
{
    for (size_t i = 0; i < count; i++) {
        if (!units[i].alias && n % units[i].factor == 0 && (n > 0 || units[i].factor == 1)) {
            snprintf(out, 32, "%" PRIu64 "%s", n / units[i].factor, n == 0 ? "" : units[i].name);
            return out;
        }
    }
    return "0";
}

static const char *number_format(const struct option *row, uint64_t n, char out[32])
{
    if (row->type == OPTION_DURATION) {
        return n == OPTION_AUTO ? "auto" : units_format(time_units, UNIT_COUNT(time_units), n, out);
    }
    if (row->type == OPTION_BYTES) {
        return units_format(size_units, UNIT_COUNT(size_units), n, out);
    }
    snprintf(out, 32, "%" PRIu64, n);
    return out;
}

static void choices_format(const struct option *row, char *out, size_t cap)
{
    size_t len = 0;

    for (size_t i = 0; row->choices[i] != NULL && len < cap; i++) {
        const char *join = i == 0 ? "" : row->choices[i + 1] == NULL ? " or " : ", ";
        len += (size_t)snprintf(out + len, cap - len, "%s%s", join, row->choices[i]);
    }
}

static void bounds_format(const struct option *row, char *out, size_t cap)
{
    char low[32];
    char high[32];
    const char *zero = (row->flags & OPTION_ZERO_OK) != 0 && row->min > 0 ? " or 0" : "";
    const char *automatic = (row->flags & OPTION_AUTO_OK) != 0 ? " or auto" : "";

    if (row->max == 0) {
        snprintf(out, cap, "%s or more%s%s", number_format(row, row->min, low), zero, automatic);
        return;
    }
    bool one = row->min == row->max;
    snprintf(out, cap, "%s%s%s%s%s", number_format(row, row->min, low), one ? "" : " to ",
             one ? "" : number_format(row, row->max, high), zero, automatic);
}

const char *option_value_allowed(const struct option *row, char *out, size_t cap)
{
    uint64_t text_max = row->max == 0 ? OPTION_TEXT_MAX : row->max;

    switch (row->type) {
    case OPTION_STRING:
    case OPTION_PATH:
    case OPTION_STRING_LIST:
        snprintf(out, cap, "%d to %" PRIu64 " bytes without NUL",
                 (row->flags & OPTION_NOT_EMPTY) != 0 ? 1 : 0, text_max);
        break;
    case OPTION_ENUM:
        choices_format(row, out, cap);
        break;
    case OPTION_BOOL:
        snprintf(out, cap, "true or false");
        break;
    case OPTION_PORT:
    case OPTION_PORT_LIST:
        snprintf(out, cap, "0 to 65535 or off");
        break;
    case OPTION_INTEGER:
    case OPTION_BYTES:
    case OPTION_DURATION:
        bounds_format(row, out, cap);
        break;
    case OPTION_SHARE:
        snprintf(out, cap, "%" PRIu64 "%% to %" PRIu64 "%%, or a size like 1GiB", row->min,
                 row->max == 0 ? 100 : row->max);
        break;
    }
    return out;
}

/* A double-quoted YAML scalar (YAML 1.1 section 5.6: these escapes). */
static err_t string_print(const char *text, struct buf *out)
{
    TRY(buf_append(out, SPAN_LIT("\"")));
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            TRY(buf_printf(out, "\\x%02x", (unsigned)*c));
            continue;
        }
        TRY(buf_printf(out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c));
    }
    return buf_append(out, SPAN_LIT("\""));
}

static err_t port_print(int32_t port, struct buf *out)
{
    return port == OPTION_PORT_DISABLED ? buf_printf(out, "off") : buf_printf(out, "%d", port);
}

static err_t ports_print(const struct option_ports *ports, struct buf *out)
{
    TRY(buf_printf(out, "["));
    for (uint32_t i = 0; i < ports->count; i++) {
        TRY(buf_printf(out, i == 0 ? "" : ", "));
        TRY(port_print(ports->at[i], out));
    }
    return buf_printf(out, "]");
}

static err_t strings_print(const struct option_strings *strings, struct buf *out)
{
    TRY(buf_printf(out, "["));
    for (uint32_t i = 0; i < strings->count; i++) {
        TRY(buf_printf(out, i == 0 ? "" : ", "));
        TRY(string_print(strings->at[i], out));
    }
    return buf_printf(out, "]");
}

static err_t share_print(const struct option_share *share, struct buf *out)
{
    char text[32];

    if (share->bytes == 0) {
        return buf_printf(out, "%" PRIu64 "%%", share->percent);
    }
    return buf_printf(out, "%s",
                      units_format(size_units, UNIT_COUNT(size_units), share->bytes, text));
}

err_t option_value_print(const struct option *row, const void *slot, struct buf *out)
{
    char text[32];

    switch (row->type) {
    case OPTION_STRING:
    case OPTION_PATH:
        return string_print(*(char *const *)slot, out);
    case OPTION_ENUM:
        return buf_printf(out, "%s", row->choices[*(const int *)slot]);
    case OPTION_BOOL:
        return buf_printf(out, "%s", *(const bool *)slot ? "true" : "false");
    case OPTION_PORT:
        return port_print(*(const int32_t *)slot, out);
    case OPTION_INTEGER:
    case OPTION_BYTES:
    case OPTION_DURATION:
        return buf_printf(out, "%s", number_format(row, *(const uint64_t *)slot, text));
    case OPTION_SHARE:
        return share_print(slot, out);
    case OPTION_PORT_LIST:
        return ports_print(slot, out);
    case OPTION_STRING_LIST:
        return strings_print(slot, out);
    }
    return ERR_OK;
}
