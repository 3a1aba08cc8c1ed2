/* SPDX-License-Identifier: Apache-2.0
 *
 * option_dump: one object a row. */
#include "base/option_dump.h"

#include "base/option_text.h"
#include "base/option_value.h"

#include <stdio.h>

/* "name":"text", */
static err_t put_text(struct buf *out, const char *name, const char *text)
{
    TRY(buf_printf(out, "\"%s\":\"", name));
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            TRY(buf_append(out, SPAN_LIT("\\")));
        }
        TRY(buf_append(out, span_of(c, 1)));
    }
    return buf_append(out, SPAN_LIT("\","));
}

static err_t put_flag(struct buf *out, const char *name, bool value)
{
    return buf_printf(out, "\"%s\":%s,", name, value ? "true" : "false");
}

static err_t put_choices(struct buf *out, const struct option *row)
{
    TRY(buf_printf(out, "\"choices\":["));
    for (size_t i = 0; row->choices != NULL && row->choices[i] != NULL; i++) {
        TRY(buf_printf(out, "%s\"%s\"", i == 0 ? "" : ",", row->choices[i]));
    }
    return buf_printf(out, "]}");
}

static err_t put_row(struct buf *out, const struct option_table *table, const struct option *row)
{
    const struct option_group *group = option_group(table, row);
    bool has_file = option_find(table, SPAN_LIT("config")) != NULL;
    bool list = row->type == OPTION_PORT_LIST || row->type == OPTION_STRING_LIST;
    char allowed[256];

    option_value_allowed(row, allowed, sizeof(allowed));
    TRY(buf_append(out, SPAN_LIT("{")));
    TRY(put_text(out, "name", row->name));
    TRY(put_text(out, "group", group == NULL ? "" : group->name));
    TRY(put_text(out, "help", row->help));
    TRY(put_text(out, "kind", option_value_noun(row)));
    TRY(put_text(out, "arg", option_text_arg(row)));
    TRY(put_text(out, "default", row->default_text));
    TRY(put_text(out, "allowed", allowed));
    TRY(put_flag(out, "path", row->type == OPTION_PATH));
    TRY(put_flag(out, "alone", row->alone != NULL || row->type == OPTION_BOOL));
    TRY(put_flag(out, "list", list));
    TRY(put_flag(out, "reload", (row->flags & OPTION_RELOAD) != 0));
    TRY(put_flag(out, "common", (row->flags & OPTION_COMMON) != 0));
    TRY(put_flag(out, "in_arguments", (row->flags & OPTION_NO_ARG) == 0));
    TRY(put_flag(out, "in_file", has_file && (row->flags & OPTION_NO_FILE) == 0));
    TRY(put_flag(out, "in_environment",
                 table->env_prefix != NULL && (row->flags & OPTION_NO_ENV) == 0));
    return put_choices(out, row);
}

static err_t put_groups(struct buf *out, const struct option_table *table)
{
    TRY(buf_printf(out, "\"groups\":["));
    for (const struct option_group *g = table->groups; g != NULL && g->name != NULL; g++) {
        TRY(buf_printf(out, "%s{", g == table->groups ? "" : ","));
        TRY(put_text(out, "help", g->help));
        TRY(buf_printf(out, "\"name\":\"%s\"}", g->name));
    }
    return buf_printf(out, "],");
}

err_t option_dump(const struct option_table *table, struct buf *out)
{
    bool begun = false;

    TRY(buf_append(out, SPAN_LIT("{")));
    TRY(put_text(out, "program", table->program));
    TRY(put_text(out, "summary", table->summary));
    TRY(put_text(out, "operands", table->operands == NULL ? "" : table->operands));
    TRY(put_text(out, "prefix", table->env_prefix == NULL ? "" : table->env_prefix));
    TRY(put_groups(out, table));
    TRY(buf_printf(out, "\"options\":["));
    for (size_t i = 0; i < table->count; i++) {
        if ((table->rows[i].flags & OPTION_HIDDEN) == 0) {
            TRY(buf_printf(out, "%s", begun ? ",\n" : "\n"));
            TRY(put_row(out, table, &table->rows[i]));
            begun = true;
        }
    }
    return buf_printf(out, "]}\n");
}

int option_dump_print(const struct option_table *table)
{
    struct buf out = {0};
    bool good = option_dump(table, &out) == ERR_OK &&
                fwrite(out.at, 1, out.len, stdout) == out.len && fflush(stdout) == 0;

    buf_done(&out);
    return good ? 0 : 1;
}
