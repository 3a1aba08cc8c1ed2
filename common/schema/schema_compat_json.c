/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_compat_json: a list of claims "every value that this set of the writer's schemas allows,
 * this schema of the reader accepts". Each is shown by its operations and by further claims about
 * parts; a claim that is already on the list need not be shown twice, which ends recursive schemas.
 * What cannot be shown is taken for incompatible. */
#include "schema/schema_compat_json.h"

#include "schema/schema_compat_json_rule.h"

#include <stdlib.h>

#define CLAIMS_MAX 2048u

/* Steps of a comparison: names, values and operations that are looked at. */
#define WORK_MAX 40000000u

struct claim {
    uint32_t node; /* of the reader */
    struct schema_compat_json_set set;
};

struct compat {
    struct schema_compat_json_sides sides;
    struct schema_why *why;
    struct claim *claims;
    uint32_t count;
    uint32_t done;
    uint64_t work;
};

static err_t give_up(struct compat *c)
{
    schema_why_set(c->why, "the schemas are too entangled to be compared");
    return ERR_EXISTS;
}

/* Without work nothing could be shown, which says nothing about the operation. */
static err_t refuse(struct compat *c, const struct schema_json_op *op, const char *what)
{
    if (c->work == 0) {
        return give_up(c);
    }
    schema_why_set(c->why, "%s: %s", op->detail, what);
    return ERR_EXISTS;
}

/* Takes `cost` off the work. */
static err_t spend(struct compat *c, uint64_t cost)
{
    return schema_compat_json_rule_spend(&c->sides, cost) ? ERR_OK : give_up(c);
}

static bool same_claim(const struct claim *a, const struct claim *b)
{
    return a->node == b->node && a->set.count == b->set.count &&
           memcmp(a->set.nodes, b->set.nodes, a->set.count * sizeof(a->set.nodes[0])) == 0;
}

/* Puts a claim on the list. */
static err_t claim(struct compat *c, uint32_t node, const struct schema_compat_json_set *set)
{
    struct claim claim = {.node = node, .set = *set};

    if (node == SCHEMA_JSON_NONE || c->sides.reader->nodes[node].ops.count == 0) {
        return ERR_OK;
    }
    TRY(spend(c, 1 + c->count / 4));
    for (uint32_t i = 0; i < c->count; i++) {
        if (same_claim(&c->claims[i], &claim)) {
            return ERR_OK;
        }
    }
    if (c->count == CLAIMS_MAX) {
        return give_up(c);
    }
    c->claims[c->count++] = claim;
    return ERR_OK;
}

/* One claim for each branch of a choice that the writer has. */
static err_t claim_branches(struct compat *c, const struct claim *of,
                            const struct schema_json_op *choice)
{
    for (uint32_t i = 0; i < choice->nodes.count; i++) {
        struct schema_compat_json_set set = of->set;
        if (!schema_compat_json_set_add(&set, c->sides.writer->lists[choice->nodes.first + i])) {
            return give_up(c);
        }
        TRY(claim(c, of->node, &set));
    }
    return ERR_OK;
}

/* Members that the writer names and the reader does not fall under its additionalProperties. */
static err_t claim_unnamed(struct compat *c, const struct schema_json_op *op,
                           const struct schema_compat_json_set *set,
                           const struct schema_json_op *written)
{
    const struct schema_json *w = c->sides.writer;
    struct schema_json_run named = written->properties.named;

    for (uint32_t i = named.first; i < named.first + named.count; i++) {
        struct schema_compat_json_set part;
        TRY(spend(c, 1 + set->count));
        if (schema_compat_json_set_named(c->sides.reader, op->properties.named,
                                         w->properties[i].name) == SCHEMA_JSON_NONE &&
            schema_compat_json_set_member(w, set, w->properties[i].name, &part)) {
            TRY(claim(c, op->properties.additional, &part));
        }
    }
    return ERR_OK;
}

static err_t claim_additional(struct compat *c, const struct schema_json_op *op,
                              const struct schema_compat_json_set *set)
{
    struct schema_compat_json_set part;

    for (uint32_t i = 0; i < set->count; i++) {
        const struct schema_json_op *written =
            schema_compat_json_set_op(c->sides.writer, set->nodes[i], JSON_OP_PROPERTIES);
        if (written != NULL) {
            TRY(claim_unnamed(c, op, set, written));
        }
    }
    return schema_compat_json_set_others(c->sides.writer, set, &part)
               ? claim(c, op->properties.additional, &part)
               : ERR_OK;
}

static err_t show_properties(struct compat *c, const struct claim *of,
                             const struct schema_json_op *op)
{
    const struct schema_json *r = c->sides.reader;
    struct schema_json_run named = op->properties.named;

    if ((of->set.types & JSON_TYPE_OBJECT) == 0) {
        return ERR_OK;
    }
    for (uint32_t i = named.first; i < named.first + named.count; i++) {
        struct schema_compat_json_set part;
        TRY(spend(c, 1 + of->set.count));
        if (schema_compat_json_set_member(c->sides.writer, &of->set, r->properties[i].name,
                                          &part)) {
            TRY(claim(c, r->properties[i].node, &part));
        }
    }
    if (op->properties.patterns.count > 0 &&
        !schema_compat_json_rule_same(&c->sides, of->node, &of->set, "patternProperties")) {
        return refuse(c, op, "patternProperties differ");
    }
    return op->properties.additional == SCHEMA_JSON_NONE ? ERR_OK
                                                         : claim_additional(c, op, &of->set);
}

static err_t show_items(struct compat *c, const struct claim *of, const struct schema_json_op *op)
{
    const struct schema_json *r = c->sides.reader;
    uint32_t longest = schema_compat_json_set_prefix(c->sides.writer, &of->set);
    uint32_t count = op->items.prefix.count > longest ? op->items.prefix.count : longest;

    if ((of->set.types & JSON_TYPE_ARRAY) == 0) {
        return ERR_OK;
    }
    for (uint32_t i = 0; i <= count; i++) { /* the last stands for all behind */
        struct schema_compat_json_set part;
        TRY(spend(c, 1 + of->set.count));
        uint32_t node =
            i < op->items.prefix.count ? r->lists[op->items.prefix.first + i] : op->items.rest;
        if (schema_compat_json_set_element(c->sides.writer, &of->set, i, &part)) {
            TRY(claim(c, node, &part));
        }
    }
    return ERR_OK;
}

/* How many properties of a branch the set knows: the more, the likelier it is the one meant. */
static uint32_t likeness(const struct compat *c, uint32_t node,
                         const struct schema_compat_json_set *set)
{
    const struct schema_json *r = c->sides.reader;
    const struct schema_json_op *op = schema_compat_json_set_op(r, node, JSON_OP_PROPERTIES);
    uint32_t known = 0;

    for (uint32_t i = 0; op != NULL && i < op->properties.named.count; i++) {
        struct schema_compat_json_set part;
        struct span name = r->properties[op->properties.named.first + i].name;
        if (!schema_compat_json_rule_spend(&c->sides, 1 + set->count)) {
            break;
        }
        known += schema_compat_json_set_member(c->sides.writer, set, name, &part) && part.count > 0;
    }
    return known;
}

/* Whether a branch is word for word one of the set. */
static bool is_in_set(const struct compat *c, uint32_t node,
                      const struct schema_compat_json_set *set)
{
    const struct schema_json *r = c->sides.reader;
    const struct schema_json *w = c->sides.writer;

    for (uint32_t i = 0; i < set->count; i++) {
        struct json_tape_pair pair = {r->tape, r->nodes[node].tape, w->tape,
                                      w->nodes[set->nodes[i]].tape};
        if (schema_compat_json_rule_spend(&c->sides, 1) && json_tape_equal(pair, c->sides.work)) {
            return true;
        }
    }
    return false;
}

/* The types of a reader's branch, through references and allOf. */
static uint32_t branch_types(const struct compat *c, uint32_t node)
{
    struct schema_compat_json_set set = {.count = 1, .nodes = {node}};

    IGNORE(!schema_compat_json_set_close(c->sides.reader, &set), "a part of them is enough");
    IGNORE(!schema_compat_json_rule_spend(&c->sides,
                                          schema_compat_json_set_size(c->sides.reader, &set)),
           "show() looks");
    return schema_compat_json_set_types(c->sides.reader, &set);
}

/* The branch that is to accept what is written; none if it cannot be told. */
static uint32_t choose_branch(const struct compat *c, const struct schema_json_op *op,
                              const struct schema_compat_json_set *set)
{
    uint32_t written = set->types;
    uint32_t best = SCHEMA_JSON_NONE;
    uint32_t best_likeness = 0;

    for (uint32_t i = 0; c->work > 0 && i < op->nodes.count; i++) {
        uint32_t node = c->sides.reader->lists[op->nodes.first + i];
        if (is_in_set(c, node, set)) {
            return node;
        }
        uint32_t like = likeness(c, node, set) + 1;
        if ((written & ~branch_types(c, node)) == 0 && like > best_likeness) {
            best = node;
            best_likeness = like;
        }
    }
    return best;
}

/* Of oneOf no other branch may accept it: they must be of other types. */
static bool others_differ(const struct compat *c, const struct schema_json_op *op, uint32_t chosen)
{
    uint32_t types = branch_types(c, chosen);

    for (uint32_t i = 0; i < op->nodes.count; i++) {
        uint32_t node = c->sides.reader->lists[op->nodes.first + i];
        if (c->work == 0 || (node != chosen && (branch_types(c, node) & types) != 0)) {
            return false;
        }
    }
    return true;
}

static err_t show_choice(struct compat *c, const struct claim *of, const struct schema_json_op *op)
{
    const char *keyword = op->kind == JSON_OP_ONE_OF ? "oneOf" : "anyOf";

    if (schema_compat_json_rule_same(&c->sides, of->node, &of->set, keyword)) {
        return ERR_OK;
    }
    uint32_t chosen = choose_branch(c, op, &of->set);
    if (chosen == SCHEMA_JSON_NONE) {
        return refuse(c, op, "no branch accepts what was written");
    }
    if (op->kind == JSON_OP_ONE_OF && !others_differ(c, op, chosen)) {
        return refuse(c, op, "another branch may accept it as well");
    }
    return claim(c, chosen, &of->set);
}

static err_t show_op(struct compat *c, const struct claim *of, const struct schema_json_op *op)
{
    switch (op->kind) {
    case JSON_OP_REF:
        return claim(c, op->node, &of->set);
    case JSON_OP_ALL_OF:
        for (uint32_t i = 0; i < op->nodes.count; i++) {
            TRY(claim(c, c->sides.reader->lists[op->nodes.first + i], &of->set));
        }
        return ERR_OK;
    case JSON_OP_ANY_OF:
    case JSON_OP_ONE_OF:
        return show_choice(c, of, op);
    case JSON_OP_PROPERTIES:
        return show_properties(c, of, op);
    case JSON_OP_ITEMS:
        return show_items(c, of, op);
    default:
        return schema_compat_json_rule_holds(&c->sides, of->node, op, &of->set)
                   ? ERR_OK
                   : refuse(c, op, "the other schema allows more");
    }
}

static err_t show(struct compat *c, struct claim of)
{
    const struct schema_json *r = c->sides.reader;
    struct schema_json_run ops = r->nodes[of.node].ops;

    if (!schema_compat_json_set_close(c->sides.writer, &of.set)) {
        return give_up(c);
    }
    TRY(spend(c, schema_compat_json_set_size(c->sides.writer, &of.set)));
    of.set.types = schema_compat_json_set_types(c->sides.writer, &of.set);
    if (of.set.types == 0) {
        return ERR_OK; /* nothing can have been written */
    }
    const struct schema_json_op *choice = schema_compat_json_set_choice(c->sides.writer, &of.set);
    if (choice != NULL) {
        return claim_branches(c, &of, choice);
    }
    for (uint32_t i = ops.first; i < ops.first + ops.count; i++) {
        TRY(show_op(c, &of, &r->ops[i]));
    }
    return ERR_OK;
}

static bool same_documents(const struct compat *c)
{
    uint64_t work = WORK_MAX;

    return json_tape_equal(
        (struct json_tape_pair){c->sides.reader->tape, 0, c->sides.writer->tape, 0}, &work);
}

static err_t compare(struct compat *c)
{
    const struct schema_compat_json_set root = {.count = 1, .nodes = {0}};

    if (same_documents(c)) {
        return ERR_OK;
    }
    c->claims = calloc(CLAIMS_MAX, sizeof(*c->claims));
    ENSURE(c->claims != NULL, ERR_NOMEM);
    TRY(claim(c, 0, &root));
    while (c->done < c->count) {
        TRY(show(c, c->claims[c->done++]));
    }
    return ERR_OK;
}

err_t schema_compat_json(struct span reader, struct span writer, struct schema_why *ret_why)
{
    struct compat c = {.why = ret_why, .work = WORK_MAX};
    struct schema_json *r = NULL;
    struct schema_json *w = NULL;
    err_t err = schema_json_compile(reader, ret_why, &r);

    if (err == ERR_OK) {
        err = schema_json_compile(writer, ret_why, &w);
    }
    if (err == ERR_OK) {
        c.sides = schema_compat_json_rule_sides(r, w, &c.work);
        err = compare(&c);
    }
    free(c.claims);
    schema_json_free(r);
    schema_json_free(w);
    return err;
}
