/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_compat_protobuf: message by message, field by field; names are only matched, and a queue
 * takes each message once, so recursive types need no care. */
#include "schema/schema_compat_protobuf.h"

#include "schema/schema_protobuf_names.h"

#include <stdlib.h>

enum group {
    GROUP_VARINT,
    GROUP_ZIGZAG,
    GROUP_BYTES,
    GROUP_FIXED32,
    GROUP_FIXED64,
    GROUP_FLOAT,
    GROUP_DOUBLE,
    GROUP_MESSAGE
};

/* The same message in both schemas. */
struct pair {
    const struct schema_protobuf_message *reader;
    const struct schema_protobuf_message *writer;
    struct schema_why *why;
};

/* Members of one oneof of the reader, by where the writer has them. */
struct members {
    uint32_t outside; /* fields of no oneof */
    uint32_t inside;  /* members of some */
};

static enum group group_of(uint8_t type)
{
    switch ((enum schema_protobuf_type)type) {
    case PROTOBUF_INT32:
    case PROTOBUF_INT64:
    case PROTOBUF_UINT32:
    case PROTOBUF_UINT64:
    case PROTOBUF_BOOL:
    case PROTOBUF_ENUM:
        return GROUP_VARINT;
    case PROTOBUF_SINT32:
    case PROTOBUF_SINT64:
        return GROUP_ZIGZAG;
    case PROTOBUF_STRING:
    case PROTOBUF_BYTES:
        return GROUP_BYTES;
    case PROTOBUF_FIXED32:
    case PROTOBUF_SFIXED32:
        return GROUP_FIXED32;
    case PROTOBUF_FIXED64:
    case PROTOBUF_SFIXED64:
        return GROUP_FIXED64;
    case PROTOBUF_FLOAT:
        return GROUP_FLOAT;
    case PROTOBUF_DOUBLE:
        return GROUP_DOUBLE;
    case PROTOBUF_MESSAGE:
        break;
    }
    return GROUP_MESSAGE;
}

static const struct schema_protobuf_field *fields_of(const struct schema_protobuf_message *m)
{
    return m->plan->fields + m->first;
}

static const struct schema_protobuf_field *field_of(const struct schema_protobuf_message *m,
                                                    uint32_t number)
{
    const struct schema_protobuf_field *fields = fields_of(m);
    uint32_t low = 0;
    uint32_t high = m->count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (fields[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < m->count && fields[low].number == number ? &fields[low] : NULL;
}

static const struct schema_protobuf_message *target_of(const struct schema_protobuf_message *m,
                                                       const struct schema_protobuf_field *f)
{
    return &m->plan->messages[f->target];
}

static err_t differ(const struct pair *p, const struct schema_protobuf_field *f, const char *what)
{
    schema_why_set(p->why, "%.*s, field %u (%.*s): %s", (int)p->writer->fullname.len,
                   p->writer->fullname.at, f->number, (int)f->name.len, f->name.at, what);
    return ERR_EXISTS;
}

/* Whether one value of the types has the same form. */
static bool agree(const struct pair *p, const struct schema_protobuf_field *r,
                  const struct schema_protobuf_field *w)
{
    if (group_of(r->type) != group_of(w->type)) {
        return false;
    }
    return r->type != PROTOBUF_MESSAGE ||
           span_equal(target_of(p->reader, r)->fullname, target_of(p->writer, w)->fullname);
}

/* Names of map entries follow those of their fields, which may change: what is in them counts. */
static bool agree_maps(const struct pair *p, const struct schema_protobuf_field *r,
                       const struct schema_protobuf_field *w)
{
    const struct schema_protobuf_field *in_reader = fields_of(target_of(p->reader, r));
    const struct schema_protobuf_field *in_writer = fields_of(target_of(p->writer, w));

    return agree(p, &in_reader[0], &in_writer[0]) && agree(p, &in_reader[1], &in_writer[1]);
}

static bool is_map(const struct schema_protobuf_message *m, const struct schema_protobuf_field *f)
{
    return f->type == PROTOBUF_MESSAGE && target_of(m, f)->known == PROTOBUF_MAP_ENTRY;
}

static err_t compare_field(const struct pair *p, const struct schema_protobuf_field *r,
                           const struct schema_protobuf_field *w)
{
    enum group group = group_of(w->type);

    if (is_map(p->reader, r) != is_map(p->writer, w)) {
        return differ(p, w, "a map in one version only");
    }
    if (is_map(p->writer, w)) {
        return agree_maps(p, r, w) ? ERR_OK : differ(p, w, "keys or values of the map changed");
    }
    if (!agree(p, r, w)) {
        return differ(p, w, "its type changed to one that is written differently");
    }
    if (r->repeated != w->repeated && group != GROUP_BYTES && group != GROUP_MESSAGE) {
        return differ(p, w, "numbers that are repeated in one version only");
    }
    return ERR_OK;
}

/* Whether the reader has `oneof`'s members of the writer in one of its own, if any of them is. */
static err_t check_members_left(const struct pair *p, const struct schema_protobuf_field *lost)
{
    const struct schema_protobuf_field *fields = fields_of(p->writer);

    for (uint32_t i = 0; i < p->writer->count; i++) {
        const struct schema_protobuf_field *r = field_of(p->reader, fields[i].number);
        if (fields[i].oneof == lost->oneof && r != NULL && r->oneof >= 0) {
            return differ(p, lost, "removed from its oneof");
        }
    }
    return ERR_OK;
}

static err_t check_oneofs(const struct pair *p)
{
    const struct schema_protobuf_field *fields = fields_of(p->reader);
    struct members members[SCHEMA_PROTOBUF_ONEOFS_MAX] = {0};

    for (uint32_t i = 0; i < p->reader->count; i++) {
        const struct schema_protobuf_field *w = field_of(p->writer, fields[i].number);
        if (fields[i].oneof < 0 || w == NULL) {
            continue;
        }
        struct members *m = &members[fields[i].oneof];
        m->outside += w->oneof < 0;
        m->inside += w->oneof >= 0;
        if (m->outside > 1) {
            return differ(p, w, "not the only field that moved into its oneof");
        }
        if (m->outside > 0 && m->inside > 0) {
            return differ(p, w, "moved into a oneof that was there, or beside one that moved");
        }
    }
    return ERR_OK;
}

static err_t compare_messages(const struct pair *p)
{
    const struct schema_protobuf_field *fields = fields_of(p->writer);

    for (uint32_t i = 0; i < p->writer->count; i++) {
        const struct schema_protobuf_field *r = field_of(p->reader, fields[i].number);
        if (r != NULL) {
            TRY(compare_field(p, r, &fields[i]));
        } else if (fields[i].oneof >= 0) {
            TRY(check_members_left(p, &fields[i]));
        }
    }
    return check_oneofs(p);
}

/* ---- which messages count ---- */

/* Indexes of the writer's messages, each once. */
struct queue {
    uint32_t *at;
    uint32_t count;
    bool *known;
};

static void queue_add(struct queue *q, uint32_t message)
{
    if (!q->known[message]) {
        q->known[message] = true;
        q->at[q->count++] = message;
    }
}

/* The messages of the last file. Entries of maps count with their fields only. */
static void queue_own(struct queue *q, const struct schema_protobuf *writer)
{
    for (uint32_t i = 0; i < writer->top_count; i++) {
        queue_add(q, i);
    }
    for (uint32_t i = 0; i < q->count; i++) {
        const struct schema_protobuf_message *m = &writer->messages[q->at[i]];
        for (uint32_t k = 0; k < m->nested_count; k++) {
            if (writer->messages[m->nested_first + k].known != PROTOBUF_MAP_ENTRY) {
                queue_add(q, m->nested_first + k);
            }
        }
    }
}

/* What those fields hold that the reader (NULL: any) has, too. */
static void queue_targets(struct queue *q, const struct schema_protobuf_message *w,
                          const struct schema_protobuf_message *r)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const struct schema_protobuf_field *f = &fields_of(w)[i];
        if (f->type == PROTOBUF_MESSAGE && (r == NULL || field_of(r, f->number) != NULL)) {
            queue_add(q, f->target);
        }
    }
}

struct schemas {
    const struct schema_protobuf *reader;
    const struct schema_protobuf *writer;
    const struct schema_protobuf_names *names; /* of the reader's messages */
};

static err_t compare_one(const struct schemas *s, const struct schema_protobuf_message *w,
                         struct queue *q, struct schema_why *ret_why)
{
    if (w->well_known) {
        return ERR_OK;
    }
    if (w->known == PROTOBUF_MAP_ENTRY) {
        queue_targets(q, w, NULL);
        return ERR_OK;
    }
    const struct schema_protobuf_name *found = schema_protobuf_names_find(s->names, w->fullname);
    if (found == NULL) {
        schema_why_set(ret_why, "%.*s: the message is gone", (int)w->fullname.len, w->fullname.at);
        return ERR_EXISTS;
    }
    const struct schema_protobuf_message *r = &s->reader->messages[found->index];
    queue_targets(q, w, r);
    return compare_messages(&(struct pair){r, w, ret_why});
}

static err_t compare_all(const struct schemas *s, struct schema_why *ret_why)
{
    struct queue q = {.at = calloc((size_t)s->writer->message_count + 1, sizeof(*q.at)),
                      .known = calloc((size_t)s->writer->message_count + 1, sizeof(*q.known))};
    err_t err = q.at == NULL || q.known == NULL ? ERR_NOMEM : ERR_OK;

    if (err == ERR_OK) {
        queue_own(&q, s->writer);
    }
    for (uint32_t i = 0; err == ERR_OK && i < q.count; i++) {
        err = compare_one(s, &s->writer->messages[q.at[i]], &q, ret_why);
    }
    free(q.at);
    free(q.known);
    return err;
}

err_t schema_compat_protobuf(const struct schema_protobuf *reader,
                             const struct schema_protobuf *writer, struct schema_why *ret_why)
{
    struct schema_protobuf_names names;

    TRY(schema_protobuf_names_init(&names, reader->message_count));
    for (uint32_t i = 0; i < reader->message_count; i++) {
        schema_protobuf_names_add(&names, reader->messages[i].fullname, 0, i);
    }
    err_t err = schema_protobuf_names_sort(&names, ret_why);
    if (err == ERR_OK) {
        err = compare_all(&(struct schemas){reader, writer, &names}, ret_why);
    }
    schema_protobuf_names_done(&names);
    return err;
}
