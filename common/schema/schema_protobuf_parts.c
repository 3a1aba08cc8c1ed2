/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_parts: names of messages and enums. The array of messages is the queue of those
 * whose nested ones are still to come, so that those of one message stand together. */
#include "schema/schema_protobuf_parts.h"

#include <stdlib.h>

static const struct {
    const char *fullname;
    enum schema_protobuf_known known;
} well_known[] = {
    {"google.protobuf.Timestamp", PROTOBUF_TIMESTAMP},
    {"google.protobuf.Duration", PROTOBUF_DURATION},
    {"google.protobuf.Struct", PROTOBUF_STRUCT},
    {"google.protobuf.Value", PROTOBUF_VALUE},
    {"google.protobuf.ListValue", PROTOBUF_LIST_VALUE},
    {"google.protobuf.DoubleValue", PROTOBUF_WRAPPER},
    {"google.protobuf.FloatValue", PROTOBUF_WRAPPER},
    {"google.protobuf.Int64Value", PROTOBUF_WRAPPER},
    {"google.protobuf.UInt64Value", PROTOBUF_WRAPPER},
    {"google.protobuf.Int32Value", PROTOBUF_WRAPPER},
    {"google.protobuf.UInt32Value", PROTOBUF_WRAPPER},
    {"google.protobuf.BoolValue", PROTOBUF_WRAPPER},
    {"google.protobuf.StringValue", PROTOBUF_WRAPPER},
    {"google.protobuf.BytesValue", PROTOBUF_WRAPPER},
    {"google.protobuf.FieldMask", PROTOBUF_FIELD_MASK},
    {"google.protobuf.Empty", PROTOBUF_EMPTY},
    {"google.protobuf.Any", PROTOBUF_ANY},
};

static err_t check_name(struct schema_protobuf_parts *p, struct span scope, const char *name)
{
    if (!schema_protobuf_names_is_identifier(span_of_str(name))) {
        schema_why_set(p->why, "%.*s: \"%.100s\" is no name", (int)scope.len, scope.at,
                       name == NULL ? "" : name);
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

/* scope.name, kept. */
static err_t declare_name(struct schema_protobuf_parts *p, struct span scope, const char *name,
                          struct span *ret)
{
    struct span own = span_of_str(name);

    TRY(check_name(p, scope, name));
    if (scope.len + 1 + own.len > PROTOBUF_NAME_BYTES_MAX) {
        schema_why_set(p->why, "%.100s: its full name has more than %u bytes", name,
                       PROTOBUF_NAME_BYTES_MAX);
        return ERR_LIMIT;
    }
    return schema_protobuf_names_join(p->store, scope, own, ret);
}

static int compare_values(const void *a, const void *b)
{
    const struct schema_protobuf_value *x = a;
    const struct schema_protobuf_value *y = b;
    int order = (x->number > y->number) - (x->number < y->number);

    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static err_t declare_enum(struct schema_protobuf_parts *p, struct span scope,
                          const Google__Protobuf__EnumDescriptorProto *proto)
{
    struct schema_protobuf_enum *e = &p->enums[p->enum_count];

    TRY(declare_name(p, scope, proto->name, &e->fullname));
    e->first = p->value_count;
    e->count = (uint32_t)proto->n_value;
    e->is_null = span_equal(e->fullname, SPAN_LIT("google.protobuf.NullValue"));
    schema_protobuf_names_add(&p->names, e->fullname, PROTOBUF_PART_ENUM, p->enum_count);
    for (uint32_t i = 0; i < e->count; i++) {
        struct schema_protobuf_value *value = &p->values[p->value_count++];
        struct span name;
        TRY(check_name(p, e->fullname, proto->value[i]->name));
        TRY(schema_protobuf_names_keep(p->store, span_of_str(proto->value[i]->name), &name));
        *value = (struct schema_protobuf_value){
            .number = proto->value[i]->number, .order = i, .name = text_of(name, TEXT_CLEAN)};
    }
    qsort(&p->values[e->first], e->count, sizeof(*p->values), compare_values);
    p->enum_count++;
    return ERR_OK;
}

static enum schema_protobuf_known known_of(struct span fullname, bool of_google,
                                           const Google__Protobuf__DescriptorProto *proto)
{
    if (proto->options != NULL && proto->options->map_entry) {
        return PROTOBUF_MAP_ENTRY;
    }
    for (size_t i = 0; of_google && i < sizeof(well_known) / sizeof(well_known[0]); i++) {
        if (span_equal(fullname, span_of_str(well_known[i].fullname))) {
            return well_known[i].known;
        }
    }
    return PROTOBUF_ORDINARY;
}

static err_t declare_message(struct schema_protobuf_parts *p, struct span scope,
                             struct schema_protobuf_source source, bool of_google)
{
    struct schema_protobuf_message *m = &p->messages[p->message_count];

    if (source.depth > SCHEMA_PROTOBUF_PATH_MAX) {
        schema_why_set(p->why, "%.*s: messages nested more than %u deep", (int)scope.len, scope.at,
                       SCHEMA_PROTOBUF_PATH_MAX);
        return ERR_LIMIT;
    }
    TRY(declare_name(p, scope, source.proto->name, &m->fullname));
    m->plan = p->plan;
    m->known = (uint8_t)known_of(m->fullname, of_google, source.proto);
    m->well_known = of_google;
    schema_protobuf_names_add(&p->names, m->fullname, PROTOBUF_PART_MESSAGE, p->message_count);
    p->sources[p->message_count++] = source;
    return ERR_OK;
}

/* Dotted identifiers, or nothing. */
static bool is_package(struct span package)
{
    for (struct span left = package; package.len > 0;) {
        size_t part = span_find(left, '.');
        if (!schema_protobuf_names_is_identifier(span_head(left, part))) {
            return false;
        }
        if (part == left.len) {
            break;
        }
        left = span_skip(left, part + 1);
    }
    return true;
}

static err_t declare_file(struct schema_protobuf_parts *p, const struct schema_protobuf_file *file)
{
    struct span package = span_of_str(file->proto->package);

    if (!is_package(package)) {
        schema_why_set(p->why, "%.200s: a bad package name", file->proto->name);
        return ERR_SYNTAX;
    }
    for (size_t i = 0; i < file->proto->n_message_type; i++) {
        struct schema_protobuf_source source = {file->proto->message_type[i], file->proto->name, 1};
        TRY(declare_message(p, package, source, file->well_known));
    }
    for (size_t i = 0; i < file->proto->n_enum_type; i++) {
        TRY(declare_enum(p, package, file->proto->enum_type[i]));
    }
    return ERR_OK;
}

static err_t declare_nested(struct schema_protobuf_parts *p, uint32_t outer)
{
    const struct schema_protobuf_source *source = &p->sources[outer];
    struct schema_protobuf_message *m = &p->messages[outer];

    m->nested_first = p->message_count;
    m->nested_count = (uint32_t)source->proto->n_nested_type;
    for (size_t i = 0; i < source->proto->n_nested_type; i++) {
        struct schema_protobuf_source nested = {source->proto->nested_type[i], source->file,
                                                source->depth + 1};
        TRY(declare_message(p, m->fullname, nested, m->well_known));
    }
    for (size_t i = 0; i < source->proto->n_enum_type; i++) {
        TRY(declare_enum(p, m->fullname, source->proto->enum_type[i]));
    }
    return ERR_OK;
}

err_t schema_protobuf_parts_declare(struct schema_protobuf_parts *p)
{
    for (uint32_t i = 0; i < p->set->file_count; i++) {
        TRY(declare_file(p, &p->set->files[i]));
        p->top_count = i == 0 ? p->message_count : p->top_count;
    }
    for (uint32_t i = 0; i < p->message_count; i++) {
        TRY(declare_nested(p, i));
    }
    return schema_protobuf_names_sort(&p->names, p->why);
}
