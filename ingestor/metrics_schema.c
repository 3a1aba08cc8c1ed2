/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_schema: counters by slot, shown by type. */
#include "ingestor/metrics_schema.h"

uint64_t metrics_schema_passed(const struct metrics_view *view, uint32_t type)
{
    return view->sum.schema_passed[view->schemas.types[type].slot];
}

uint64_t metrics_schema_failed(const struct metrics_view *view, uint32_t type)
{
    return view->sum.schema_failed[view->schemas.types[type].slot];
}

void metrics_schema_label(const char *name, char ret_label[METRICS_SCHEMA_LABEL_BYTES])
{
    size_t len = 0;

    for (size_t i = 0; i < SCHEMA_TYPE_NAME_BYTES - 1 && name[i] != '\0'; i++) {
        if (name[i] == '"' || name[i] == '\\' || name[i] == '\n') {
            ret_label[len++] = '\\';
        }
        ret_label[len++] = name[i] == '\n' ? 'n' : name[i];
    }
    ret_label[len] = '\0';
}

static void put_type(struct json_put *j, const struct metrics_view *view, uint32_t i)
{
    const struct schema_cache_type_stats *type = &view->schemas.types[i];

    json_put_object(j, NULL);
    json_put_text(j, "type", span_of_str(type->name));
    json_put_text(j, "format", span_of_str(schema_kind_name(type->kind)));
    json_put_count(j, "version", type->version);
    json_put_count(j, "id", type->id);
    json_put_count(j, "passed", metrics_schema_passed(view, i));
    json_put_count(j, "failed", metrics_schema_failed(view, i));
    json_put_count(j, "refused_version", type->refused_version);
    json_put_object_end(j);
}

void metrics_schema_put(struct json_put *j, const struct metrics_view *view)
{
    const struct schema_cache_stats *s = &view->schemas;

    json_put_object(j, "schemas");
    json_put_bool(j, "registry", s->registry);
    json_put_bool(j, "reachable", s->reachable);
    json_put_real(j, "age_s", (double)s->age_ns / (double)NS_PER_S);
    json_put_count(j, "fetches", s->fetches);
    json_put_count(j, "errors", s->errors);
    json_put_count(j, "adopted", s->adopted);
    json_put_count(j, "refused", s->refused);
    json_put_count(j, "ids", s->ids);
    json_put_count(j, "ids_refused", s->ids_refused);
    json_put_array(j, "types");
    for (uint32_t i = 0; i < s->type_count; i++) {
        put_type(j, view, i);
    }
    json_put_array_end(j);
    json_put_object_end(j);
}
