/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_fields: what a descriptor says of a field, checked; its names, found. */
#include "schema/schema_protobuf_fields.h"

#include "schema/schema_protobuf_wire.h"
#include "wire/utf8.h"

#include <stdlib.h>

#define GROUP_TYPE   10u /* TYPE_GROUP: proto2 only */
#define KEY_NUMBER   1u
#define VALUE_NUMBER 2u

typedef Google__Protobuf__FieldDescriptorProto field_proto;

static err_t refuse(struct schema_protobuf_parts *p, const struct schema_protobuf_message *m,
                    const char *field, const char *what)
{
    schema_why_set(p->why, "%.*s.%.100s: %s", (int)m->fullname.len, m->fullname.at,
                   field == NULL ? "" : field, what);
    return ERR_SYNTAX;
}

/* Source: descriptor.proto, "json_name", and ProtoJSON: lowerCamelCase. */
static size_t camel_case(struct span name, char *out)
{
    size_t len = 0;
    bool raise = false;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (c == '_') {
            raise = true;
            continue;
        }
        out[len++] = raise && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        raise = false;
    }
    return len;
}

static err_t name_field(struct schema_protobuf_parts *p, const struct schema_protobuf_message *m,
                        const field_proto *proto, struct schema_protobuf_field *f)
{
    static const char *const roles[FIELD_COUNT] = {
        [FIELD_TIMESTAMP] = "timestamp",
        [FIELD_LEVEL] = "level",
        [FIELD_MESSAGE] = "message",
        [FIELD_SERVICE] = "service",
    };
    char camel[PROTOBUF_NAME_BYTES_MAX];
    struct span json = span_of_str(proto->json_name);
    enum text_form form = TEXT_PLAIN;

    if (!schema_protobuf_names_is_identifier(span_of_str(proto->name)) ||
        strlen(proto->name) > sizeof(camel)) {
        return refuse(p, m, proto->name, "no name of a field");
    }
    TRY(schema_protobuf_names_keep(p->store, span_of_str(proto->name), &f->name));
    if (json.len == 0) {
        json = span_of(camel, camel_case(f->name, camel));
    }
    TRY(schema_protobuf_names_keep(p->store, json, &json));
    if (!utf8_classify(json, &form)) {
        return refuse(p, m, proto->name, "its JSON name is no UTF-8");
    }
    f->json_name = text_of(json, form);
    f->role = FIELD_COUNT;
    for (uint8_t i = 0; i < FIELD_COUNT; i++) {
        f->role = span_equal(f->name, span_of_str(roles[i])) ? i : f->role;
    }
    return ERR_OK;
}

/* The message or enum that it names; a compiler may leave it open which of the two it is. */
static err_t link_type(struct schema_protobuf_parts *p, const struct schema_protobuf_message *m,
                       const field_proto *proto, struct schema_protobuf_field *f)
{
    const struct schema_protobuf_name *found =
        schema_protobuf_names_resolve(&p->names, m->fullname, span_of_str(proto->type_name));

    if (found == NULL) {
        schema_why_set(p->why, "%.*s.%s: its type %.200s is missing", (int)m->fullname.len,
                       m->fullname.at, proto->name, proto->type_name);
        return ERR_UNKNOWN;
    }
    uint8_t type = found->kind == PROTOBUF_PART_ENUM ? PROTOBUF_ENUM : PROTOBUF_MESSAGE;
    if (proto->has_type && f->type != type) {
        return refuse(p, m, proto->name, "its type is of the wrong kind");
    }
    f->type = type;
    f->target = found->index;
    return ERR_OK;
}

static err_t type_field(struct schema_protobuf_parts *p, const struct schema_protobuf_message *m,
                        const field_proto *proto, struct schema_protobuf_field *f)
{
    int type = (int)proto->type;
    bool named = proto->type_name != NULL && *proto->type_name != '\0';

    if (proto->number < 1 || (uint32_t)proto->number > PROTOBUF_NUMBER_MAX) {
        return refuse(p, m, proto->name, "a bad field number");
    }
    f->number = (uint32_t)proto->number;
    f->repeated = proto->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
    if (proto->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED) {
        return refuse(p, m, proto->name, "required, which proto3 does not have");
    }
    f->type = (uint8_t)type;
    if (named) {
        return link_type(p, m, proto, f);
    }
    if (!proto->has_type || type < PROTOBUF_DOUBLE || type > PROTOBUF_SINT64 ||
        type == (int)GROUP_TYPE || type == PROTOBUF_MESSAGE || type == PROTOBUF_ENUM) {
        return refuse(p, m, proto->name, "a type that proto3 does not have");
    }
    return ERR_OK;
}

static err_t place_field(struct schema_protobuf_parts *p, const struct schema_protobuf_message *m,
                         const field_proto *proto, struct schema_protobuf_field *f)
{
    const Google__Protobuf__DescriptorProto *outer = p->sources[m - p->messages].proto;
    bool real = proto->has_oneof_index && !proto->proto3_optional;

    f->oneof = -1;
    if (real) {
        if (proto->oneof_index < 0 || (size_t)proto->oneof_index >= outer->n_oneof_decl ||
            f->repeated) {
            return refuse(p, m, proto->name, "it cannot be in its oneof");
        }
        if (proto->oneof_index >= (int32_t)SCHEMA_PROTOBUF_ONEOFS_MAX) {
            IGNORE(refuse(p, m, proto->name, "too many oneofs"), "it is another error");
            return ERR_LIMIT;
        }
        f->oneof = proto->oneof_index;
    }
    f->has_presence =
        !f->repeated && (real || proto->proto3_optional || f->type == PROTOBUF_MESSAGE);
    f->plain_text = f->type == PROTOBUF_STRING && !f->repeated && !real;
    if (f->type == PROTOBUF_MESSAGE && p->messages[f->target].known == PROTOBUF_MAP_ENTRY &&
        !f->repeated) {
        return refuse(p, m, proto->name, "a map that is not repeated");
    }
    return ERR_OK;
}

static int compare_fields(const void *a, const void *b)
{
    const struct schema_protobuf_field *x = a;
    const struct schema_protobuf_field *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

static err_t check_json_names(struct schema_protobuf_parts *p,
                              const struct schema_protobuf_message *m)
{
    struct schema_protobuf_names names;

    TRY(schema_protobuf_names_init(&names, m->count));
    for (uint32_t i = 0; i < m->count; i++) {
        schema_protobuf_names_add(&names, text_span(p->fields[m->first + i].json_name), 0, i);
    }
    struct schema_why why = {0};
    err_t err = schema_protobuf_names_sort(&names, &why);
    schema_protobuf_names_done(&names);
    return err == ERR_OK ? ERR_OK : refuse(p, m, "", why.text);
}

static err_t check_numbers(struct schema_protobuf_parts *p, const struct schema_protobuf_message *m)
{
    for (uint32_t i = 1; i < m->count; i++) {
        const struct schema_protobuf_field *f = &p->fields[m->first + i];
        if (f->number == f[-1].number) {
            char name[PROTOBUF_NAME_BYTES_MAX + 1] = {0};
            memcpy(name, f->name.at, f->name.len);
            return refuse(p, m, name, "another field has its number");
        }
    }
    return ERR_OK;
}

/* Source: Protocol Buffers, "Maps": any integral or string type, or bool. */
static bool is_key_type(uint8_t type)
{
    return type != PROTOBUF_DOUBLE && type != PROTOBUF_FLOAT && type != PROTOBUF_BYTES &&
           type != PROTOBUF_MESSAGE && type != PROTOBUF_ENUM;
}

static err_t check_map_entry(struct schema_protobuf_parts *p,
                             const struct schema_protobuf_message *m)
{
    const struct schema_protobuf_field *f = &p->fields[m->first];

    if (m->known != PROTOBUF_MAP_ENTRY) {
        return ERR_OK;
    }
    if (m->count != 2 || f[0].number != KEY_NUMBER || f[1].number != VALUE_NUMBER ||
        f[0].repeated || f[1].repeated || f[0].oneof >= 0 || f[1].oneof >= 0 ||
        !is_key_type(f[0].type)) {
        return refuse(p, m, "", "no entry of a map");
    }
    return ERR_OK;
}

static uint32_t count_flat(const struct schema_protobuf_parts *p,
                           const struct schema_protobuf_message *m)
{
    const struct schema_protobuf_field *f = &p->fields[m->first];
    uint32_t count = 0;

    while (count < m->count && f[count].number == count + 1 && f[count].plain_text &&
           f[count].role != FIELD_COUNT) {
        count++;
    }
    return count;
}

static err_t add_fields(struct schema_protobuf_parts *p, uint32_t message)
{
    const Google__Protobuf__DescriptorProto *proto = p->sources[message].proto;
    struct schema_protobuf_message *m = &p->messages[message];

    m->first = p->field_count;
    m->count = (uint32_t)proto->n_field;
    for (uint32_t i = 0; i < m->count; i++) {
        struct schema_protobuf_field *f = &p->fields[p->field_count++];
        TRY(name_field(p, m, proto->field[i], f));
        TRY(type_field(p, m, proto->field[i], f));
        TRY(place_field(p, m, proto->field[i], f));
    }
    qsort(&p->fields[m->first], m->count, sizeof(*p->fields), compare_fields);
    m->flat_count = count_flat(p, m);
    TRY(check_numbers(p, m));
    TRY(check_json_names(p, m));
    return check_map_entry(p, m);
}

err_t schema_protobuf_fields(struct schema_protobuf_parts *p)
{
    for (uint32_t i = 0; i < p->message_count; i++) {
        TRY(add_fields(p, i));
    }
    return ERR_OK;
}
