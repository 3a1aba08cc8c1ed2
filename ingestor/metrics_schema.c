/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_schema: counters by slot, shown by type. */
#include "ingestor/metrics_schema.h"

#include "ingestor/url_hide.h"

#include <stdio.h>
#include <string.h>

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

static void put_numbers(struct json_put *j, const struct metrics_view *view)
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

/* ---- the list ---- */

static bool is_same_type(const struct schema_cache_type_stats *a,
                         const struct schema_cache_type_stats *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0;
}

/* The version that the registry confirmed last, or, if it did none, that came last. NULL: this one
 * is in force itself. */
static const struct schema_cache_type_stats *replacement_of(const struct schema_cache_stats *s,
                                                            uint32_t type)
{
    const struct schema_cache_type_stats *of = &s->types[type];
    const struct schema_cache_type_stats *latest = of;

    for (uint32_t i = 0; i < s->type_count; i++) {
        const struct schema_cache_type_stats *other = &s->types[i];
        if (is_same_type(other, of) &&
            (other->fetched_wall_ns > latest->fetched_wall_ns ||
             (other->fetched_wall_ns == latest->fetched_wall_ns && other > latest))) {
            latest = other;
        }
    }
    return latest == of ? NULL : latest;
}

static void put_state(struct json_put *j, const struct schema_cache_stats *s, uint32_t type)
{
    const struct schema_cache_type_stats *of = &s->types[type];
    const struct schema_cache_type_stats *by = replacement_of(s, type);
    const char *state = of->pinned ? "pinned" : "in use";
    char why[96] = "";

    if (by != NULL) {
        state = "replaced";
        snprintf(why, sizeof(why), "version %u is in use", (unsigned)by->version);
    } else if (of->refused_version != 0) {
        state = "refused";
        snprintf(why, sizeof(why), "version %u would reject records that arrive",
                 (unsigned)of->refused_version);
    }
    json_put_text(j, "state", span_of_str(state));
    if (why[0] == '\0') {
        json_put_null(j, "why");
    } else {
        json_put_text(j, "why", span_of_str(why));
    }
}

static void put_subject(struct json_put *j, const struct schema_cache_type_stats *of)
{
    char subject[SCHEMA_TYPE_NAME_BYTES + 8];

    if (of->version == 0) {
        json_put_null(j, "subject");
        return;
    }
    snprintf(subject, sizeof(subject), "%s-%s", of->name, schema_kind_name(of->kind));
    json_put_bytes(j, "subject", span_of_str(subject));
}

static void put_listed(struct json_put *j, const struct metrics_view *view, uint32_t type)
{
    const struct schema_cache_type_stats *of = &view->schemas.types[type];

    json_put_object(j, NULL);
    json_put_bytes(j, "type", span_of_str(of->name));
    json_put_text(j, "format", span_of_str(schema_kind_name(of->kind)));
    put_subject(j, of);
    json_put_count(j, "version", of->version);
    json_put_count(j, "id", of->id);
    if (of->fetched_wall_ns == 0 || of->fetched_wall_ns > view->wall_ns) {
        json_put_null(j, "age_s");
    } else {
        json_put_real(j, "age_s", (double)(view->wall_ns - of->fetched_wall_ns) / (double)NS_PER_S);
    }
    put_state(j, &view->schemas, type);
    json_put_object_end(j);
}

static void put_list(struct json_put *j, const struct metrics_view *view)
{
    json_put_array(j, "schema_list");
    for (uint32_t i = 0; i < view->schemas.type_count; i++) {
        put_listed(j, view, i);
    }
    json_put_array_end(j);
}

/* ---- the registry ---- */

static void put_url(struct json_put *j, const char *url)
{
    struct buf shown = {0};
    err_t err = url_hide_append(span_of_str(url), &shown);

    if (err != ERR_OK) {
        j->err = err;
    }
    json_put_bytes(j, "url", buf_span(&shown));
    buf_done(&shown);
}

static void put_registry(struct json_put *j, const struct metrics_view *view)
{
    const struct schema_cache_stats *s = &view->schemas;

    if (!s->registry || s->url == NULL) {
        json_put_null(j, "registry");
        return;
    }
    json_put_object(j, "registry");
    put_url(j, s->url);
    json_put_bool(j, "reachable", s->reachable);
    json_put_time(j, "last_ok", s->age_ns < view->wall_ns ? view->wall_ns - s->age_ns : 0);
    if (s->reachable || s->why[0] == '\0') {
        json_put_null(j, "why");
    } else {
        json_put_bytes(j, "why", span_of_str(s->why));
    }
    json_put_object_end(j);
}

void metrics_schema_put(struct json_put *j, const struct metrics_view *view)
{
    put_numbers(j, view);
    put_list(j, view);
    put_registry(j, view);
}
