/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_protobuf: messages are made empty and filled later (gen_tree.h). From GEN_VALUE_DEPTH_MAX on
 * messages and repeated fields are left out, which proto3 always allows. */
#include "client/gen_protobuf.h"

#include "client/gen_tree.h"

#include <inttypes.h>
#include <stdio.h>

#define KEY_BYTES 32u

struct build {
    struct gen_value *v;
    const struct schema_protobuf *plan;
    struct gen_tree tree;
};

static const struct schema_protobuf_field *fields_of(const struct build *b,
                                                     const struct schema_protobuf_message *message)
{
    return b->plan->fields + message->first;
}

static json_t *long_of(struct gen_value *v, struct span name, int64_t low)
{
    return gen_value_integer(v, name, low, INT64_MAX);
}

static json_t *enum_of(struct build *b, uint32_t target)
{
    const struct schema_protobuf_enum *e = &b->plan->enums[target];
    struct text name = b->plan->values[e->first + gen_value_below(b->v, e->count)].name;

    return json_stringn(name.at, name.len);
}

static json_t *scalar_of(struct build *b, const struct schema_protobuf_field *field,
                         struct span name)
{
    switch ((enum schema_protobuf_type)field->type) {
    case PROTOBUF_DOUBLE:
    case PROTOBUF_FLOAT:
        return gen_value_real(b->v, name);
    case PROTOBUF_INT64:
    case PROTOBUF_SFIXED64:
    case PROTOBUF_SINT64:
        return long_of(b->v, name, INT64_MIN);
    case PROTOBUF_UINT64:
    case PROTOBUF_FIXED64:
        return long_of(b->v, name, 0);
    case PROTOBUF_INT32:
    case PROTOBUF_SFIXED32:
    case PROTOBUF_SINT32:
        return gen_value_integer(b->v, name, INT32_MIN, INT32_MAX);
    case PROTOBUF_UINT32:
    case PROTOBUF_FIXED32:
        return gen_value_integer(b->v, name, 0, UINT32_MAX);
    case PROTOBUF_BOOL:
        return json_boolean(gen_value_below(b->v, 2) == 1);
    case PROTOBUF_STRING:
        return gen_value_text(b->v, name);
    case PROTOBUF_BYTES:
        return gen_value_base64(b->v, gen_value_below(b->v, 17));
    case PROTOBUF_ENUM:
        return enum_of(b, field->target);
    case PROTOBUF_MESSAGE:
        break;
    }
    return NULL;
}

/* Any JSON that google.protobuf.Struct, Value and ListValue hold. */
static json_t *free_value(struct gen_value *v, enum schema_protobuf_known known)
{
    json_t *text = gen_value_text(v, span_of_str("status"));

    if (known == PROTOBUF_STRUCT) {
        return json_pack("{s:o,s:b}", "status", text, "ok", (int)gen_value_below(v, 2));
    }
    return known == PROTOBUF_LIST_VALUE ? json_pack("[o,i]", text, (int)gen_value_below(v, 9))
                                        : text;
}

static json_t *duration_of(struct gen_value *v)
{
    char text[KEY_BYTES];

    snprintf(text, sizeof(text), "%" PRIu32 ".%03" PRIu32 "s", gen_value_below(v, 100),
             gen_value_below(v, 1000));
    return json_string(text);
}

/* A message whose JSON is no object of its fields. */
static json_t *known_of(struct build *b, const struct schema_protobuf_message *message,
                        struct span name)
{
    switch ((enum schema_protobuf_known)message->known) {
    case PROTOBUF_TIMESTAMP:
        return gen_value_stamp(b->v, 6);
    case PROTOBUF_DURATION:
        return duration_of(b->v);
    case PROTOBUF_STRUCT:
    case PROTOBUF_VALUE:
    case PROTOBUF_LIST_VALUE:
        return free_value(b->v, (enum schema_protobuf_known)message->known);
    case PROTOBUF_WRAPPER:
        return scalar_of(b, fields_of(b, message), name);
    case PROTOBUF_FIELD_MASK:
        return json_string("status,user.name");
    case PROTOBUF_EMPTY:
        return json_object();
    case PROTOBUF_ANY:
        return json_pack("{s:s,s:s}", "@type", "type.googleapis.com/google.protobuf.Empty", "value",
                         "");
    case PROTOBUF_ORDINARY:
    case PROTOBUF_MAP_ENTRY:
        break;
    }
    return NULL;
}

/* One element: a whole value, or a message that is noted for later. */
static json_t *make(struct build *b, const struct schema_protobuf_field *field, struct span name,
                    uint32_t depth)
{
    if (field->type != PROTOBUF_MESSAGE) {
        return scalar_of(b, field, name);
    }
    const struct schema_protobuf_message *message = &b->plan->messages[field->target];
    if (message->known != PROTOBUF_ORDINARY) {
        return known_of(b, message, name);
    }
    json_t *value = json_object();
    gen_tree_push(
        &b->tree,
        (struct gen_tree_task){.into = value, .node = field->target, .name = name, .depth = depth});
    return value;
}

/* Keys are strings in JSON, whatever their type; the first few of each are distinct. */
static void key_of(const struct schema_protobuf_field *key, uint32_t i, char out[KEY_BYTES])
{
    static const char *const words[] = {"alpha", "beta", "gamma"};

    if (key->type == PROTOBUF_STRING) {
        snprintf(out, KEY_BYTES, "%s", words[i]);
    } else if (key->type == PROTOBUF_BOOL) {
        snprintf(out, KEY_BYTES, "%s", i == 0 ? "true" : "false");
    } else {
        snprintf(out, KEY_BYTES, "%" PRIu32, i + 1);
    }
}

static json_t *make_map(struct build *b, const struct schema_protobuf_message *entry,
                        struct span name, uint32_t depth)
{
    const struct schema_protobuf_field *fields = fields_of(b, entry); /* key = 1, value = 2 */
    uint32_t max = fields[0].type == PROTOBUF_BOOL ? 2 : GEN_VALUE_ITEMS_MAX;
    uint32_t count = gen_value_below(b->v, max + 1);
    json_t *map = json_object();

    for (uint32_t i = 0; i < count && map != NULL; i++) {
        char key[KEY_BYTES];
        key_of(&fields[0], i, key);
        gen_tree_put(&b->tree, map, span_of_str(key), make(b, &fields[1], name, depth));
    }
    return map;
}

static json_t *make_repeated(struct build *b, const struct schema_protobuf_field *field,
                             uint32_t depth)
{
    uint32_t count = gen_value_below(b->v, GEN_VALUE_ITEMS_MAX + 1);
    json_t *array = json_array();

    for (uint32_t i = 0; i < count && array != NULL; i++) {
        gen_tree_put(&b->tree, array, span_of(NULL, 0), make(b, field, field->name, depth));
    }
    return array;
}

/* Of a oneof exactly one field gets a value. False: that of this field has been seen to. */
static bool chosen_in_oneof(struct build *b, const struct schema_protobuf_message *message,
                            uint32_t at, uint32_t *ret_chosen)
{
    const struct schema_protobuf_field *fields = fields_of(b, message);
    uint32_t seen = 0;

    for (uint32_t i = 0; i < at; i++) {
        if (fields[i].oneof == fields[at].oneof) {
            return false; /* the choice was made when the first one was met */
        }
    }
    for (uint32_t i = at; i < message->count; i++) {
        if (fields[i].oneof == fields[at].oneof && gen_value_below(b->v, ++seen) == 0) {
            *ret_chosen = i;
        }
    }
    return true;
}

static void put_field(struct build *b, const struct gen_tree_task *task,
                      const struct schema_protobuf_field *field)
{
    bool message = field->type == PROTOBUF_MESSAGE;
    bool map = message && b->plan->messages[field->target].known == PROTOBUF_MAP_ENTRY;
    uint32_t depth = task->depth + 1;
    json_t *value = NULL;

    if (depth > GEN_VALUE_DEPTH_MAX && (message || field->repeated)) {
        return;
    }
    if (map) {
        value = make_map(b, &b->plan->messages[field->target], field->name, depth);
    } else {
        value =
            field->repeated ? make_repeated(b, field, depth) : make(b, field, field->name, depth);
    }
    gen_tree_put(&b->tree, task->into, text_span(field->json_name), value);
}

static void fill(struct build *b, const struct gen_tree_task *task)
{
    const struct schema_protobuf_message *message = &b->plan->messages[task->node];

    for (uint32_t i = 0; i < message->count && !b->tree.failed; i++) {
        uint32_t chosen = i;
        if (fields_of(b, message)[i].oneof < 0 || chosen_in_oneof(b, message, i, &chosen)) {
            put_field(b, task, fields_of(b, message) + chosen);
        }
    }
}

json_t *gen_protobuf_value(struct gen_value *v, const struct schema_protobuf_message *message)
{
    struct build b = {.v = v, .plan = message->plan};
    json_t *value = json_object();
    struct gen_tree_task task = {.into = value,
                                 .node = (uint32_t)(message - message->plan->messages)};

    gen_tree_push(&b.tree, task);
    while (gen_tree_pop(&b.tree, &task)) {
        fill(&b, &task);
    }
    if (b.tree.failed) {
        json_decref(value);
        return NULL;
    }
    return value;
}
