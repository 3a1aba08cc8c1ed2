/* SPDX-License-Identifier: Apache-2.0
 *
 * option_text: texts from a row, and the breaking of lines. */
#include "base/option_text.h"

#include "base/option_value.h"

const char *option_text_arg(const struct option *row)
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

err_t option_text_describe(const struct option *row, struct buf *out)
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

err_t option_text_brief(const struct option *row, struct buf *out)
{
    return buf_append(out, span_of(row->help, strcspn(row->help, ",;")));
}

err_t option_text_wrap(struct span text, struct option_margins margins, struct buf *out)
{
    size_t begin = strlen(margins.indent);
    size_t column = begin;

    while (text.len > 0) {
        struct span word = span_head(text, span_find(text, ' '));
        if (column > begin && column + 1 + word.len > margins.width) {
            TRY(buf_printf(out, "\n%s", margins.indent));
            column = begin;
        }
        const char *gap = column > begin ? " " : "";
        TRY(buf_printf(out, "%s%.*s", gap, (int)word.len, word.at));
        column += word.len + strlen(gap);
        text = span_skip(text, word.len < text.len ? word.len + 1 : word.len);
    }
    return buf_append(out, SPAN_LIT("\n"));
}
