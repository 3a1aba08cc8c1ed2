/* SPDX-License-Identifier: Apache-2.0
 *
 * json_tape: one loop over the text with the open containers on a small stack. Commas, colons and
 * white space are passed over: the text has been checked. */
#include "wire/json_tape.h"

#include "wire/json_number.h"
#include "wire/json_text.h"
#include "wire/text_scan.h"

#include <assert.h>

struct builder {
    struct json_tape *tape;
    const char *at;
    const char *end;
    unsigned depth;
    uint32_t open[JSON_DEPTH_MAX];
};

void json_tape_put(struct json_tape *t, enum json_tape_kind kind, struct text text)
{
    assert(t->count < t->max);
    t->at[t->count] = (struct json_tape_node){
        .at = text.at,
        .len = text.len,
        .next = (t->count + 1) & JSON_TAPE_NODES_MAX,
        .kind = kind & 7u,
        .form = text.form & 3u,
    };
    t->count++;
}

/* A node counts for the container around it. */
static void add_node(struct builder *b, enum json_tape_kind kind, struct text text)
{
    if (b->depth > 0) {
        b->tape->at[b->open[b->depth - 1]].len++;
    }
    json_tape_put(b->tape, kind, text);
}

static bool open_container(struct builder *b, enum json_tape_kind kind)
{
    uint32_t node = b->tape->count;

    if (b->depth == JSON_DEPTH_MAX) {
        return false;
    }
    add_node(b, kind, (struct text){0});
    b->open[b->depth++] = node;
    b->at++;
    return true;
}

static bool close_container(struct builder *b)
{
    if (b->depth == 0) {
        return false;
    }
    struct json_tape_node *n = &b->tape->at[b->open[--b->depth]];
    n->next = b->tape->count & JSON_TAPE_NODES_MAX;
    if (n->kind == TAPE_OBJECT) {
        n->len /= 2;
    }
    b->at++;
    return true;
}

static bool add_string(struct builder *b)
{
    const char *start = b->at + 1;
    const char *p = text_scan_stop(start, b->end);
    bool escaped = false;

    while (p < b->end && *p != '"') {
        escaped |= *p == '\\';
        p += *p == '\\' ? 2 : 1;
        if (p < b->end) {
            p = text_scan_stop(p, b->end);
        }
    }
    if (p >= b->end) {
        return false;
    }
    struct span inside = span_of(start, (size_t)(p - start));
    add_node(b, TAPE_STRING, text_of(inside, escaped ? TEXT_JSON : TEXT_PLAIN));
    b->at = p + 1;
    return true;
}

static bool add_number(struct builder *b)
{
    const char *start = b->at;

    while (b->at < b->end && *b->at != '\0' && strchr("+-.0123456789Ee", *b->at) != NULL) {
        b->at++;
    }
    add_node(b, TAPE_NUMBER, text_of(span_of(start, (size_t)(b->at - start)), TEXT_PLAIN));
    return b->at > start;
}

static bool add_literal(struct builder *b, enum json_tape_kind kind, size_t bytes)
{
    add_node(b, kind, (struct text){0});
    b->at += bytes;
    return b->at <= b->end;
}

/* Whatever begins at `b->at`. */
static bool add_token(struct builder *b)
{
    char c = *b->at;

    if (c == ',' || c == ':' || (unsigned char)c <= ' ') {
        b->at++;
        return true;
    }
    if (c == '}' || c == ']') {
        return close_container(b);
    }
    if (b->tape->count >= b->tape->max) {
        return false;
    }
    switch (c) {
    case '{':
        return open_container(b, TAPE_OBJECT);
    case '[':
        return open_container(b, TAPE_ARRAY);
    case '"':
        return add_string(b);
    case 't':
        return add_literal(b, TAPE_TRUE, 4);
    case 'f':
        return add_literal(b, TAPE_FALSE, 5);
    case 'n':
        return add_literal(b, TAPE_NULL, 4);
    default:
        return add_number(b);
    }
}

bool json_tape_add(struct json_tape *t, struct span json)
{
    struct builder b;
    uint32_t before = t->count;

    b.tape = t;
    b.at = json.at;
    b.end = json.at + json.len;
    b.depth = 0;
    while (b.at < b.end) {
        if (!add_token(&b)) {
            return false;
        }
    }
    return b.depth == 0 && t->count > before && t->at[before].next == t->count;
}

uint32_t json_tape_find(const struct json_tape_node *nodes, uint32_t object, struct span name)
{
    uint32_t at = object + 1;

    for (uint32_t left = nodes[object].len; left > 0; left--) {
        if (json_text_equal(json_tape_text(&nodes[at]), name)) {
            return at + 1;
        }
        at = nodes[at + 1].next;
    }
    return 0;
}

/* False: there is no more. */
static bool take(uint64_t *work, uint64_t cost)
{
    *work -= cost < *work ? cost : *work;
    return *work > 0;
}

/* Two strings differ where the shorter ends, if not before. */
static uint64_t cost_of_strings(const struct json_tape_node *a, const struct json_tape_node *b)
{
    return (a->len < b->len ? a->len : b->len) / 64;
}

/* The same by a name of any form, for a bounded amount of work. */
static uint32_t find_same(struct json_tape_pair pair, const struct json_tape_node *name,
                          uint64_t *work)
{
    uint32_t at = pair.at_b + 1;

    for (uint32_t left = pair.b[pair.at_b].len; left > 0 && *work > 0; left--) {
        if (take(work, 1 + cost_of_strings(&pair.b[at], name)) &&
            json_text_same(json_tape_text(&pair.b[at]), json_tape_text(name))) {
            return at + 1;
        }
        at = pair.b[at + 1].next;
    }
    return 0;
}

/* A container of which `left` children are not compared. */
struct level {
    uint32_t a;
    uint32_t b; /* of an object: the object itself, of an array the next element */
    uint32_t left;
};

static bool scalars_equal(const struct json_tape_node *a, const struct json_tape_node *b,
                          uint64_t *work)
{
    if (a->kind == TAPE_STRING) {
        return take(work, cost_of_strings(a, b)) &&
               json_text_same(json_tape_text(a), json_tape_text(b));
    }
    if (a->kind == TAPE_NUMBER) {
        if (!take(work, ((uint64_t)a->len + b->len) / 64)) {
            return false;
        }
        struct json_number x = json_number_parse(json_tape_span(a));
        struct json_number y = json_number_parse(json_tape_span(b));
        return json_number_compare(&x, &y) == 0;
    }
    return true;
}

/* The next two children of the level. False: the second has no such member. */
static bool next_children(struct json_tape_pair *pair, struct level *l, bool object, uint64_t *work)
{
    l->left--;
    if (!object) {
        pair->at_a = l->a;
        pair->at_b = l->b;
        l->b = pair->b[l->b].next;
    } else {
        pair->at_b = l->b;
        pair->at_b = find_same(*pair, &pair->a[l->a], work);
        pair->at_a = l->a + 1;
    }
    l->a = pair->a[pair->at_a].next;
    return pair->at_b != 0;
}

/* What is open while two values are compared. */
struct levels {
    unsigned depth;
    struct level at[JSON_DEPTH_MAX];
    bool objects[JSON_DEPTH_MAX];
};

/* Compares two values but for what containers hold, which is put off. */
static bool heads_equal(const struct json_tape_pair *pair, struct levels *l, uint64_t *work)
{
    const struct json_tape_node *a = &pair->a[pair->at_a];
    const struct json_tape_node *b = &pair->b[pair->at_b];
    bool object = a->kind == TAPE_OBJECT;

    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind < TAPE_ARRAY) {
        return scalars_equal(a, b, work);
    }
    if (a->len != b->len || l->depth == JSON_DEPTH_MAX) {
        return false;
    }
    l->objects[l->depth] = object;
    l->at[l->depth++] =
        (struct level){pair->at_a + 1, object ? pair->at_b : pair->at_b + 1, a->len};
    return true;
}

bool json_tape_equal(struct json_tape_pair pair, uint64_t *work)
{
    struct levels l;

    l.depth = 0;
    while (*work > 0 && heads_equal(&pair, &l, work)) {
        IGNORE(!take(work, 1), "the loop looks");
        while (l.depth > 0 && l.at[l.depth - 1].left == 0) {
            l.depth--;
        }
        if (l.depth == 0) {
            return true;
        }
        if (!next_children(&pair, &l.at[l.depth - 1], l.objects[l.depth - 1], work)) {
            return false;
        }
    }
    return false;
}
