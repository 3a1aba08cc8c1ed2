/* SPDX-License-Identifier: Apache-2.0
 *
 * settings_json: the option table once more, row by row. */
#include "ingestor/settings_json.h"

#include "base/option_value.h"
#include "ingestor/json_put.h"
#include "ingestor/url_hide.h"

#include <stdio.h>
#include <string.h>

void settings_json_init(struct settings_json *s)
{
    *s = (struct settings_json){0};
    pthread_mutex_init(&s->lock, NULL);
}

void settings_json_done(struct settings_json *s)
{
    pthread_mutex_destroy(&s->lock);
    buf_done(&s->text);
}

/* The name of a file is where the settings are; the other rows that no file holds end the
 * program. */
static bool is_shown(const struct option *row)
{
    return (row->flags & OPTION_HIDDEN) == 0 &&
           ((row->flags & OPTION_NO_FILE) == 0 || strcmp(row->name, "config") == 0);
}

/* Texts as they are, everything else as the command line takes it. */
static err_t append_value(const struct option_set *set, const struct option *row, struct buf *out)
{
    const void *slot = option_slot(set, row);

    if ((row->flags & OPTION_SECRET) != 0) {
        return buf_append(out, SPAN_LIT(URL_HIDE_MARK));
    }
    if (row->type == OPTION_STRING || row->type == OPTION_PATH) {
        return url_hide_append(span_of_str(*(char *const *)slot), out);
    }
    return option_value_print(row, slot, out);
}

static err_t append_where(const struct option_set *set, const struct option *row, struct buf *out)
{
    size_t i = (size_t)(row - set->table->rows);

    switch ((enum option_origin)set->origins->of[i]) {
    case OPTION_DEFAULT:
        return ERR_OK;
    case OPTION_FILE:
        return buf_printf(out, "%s:%u", set->origins->file == NULL ? "" : set->origins->file,
                          (unsigned)set->origins->line[i]);
    case OPTION_ENV:
        return option_variable(set->table, row, out);
    case OPTION_ARG:
        return buf_printf(out, "--%s", row->name);
    }
    return ERR_OK;
}

/* `scratch` is empty before and after. */
static void put_made(struct json_put *j, const char *key, err_t err, struct buf *scratch)
{
    if (err != ERR_OK) {
        j->err = err;
    }
    json_put_bytes(j, key, buf_span(scratch));
    scratch->len = 0;
}

static void put_row(struct json_put *j, const struct option_set *set, const struct option *row,
                    struct buf *scratch)
{
    static const char *const origins[] = {"default", "file", "environment", "argument"};
    const struct option_group *group = option_group(set->table, row);
    bool secret = (row->flags & OPTION_SECRET) != 0;

    json_put_object(j, NULL);
    json_put_text(j, "name", span_of_str(row->name));
    json_put_text(j, "group", span_of_str(group == NULL ? "" : group->name));
    put_made(j, "value", append_value(set, row, scratch), scratch);
    json_put_text(j, "default",
                  span_of_str(secret || row->default_text == NULL ? "" : row->default_text));
    json_put_text(j, "origin", span_of_str(origins[set->origins->of[row - set->table->rows]]));
    put_made(j, "where", append_where(set, row, scratch), scratch);
    json_put_bool(j, "reload", (row->flags & OPTION_RELOAD) != 0);
    json_put_bool(j, "secret", secret);
    json_put_text(j, "help", span_of_str(row->help));
    json_put_object_end(j);
}

err_t settings_json_render(const struct option_set *set, struct buf *out)
{
    struct json_put j = {.out = out, .err = ERR_OK};
    struct buf scratch = {0};
    size_t before = out->len;

    json_put_object(&j, NULL);
    json_put_array(&j, "settings");
    for (size_t i = 0; i < set->table->count; i++) {
        if (is_shown(&set->table->rows[i])) {
            put_row(&j, set, &set->table->rows[i], &scratch);
        }
    }
    json_put_array_end(&j);
    json_put_object_end(&j);
    buf_done(&scratch);
    if (j.err != ERR_OK) {
        out->len = before;
    }
    return j.err;
}

err_t settings_json_publish(struct settings_json *s, const struct option_set *set)
{
    struct buf fresh = {0};
    err_t err = settings_json_render(set, &fresh);

    if (err == ERR_OK) {
        pthread_mutex_lock(&s->lock);
        struct buf before = s->text;
        s->text = fresh;
        fresh = before;
        pthread_mutex_unlock(&s->lock);
    }
    buf_done(&fresh);
    return err;
}

err_t settings_json_read(struct settings_json *s, struct buf *out)
{
    pthread_mutex_lock(&s->lock);
    err_t err = buf_append(out, buf_span(&s->text));
    pthread_mutex_unlock(&s->lock);
    return err;
}
