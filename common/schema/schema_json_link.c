/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_link: resources and anchors are few, so they are searched one by one. A pointer walks
 * the document's tape; where it enters a resource of its own, what it finds belongs to that. */
#include "schema/schema_json_link.h"

#include "schema/schema_json_uri.h"

#include <stdlib.h>

static struct span string_at(const struct schema_json_build *b, uint32_t tape)
{
    return json_tape_span(&b->s->tape[tape]);
}

static err_t require_string(struct schema_json_build *b, uint32_t value)
{
    return b->s->tape[value].kind == TAPE_STRING
               ? ERR_OK
               : schema_json_build_fail(b, ERR_SYNTAX, value, "not a string");
}

static err_t resolve(struct schema_json_build *b, uint32_t resource, uint32_t value,
                     struct schema_json_uri *ret)
{
    struct span base = b->resources[resource].uri;

    TRY(require_string(b, value));
    if (schema_json_uri_resolve(base, string_at(b, value), &b->uris, ret) != ERR_OK) {
        return schema_json_build_fail(b, ERR_LIMIT, value, "the reference is too long");
    }
    return ERR_OK;
}

static err_t add_anchor(struct schema_json_build *b, const struct schema_json_site *site,
                        struct span name, bool dynamic)
{
    struct schema_json *s = b->s;

    if (s->anchor_count == SCHEMA_JSON_ANCHORS_MAX) {
        return schema_json_build_fail(b, ERR_LIMIT, site->tape, "more than %u anchors",
                                      SCHEMA_JSON_ANCHORS_MAX);
    }
    TRY(schema_json_build_grow((void **)&s->anchors, &b->anchor_max, s->anchor_count,
                               sizeof(*s->anchors)));
    s->anchors[s->anchor_count++] =
        (struct schema_json_anchor){name, site->resource, site->node, dynamic};
    return ERR_OK;
}

static err_t add_resource(struct schema_json_build *b, struct schema_json_site *site,
                          struct span uri)
{
    if (site->tape == 0) {
        b->resources[0].uri = uri;
        return ERR_OK;
    }
    for (uint32_t i = 0; i < b->resource_count; i++) {
        if (span_equal(b->resources[i].uri, uri)) {
            return schema_json_build_fail(b, ERR_SYNTAX, site->tape,
                                          "two schemas have the $id \"%.*s\"", (int)uri.len,
                                          uri.at);
        }
    }
    if (b->resource_count == SCHEMA_JSON_RESOURCES_MAX) {
        return schema_json_build_fail(b, ERR_LIMIT, site->tape, "more than %u schemas have an $id",
                                      SCHEMA_JSON_RESOURCES_MAX);
    }
    TRY(schema_json_build_grow((void **)&b->resources, &b->resource_max, b->resource_count,
                               sizeof(*b->resources)));
    b->resources[b->resource_count] = (struct schema_json_resource){uri, site->tape};
    site->resource = b->resource_count++;
    b->s->nodes[site->node].resource = site->resource;
    return ERR_OK;
}

static err_t read_id(struct schema_json_build *b, struct schema_json_site *site, uint32_t value)
{
    struct schema_json_uri uri = {0};

    TRY(resolve(b, site->resource, value, &uri));
    if (uri.fragment.len == 0) {
        return add_resource(b, site, uri.document);
    }
    if (!b->draft7) {
        return schema_json_build_fail(b, ERR_SYNTAX, value, "an $id with a fragment");
    }
    /* Draft-07: "#name" is what became $anchor. */
    if (string_at(b, value).at[0] != '#') {
        TRY(add_resource(b, site, uri.document));
    }
    return add_anchor(b, site, uri.fragment, false);
}

static err_t read_anchor(struct schema_json_build *b, struct schema_json_site *site,
                         const char *keyword, bool dynamic)
{
    uint32_t value = schema_json_build_find(b, site, keyword);

    if (value == 0) {
        return ERR_OK;
    }
    TRY(require_string(b, value));
    if (string_at(b, value).len == 0) {
        return schema_json_build_fail(b, ERR_SYNTAX, value, "an anchor without a name");
    }
    return add_anchor(b, site, string_at(b, value), dynamic);
}

err_t schema_json_link_names(struct schema_json_build *b, struct schema_json_site *site)
{
    uint32_t id = schema_json_build_find(b, site, "$id");

    if (id != 0) {
        TRY(read_id(b, site, id));
    }
    if (!b->draft7) {
        TRY(read_anchor(b, site, "$anchor", false));
        TRY(read_anchor(b, site, "$dynamicAnchor", true));
    }
    return ERR_OK;
}

err_t schema_json_link_reference(struct schema_json_build *b, const struct schema_json_site *site,
                                 const char *keyword)
{
    uint32_t value = schema_json_build_find(b, site, keyword);
    struct schema_json_op op = {.kind = JSON_OP_REF, .node = SCHEMA_JSON_NONE};

    if (value == 0) {
        return ERR_OK;
    }
    if (strcmp(keyword, "$dynamicRef") == 0) {
        op = (struct schema_json_op){.kind = JSON_OP_DYNAMIC_REF};
    }
    TRY(require_string(b, value));
    TRY(schema_json_build_grow((void **)&b->references, &b->reference_max, b->reference_count,
                               sizeof(*b->references)));
    b->references[b->reference_count++] =
        (struct schema_json_reference){b->s->op_count, site->resource, value};
    return schema_json_build_op(b, site, op, (struct schema_json_origin){keyword, value});
}

static int hex_value(char c)
{
    int lower = c | 0x20;

    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* A copy without percent-encoding; the arena has room for it. NULL at: it is full. */
static struct span percent_decode(struct span s, struct arena *a)
{
    char *out = arena_alloc(a, s.len);
    size_t len = 0;

    for (size_t i = 0; out != NULL && i < s.len; i++) {
        int high = s.at[i] == '%' && i + 2 < s.len ? hex_value(s.at[i + 1]) : -1;
        int low = high >= 0 ? hex_value(s.at[i + 2]) : -1;
        out[len++] = (char)(low >= 0 ? high << 4 | low : s.at[i]);
        i += low >= 0 ? 2 : 0;
    }
    return span_of(out, len);
}

/* `~1` and `~0` of a pointer's segment, in place. */
static struct span unescape_segment(char *at, size_t bytes)
{
    size_t len = 0;

    for (size_t i = 0; i < bytes; i++) {
        bool escaped = at[i] == '~' && i + 1 < bytes && (at[i + 1] == '0' || at[i + 1] == '1');
        at[len++] = !escaped ? at[i] : at[i + 1] == '1' ? '/' : '~';
        i += escaped;
    }
    return span_of(at, len);
}

/* The element of an array that a segment names; 0: none. */
static uint32_t find_element(const struct json_tape_node *nodes, uint32_t array, struct span name)
{
    uint32_t index = 0;
    uint32_t at = array + 1;

    if (name.len == 0 || name.len > 7 || (name.len > 1 && name.at[0] == '0')) {
        return 0;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] < '0' || name.at[i] > '9') {
            return 0;
        }
        index = index * 10 + (uint32_t)(name.at[i] - '0');
    }
    if (index >= nodes[array].len) {
        return 0;
    }
    for (; index > 0; index--) {
        at = nodes[at].next;
    }
    return at;
}

/* What a pointer means is in which resource. */
struct place {
    uint32_t tape;
    uint32_t resource;
};

static void enter_resource(const struct schema_json_build *b, struct place *p)
{
    uint32_t node = b->node_of[p->tape];

    if (node != SCHEMA_JSON_NONE) {
        p->resource = b->s->nodes[node].resource;
    }
}

/* Walks a decoded pointer, which it changes. False: there is nothing. */
static bool walk_pointer(const struct schema_json_build *b, struct span pointer, struct place *p)
{
    const struct json_tape_node *nodes = b->s->tape;
    char *at = (char *)(uintptr_t)pointer.at; /* a copy of ours */

    while (pointer.len > 0) {
        pointer = span_skip(pointer, 1);
        at++;
        size_t bytes = span_find(pointer, '/');
        struct span name = unescape_segment(at, bytes);
        uint32_t next = nodes[p->tape].kind == TAPE_OBJECT  ? json_tape_find(nodes, p->tape, name)
                        : nodes[p->tape].kind == TAPE_ARRAY ? find_element(nodes, p->tape, name)
                                                            : 0;
        if (next == 0) {
            return false;
        }
        p->tape = next;
        enter_resource(b, p);
        pointer = span_skip(pointer, bytes);
        at += bytes;
    }
    return true;
}

static const struct schema_json_anchor *find_anchor(const struct schema_json_build *b,
                                                    uint32_t resource, struct span name)
{
    for (uint32_t i = 0; i < b->s->anchor_count; i++) {
        const struct schema_json_anchor *a = &b->s->anchors[i];
        if (a->resource == resource && span_equal(a->name, name)) {
            return a;
        }
    }
    return NULL;
}

static bool find_resource(const struct schema_json_build *b, struct span uri, uint32_t *ret)
{
    for (uint32_t i = 0; i < b->resource_count; i++) {
        if (span_equal(b->resources[i].uri, uri)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* The fragment's target in a resource: a node, and by which anchor, if by one. */
static err_t find_fragment(struct schema_json_build *b, uint32_t resource, struct span fragment,
                           uint32_t *ret_node, const struct schema_json_anchor **ret_anchor)
{
    struct place p = {b->resources[resource].tape, resource};

    *ret_anchor = NULL;
    if (fragment.len == 0 || fragment.at[0] == '/') {
        return walk_pointer(b, fragment, &p)
                   ? schema_json_build_node(b, p.tape, p.resource, ret_node)
                   : ERR_UNKNOWN;
    }
    *ret_anchor = find_anchor(b, resource, fragment);
    ENSURE(*ret_anchor != NULL, ERR_UNKNOWN);
    *ret_node = (*ret_anchor)->node;
    return ERR_OK;
}

/* A dynamic reference that is not to a dynamic anchor is an ordinary one. */
static void set_target(struct schema_json_op *op, uint32_t node,
                       const struct schema_json_anchor *anchor)
{
    if (op->kind == JSON_OP_DYNAMIC_REF && anchor != NULL && anchor->dynamic) {
        op->dynamic.node = node;
        return;
    }
    op->kind = JSON_OP_REF;
    op->node = node;
}

err_t schema_json_link_target(struct schema_json_build *b, uint32_t reference)
{
    struct schema_json_reference r = b->references[reference];
    struct schema_json_uri uri = {0};
    const struct schema_json_anchor *anchor = NULL;
    uint32_t resource = 0;
    uint32_t node = SCHEMA_JSON_NONE;
    size_t before = b->uris.used;

    TRY(resolve(b, r.resource, r.value, &uri));
    struct span fragment = percent_decode(uri.fragment, &b->uris);
    err_t err = fragment.len == 0 && uri.fragment.len > 0 ? ERR_LIMIT : ERR_UNKNOWN;
    if (err == ERR_UNKNOWN && find_resource(b, uri.document, &resource)) {
        err = find_fragment(b, resource, fragment, &node, &anchor);
    }
    arena_rewind(&b->uris, before);
    if (err == ERR_UNKNOWN) {
        struct span text = string_at(b, r.value);
        return schema_json_build_fail(b, err, r.value, "\"%.*s\" is not in this document",
                                      (int)text.len, text.at);
    }
    TRY(err);
    set_target(&b->s->ops[r.op], node, anchor);
    return ERR_OK;
}

static int compare_names(struct span a, struct span b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.at, b.at, common);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_anchors(const void *left, const void *right)
{
    const struct schema_json_anchor *a = left;
    const struct schema_json_anchor *b = right;
    int order = compare_names(a->name, b->name);

    return order != 0 ? order : (a->resource > b->resource) - (a->resource < b->resource);
}

static err_t refuse_twins(struct schema_json_build *b)
{
    struct schema_json *s = b->s;

    for (uint32_t i = 1; i < s->anchor_count; i++) {
        if (compare_anchors(&s->anchors[i - 1], &s->anchors[i]) == 0) {
            struct span name = s->anchors[i].name;
            return schema_json_build_fail(b, ERR_SYNTAX, s->nodes[s->anchors[i].node].tape,
                                          "the anchor \"%.*s\" stands twice in one schema",
                                          (int)name.len, name.at);
        }
    }
    return ERR_OK;
}

/* All anchors of one name. */
static struct schema_json_run anchors_named(const struct schema_json *s, struct span name)
{
    struct schema_json_run run = {0, 0};
    uint32_t low = 0;
    uint32_t high = s->anchor_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_names(s->anchors[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    run.first = low;
    while (low < s->anchor_count && span_equal(s->anchors[low].name, name)) {
        low++;
    }
    run.count = low - run.first;
    return run;
}

err_t schema_json_link_finish(struct schema_json_build *b)
{
    struct schema_json *s = b->s;

    if (s->anchor_count > 0) {
        qsort(s->anchors, s->anchor_count, sizeof(*s->anchors), compare_anchors);
    }
    TRY(refuse_twins(b));
    for (uint32_t i = 0; i < b->reference_count; i++) {
        struct schema_json_op *op = &s->ops[b->references[i].op];
        if (op->kind == JSON_OP_DYNAMIC_REF) {
            struct span text = string_at(b, b->references[i].value);
            struct span name = span_skip(text, span_find(text, '#') + 1);
            size_t before = b->uris.used;
            op->dynamic.anchors = anchors_named(s, percent_decode(name, &b->uris));
            arena_rewind(&b->uris, before);
        }
    }
    return ERR_OK;
}
