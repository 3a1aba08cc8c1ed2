/* SPDX-License-Identifier: Apache-2.0
 *
 * option_show: --help in two columns, --print-config as YAML. */
#include "base/option_show.h"

#include "base/option_value.h"

#include <stdio.h>

#define HELP_COLUMN 30u /* where the second column begins */
#define HELP_WIDTH  80u

static const char *arg_name(const struct option *row)
{
    if (row->arg != NULL) {
        return row->arg;
    }
    switch (row->type) {
    case OPTION_STRING:
    case OPTION_STRING_LIST:
        return "TEXT";
    case OPTION_PATH:
        return "PATH";
    case OPTION_ENUM:
        return "WORD";
    case OPTION_BOOL:
        return "";
    case OPTION_INTEGER:
        return "N";
    case OPTION_PORT:
    case OPTION_PORT_LIST:
        return "PORT";
    case OPTION_BYTES:
    case OPTION_SHARE:
        return "SIZE";
    case OPTION_DURATION:
        return "TIME";
    }
    return "";
}

/* Help, bounds, default, in one text. */
static err_t describe(const struct option *row, struct buf *out)
{
    bool text =
        row->type == OPTION_STRING || row->type == OPTION_PATH || row->type == OPTION_STRING_LIST;
    bool list = row->type == OPTION_STRING_LIST || row->type == OPTION_PORT_LIST;
    char allowed[256];

    TRY(buf_printf(out, "%s", row->help));
    if (!text && row->type != OPTION_BOOL) {
        option_value_allowed(row, allowed, sizeof(allowed));
        TRY(buf_printf(out, " [%s]", allowed));
    }
    if (list) {
        TRY(buf_printf(out, ", repeatable"));
    }
    if (row->default_text[0] != '\0' && row->type != OPTION_BOOL) {
        TRY(buf_printf(out, " (default %s)", row->default_text));
    }
    return ERR_OK;
}

/* Appends the words of `text`, breaking lines before HELP_WIDTH; the caller has filled the line up
 * to HELP_COLUMN. */
static err_t wrap(struct span text, struct buf *out)
{
    size_t column = HELP_COLUMN;

    while (text.len > 0) {
        struct span word = span_head(text, span_find(text, ' '));
        if (column > HELP_COLUMN && column + 1 + word.len > HELP_WIDTH) {
            TRY(buf_printf(out, "\n%*s", (int)HELP_COLUMN, ""));
            column = HELP_COLUMN;
        }
        const char *gap = column > HELP_COLUMN ? " " : "";
        TRY(buf_printf(out, "%s%.*s", gap, (int)word.len, word.at));
        column += word.len + strlen(gap);
        text = span_skip(text, word.len < text.len ? word.len + 1 : word.len);
    }
    return buf_append(out, SPAN_LIT("\n"));
}

static err_t help_row(const struct option *row, struct buf *out)
{
    const char *arg = arg_name(row);
    struct buf text = {0};
    char head[HELP_COLUMN * 2];

    snprintf(head, sizeof(head), "  --%s%s%s", row->name, arg[0] == '\0' ? "" : " ", arg);
    err_t err = buf_printf(out, "%-*s", (int)HELP_COLUMN, head);
    if (err == ERR_OK && strlen(head) + 1 > HELP_COLUMN) {
        err = buf_printf(out, "\n%*s", (int)HELP_COLUMN, "");
    }
    if (err == ERR_OK) {
        err = describe(row, &text);
    }
    if (err == ERR_OK) {
        err = wrap(buf_span(&text), out);
    }
    buf_done(&text);
    return err;
}

err_t option_show_help(const struct option_table *table, struct buf *out)
{
    for (size_t i = 0; i < table->count; i++) {
        TRY(help_row(&table->rows[i], out));
    }
    return ERR_OK;
}

static err_t config_row(const struct option_set *set, const struct option *row, struct buf *out)
{
    static const char *const origins[] = {"default", "file", "environment", "option"};
    const char *origin = origins[set->origins->of[row - set->table->rows]];

    if ((row->flags & OPTION_SECRET) != 0) {
        return buf_printf(out, "# %s: hidden (%s)\n", row->name, origin);
    }
    TRY(buf_printf(out, "%s: ", row->name));
    TRY(option_value_print(row, option_slot(set, row), out));
    return buf_printf(out, " # %s\n", origin);
}

err_t option_show_config(const struct option_set *set, struct buf *out)
{
    for (size_t i = 0; i < set->table->count; i++) {
        if ((set->table->rows[i].flags & OPTION_NO_FILE) == 0) {
            TRY(config_row(set, &set->table->rows[i], out));
        }
    }
    return ERR_OK;
}
