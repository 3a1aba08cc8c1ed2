/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_schema: containers are made empty and filled later (gen_tree.h); references and choices are
 * followed when a value is made. From GEN_VALUE_DEPTH_MAX on only what is required is made. */
#include "client/gen_schema.h"

#include "client/gen_schema_leaf.h"
#include "client/gen_tree.h"

#include <stdlib.h>

#define FOLLOW_MAX      16u /* references and choices in a row */
#define PARTS_MAX       16u /* schemas that describe one object together */
#define POINTER_BYTES   256u
#define OPTIONAL_ONE_IN 4u /* how often an optional member is left out */

struct build {
    struct gen_value *v;
    const json_t *root;
    const struct option_strings *fields;
    struct gen_tree tree;
};

/* ~1 and ~0 of a pointer's part, in place. Source: RFC 6901 section 4. */
static void unescape(char *part)
{
    char *out = part;

    for (; *part != '\0'; part++) {
        char c = *part;
        if (c == '~' && (part[1] == '0' || part[1] == '1')) {
            c = *++part == '0' ? '~' : '/';
        }
        *out++ = c;
    }
    *out = '\0';
}

static const json_t *child_of(const json_t *value, const char *part)
{
    if (json_is_array(value)) {
        return json_array_get(value, (size_t)strtoul(part, NULL, 10));
    }
    return json_object_get(value, part);
}

/* What "#/$defs/x" points to. NULL: nothing, or another form of reference. */
static const json_t *pointed_to(const json_t *root, const char *reference)
{
    char pointer[POINTER_BYTES];
    const json_t *at = root;
    char *part = pointer;

    if (reference[0] != '#' || strlen(reference) > sizeof(pointer) ||
        (reference[1] != '\0' && reference[1] != '/')) {
        return NULL;
    }
    memcpy(pointer, reference + 1, strlen(reference));
    while (part != NULL && part[0] == '/' && at != NULL) {
        char *next = strchr(part + 1, '/');
        char *begin = part + 1;
        if (next != NULL) {
            *next = '\0';
        }
        unescape(begin);
        at = child_of(at, begin);
        if (next != NULL) {
            *next = '/';
        }
        part = next;
    }
    return at;
}

static const json_t *any_of(struct build *b, const json_t *schema, const char *keyword)
{
    const json_t *choices = json_object_get(schema, keyword);
    size_t count = json_array_size(choices);

    return count == 0 ? NULL : json_array_get(choices, gen_value_below(b->v, (uint32_t)count));
}

/* Whether the schema says itself what its values are. */
static bool is_plain(const json_t *schema)
{
    static const char *const keywords[] = {"type",  "const",    "enum",        "properties",
                                           "items", "examples", "prefixItems", "required"};

    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        if (json_object_get(schema, keywords[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Behind references and choices. */
static const json_t *follow(struct build *b, const json_t *schema)
{
    for (uint32_t i = 0; i < FOLLOW_MAX; i++) {
        const char *reference = json_string_value(json_object_get(schema, "$ref"));
        const json_t *next = reference == NULL ? NULL : pointed_to(b->root, reference);
        if (next == NULL && !is_plain(schema)) {
            next = any_of(b, schema, "oneOf");
            next = next != NULL ? next : any_of(b, schema, "anyOf");
            next = next != NULL ? next : json_array_get(json_object_get(schema, "allOf"), 0);
        }
        if (next == NULL) {
            break;
        }
        schema = next;
    }
    return schema;
}

static json_t *make(struct build *b, const json_t *schema, struct span name, uint32_t depth)
{
    schema = follow(b, schema);
    enum gen_schema_leaf_type type = gen_schema_leaf_type_of(b->v, schema);
    if (type != GEN_SCHEMA_LEAF_OBJECT && type != GEN_SCHEMA_LEAF_ARRAY) {
        return gen_schema_leaf_value(b->v, schema, type, name);
    }
    json_t *value = type == GEN_SCHEMA_LEAF_OBJECT ? json_object() : json_array();
    gen_tree_push(&b->tree, (struct gen_tree_task){
                                .into = value, .schema = schema, .name = name, .depth = depth});
    return value;
}

static bool contains(const json_t *strings, const char *text)
{
    for (size_t i = 0; i < json_array_size(strings); i++) {
        const char *one = json_string_value(json_array_get(strings, i));
        if (one != NULL && strcmp(one, text) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(const struct build *b, const char *name)
{
    for (uint32_t i = 0; i < b->fields->count; i++) {
        if (strcmp(b->fields->at[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void put_member(struct build *b, const struct gen_tree_task *task, const char *name,
                       const json_t *schema)
{
    struct span key = span_of_str(name);

    if (json_object_get(task->into, name) == NULL) {
        gen_tree_put(&b->tree, task->into, key, make(b, schema, key, task->depth + 1));
    }
}

static void put_properties(struct build *b, const struct gen_tree_task *task, const json_t *schema,
                           const json_t *required)
{
    const json_t *properties = json_object_get(schema, "properties");
    bool deep = task->depth + 1 >= GEN_VALUE_DEPTH_MAX;
    union {
        const json_t *in;
        json_t *out;
    } object = {.in = properties}; /* jansson walks objects that may change */

    for (void *i = json_object_iter(object.out); i != NULL && !b->tree.failed;
         i = json_object_iter_next(object.out, i)) {
        const char *name = json_object_iter_key(i);
        bool needed = contains(required, name) ||
                      contains(json_object_get(schema, "required"), name) ||
                      (task->depth == 0 && is_wanted(b, name));
        if (json_is_false(json_object_iter_value(i))) {
            continue; /* a member that must not be there */
        }
        if (needed || (!deep && gen_value_below(b->v, OPTIONAL_ONE_IN) != 0)) {
            put_member(b, task, name, json_object_iter_value(i));
        }
    }
}

/* What is required without a property that describes it. */
static void put_required(struct build *b, const struct gen_tree_task *task, const json_t *schema)
{
    const json_t *required = json_object_get(schema, "required");

    for (size_t i = 0; i < json_array_size(required) && !b->tree.failed; i++) {
        const char *name = json_string_value(json_array_get(required, i));
        if (name != NULL) {
            put_member(b, task, name, json_object_get(schema, "additionalProperties"));
        }
    }
}

/* Members of free names, for objects that are maps. */
static void put_entries(struct build *b, const struct gen_tree_task *task, const json_t *schema)
{
    static const char *const keys[GEN_VALUE_ITEMS_MAX] = {"alpha", "beta", "gamma"};
    const json_t *values = json_object_get(schema, "additionalProperties");
    uint32_t count = gen_value_below(b->v, GEN_VALUE_ITEMS_MAX + 1);

    if (!json_is_object(values) || task->depth + 1 >= GEN_VALUE_DEPTH_MAX) {
        return;
    }
    for (uint32_t i = 0; i < count && !b->tree.failed; i++) {
        put_member(b, task, keys[i], values);
    }
}

/* The schemas that describe an object together: itself, all of allOf, one of each choice. */
static uint32_t parts_of(struct build *b, const json_t *schema, const json_t *parts[PARTS_MAX])
{
    const json_t *all = json_object_get(schema, "allOf");
    uint32_t count = 0;

    parts[count++] = schema;
    for (size_t i = 0; i < json_array_size(all) && count < PARTS_MAX - 2; i++) {
        parts[count++] = follow(b, json_array_get(all, i));
    }
    const json_t *one = any_of(b, schema, "oneOf");
    const json_t *any = any_of(b, schema, "anyOf");
    if (one != NULL) {
        parts[count++] = follow(b, one);
    }
    if (any != NULL) {
        parts[count++] = follow(b, any);
    }
    return count;
}

static void fill_object(struct build *b, const struct gen_tree_task *task)
{
    const json_t *parts[PARTS_MAX];
    uint32_t count = parts_of(b, task->schema, parts);
    const json_t *required = json_object_get(task->schema, "required");

    for (uint32_t i = 0; i < count; i++) {
        put_properties(b, task, parts[i], required);
    }
    for (uint32_t i = 0; i < count; i++) {
        put_required(b, task, parts[i]);
        put_entries(b, task, parts[i]);
    }
    for (uint32_t i = 0; task->depth == 0 && i < b->fields->count; i++) {
        put_member(b, task, b->fields->at[i], NULL);
    }
}

static void fill_array(struct build *b, const struct gen_tree_task *task)
{
    const json_t *heads = json_object_get(task->schema, "prefixItems");
    const json_t *items = json_object_get(task->schema, "items");
    uint32_t count = gen_schema_leaf_count(b->v, task->schema, task->depth >= GEN_VALUE_DEPTH_MAX);

    if (json_is_array(items)) { /* draft-07 */
        heads = items;
        items = json_object_get(task->schema, "additionalItems");
    }
    if (json_is_false(items) && count > json_array_size(heads)) {
        count = (uint32_t)json_array_size(heads);
    }
    for (uint32_t i = 0; i < count && !b->tree.failed; i++) {
        const json_t *head = json_array_get(heads, i);
        gen_tree_put(&b->tree, task->into, span_of(NULL, 0),
                     make(b, head != NULL ? head : items, task->name, task->depth + 1));
    }
}

json_t *gen_schema_value(struct gen_value *v, const json_t *root,
                         const struct option_strings *fields)
{
    struct build b = {.v = v, .root = root, .fields = fields};
    struct gen_tree_task task;

    json_t *value = make(&b, root, span_of_str("value"), 0);
    while (gen_tree_pop(&b.tree, &task)) {
        if (json_is_array(task.into)) {
            fill_array(&b, &task);
        } else {
            fill_object(&b, &task);
        }
    }
    if (b.tree.failed) {
        json_decref(value);
        return NULL;
    }
    return value;
}
