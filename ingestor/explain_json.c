/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_json: through json_put, so that it is JSON whatever the record holds. */
#include "ingestor/explain_json.h"

#include "ingestor/explain_field.h"
#include "ingestor/json_put.h"

static void put_str(struct json_put *j, const char *key, const char *text)
{
    json_put_text(j, key, span_of_str(text));
}

static void put_text(struct json_put *j, const char *key, struct text t)
{
    struct buf plain = {0};

    if (explain_field_plain(t, &plain) != ERR_OK) {
        j->err = ERR_NOMEM;
    } else {
        json_put_text(j, key, plain.len > 0 ? buf_span(&plain) : SPAN_LIT(""));
    }
    buf_done(&plain);
}

/* {"timestamp":{"value":…,"why":…},…}; without "why" a value stands as it was sent. */
static void put_fields(struct json_put *j, const struct explain_item *item)
{
    const struct record *rec = item->kept != NULL ? item->kept : item->found;

    json_put_object(j, "fields");
    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        struct text value = explain_field_value(rec, f);
        if (value.at == NULL) {
            continue;
        }
        const char *why = item->kept != NULL ? explain_field_why(item, f) : "";
        json_put_object(j, explain_field_name(f));
        put_text(j, "value", value);
        if (why[0] != '\0') {
            put_str(j, "why", why);
        }
        json_put_object_end(j);
    }
    json_put_object_end(j);
    json_put_array(j, "others");
    for (uint32_t i = 0; i < rec->extra_count; i++) {
        put_text(j, NULL, rec->extras[i].name);
    }
    json_put_array_end(j);
}

static void put_defaulted(struct json_put *j, const struct explain_item *item)
{
    json_put_array(j, "defaulted");
    for (enum entry_field f = 0; f < FIELD_COUNT; f++) {
        if (item->defaulted[f]) {
            put_str(j, NULL, explain_field_name(f));
        }
    }
    json_put_array_end(j);
}

static void put_type(struct json_put *j, const struct schema_type *type)
{
    json_put_object(j, "schema");
    put_str(j, "type", type->name);
    put_str(j, "format", schema_kind_name(type->kind));
    json_put_count(j, "id", type->id);
    json_put_count(j, "version", type->version);
    json_put_object_end(j);
}

static void put_verdict(struct json_put *j, const struct explain_item *item)
{
    put_str(j, "result", item->reject == NULL ? "archived" : "rejected");
    if (item->reject != NULL) {
        put_str(j, "reason", reason_name((enum reason)item->reject->reason));
        put_str(j, "detail", item->reject->detail);
        put_str(j, "change", item->change);
    }
}

err_t explain_json_item(const struct explain_item *item, struct buf *out)
{
    struct json_put j = {.out = out};

    json_put_object(&j, NULL);
    json_put_count(&j, "record", item->number);
    json_put_count(&j, "offset", item->offset);
    json_put_count(&j, "length", item->length);
    put_str(&j, "stream", item->stream);
    put_str(&j, "format", format_name(item->format));
    put_verdict(&j, item);
    if (item->found != NULL) {
        put_fields(&j, item);
        put_defaulted(&j, item);
    }
    if (item->rules[0] != '\0') {
        put_str(&j, "rules", item->rules);
    }
    if (item->type != NULL) {
        put_type(&j, item->type);
    }
    json_put_text(&j, "line", item->line);
    json_put_object_end(&j);
    TRY(j.err);
    return buf_append(out, SPAN_LIT("\n"));
}
