/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf: the plan's memory, and finding messages in it. */
#include "schema/schema_protobuf.h"

#include "schema/schema_protobuf_fields.h"

#include <stdlib.h>

/* What schema_protobuf_compile() gives out, with what it owns. */
struct made {
    struct schema_protobuf plan;
    struct schema_protobuf_store store;
    struct schema_protobuf_message *messages;
    struct schema_protobuf_field *fields;
    struct schema_protobuf_enum *enums;
    struct schema_protobuf_value *values;
};

static void free_made(struct made *made)
{
    if (made != NULL) {
        schema_protobuf_names_drop(&made->store);
        free(made->messages);
        free(made->fields);
        free(made->enums);
        free(made->values);
        free(made);
    }
}

/* One more than counted: no array is NULL. */
static err_t reserve(struct made *made, struct schema_protobuf_parts *p)
{
    const struct schema_protobuf_walk *counts = &p->set->counts;

    made->messages = calloc((size_t)counts->messages + 1, sizeof(*made->messages));
    made->fields = calloc((size_t)counts->fields + 1, sizeof(*made->fields));
    made->enums = calloc((size_t)counts->enums + 1, sizeof(*made->enums));
    made->values = calloc((size_t)counts->values + 1, sizeof(*made->values));
    p->sources = calloc((size_t)counts->messages + 1, sizeof(*p->sources));
    ENSURE(made->messages != NULL && made->fields != NULL && made->enums != NULL &&
               made->values != NULL && p->sources != NULL,
           ERR_NOMEM);
    p->messages = made->messages;
    p->fields = made->fields;
    p->enums = made->enums;
    p->values = made->values;
    return schema_protobuf_names_init(&p->names, counts->messages + counts->enums);
}

static err_t fill(struct made *made, struct schema_protobuf_parts *p)
{
    TRY(reserve(made, p));
    TRY(schema_protobuf_parts_declare(p));
    TRY(schema_protobuf_fields(p));
    made->plan = (struct schema_protobuf){
        .messages = made->messages,
        .message_count = p->message_count,
        .top_count = p->top_count,
        .fields = made->fields,
        .field_count = p->field_count,
        .enums = made->enums,
        .enum_count = p->enum_count,
        .values = made->values,
        .value_count = p->value_count,
    };
    return ERR_OK;
}

err_t schema_protobuf_compile(struct span descriptors, struct schema_why *ret_why,
                              struct schema_protobuf **ret)
{
    struct schema_protobuf_set set = {0};
    struct made *made = calloc(1, sizeof(*made));

    ENSURE(made != NULL, ERR_NOMEM);
    err_t err = schema_protobuf_set_open(&set, descriptors, ret_why);
    if (err == ERR_OK) {
        struct schema_protobuf_parts parts = {
            .plan = &made->plan, .set = &set, .store = &made->store, .why = ret_why};
        err = fill(made, &parts);
        schema_protobuf_names_done(&parts.names);
        free(parts.sources);
    }
    schema_protobuf_set_done(&set);
    if (err != ERR_OK) {
        free_made(made);
        return err;
    }
    *ret = &made->plan;
    return ERR_OK;
}

void schema_protobuf_free(struct schema_protobuf *s)
{
    free_made((struct made *)s);
}

/* Whether `name` is all of it behind its last dot. */
static bool ends_with(struct span fullname, struct span name)
{
    return fullname.len > name.len && fullname.at[fullname.len - name.len - 1] == '.' &&
           memcmp(fullname.at + fullname.len - name.len, name.at, name.len) == 0;
}

const struct schema_protobuf_message *schema_protobuf_find(const struct schema_protobuf *s,
                                                           struct span name)
{
    const struct schema_protobuf_message *found = NULL;
    uint32_t count = 0;

    if (name.len == 0) {
        return s->top_count == 0 ? NULL : &s->messages[0];
    }
    for (uint32_t i = 0; i < s->message_count; i++) {
        const struct schema_protobuf_message *m = &s->messages[i];
        if (span_equal(m->fullname, name)) {
            return m;
        }
        if (!m->well_known && m->known != PROTOBUF_MAP_ENTRY && ends_with(m->fullname, name)) {
            found = m;
            count++;
        }
    }
    return count == 1 && span_find(name, '.') == name.len ? found : NULL;
}

const struct schema_protobuf_message *schema_protobuf_by_path(const struct schema_protobuf *s,
                                                              const uint32_t *path, uint32_t count)
{
    uint32_t first = 0;
    uint32_t among = s->top_count;
    const struct schema_protobuf_message *m = NULL;

    if (count > SCHEMA_PROTOBUF_PATH_MAX) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (path[i] >= among) {
            return NULL;
        }
        m = &s->messages[first + path[i]];
        first = m->nested_first;
        among = m->nested_count;
    }
    return m;
}
