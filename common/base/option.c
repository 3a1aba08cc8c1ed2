/* SPDX-License-Identifier: Apache-2.0
 *
 * option: storing values by origin, error texts, and moving the settings that a reload may
 * change. */
#include "base/option.h"

#include "base/option_parse.h"
#include "base/option_value.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SHOWN_BYTES_MAX 80u /* of a wrong value in an error text */
_Static_assert(SHOWN_BYTES_MAX + sizeof("\"...\"") <= OPTION_QUOTED_BYTES, "a quoted value fits");
#define KEY_BYTES 512u /* a key as the user wrote it, with the name of the file */

const struct option *option_find(const struct option_table *table, struct span name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (span_equal(name, span_of_str(table->rows[i].name))) {
            return &table->rows[i];
        }
    }
    return NULL;
}

const struct option_group *option_group(const struct option_table *table, const struct option *row)
{
    while (row > table->rows && row->group == NULL) {
        row--;
    }
    for (const struct option_group *g = table->groups; g != NULL && g->name != NULL; g++) {
        if (row->group != NULL && strcmp(g->name, row->group) == 0) {
            return g;
        }
    }
    return NULL;
}

static size_t row_index(const struct option_set *set, const struct option *row)
{
    return (size_t)(row - set->table->rows);
}

static bool row_is_list(const struct option *row)
{
    return row->type == OPTION_PORT_LIST || row->type == OPTION_STRING_LIST;
}

static size_t slot_bytes(const struct option *row)
{
    switch (row->type) {
    case OPTION_STRING:
    case OPTION_PATH:
        return sizeof(char *);
    case OPTION_ENUM:
        return sizeof(int);
    case OPTION_BOOL:
        return sizeof(bool);
    case OPTION_PORT:
        return sizeof(int32_t);
    case OPTION_INTEGER:
    case OPTION_BYTES:
    case OPTION_DURATION:
        return sizeof(uint64_t);
    case OPTION_SHARE:
        return sizeof(struct option_share);
    case OPTION_PORT_LIST:
        return sizeof(struct option_ports);
    case OPTION_STRING_LIST:
        return sizeof(struct option_strings);
    }
    return 0;
}

/* Releases what the slot owns and leaves it zeroed. */
static void slot_clear(const struct option *row, void *slot)
{
    if (row->type == OPTION_STRING || row->type == OPTION_PATH) {
        free(*(char **)slot);
    }
    if (row->type == OPTION_STRING_LIST) {
        struct option_strings *list = slot;
        for (uint32_t i = 0; i < list->count; i++) {
            free(list->at[i]);
        }
    }
    memset(slot, 0, slot_bytes(row));
}

static err_t text_copy(struct span text, char **ret)
{
    char *copy = malloc(text.len + 1);

    ENSURE(copy != NULL, ERR_NOMEM);
    if (text.len > 0) {
        memcpy(copy, text.at, text.len);
    }
    copy[text.len] = '\0';
    *ret = copy;
    return ERR_OK;
}

static err_t string_store(struct span text, char **slot)
{
    char *copy = NULL;

    TRY(text_copy(text, &copy));
    free(*slot);
    *slot = copy;
    return ERR_OK;
}

static err_t strings_store(struct span text, struct option_strings *list)
{
    ENSURE(list->count < OPTION_LIST_MAX, ERR_LIMIT);
    TRY(text_copy(text, &list->at[list->count]));
    list->count++;
    return ERR_OK;
}

static err_t ports_store(uint64_t port, struct option_ports *list)
{
    ENSURE(list->count < OPTION_LIST_MAX, ERR_LIMIT);
    list->at[list->count++] = (int32_t)port;
    return ERR_OK;
}

/* Stores a checked value; a list takes it as one more item. */
static err_t slot_store(const struct option *row, void *slot, struct span text,
                        const struct option_value *value)
{
    switch (row->type) {
    case OPTION_STRING:
    case OPTION_PATH:
        return string_store(text, slot);
    case OPTION_ENUM:
        *(int *)slot = (int)value->number;
        break;
    case OPTION_BOOL:
        *(bool *)slot = value->number != 0;
        break;
    case OPTION_PORT:
        *(int32_t *)slot = (int32_t)value->number;
        break;
    case OPTION_INTEGER:
    case OPTION_BYTES:
    case OPTION_DURATION:
        *(uint64_t *)slot = value->number;
        break;
    case OPTION_SHARE:
        *(struct option_share *)slot = (struct option_share){value->number, value->percent};
        break;
    case OPTION_PORT_LIST:
        return ports_store(value->number, slot);
    case OPTION_STRING_LIST:
        return strings_store(text, slot);
    }
    return ERR_OK;
}

static struct option_source source_of(const struct option_set *set, const struct option *row)
{
    size_t i = row_index(set, row);

    return (struct option_source){(enum option_origin)set->origins->of[i], set->origins->line[i]};
}

static void source_set(const struct option_set *set, const struct option *row,
                       struct option_source source)
{
    set->origins->of[row_index(set, row)] = (uint8_t)source.origin;
    set->origins->line[row_index(set, row)] = source.line;
}

static char variable_char(char c)
{
    return c == '-' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

err_t option_variable(const struct option_table *table, const struct option *row, struct buf *out)
{
    TRY(buf_printf(out, "%s", table->env_prefix));
    for (const char *c = row->name; *c != '\0'; c++) {
        char upper = variable_char(*c);
        TRY(buf_append(out, span_of(&upper, 1)));
    }
    return ERR_OK;
}

/* The key as the user wrote it. */
static void key_format(const struct option_set *set, const struct option *row,
                       struct option_source source, char out[KEY_BYTES])
{
    if (source.origin == OPTION_FILE) {
        snprintf(out, KEY_BYTES, "%.400s:%u: %s", set->origins->file, source.line, row->name);
        return;
    }
    if (source.origin != OPTION_ENV) {
        snprintf(out, KEY_BYTES, "--%s", row->name);
        return;
    }
    size_t len = (size_t)snprintf(out, KEY_BYTES, "%.64s", set->table->env_prefix);
    for (const char *c = row->name; *c != '\0' && len + 1 < KEY_BYTES; c++) {
        out[len++] = variable_char(*c);
    }
    out[len] = '\0';
}

void option_quote(const struct option *row, struct span text, char out[OPTION_QUOTED_BYTES])
{
    size_t shown = text.len < SHOWN_BYTES_MAX ? text.len : SHOWN_BYTES_MAX;
    size_t len = 0;

    if (row != NULL && (row->flags & OPTION_SECRET) != 0) {
        snprintf(out, OPTION_QUOTED_BYTES, "(a secret)");
        return;
    }
    out[len++] = '"';
    for (size_t i = 0; i < shown; i++) {
        bool control = (unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f;
        out[len++] = control ? '?' : text.at[i];
    }
    snprintf(out + len, 8, "%s\"", shown < text.len ? "..." : "");
}

static const char *nearest_choice(const struct option *row, struct span text)
{
    const char *found = NULL;
    unsigned best = UINT_MAX;

    for (size_t i = 0; row->choices != NULL && row->choices[i] != NULL; i++) {
        if (option_parse_is_near(text, span_of_str(row->choices[i]), &best)) {
            found = row->choices[i];
        }
    }
    return found;
}

static void report_value(const struct option_set *set, const struct option *row,
                         struct option_source source, struct span text,
                         struct option_report *report)
{
    char key[KEY_BYTES];
    char value[OPTION_QUOTED_BYTES];
    char allowed[256];
    struct option_value parsed;
    err_t err = option_value_parse(row, text, &parsed);

    key_format(set, row, source, key);
    option_quote(row, text, value);
    option_value_allowed(row, allowed, sizeof(allowed));
    if (err == ERR_OK) { /* then it is the list that is full */
        snprintf(report->why, sizeof(report->why), "%s: %s is one too many; allowed: %u values",
                 key, value, OPTION_LIST_MAX);
        return;
    }
    if (err == ERR_LIMIT) {
        snprintf(report->why, sizeof(report->why), "%s: %s is out of bounds; allowed: %s", key,
                 value, allowed);
        return;
    }
    const char *near = nearest_choice(row, text);
    snprintf(report->why, sizeof(report->why), "%s: %s is no %s%s%s%s; allowed: %s", key, value,
             option_value_noun(row), near == NULL ? "" : "; did you mean ",
             near == NULL ? "" : near, near == NULL ? "" : "?", allowed);
}

err_t option_refuse(const struct option_set *set, const char *name, struct option_report *report,
                    const char *format, ...)
{
    const struct option *row = option_find(set->table, span_of_str(name));
    char key[KEY_BYTES];
    va_list args;

    assert(row != NULL);
    key_format(set, row, source_of(set, row), key);
    int len = snprintf(report->why, sizeof(report->why), "%s: ", key);
    va_start(args, format);
    vsnprintf(report->why + len, sizeof(report->why) - (size_t)len, format, args);
    va_end(args);
    return ERR_SYNTAX;
}

void option_clear(const struct option_set *set, const struct option *row,
                  struct option_source source)
{
    if (row_is_list(row) && source.origin > source_of(set, row).origin) {
        slot_clear(row, option_slot(set, row));
        source_set(set, row, source);
    }
}

err_t option_assign(const struct option_set *set, const struct option *row,
                    struct option_source source, struct span text, struct option_report *report)
{
    struct option_value value = {0};
    err_t err = option_value_parse(row, text, &value);

    if (err == ERR_OK) {
        if (source.origin < source_of(set, row).origin) {
            return ERR_OK;
        }
        option_clear(set, row, source);
        err = slot_store(row, option_slot(set, row), text, &value);
    }
    if (err == ERR_OK) {
        source_set(set, row, source);
    } else if (err != ERR_NOMEM) {
        report_value(set, row, source, text, report);
    }
    return err;
}

/* The default of a list is its items with commas between them, or nothing. */
static err_t default_store(const struct option_set *set, const struct option *row)
{
    struct span rest = span_of_str(row->default_text);

    while (rest.len > 0 || !row_is_list(row)) {
        struct span item = row_is_list(row) ? span_head(rest, span_find(rest, ',')) : rest;
        struct option_value value = {0};
        err_t err = option_value_parse(row, item, &value);
        assert(err == ERR_OK || (row->flags & OPTION_NOT_EMPTY) != 0);
        TRY(slot_store(row, option_slot(set, row), item, &value));
        if (item.len == rest.len) {
            break;
        }
        rest = span_skip(rest, item.len + 1);
    }
    return ERR_OK;
}

err_t option_init(const struct option_set *set)
{
    assert(set->table->count <= OPTION_ROWS_MAX);
    *set->origins = (struct option_origins){0};
    for (size_t i = 0; i < set->table->count; i++) {
        memset(option_slot(set, &set->table->rows[i]), 0, slot_bytes(&set->table->rows[i]));
    }
    for (size_t i = 0; i < set->table->count; i++) {
        err_t err = default_store(set, &set->table->rows[i]);
        if (err != ERR_OK) {
            option_done(set);
            return err;
        }
    }
    return ERR_OK;
}

void option_done(const struct option_set *set)
{
    for (size_t i = 0; i < set->table->count; i++) {
        slot_clear(&set->table->rows[i], option_slot(set, &set->table->rows[i]));
    }
}

/* Equal values print equal texts. */
static err_t slots_compare(const struct option *row, const void *a, const void *b, bool *ret_equal)
{
    struct buf text_a = {0};
    struct buf text_b = {0};
    err_t err = option_value_print(row, a, &text_a);

    if (err == ERR_OK) {
        err = option_value_print(row, b, &text_b);
    }
    if (err == ERR_OK) {
        *ret_equal = span_equal(buf_span(&text_a), buf_span(&text_b));
    }
    buf_done(&text_a);
    buf_done(&text_b);
    return err;
}

static void slots_swap(const struct option *row, void *a, void *b)
{
    char kept[sizeof(struct option_strings)];

    memcpy(kept, a, slot_bytes(row));
    memcpy(a, b, slot_bytes(row));
    memcpy(b, kept, slot_bytes(row));
}

err_t option_reload(const struct option_set *to, const struct option_set *from, struct buf *applied,
                    struct buf *refused)
{
    bool move[OPTION_ROWS_MAX] = {0};

    for (size_t i = 0; i < to->table->count; i++) {
        const struct option *row = &to->table->rows[i];
        bool equal = false;
        TRY(slots_compare(row, option_slot(to, row), option_slot(from, row), &equal));
        move[i] = !equal && (row->flags & OPTION_RELOAD) != 0;
        if (!equal) {
            TRY(buf_printf(move[i] ? applied : refused, "%s ", row->name));
        }
    }
    for (size_t i = 0; i < to->table->count; i++) {
        const struct option *row = &to->table->rows[i];
        if (move[i]) {
            slots_swap(row, option_slot(to, row), option_slot(from, row));
            source_set(to, row, source_of(from, row));
        }
    }
    return ERR_OK;
}
