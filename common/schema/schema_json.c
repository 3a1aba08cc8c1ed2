/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json: the text is checked (json_scan), made a tape, and read schema by schema: each that
 * is met joins the list of nodes. When the list is worked off, references are followed one by one,
 * which may add to it. */
#include "schema/schema_json.h"

#include "schema/schema_json_apply.h"
#include "schema/schema_json_assert.h"
#include "schema/schema_json_cycle.h"
#include "schema/schema_json_detail.h"
#include "schema/schema_json_flat.h"
#include "schema/schema_json_link.h"
#include "schema/schema_json_pattern.h"
#include "wire/json_scan.h"
#include "wire/json_text.h"

#include <stdlib.h>

#define URI_MEMORY_BYTES (16u * MIB)

/* Room for the scanner's names: 8 bytes for each, and a table of 16. */
#define SCAN_BYTES(text) (JSON_SCAN_NAMES_MAX(text) * 32u + KIB)

static err_t scan_text(struct span text, struct arena *arena, struct schema_why *why)
{
    struct json_scan scan;
    struct extra value;

    json_scan_init(&scan, text, arena);
    json_scan_reserve(&scan, text.len);
    json_scan_space(&scan);
    err_t err = json_scan_value(&scan, &value);
    json_scan_space(&scan);
    if (err == ERR_OK && scan.at != scan.end) {
        err = json_scan_fail(&scan, REASON_BAD_JSON, "something follows the value");
    }
    if (err != ERR_OK) {
        schema_why_set(why, "no JSON: %s", scan.detail);
        return scan.reason == REASON_TOO_DEEP ? ERR_LIMIT : err;
    }
    return ERR_OK;
}

static err_t require_json(struct span text, struct schema_why *why)
{
    struct arena arena;

    TRY(arena_init(&arena, SCAN_BYTES(text.len)));
    err_t err = scan_text(text, &arena, why);
    arena_done(&arena);
    return err;
}

/* Decoding never lengthens, so it is done in place. */
static void decode_strings(struct schema_json *s)
{
    for (uint32_t i = 0; i < s->tape_count; i++) {
        struct json_tape_node *n = &s->tape[i];
        if (n->kind == TAPE_STRING && n->form == TEXT_JSON) {
            char *out = s->text + (n->at - s->text);
            n->len = (uint32_t)json_text_decode(json_tape_text(n), out);
            n->form = TEXT_PLAIN;
        }
    }
}

static err_t load_text(struct schema_json_build *b, struct span text)
{
    struct schema_json *s = b->s;
    uint32_t max = (uint32_t)JSON_TAPE_NODES(text.len);

    s->text = malloc(text.len + SPAN_SLACK_BYTES);
    s->tape = malloc(max * sizeof(*s->tape));
    b->node_of = malloc(max * sizeof(*b->node_of));
    ENSURE(s->text != NULL && s->tape != NULL && b->node_of != NULL, ERR_NOMEM);
    memcpy(s->text, text.at, text.len);
    memset(s->text + text.len, 0, SPAN_SLACK_BYTES);
    TRY(require_json(span_of(s->text, text.len), b->why));
    struct json_tape tape = {s->tape, 0, max};
    ENSURE(json_tape_add(&tape, span_of(s->text, text.len)), ERR_LIMIT);
    s->tape_count = tape.count;
    memset(b->node_of, 0xff, max * sizeof(*b->node_of)); /* SCHEMA_JSON_NONE */
    decode_strings(s);
    return ERR_OK;
}

/* The draft, by the root's $schema. */
static err_t read_draft(struct schema_json_build *b)
{
    const struct json_tape_node *tape = b->s->tape;
    uint32_t value = tape[0].kind == TAPE_OBJECT ? json_tape_find(tape, 0, SPAN_LIT("$schema")) : 0;
    struct span uri = json_tape_span(&tape[value]);

    if (value == 0) {
        return ERR_OK;
    }
    if (tape[value].kind != TAPE_STRING) {
        return schema_json_build_fail(b, ERR_SYNTAX, value, "not a string");
    }
    if (uri.len > 0 && uri.at[uri.len - 1] == '#') {
        uri.len--;
    }
    b->draft7 = span_equal(uri, SPAN_LIT("http://json-schema.org/draft-07/schema")) ||
                span_equal(uri, SPAN_LIT("https://json-schema.org/draft-07/schema"));
    if (!b->draft7 && !span_equal(uri, SPAN_LIT("https://json-schema.org/draft/2020-12/schema")) &&
        !span_equal(uri, SPAN_LIT("http://json-schema.org/draft/2020-12/schema"))) {
        return schema_json_build_fail(b, ERR_UNKNOWN, value, "neither draft 2020-12 nor draft-07");
    }
    return ERR_OK;
}

static void read_format_option(struct schema_json_build *b)
{
    const struct json_tape_node *tape = b->s->tape;
    uint32_t value = tape[0].kind == TAPE_OBJECT
                         ? json_tape_find(tape, 0, SPAN_LIT("x-cordwood-assert-format"))
                         : 0;

    b->asserts_formats = b->draft7 || (value != 0 && tape[value].kind == TAPE_TRUE);
}

/* The root's resource, before its $id is known. */
static err_t add_root(struct schema_json_build *b)
{
    uint32_t node = 0;

    TRY(schema_json_build_grow((void **)&b->resources, &b->resource_max, 0, sizeof(*b->resources)));
    b->resources[b->resource_count++] = (struct schema_json_resource){SPAN_LIT(""), 0};
    return schema_json_build_node(b, 0, 0, &node);
}

static err_t read_object(struct schema_json_build *b, struct schema_json_site *site)
{
    if (b->draft7 && schema_json_build_find(b, site, "$ref") != 0) {
        return schema_json_link_reference(b, site, "$ref"); /* it stands for all its siblings */
    }
    TRY(schema_json_link_names(b, site));
    TRY(schema_json_link_reference(b, site, "$ref"));
    if (!b->draft7) {
        TRY(schema_json_link_reference(b, site, "$dynamicRef"));
    }
    TRY(schema_json_assert_read(b, site));
    return schema_json_apply_read(b, site);
}

static err_t read_node(struct schema_json_build *b, uint32_t node)
{
    struct schema_json_node *n = &b->s->nodes[node];
    struct schema_json_site site = {node, n->resource, n->tape};

    n->ops.first = b->s->op_count;
    if (b->s->tape[n->tape].kind == TAPE_FALSE) {
        return schema_json_build_op(b, &site, (struct schema_json_op){.kind = JSON_OP_NEVER},
                                    (struct schema_json_origin){"not allowed", n->tape});
    }
    return b->s->tape[n->tape].kind == TAPE_OBJECT ? read_object(b, &site) : ERR_OK;
}

/* Works off nodes and references until neither brings new ones. */
static err_t read_all(struct schema_json_build *b)
{
    uint32_t node = 0;
    uint32_t reference = 0;

    while (node < b->s->node_count || reference < b->reference_count) {
        if (node < b->s->node_count) {
            TRY(read_node(b, node++));
        } else {
            TRY(schema_json_link_target(b, reference++));
        }
    }
    return schema_json_link_finish(b);
}

static int compare_ops(const void *left, const void *right)
{
    const struct schema_json_op *a = left;
    const struct schema_json_op *b = right;

    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return a->order < b->order ? -1 : 1;
}

static void order_ops(struct schema_json *s)
{
    for (uint32_t i = 0; i < s->node_count; i++) {
        struct schema_json_run ops = s->nodes[i].ops;
        if (ops.count > 1) {
            qsort(s->ops + ops.first, ops.count, sizeof(*s->ops), compare_ops);
        }
    }
}

static err_t compile(struct schema_json_build *b, struct span text)
{
    TRY(arena_init(&b->uris, URI_MEMORY_BYTES));
    TRY(load_text(b, text));
    TRY(read_draft(b));
    read_format_option(b);
    b->s->draft7 = b->draft7;
    b->s->asserts_formats = b->asserts_formats;
    TRY(add_root(b));
    TRY(read_all(b));
    TRY(schema_json_cycle_check(b));
    order_ops(b->s);
    TRY(schema_json_detail_write(b));
    b->s->flat = schema_json_flat_of(b->s);
    return ERR_OK;
}

err_t schema_json_compile(struct span text, struct schema_why *ret_why, struct schema_json **ret)
{
    struct schema_json_build b = {.why = ret_why};

    if (text.len > SCHEMA_JSON_TEXT_BYTES_MAX) {
        schema_why_set(ret_why, "the schema is longer than %u bytes", SCHEMA_JSON_TEXT_BYTES_MAX);
        return ERR_LIMIT;
    }
    b.s = calloc(1, sizeof(*b.s));
    err_t err = b.s == NULL ? ERR_NOMEM : compile(&b, text);
    arena_done(&b.uris);
    free(b.node_of);
    free(b.resources);
    free(b.references);
    free(b.origins);
    if (err == ERR_OK) {
        *ret = b.s;
        return ERR_OK;
    }
    schema_json_free(b.s);
    if (err == ERR_NOMEM) {
        schema_why_set(ret_why, "not enough memory");
    }
    return err;
}

void schema_json_free(struct schema_json *s)
{
    if (s == NULL) {
        return;
    }
    schema_json_pattern_free(s->patterns, s->pattern_count);
    free(s->nodes);
    free(s->ops);
    free(s->lists);
    free(s->properties);
    free(s->anchors);
    free(s->tape);
    free(s->text);
    free(s->details);
    free(s);
}
