/* SPDX-License-Identifier: Apache-2.0
 *
 * option_help: rows in two columns, under the headings of their groups. */
#include "base/option_help.h"

#include "base/option_parse.h"
#include "base/option_text.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define HELP_COLUMN 30 /* where the second column begins */
#define HELP_WIDTH  80u

static const struct option_margins margins = {"                              ", HELP_WIDTH};

enum detail { BRIEF, FULL };

static err_t show_row(const struct option *row, enum detail detail, const struct colour *colour,
                      struct buf *out)
{
    const char *arg = option_text_arg(row);
    int gap = arg[0] == '\0' ? 0 : 1;
    int len = (int)(strlen("  --") + strlen(row->name) + strlen(arg)) + gap;
    struct buf text = {0};

    err_t err =
        buf_printf(out, "  %s--%s%s%*s%s", colour->strong, row->name, colour->plain, gap, "", arg);
    if (err == ERR_OK && len + 1 > HELP_COLUMN) {
        err = buf_printf(out, "\n");
        len = 0;
    }
    if (err == ERR_OK) {
        err = buf_printf(out, "%*s", HELP_COLUMN - len, "");
    }
    if (err == ERR_OK) {
        err = detail == BRIEF ? option_text_brief(row, &text) : option_text_describe(row, &text);
    }
    if (err == ERR_OK) {
        err = option_text_wrap(buf_span(&text), margins, out);
    }
    buf_done(&text);
    return err;
}

static bool row_is_shown(const struct option *row)
{
    return (row->flags & (OPTION_HIDDEN | OPTION_NO_ARG)) == 0;
}

/* The rows of a group; of the whole table if `group` is NULL. */
static err_t show_rows(const struct option_table *table, const struct option_group *group,
                       const struct colour *colour, struct buf *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *row = &table->rows[i];
        if (row_is_shown(row) && (group == NULL || option_group(table, row) == group)) {
            TRY(show_row(row, FULL, colour, out));
        }
    }
    return ERR_OK;
}

static err_t show_group(const struct option_table *table, const struct option_group *group,
                        const struct colour *colour, struct buf *out)
{
    TRY(buf_printf(out, "%s%s%s: %s\n", colour->strong, group->name, colour->plain, group->help));
    return show_rows(table, group, colour, out);
}

static err_t show_head(const struct option_table *table, const struct colour *colour,
                       struct buf *out)
{
    static const struct option_margins plain = {"", HELP_WIDTH};
    const char *operands = table->operands == NULL ? "" : table->operands;

    TRY(buf_printf(out, "%susage:%s %s [OPTION]...%s%s\n", colour->strong, colour->plain,
                   table->program, operands[0] == '\0' ? "" : " ", operands));
    return option_text_wrap(span_of_str(table->summary), plain, out);
}

static err_t show_usual(const struct option_table *table, const struct colour *colour,
                        struct buf *out)
{
    TRY(show_head(table, colour, out));
    TRY(buf_printf(out, "\n%smost used%s\n", colour->strong, colour->plain));
    for (size_t i = 0; i < table->count; i++) {
        if ((table->rows[i].flags & OPTION_COMMON) != 0) {
            TRY(show_row(&table->rows[i], BRIEF, colour, out));
        }
    }
    TRY(buf_printf(out, "\n%smore%s: --help GROUP, --help OPTION, --help all\n", colour->strong,
                   colour->plain));
    for (const struct option_group *g = table->groups; g->name != NULL; g++) {
        TRY(buf_printf(out, "  %-*s%s\n", HELP_COLUMN - 2, g->name, g->help));
    }
    return ERR_OK;
}

static err_t show_all(const struct option_table *table, const struct colour *colour,
                      struct buf *out)
{
    TRY(show_head(table, colour, out));
    for (const struct option_group *g = table->groups; g->name != NULL; g++) {
        TRY(buf_append(out, SPAN_LIT("\n")));
        TRY(show_group(table, g, colour, out));
    }
    return ERR_OK;
}

/* Where else a setting can be given. */
static err_t show_places(const struct option_table *table, const struct option *row,
                         struct buf *out)
{
    if (table->env_prefix != NULL && (row->flags & OPTION_NO_ENV) == 0) {
        TRY(buf_printf(out, "%s%s", margins.indent, "variable "));
        TRY(option_variable(table, row, out));
        TRY(buf_append(out, SPAN_LIT("\n")));
    }
    if ((row->flags & OPTION_RELOAD) != 0) {
        TRY(buf_printf(out, "%sSIGHUP may change it\n", margins.indent));
    }
    return ERR_OK;
}

static err_t refuse(const struct option_table *table, const char *topic,
                    struct option_report *report)
{
    struct span name = span_head(span_of_str(topic), 64);
    const char *near = option_parse_nearest(table, name);
    unsigned best = near == NULL ? UINT_MAX : 2;
    char *why = report->why;

    for (const struct option_group *g = table->groups; g->name != NULL; g++) {
        if (option_parse_is_near(name, span_of_str(g->name), &best)) {
            near = g->name;
        }
    }
    int len = snprintf(why, OPTION_WHY_BYTES, "--help: \"%.*s\" is no group%s%s%s; allowed: all",
                       (int)name.len, name.at, near == NULL ? "" : "; did you mean ",
                       near == NULL ? "" : near, near == NULL ? "" : "?");
    for (const struct option_group *g = table->groups; g->name != NULL; g++) {
        len += snprintf(why + len, OPTION_WHY_BYTES - (size_t)len, ", %.32s", g->name);
        if (len + 64 > (int)OPTION_WHY_BYTES) {
            break;
        }
    }
    snprintf(why + len, OPTION_WHY_BYTES - (size_t)len, ", or the name of an option");
    return ERR_UNKNOWN;
}

err_t option_help_show(const struct option_table *table, const char *topic,
                       const struct colour *colour, struct buf *out, struct option_report *report)
{
    struct span name = span_of_str(topic);

    if (table->groups == NULL) {
        return show_rows(table, NULL, colour, out);
    }
    if (strcmp(topic, OPTION_HELP_ALONE) == 0) {
        return show_usual(table, colour, out);
    }
    if (strcmp(topic, "all") == 0) {
        return show_all(table, colour, out);
    }
    for (const struct option_group *g = table->groups; g->name != NULL; g++) {
        if (strcmp(topic, g->name) == 0) {
            return show_group(table, g, colour, out);
        }
    }
    const struct option *row =
        option_find(table, span_starts_with(name, SPAN_LIT("--")) ? span_skip(name, 2) : name);
    if (row == NULL || (row->flags & OPTION_HIDDEN) != 0) {
        return refuse(table, topic, report);
    }
    TRY(show_row(row, FULL, colour, out));
    return show_places(table, row, out);
}

int option_help_print(const struct option_table *table, const char *topic)
{
    struct option_report report = {0};
    struct buf out = {0};
    int status = 0;
    err_t err = option_help_show(table, topic, colour_of(STDOUT_FILENO), &out, &report);

    if (err == ERR_UNKNOWN) {
        colour_print_error(report.why);
        status = 2;
    } else if (err != ERR_OK || fwrite(out.at, 1, out.len, stdout) != out.len ||
               fflush(stdout) != 0) {
        colour_print_error("cannot write to standard output");
        status = 1;
    }
    buf_done(&out);
    return status;
}
