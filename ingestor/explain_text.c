/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_text: labels of one width, values as JSON would escape them. */
#include "ingestor/explain_text.h"

#include "ingestor/explain_field.h"
#include "render/render_put.h"
#include "wire/utf8.h"

#include <inttypes.h>
#include <stdio.h>

#define GREEN           "\x1b[32m"
#define RED             "\x1b[31m"
#define BOLD            "\x1b[1m"
#define RESET           "\x1b[0m"

#define VALUE_BYTES_MAX 240u /* of a value; the line below holds all of it */

static err_t put_painted(struct buf *out, enum explain_paint paint, const char *colour,
                         const char *text)
{
    bool colours = paint == EXPLAIN_COLOURS;

    return buf_printf(out, "%s%s%s", colours ? colour : "", text, colours ? RESET : "");
}

static err_t put_label(struct buf *out, const char *label)
{
    return buf_printf(out, "   %-10s ", label);
}

/* A row of text that is ours; none if it is empty. */
static err_t put_row(struct buf *out, const char *label, const char *text)
{
    if (text[0] == '\0') {
        return ERR_OK;
    }
    TRY(put_label(out, label));
    return buf_printf(out, "%s\n", text);
}

/* The head of a value, without anything that a terminal would obey. */
static err_t put_value(struct buf *out, struct text t)
{
    TRY(buf_reserve(out, render_put_bound(t, &render_put_json_costs)));
    size_t start = out->len;
    out->len = (size_t)(render_put_text(out->at + start, t) - out->at);
    struct span written = span_of(out->at + start, out->len - start);
    if (written.len <= VALUE_BYTES_MAX) {
        return ERR_OK;
    }
    out->len = start + utf8_cut(written, VALUE_BYTES_MAX);
    return buf_printf(out, "... (%u bytes)", (unsigned)t.len);
}

static err_t put_field(const struct explain_item *item, enum entry_field field, struct buf *out)
{
    const struct record *rec = item->kept != NULL ? item->kept : item->found;
    struct text value = explain_field_value(rec, field);
    const char *why = item->kept != NULL ? explain_field_why(item, field) : "";

    TRY(put_label(out, explain_field_name(field)));
    TRY(value.at == NULL ? buf_printf(out, "(none)") : put_value(out, value));
    return why[0] == '\0' ? buf_printf(out, "\n") : buf_printf(out, "   <- %s\n", why);
}

static err_t put_others(const struct record *rec, struct buf *out)
{
    if (rec->extra_count == 0) {
        return ERR_OK;
    }
    TRY(put_label(out, "also"));
    size_t start = out->len;
    for (uint32_t i = 0; i < rec->extra_count && out->len - start < VALUE_BYTES_MAX; i++) {
        TRY(i == 0 ? ERR_OK : buf_append(out, SPAN_LIT(" ")));
        TRY(put_value(out, rec->extras[i].name));
    }
    return buf_printf(out, "\n");
}

static err_t put_fields(const struct explain_item *item, struct buf *out)
{
    if (item->found == NULL) {
        return ERR_OK;
    }
    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        TRY(put_field(item, f, out));
    }
    return put_others(item->kept != NULL ? item->kept : item->found, out);
}

static err_t put_judges(const struct explain_item *item, struct buf *out)
{
    const struct schema_type *type = item->type;

    TRY(put_row(out, "rules", item->rules));
    if (type == NULL) {
        return ERR_OK;
    }
    TRY(put_label(out, "schema"));
    TRY(put_value(out, type->text));
    TRY(buf_printf(out, " (%s, ", schema_kind_name(type->kind)));
    return type->id == 0
               ? buf_printf(out, "built in)\n")
               : buf_printf(out, "version %" PRIu32 ", id %" PRIu32 ")\n", type->version, type->id);
}

static err_t put_line(const struct explain_item *item, struct buf *out)
{
    TRY(put_label(out, item->reject == NULL ? "line" : "kept as"));
    TRY(buf_append(out, item->line));
    return buf_printf(out, "\n\n");
}

err_t explain_text_item(const struct explain_item *item, enum explain_paint paint, struct buf *out)
{
    char head[64];

    snprintf(head, sizeof(head), "#%" PRIu64, item->number);
    TRY(put_painted(out, paint, BOLD, head));
    TRY(buf_printf(out, " at byte %" PRIu64 ", %" PRIu64 " bytes, stream: %s, format: %s: ",
                   item->offset, item->length, item->stream, format_name(item->format)));
    if (item->reject == NULL) {
        TRY(put_painted(out, paint, GREEN, "archived\n"));
    } else {
        TRY(put_painted(out, paint, RED, "rejected\n"));
        TRY(put_row(out, "reason", reason_name((enum reason)item->reject->reason)));
        TRY(put_row(out, "detail", item->reject->detail));
        TRY(put_row(out, "change", item->change));
    }
    TRY(put_fields(item, out));
    TRY(put_judges(item, out));
    return put_line(item, out);
}

err_t explain_text_totals(const struct explain_totals *t, enum explain_paint paint, struct buf *out)
{
    bool good = t->rejected == 0;

    TRY(buf_printf(out, "%" PRIu64 " records in %" PRIu64 " bytes: ", t->archived + t->rejected,
                   t->bytes));
    TRY(put_painted(out, paint, good ? GREEN : RED, good ? "all" : "not all"));
    TRY(buf_printf(out, " would be archived (%" PRIu64 " archived, %" PRIu64 " rejected",
                   t->archived, t->rejected));
    if (t->blank_lines > 0) {
        TRY(buf_printf(out, ", %" PRIu64 " blank lines between them", t->blank_lines));
    }
    TRY(buf_printf(out, ")\n"));
    return t->closed ? buf_printf(out, "the connection would be closed there: what follows is not "
                                       "read\n")
                     : ERR_OK;
}
