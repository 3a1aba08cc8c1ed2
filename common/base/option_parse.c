/* SPDX-License-Identifier: Apache-2.0
 *
 * option_parse: finds the row a word or variable means and hands values to option_assign(). */
#include "base/option_parse.h"

#include <limits.h>
#include <stdio.h>

#define NAME_CAP 64u /* a mistyped name is compared up to here */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* How many slips make one of the other: a character too many, missing, wrong, or two that changed
 * places (optimal string alignment), by rows of the usual table. */
static unsigned edit_distance(struct span a, struct span b)
{
    unsigned rows[3][NAME_CAP + 1];

    for (unsigned j = 0; j <= b.len; j++) {
        rows[0][j] = j;
    }
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned *now = rows[i % 3];
        const unsigned *before = rows[(i + 2) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned change = before[j - 1] + (a.at[i - 1] == b.at[j - 1] ? 0 : 1);
            now[j] = least(change, least(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1]) {
                now[j] = least(now[j], rows[(i + 1) % 3][j - 2] + 1);
            }
        }
    }
    return rows[a.len % 3][b.len];
}

/* One slip in up to seven characters, two in up to eleven, three in more: a name further away is
 * another word, and to suggest it would mislead. */
static unsigned slips_max(struct span name)
{
    return name.len < 8 ? 1 : name.len < 12 ? 2 : 3;
}

bool option_parse_is_near(struct span name, struct span candidate, unsigned *best)
{
    if (name.len < 2 || name.len > NAME_CAP || candidate.len > NAME_CAP) {
        return false;
    }
    unsigned distance = edit_distance(name, candidate);
    if (distance > slips_max(name) || distance >= *best) {
        return false;
    }
    *best = distance;
    return true;
}

const char *option_parse_nearest(const struct option_table *table, struct span name)
{
    const char *found = NULL;
    unsigned best = UINT_MAX;

    while (span_starts_with(name, SPAN_LIT("-"))) { /* of the command line, in a file */
        name = span_skip(name, 1);
    }
    for (size_t i = 0; i < table->count; i++) {
        bool hidden = (table->rows[i].flags & OPTION_HIDDEN) != 0;
        if (!hidden && option_parse_is_near(name, span_of_str(table->rows[i].name), &best)) {
            found = table->rows[i].name;
        }
    }
    return found;
}

/* One value, or the items of a list between commas. */
static err_t assign_words(const struct option_set *set, const struct option *row,
                          enum option_origin origin, struct span text, struct option_report *report)
{
    struct option_source source = {.origin = origin};
    bool list = row->type == OPTION_PORT_LIST || row->type == OPTION_STRING_LIST;

    if (list && text.len == 0) {
        option_clear(set, row, source);
        return ERR_OK;
    }
    while (list && span_find(text, ',') < text.len) {
        struct span item = span_head(text, span_find(text, ','));
        TRY(option_assign(set, row, source, item, report));
        text = span_skip(text, item.len + 1);
    }
    return option_assign(set, row, source, text, report);
}

static err_t report_unknown_arg(const struct option_set *set, struct span word, struct span name,
                                struct option_report *report)
{
    const char *near = option_parse_nearest(set->table, name);
    int shown = (int)span_head(word, 100).len;

    if (near != NULL) {
        snprintf(report->why, sizeof(report->why),
                 "%.*s: unknown option; did you mean --%s? --help all lists them", shown, word.at,
                 near);
    } else {
        snprintf(report->why, sizeof(report->why), "%.*s: unknown option; --help all lists them",
                 shown, word.at);
    }
    return ERR_UNKNOWN;
}

/* One option with its value; `next` is the word behind it or NULL. `ret_words`: 1, or 2 if `next`
 * was its value. */
static err_t arg_parse(const struct option_set *set, struct span word, const char *next,
                       int *ret_words, struct option_report *report)
{
    bool long_form = span_starts_with(word, SPAN_LIT("--"));
    struct span head = span_head(word, span_find(word, '='));
    struct span name = long_form ? span_skip(head, 2) : head;
    const struct option *row = long_form ? option_find(set->table, name) : NULL;

    if (span_equal(word, SPAN_LIT("-h"))) {
        row = option_find(set->table, SPAN_LIT("help"));
    }
    if (row == NULL) {
        return report_unknown_arg(set, head, name, report);
    }
    if ((row->flags & OPTION_NO_ARG) != 0) {
        snprintf(report->why, sizeof(report->why),
                 "--%s: is no option; it is a key of the file that --config names", row->name);
        return ERR_UNKNOWN;
    }
    *ret_words = 1;
    if (head.len < word.len) {
        return assign_words(set, row, OPTION_ARG, span_skip(word, head.len + 1), report);
    }
    const char *alone = row->type == OPTION_BOOL ? "true" : row->alone;
    if (alone != NULL && (row->type == OPTION_BOOL || next == NULL || next[0] == '-')) {
        return assign_words(set, row, OPTION_ARG, span_of_str(alone), report);
    }
    if (next == NULL) {
        snprintf(report->why, sizeof(report->why), "--%s: a value must follow", row->name);
        return ERR_SYNTAX;
    }
    *ret_words = 2;
    return assign_words(set, row, OPTION_ARG, span_of_str(next), report);
}

err_t option_parse_args(const struct option_set *set, int argc, char *const *argv,
                        struct option_report *report)
{
    int words = 1;

    for (int i = 1; i < argc; i += words) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        TRY(arg_parse(set, span_of_str(argv[i]), next, &words, report));
    }
    return ERR_OK;
}

/* TLS_PORT -> tls-port; ERR_LIMIT if it is longer than any name. */
static err_t name_from_variable(struct span variable, char out[NAME_CAP])
{
    ENSURE(variable.len < NAME_CAP, ERR_LIMIT);
    for (size_t i = 0; i < variable.len; i++) {
        char c = variable.at[i];
        out[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : '?';
        if (c >= '0' && c <= '9') {
            out[i] = c;
        }
    }
    return ERR_OK;
}

static bool contains(struct span text, struct span part)
{
    return memmem(text.at, text.len, part.at, part.len) != NULL;
}

static bool ends_with(struct span text, struct span tail)
{
    return text.len >= tail.len && span_equal(span_skip(text, text.len - tail.len), tail);
}

/* Names that Kubernetes and Docker links make for a service called like our prefix, such as
 * SERVICE_HOST, SERVICE_PORT_TLS, INGESTOR_PORT_3001_TCP_ADDR. */
static bool platform_made(struct span variable)
{
    return ends_with(variable, SPAN_LIT("SERVICE_HOST")) ||
           contains(variable, SPAN_LIT("SERVICE_PORT")) || contains(variable, SPAN_LIT("_TCP_")) ||
           contains(variable, SPAN_LIT("_UDP_"));
}

static err_t report_unknown_variable(const struct option_set *set, struct span full,
                                     struct span name, struct span value,
                                     struct option_report *report)
{
    const char *near = option_parse_nearest(set->table, name);
    const struct option *row = near == NULL ? NULL : option_find(set->table, span_of_str(near));
    bool known = row != NULL && (row->flags & OPTION_NO_ENV) == 0;
    char quoted[OPTION_QUOTED_BYTES];

    option_quote(row, value, quoted);
    snprintf(report->why, sizeof(report->why),
             "%.*s: unknown variable (its value: %s)%s%s%s; allowed: %s and an option's name, see "
             "--help all",
             (int)span_head(full, 100).len, full.at, quoted,
             known ? "; did you mean the one of --" : "", known ? near : "", known ? "?" : "",
             set->table->env_prefix);
    return ERR_UNKNOWN;
}

static err_t variable_parse(const struct option_set *set, struct span full, struct span value,
                            struct option_report *report)
{
    struct span variable = span_skip(full, strlen(set->table->env_prefix));
    char name[NAME_CAP] = "";
    bool fits = name_from_variable(variable, name) == ERR_OK;
    struct span found = span_of(name, fits ? variable.len : 0);
    const struct option *row = fits ? option_find(set->table, found) : NULL;

    if (span_starts_with(value, SPAN_LIT("tcp://")) ||
        span_starts_with(value, SPAN_LIT("udp://")) || (row == NULL && platform_made(variable))) {
        return buf_printf(&report->warnings,
                          "%.*s: skipped: it looks like a container platform's variable\n",
                          (int)span_head(full, 100).len, full.at);
    }
    if (row == NULL || (row->flags & OPTION_NO_ENV) != 0) {
        return report_unknown_variable(set, full, found, value, report);
    }
    return value.len == 0 ? ERR_OK : assign_words(set, row, OPTION_ENV, value, report);
}

err_t option_parse_env(const struct option_set *set, char *const *env, struct option_report *report)
{
    struct span prefix = span_of_str(set->table->env_prefix);

    for (size_t i = 0; prefix.len > 0 && env[i] != NULL; i++) {
        struct span line = span_of_str(env[i]);
        struct span full = span_head(line, span_find(line, '='));
        if (!span_starts_with(full, prefix)) {
            continue;
        }
        struct span value = full.len < line.len ? span_skip(line, full.len + 1) : (struct span){0};
        TRY(variable_parse(set, full, value, report));
    }
    return ERR_OK;
}
