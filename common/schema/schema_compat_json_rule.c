/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_compat_json_rule: an operation is implied if values of its type are not written, or if
 * some schema of the set is at least as strict. What cannot be compared must stand there as it
 * is. */
#include "schema/schema_compat_json_rule.h"

static bool same_values(const struct schema_json *a, uint32_t at_a, const struct schema_json *b,
                        uint32_t at_b, uint64_t *work)
{
    *work -= *work > 0;
    return json_tape_equal((struct json_tape_pair){a->tape, at_a, b->tape, at_b}, work);
}

static bool is_reference(const struct schema_json *s, uint32_t at)
{
    struct span text = json_tape_span(&s->tape[at]);

    return s->tape[at].kind == TAPE_STRING &&
           (span_equal(text, SPAN_LIT("$ref")) || span_equal(text, SPAN_LIT("$dynamicRef")));
}

static bool into_definitions(const struct schema_json *s, uint32_t at)
{
    struct span text = json_tape_span(&s->tape[at]);

    return s->tape[at].kind == TAPE_STRING && (span_starts_with(text, SPAN_LIT("#/$defs/")) ||
                                               span_starts_with(text, SPAN_LIT("#/definitions/")));
}

/* Equal references may mean different schemas, unless both documents have the same definitions. */
static bool has_reference(const struct schema_json *s, uint32_t at, bool same_definitions)
{
    for (uint32_t i = at; i + 1 < s->tape[at].next; i++) {
        if (is_reference(s, i) && !(same_definitions && into_definitions(s, i + 1))) {
            return true;
        }
    }
    return false;
}

static bool same_definition(const struct schema_json *a, const struct schema_json *b,
                            struct span keyword, uint64_t *work)
{
    bool object = a->tape[0].kind == TAPE_OBJECT && b->tape[0].kind == TAPE_OBJECT;
    uint32_t at_a = object ? json_tape_find(a->tape, 0, keyword) : 0;
    uint32_t at_b = object ? json_tape_find(b->tape, 0, keyword) : 0;

    if (at_a == 0 || at_b == 0) {
        return at_a == at_b;
    }
    return !has_reference(a, at_a, true) && same_values(a, at_a, b, at_b, work);
}

/* Within a resource of its own "#/$defs/x" means that one's definitions. */
static bool is_one_resource(const struct schema_json *s)
{
    for (uint32_t i = 0; i < s->node_count; i++) {
        if (s->nodes[i].resource != 0) {
            return false;
        }
    }
    return true;
}

static bool same_definitions(const struct schema_json *a, const struct schema_json *b,
                             uint64_t *work)
{
    return is_one_resource(a) && is_one_resource(b) &&
           same_definition(a, b, SPAN_LIT("$defs"), work) &&
           same_definition(a, b, SPAN_LIT("definitions"), work);
}

struct schema_compat_json_sides schema_compat_json_rule_sides(const struct schema_json *reader,
                                                              const struct schema_json *writer,
                                                              uint64_t *work)
{
    return (struct schema_compat_json_sides){
        .reader = reader,
        .writer = writer,
        .work = work,
        .same_dialect =
            reader->draft7 == writer->draft7 && reader->asserts_formats == writer->asserts_formats,
        .same_definitions = same_definitions(reader, writer, work),
    };
}

/* Beside a $ref of draft-07 nothing means anything. */
static uint32_t keyword_of(const struct schema_json *s, uint32_t node, const char *keyword)
{
    uint32_t tape = s->nodes[node].tape;

    if (s->tape[tape].kind != TAPE_OBJECT ||
        (s->draft7 && json_tape_find(s->tape, tape, SPAN_LIT("$ref")) != 0)) {
        return 0;
    }
    return json_tape_find(s->tape, tape, span_of_str(keyword));
}

/* A string is a pattern, which means the same in each draft. */
static bool same_keyword(const struct schema_compat_json_sides *sides, uint32_t node,
                         uint32_t other, const char *keyword)
{
    const struct schema_json *r = sides->reader;
    const struct schema_json *w = sides->writer;
    uint32_t a = keyword_of(r, node, keyword);
    uint32_t b = keyword_of(w, other, keyword);
    uint64_t cost = 1 + r->tape[r->nodes[node].tape].len + w->tape[w->nodes[other].tape].len +
                    (a == 0 ? 0 : r->tape[a].next - a);

    if (!schema_compat_json_rule_spend(sides, cost)) {
        return false;
    }
    if (a != 0 && !sides->same_dialect && r->tape[a].kind != TAPE_STRING) {
        return false;
    }
    return a != 0 && b != 0 && !has_reference(r, a, sides->same_definitions) &&
           same_values(r, a, w, b, sides->work);
}

bool schema_compat_json_rule_same(const struct schema_compat_json_sides *sides, uint32_t node,
                                  const struct schema_compat_json_set *set, const char *keyword)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (same_keyword(sides, node, set->nodes[i], keyword)) {
            return true;
        }
    }
    return false;
}

/* The same, or absent in both. */
static bool agree(const struct schema_compat_json_sides *sides, uint32_t node, uint32_t other,
                  const char *keyword)
{
    bool absent = keyword_of(sides->reader, node, keyword) == 0 &&
                  keyword_of(sides->writer, other, keyword) == 0;

    return absent || same_keyword(sides, node, other, keyword);
}

/* A group of keywords that mean something only together. */
static bool same_group(const struct schema_compat_json_sides *sides, uint32_t node,
                       const struct schema_compat_json_set *set, const char *const keywords[3])
{
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t other = set->nodes[i];
        if (same_keyword(sides, node, other, keywords[0]) &&
            agree(sides, node, other, keywords[1]) && agree(sides, node, other, keywords[2])) {
            return true;
        }
    }
    return false;
}

/* What the kind of an operation concerns; no type: any. */
static uint32_t concerned(uint8_t kind)
{
    switch (kind) {
    case JSON_OP_MIN_LENGTH:
    case JSON_OP_MAX_LENGTH:
    case JSON_OP_PATTERN:
    case JSON_OP_FORMAT:
        return JSON_TYPE_STRING;
    case JSON_OP_MINIMUM:
    case JSON_OP_MAXIMUM:
    case JSON_OP_EXCLUSIVE_MINIMUM:
    case JSON_OP_EXCLUSIVE_MAXIMUM:
    case JSON_OP_MULTIPLE_OF:
        return JSON_TYPE_INTEGER | JSON_TYPE_NUMBER;
    case JSON_OP_MIN_ITEMS:
    case JSON_OP_MAX_ITEMS:
    case JSON_OP_UNIQUE_ITEMS:
    case JSON_OP_CONTAINS:
    case JSON_OP_UNEVALUATED_ITEMS:
        return JSON_TYPE_ARRAY;
    case JSON_OP_MIN_PROPERTIES:
    case JSON_OP_MAX_PROPERTIES:
    case JSON_OP_REQUIRED:
    case JSON_OP_DEPENDENT_REQUIRED:
    case JSON_OP_DEPENDENT_SCHEMA:
    case JSON_OP_PROPERTY_NAMES:
    case JSON_OP_UNEVALUATED_PROPERTIES:
        return JSON_TYPE_OBJECT;
    default:
        return SCHEMA_COMPAT_JSON_TYPES;
    }
}

static int compare_bounds(struct span a, struct span b)
{
    struct json_number x = json_number_parse(a);
    struct json_number y = json_number_parse(b);

    return json_number_compare(&x, &y);
}

/* Whether the writer's bound is at least as strict as the reader's. */
static bool stricter_bound(const struct schema_json_op *r, const struct schema_json_op *w)
{
    bool lower = r->kind == JSON_OP_MINIMUM || r->kind == JSON_OP_EXCLUSIVE_MINIMUM;
    bool w_lower = w->kind == JSON_OP_MINIMUM || w->kind == JSON_OP_EXCLUSIVE_MINIMUM;
    bool w_upper = w->kind == JSON_OP_MAXIMUM || w->kind == JSON_OP_EXCLUSIVE_MAXIMUM;
    bool excludes = r->kind == JSON_OP_EXCLUSIVE_MINIMUM || r->kind == JSON_OP_EXCLUSIVE_MAXIMUM;
    bool w_excludes = w->kind == JSON_OP_EXCLUSIVE_MINIMUM || w->kind == JSON_OP_EXCLUSIVE_MAXIMUM;

    if (lower ? !w_lower : !w_upper) {
        return false;
    }
    int order = compare_bounds(w->number, r->number);
    return order == 0 ? w_excludes || !excludes : lower ? order > 0 : order < 0;
}

static bool multiple_of(const struct json_number_divisor *r, const struct json_number_divisor *w)
{
    int64_t shift = w->exponent - r->exponent;
    unsigned __int128 mantissa = w->mantissa;

    /* Neither mantissa ends in zero. */
    for (; shift > 0 && shift < 18 && mantissa % r->mantissa != 0; shift--) {
        mantissa = mantissa * 10;
    }
    return shift >= 0 && mantissa % r->mantissa == 0;
}

static bool has_value(const struct schema_compat_json_sides *sides, const struct schema_json_op *r,
                      uint32_t value)
{
    const struct schema_json *s = sides->reader;

    if (r->kind == JSON_OP_CONST) {
        return same_values(s, r->constant, sides->writer, value, sides->work);
    }
    for (uint32_t at = r->constant + 1; at < s->tape[r->constant].next; at = s->tape[at].next) {
        if (same_values(s, at, sides->writer, value, sides->work)) {
            return true;
        }
        if (*sides->work == 0) {
            break;
        }
    }
    return false;
}

/* Every value that the writer's operation allows is one of the reader's. */
static bool within_values(const struct schema_compat_json_sides *sides,
                          const struct schema_json_op *r, const struct schema_json_op *w)
{
    const struct schema_json *s = sides->writer;

    if (w->kind == JSON_OP_CONST) {
        return has_value(sides, r, w->constant);
    }
    if (w->kind != JSON_OP_ENUM) {
        return false;
    }
    for (uint32_t at = w->constant + 1; at < s->tape[w->constant].next; at = s->tape[at].next) {
        if (!has_value(sides, r, at)) {
            return false;
        }
    }
    return true;
}

static bool same_name(const struct schema_compat_json_sides *sides, uint32_t a, uint32_t b)
{
    return span_equal(json_tape_span(&sides->reader->tape[a]),
                      json_tape_span(&sides->writer->tape[b]));
}

/* Whether one operation of the writer implies one of the reader. */
static bool implies(const struct schema_compat_json_sides *sides, const struct schema_json_op *r,
                    const struct schema_json_op *w)
{
    switch (r->kind) {
    case JSON_OP_CONST:
    case JSON_OP_ENUM:
        return within_values(sides, r, w);
    case JSON_OP_MINIMUM:
    case JSON_OP_MAXIMUM:
    case JSON_OP_EXCLUSIVE_MINIMUM:
    case JSON_OP_EXCLUSIVE_MAXIMUM:
        return stricter_bound(r, w);
    default:
        break;
    }
    if (w->kind != r->kind) {
        return r->kind == JSON_OP_DEPENDENT_REQUIRED && w->kind == JSON_OP_REQUIRED &&
               same_name(sides, r->dependent.target, w->name);
    }
    switch (r->kind) {
    case JSON_OP_MIN_LENGTH:
    case JSON_OP_MIN_ITEMS:
    case JSON_OP_MIN_PROPERTIES:
        return w->limit >= r->limit;
    case JSON_OP_MAX_LENGTH:
    case JSON_OP_MAX_ITEMS:
    case JSON_OP_MAX_PROPERTIES:
        return w->limit <= r->limit;
    case JSON_OP_MULTIPLE_OF:
        return multiple_of(&r->divisor, &w->divisor);
    case JSON_OP_REQUIRED:
        return same_name(sides, r->name, w->name);
    case JSON_OP_DEPENDENT_REQUIRED:
        return same_name(sides, r->dependent.trigger, w->dependent.trigger) &&
               same_name(sides, r->dependent.target, w->dependent.target);
    case JSON_OP_FORMAT:
        return r->format == w->format;
    case JSON_OP_UNIQUE_ITEMS:
        return true;
    default:
        return false;
    }
}

static bool any_implies(const struct schema_compat_json_sides *sides,
                        const struct schema_json_op *r, const struct schema_compat_json_set *set)
{
    const struct schema_json *s = sides->writer;

    for (uint32_t i = 0; i < set->count; i++) {
        struct schema_json_run ops = s->nodes[set->nodes[i]].ops;
        if (!schema_compat_json_rule_spend(sides, ops.count)) {
            return false;
        }
        for (uint32_t k = ops.first; k < ops.first + ops.count; k++) {
            if (implies(sides, r, &s->ops[k])) {
                return true;
            }
        }
    }
    return false;
}

/* What is only ever compared as it stands. */
static bool stands_there(const struct schema_compat_json_sides *sides, uint32_t node, uint8_t kind,
                         const struct schema_compat_json_set *set)
{
    static const char *const branch[] = {"if", "then", "else"};
    static const char *const contains[] = {"contains", "minContains", "maxContains"};

    switch (kind) {
    case JSON_OP_PATTERN:
        return schema_compat_json_rule_same(sides, node, set, "pattern");
    case JSON_OP_NOT:
        return schema_compat_json_rule_same(sides, node, set, "not");
    case JSON_OP_PROPERTY_NAMES:
        return schema_compat_json_rule_same(sides, node, set, "propertyNames");
    case JSON_OP_DEPENDENT_SCHEMA:
        return schema_compat_json_rule_same(
            sides, node, set, sides->reader->draft7 ? "dependencies" : "dependentSchemas");
    case JSON_OP_CONTAINS:
        return same_group(sides, node, set, contains);
    case JSON_OP_IF:
        return same_group(sides, node, set, branch);
    default:
        return false;
    }
}

bool schema_compat_json_rule_holds(const struct schema_compat_json_sides *sides, uint32_t node,
                                   const struct schema_json_op *op,
                                   const struct schema_compat_json_set *set)
{
    uint32_t written = set->types;
    uint32_t allowed = op->types;

    if ((written & concerned(op->kind)) == 0) {
        return true;
    }
    if (op->kind == JSON_OP_NEVER) {
        return false;
    }
    if (op->kind == JSON_OP_TYPE) {
        allowed |= (allowed & JSON_TYPE_NUMBER) != 0 ? JSON_TYPE_INTEGER : 0u;
        return (written & ~allowed) == 0;
    }
    return any_implies(sides, op, set) || stands_there(sides, node, op->kind, set);
}
