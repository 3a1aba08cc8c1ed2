/* SPDX-License-Identifier: Apache-2.0
 *
 * json_tape: a JSON value as an array of nodes in the order of its text, for whoever must look at
 * it more than once. Nothing is copied: strings keep their escapes and point into the text. A
 * container is followed by what it holds: elements, or names and values by turns; `next` is the
 * node behind a value. Only for texts that are valid JSON (wire/json_scan.h); one that is not gives
 * a useless tape or none, but no harm. */
#pragma once

#include "base/limits.h"
#include "wire/text.h"

enum json_tape_kind {
    TAPE_NULL,
    TAPE_FALSE,
    TAPE_TRUE,
    TAPE_NUMBER,
    TAPE_STRING, /* a name, too */
    TAPE_ARRAY,
    TAPE_OBJECT
};

#define JSON_TAPE_NODES_MAX ((1u << 27) - 1)

struct json_tape_node {
    const char *at; /* STRING (inside of the quotes), NUMBER */
    uint32_t len;   /* bytes at `at`; containers: elements or members */
    uint32_t next : 27;
    uint32_t kind : 3; /* enum json_tape_kind */
    uint32_t form : 2; /* STRING: enum text_form */
};

/* Storage is the caller's. */
struct json_tape {
    struct json_tape_node *at;
    uint32_t count;
    uint32_t max;
};

/* Nodes that a text of `bytes` can have at most: a digit and a comma are the shortest. */
#define JSON_TAPE_NODES(bytes) ((bytes) / 2 + 1)

/* Appends the value that a text holds. False: no room, deeper than JSON_DEPTH_MAX, or no JSON. */
bool json_tape_add(struct json_tape *t, struct span json);

/* Appends a node of its own, closed. The tape has room. */
void json_tape_put(struct json_tape *t, enum json_tape_kind kind, struct text text);

static inline struct text json_tape_text(const struct json_tape_node *n)
{
    return (struct text){n->at, n->len, n->form};
}

static inline struct span json_tape_span(const struct json_tape_node *n)
{
    return span_of(n->at, n->len);
}

/* The value of a member of the object `object`, by its decoded name; 0: there is none (a value is
 * never the first node). */
uint32_t json_tape_find(const struct json_tape_node *nodes, uint32_t object, struct span name);

/* Two values, each on its tape. */
struct json_tape_pair {
    const struct json_tape_node *a;
    uint32_t at_a;
    const struct json_tape_node *b;
    uint32_t at_b;
};

/* Whether they are equal: numbers by value, objects whatever their order. Takes what it costs off
 * `*work`; once that is 0 the answer is false and means nothing. */
bool json_tape_equal(struct json_tape_pair pair, uint64_t *work);
