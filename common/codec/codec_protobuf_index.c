/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_protobuf_index: one pass over a message's tags. Lengths are not looked into: what is inside
 * is indexed when it is written. */
#include "codec/codec_protobuf_index.h"

#include "codec/codec_protobuf_scalar.h"
#include "schema/schema_protobuf_wire.h"

#include <assert.h>

#define ENTRY_DEAD UINT64_MAX /* no entry: no plan has so many fields */

/* A message while it is indexed. */
struct scan {
    struct codec_protobuf_index *d;
    const struct schema_protobuf_message *message;
    uint32_t first; /* its first entry */
    bool unsorted;
    bool has_oneof;
};

static void fail(struct codec_protobuf_index *d, const char *detail)
{
    codec_put_fail(&d->put, REASON_BAD_PROTOBUF, detail);
}

struct span codec_protobuf_index_bytes(const struct codec_protobuf_index *d, uint32_t offset)
{
    size_t len = 0;
    const char *next = schema_protobuf_wire_len(d->begin + offset, d->end, &len);

    return span_of(next - len, len);
}

uint32_t codec_protobuf_index_run(const struct codec_protobuf_index *d, uint32_t at, uint32_t end)
{
    uint32_t field = codec_protobuf_index_field(d->work[at]);

    do {
        at++;
    } while (at < end && codec_protobuf_index_field(d->work[at]) == field);
    return at;
}

/* Moves the entry at `root` down to where no child of it comes after it. */
static void sift(const struct codec_protobuf_index *d, uint64_t *at, uint32_t root, uint32_t count,
                 codec_protobuf_index_fn less)
{
    uint64_t moving = at[root];

    for (uint64_t child = 2 * (uint64_t)root + 1; child < count; child = 2 * child + 1) {
        if (child + 1 < count && less(d, at[child], at[child + 1])) {
            child++;
        }
        if (!less(d, moving, at[child])) {
            break;
        }
        at[root] = at[child];
        root = (uint32_t)child;
    }
    at[root] = moving;
}

void codec_protobuf_index_sort(const struct codec_protobuf_index *d, uint64_t *at, uint32_t count,
                               codec_protobuf_index_fn less)
{
    for (uint32_t root = count / 2; root > 0; root--) {
        sift(d, at, root - 1, count, less);
    }
    for (uint32_t last = count; last > 1; last--) {
        uint64_t most = at[0];
        at[0] = at[last - 1];
        at[last - 1] = most;
        sift(d, at, 0, last - 1, less);
    }
}

static bool is_less(const struct codec_protobuf_index *d, uint64_t a, uint64_t b)
{
    (void)d;
    return a < b;
}

/* Behind the group whose start tag has been read, or NULL. Numbers must match; how deep is checked.
 */
static const char *skip_group(struct codec_protobuf_index *d, const char *at, const char *end,
                              uint32_t number)
{
    uint32_t numbers[CODEC_PROTOBUF_DEPTH_MAX];
    uint32_t depth = 0;
    uint8_t wire = PROTOBUF_WIRE_GROUP;

    for (;;) {
        if (wire == PROTOBUF_WIRE_GROUP) {
            if (d->depth + depth >= CODEC_PROTOBUF_DEPTH_MAX) {
                codec_put_fail(&d->put, REASON_TOO_DEEP, "groups nested too deep");
                return NULL;
            }
            numbers[depth++] = number;
        } else if (wire == PROTOBUF_WIRE_END_GROUP) {
            if (number != numbers[--depth]) {
                return NULL;
            }
            if (depth == 0) {
                return at;
            }
        } else {
            at = schema_protobuf_wire_value(at, end, wire);
        }
        at = at == NULL ? NULL : schema_protobuf_wire_tag(at, end, &number, &wire);
        if (at == NULL) {
            return NULL;
        }
    }
}

/* The index among the message's fields, or its count. Numbers mostly go without a gap. */
static uint32_t find_field(const struct schema_protobuf_message *m, uint32_t number)
{
    const struct schema_protobuf_field *fields = m->plan->fields + m->first;
    uint32_t low = 0;
    uint32_t high = m->count;

    if (number <= m->count && fields[number - 1].number == number) {
        return number - 1;
    }
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (fields[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < m->count && fields[low].number == number ? low : m->count;
}

/* A field whose wire type is not its type's is one that we do not know. */
static bool fits(const struct schema_protobuf_field *f, uint8_t wire)
{
    uint8_t own = codec_protobuf_scalar_wire(f->type);

    return wire == own || (wire == PROTOBUF_WIRE_LEN && f->repeated);
}

static void add(struct scan *s, uint32_t number, const char *at, uint8_t wire)
{
    const struct schema_protobuf_message *m = s->message;
    struct codec_protobuf_index *d = s->d;
    uint32_t index = find_field(m, number);

    if (index == m->count) {
        return;
    }
    const struct schema_protobuf_field *f = &m->plan->fields[m->first + index];
    if (!fits(f, wire)) {
        return;
    }
    uint64_t entry = CODEC_PROTOBUF_ENTRY(m->first + index, at - d->begin, wire);
    s->unsorted |= d->work_count > s->first && d->work[d->work_count - 1] > entry;
    s->has_oneof |= f->oneof >= 0;
    assert(d->work_count < d->work_max);
    d->work[d->work_count++] = entry;
}

static void scan_piece(struct scan *s, const char *at, const char *end)
{
    while (at < end) {
        uint32_t number = 0;
        uint8_t wire = 0;
        const char *value = schema_protobuf_wire_tag(at, end, &number, &wire);
        if (value == NULL) {
            fail(s->d, "a broken tag");
            return;
        }
        if (wire == PROTOBUF_WIRE_GROUP) {
            at = skip_group(s->d, value, end, number);
        } else {
            at = schema_protobuf_wire_value(value, end, wire);
        }
        if (at == NULL) {
            fail(s->d, "a value that is broken or ends behind its message");
            return;
        }
        if (wire != PROTOBUF_WIRE_GROUP) {
            add(s, number, value, wire);
        }
    }
}

/* Of the members of a oneof only the last one counts, from where it last came after another. */
static void drop_older_members(struct scan *s)
{
    struct codec_protobuf_index *d = s->d;
    uint32_t kept = s->first;

    if (d->serial++ == 0) {
        memset(d->oneofs, 0, sizeof(d->oneofs));
    }
    for (uint32_t i = d->work_count; i > s->first; i--) {
        uint32_t index = codec_protobuf_index_field(d->work[i - 1]);
        int32_t number = d->plan->fields[index].oneof;
        if (number < 0) {
            continue;
        }
        struct codec_protobuf_oneof *oneof = &d->oneofs[number];
        if (oneof->message != d->serial) {
            *oneof = (struct codec_protobuf_oneof){d->serial, index, false};
        }
        oneof->is_cut |= oneof->field != index;
        d->work[i - 1] = oneof->is_cut ? ENTRY_DEAD : d->work[i - 1];
    }
    for (uint32_t i = s->first; i < d->work_count; i++) {
        if (d->work[i] != ENTRY_DEAD) {
            d->work[kept++] = d->work[i];
        }
    }
    d->work_count = kept;
}

static void finish(struct scan *s)
{
    struct codec_protobuf_index *d = s->d;

    if (s->has_oneof) {
        drop_older_members(s);
    }
    if (s->unsorted) {
        codec_protobuf_index_sort(d, d->work + s->first, d->work_count - s->first, is_less);
    }
}

void codec_protobuf_index_piece(struct codec_protobuf_index *d,
                                const struct schema_protobuf_message *message, struct span piece)
{
    struct scan s = {d, message, d->work_count, false, false};

    scan_piece(&s, piece.at, piece.at + piece.len);
    finish(&s);
}

void codec_protobuf_index_pieces(struct codec_protobuf_index *d,
                                 const struct schema_protobuf_message *message, uint32_t from,
                                 uint32_t to)
{
    struct scan s = {d, message, d->work_count, false, false};

    for (uint32_t i = from; i < to; i++) {
        struct span piece = codec_protobuf_index_bytes(d, codec_protobuf_index_offset(d->work[i]));
        scan_piece(&s, piece.at, piece.at + piece.len);
    }
    finish(&s);
}
