/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_walk: follows protobuf-c's own tables, so that it descends exactly where the
 * unpacking will. */
#include "schema/schema_protobuf_walk.h"

#include "schema/schema_protobuf_wire.h"
#include "wire/utf8.h"

#include <google/protobuf/descriptor.pb-c.h>

#define BYTES_MAX    (1u * MIB)
#define DEPTH_MAX    48u /* a nested type of the deepest path, its field, its options */
#define ELEMENTS_MAX 65536u
#define FILES_MAX    1024u
#define MESSAGES_MAX 4096u
#define FIELDS_MAX   32768u
#define ENUMS_MAX    4096u
#define VALUES_MAX   32768u

struct level {
    const ProtobufCMessageDescriptor *type;
    const char *end;
};

struct walk {
    struct schema_protobuf_walk *counts;
    struct schema_why *why;
    struct level levels[DEPTH_MAX];
    uint32_t depth;
    uint32_t elements;
};

static err_t syntax(struct walk *w, const char *what)
{
    schema_why_set(w->why, "no Protobuf descriptors: %s", what);
    return ERR_SYNTAX;
}

static err_t count_one(struct walk *w, const char *what, uint32_t *count, uint32_t max)
{
    *count += 1;
    if (*count > max) {
        schema_why_set(w->why, "more than %u %s", max, what);
        return ERR_LIMIT;
    }
    return ERR_OK;
}

static err_t count(struct walk *w, const ProtobufCMessageDescriptor *type)
{
    TRY(count_one(w, "elements", &w->elements, ELEMENTS_MAX));
    if (type == &google__protobuf__file_descriptor_proto__descriptor) {
        return count_one(w, "files", &w->counts->files, FILES_MAX);
    }
    if (type == &google__protobuf__descriptor_proto__descriptor) {
        return count_one(w, "messages", &w->counts->messages, MESSAGES_MAX);
    }
    if (type == &google__protobuf__field_descriptor_proto__descriptor) {
        return count_one(w, "fields", &w->counts->fields, FIELDS_MAX);
    }
    if (type == &google__protobuf__enum_descriptor_proto__descriptor) {
        return count_one(w, "enums", &w->counts->enums, ENUMS_MAX);
    }
    if (type == &google__protobuf__enum_value_descriptor_proto__descriptor) {
        return count_one(w, "enum values", &w->counts->values, VALUES_MAX);
    }
    return ERR_OK;
}

static err_t enter(struct walk *w, const ProtobufCMessageDescriptor *type, const char *end)
{
    TRY(count(w, type));
    if (w->depth == DEPTH_MAX) {
        schema_why_set(w->why, "nested more than %u deep", DEPTH_MAX);
        return ERR_LIMIT;
    }
    w->levels[w->depth++] = (struct level){type, end};
    return ERR_OK;
}

static bool is_text(const char *at, const char *end)
{
    while (at < end && *at != '\0') {
        size_t len = (unsigned char)*at < 0x80 ? 1 : utf8_sequence(at, (size_t)(end - at));
        if (len == 0) {
            return false;
        }
        at += len;
    }
    return at == end;
}

/* A field of the innermost message whose value stands at `*at` and ends at `next`. */
static err_t walk_value(struct walk *w, const ProtobufCFieldDescriptor *field, const char **at,
                        const char *next)
{
    size_t len = 0;

    schema_protobuf_wire_len(*at, next, &len);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        *at = next - len;
        return enter(w, field->descriptor, next);
    }
    if (field->type == PROTOBUF_C_TYPE_STRING && !is_text(next - len, next)) {
        return syntax(w, "a string that is no UTF-8, or has a NUL");
    }
    *at = next;
    return ERR_OK;
}

static err_t walk_field(struct walk *w, const char **at)
{
    const struct level *level = &w->levels[w->depth - 1];
    uint32_t number = 0;
    uint8_t wire = 0;
    const char *value = schema_protobuf_wire_tag(*at, level->end, &number, &wire);

    if (value == NULL) {
        return syntax(w, "a broken tag");
    }
    const char *next = schema_protobuf_wire_value(value, level->end, wire);
    if (next == NULL) {
        return syntax(w, "a broken value");
    }
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(level->type, number);
    *at = value;
    if (field == NULL || wire != PROTOBUF_WIRE_LEN) {
        *at = next;
        return ERR_OK;
    }
    return walk_value(w, field, at, next);
}

err_t schema_protobuf_walk(const ProtobufCMessageDescriptor *type, struct span in,
                           struct schema_why *ret_why, struct schema_protobuf_walk *ret)
{
    struct walk w = {.counts = ret, .why = ret_why};
    const char *at = in.at;

    if (in.len > BYTES_MAX) {
        schema_why_set(ret_why, "descriptors of more than %u bytes", BYTES_MAX);
        return ERR_LIMIT;
    }
    TRY(enter(&w, type, in.at + in.len));
    while (w.depth > 0) {
        if (at == w.levels[w.depth - 1].end) {
            w.depth--;
            continue;
        }
        TRY(walk_field(&w, &at));
    }
    return ERR_OK;
}
