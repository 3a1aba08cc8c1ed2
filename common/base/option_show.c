/* SPDX-License-Identifier: Apache-2.0
 *
 * option_show: --print-config and --print-config-template. */
#include "base/option_show.h"

#include "base/option_text.h"
#include "base/option_value.h"

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

static err_t explain(const struct option *row, struct buf *out)
{
    static const struct option_margins margins = {"# ", 80};
    struct buf text = {0};
    err_t err = option_text_describe(row, &text);

    if (err == ERR_OK && (row->flags & OPTION_RELOAD) == 0) {
        err = buf_printf(&text, "; needs a restart");
    }
    if (err == ERR_OK) {
        err = buf_printf(out, "\n# ");
    }
    if (err == ERR_OK) {
        err = option_text_wrap(buf_span(&text), margins, out);
    }
    buf_done(&text);
    return err;
}

static err_t template_row(const struct option_set *set, const struct option *row, struct buf *out)
{
    bool stated = set->origins->of[row - set->table->rows] != OPTION_DEFAULT ||
                  (row->flags & OPTION_STATED) != 0;

    TRY(explain(row, out));
    if ((row->flags & OPTION_SECRET) != 0) {
        return buf_printf(out, "#%s:\n", row->name);
    }
    TRY(buf_printf(out, "%s%s: ", stated ? "" : "#", row->name));
    TRY(option_value_print(row, option_slot(set, row), out));
    return buf_append(out, SPAN_LIT("\n"));
}

static err_t template_group(const struct option_set *set, const struct option_group *group,
                            struct buf *out)
{
    bool begun = false;

    for (size_t i = 0; i < set->table->count; i++) {
        const struct option *row = &set->table->rows[i];
        if ((row->flags & (OPTION_NO_FILE | OPTION_HIDDEN)) != 0 ||
            option_group(set->table, row) != group) {
            continue;
        }
        if (!begun) {
            TRY(buf_printf(out, "\n## %s: %s\n", group->name, group->help));
            begun = true;
        }
        TRY(template_row(set, row, out));
    }
    return ERR_OK;
}

err_t option_show_template(const struct option_set *set, struct buf *out)
{
    TRY(buf_printf(out,
                   "# Settings of %s, for --config. A line that begins with #name: holds the\n"
                   "# default of that setting; take the # away to change it. --check-config tries\n"
                   "# the file, SIGHUP reads it again. Options and variables beat the file.\n",
                   set->table->program));
    for (const struct option_group *g = set->table->groups; g->name != NULL; g++) {
        TRY(template_group(set, g, out));
    }
    return ERR_OK;
}
