/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json: makes a tape of what is to be judged and runs the machine over it; records of simple
 * schemas go the short way (check_json_flat). */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "check/check_json.h"

#include "check/check_json_flat.h"
#include "check/check_json_machine.h"
#include "check/check_json_mark.h"
#include "schema/schema_json_pattern.h"
#include "wire/json_text.h"

#include <pcre2.h>
#include <stdio.h>

/* Captures beyond the first few are of no interest. */
#define MATCH_PAIRS 1u

/* For compiled patterns; PCRE2's own 32 KiB are too few for a long text. Grows as it is used. */
#define JIT_STACK_BYTES     (32u * KIB)
#define JIT_STACK_BYTES_MAX (8u * MIB)

/* An integer of ours as text. */
#define NUMBER_BYTES 24u

static const char too_large[] = "too large to be judged by a schema";

err_t check_json_init(struct check_json *c)
{
    pcre2_match_context *context = pcre2_match_context_create(NULL);

    c->match_data = pcre2_match_data_create(MATCH_PAIRS, NULL);
    c->match_context = context;
    c->jit_stack = NULL;
    if (c->match_data == NULL || context == NULL) {
        check_json_done(c);
        return ERR_NOMEM;
    }
    c->jit_stack = pcre2_jit_stack_create(JIT_STACK_BYTES, JIT_STACK_BYTES_MAX, NULL);
    pcre2_jit_stack_assign(context, NULL, c->jit_stack);
    pcre2_set_depth_limit(context, SCHEMA_JSON_MATCH_DEPTH);
    pcre2_set_heap_limit(context, SCHEMA_JSON_MATCH_HEAP_KIB);
    return ERR_OK;
}

void check_json_done(struct check_json *c)
{
    pcre2_jit_stack_free(c->jit_stack);
    pcre2_match_data_free(c->match_data);
    pcre2_match_context_free(c->match_context);
    *c = (struct check_json){0};
}

/* Room for so many nodes; false if the arena has too little. */
static bool reserve(struct json_tape *t, struct arena *arena, size_t nodes)
{
    *t = (struct json_tape){0};
    if (nodes > JSON_TAPE_NODES_MAX) {
        return false;
    }
    t->at = arena_alloc(arena, nodes * sizeof(*t->at));
    t->max = (uint32_t)nodes;
    return t->at != NULL;
}

static uint64_t work_for(const struct json_tape *t)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < t->count; i++) {
        bytes += t->at[i].kind < TAPE_ARRAY ? t->at[i].len : 0;
    }
    return CHECK_JSON_WORK_BASE + (uint64_t)t->count * CHECK_JSON_WORK_PER_NODE +
           bytes * CHECK_JSON_WORK_PER_BYTE;
}

static bool judge(struct check_json_machine *m, const struct json_tape *t, const char **ret_detail)
{
    m->tape = t->at;
    m->tape_count = t->count;
    m->work = work_for(t);
    m->aborted = false;
    m->detail = "";
    if (!check_json_mark_init(m)) {
        *ret_detail = too_large;
        return false;
    }
    bool valid = check_json_machine_run(m);
    if (!valid) {
        *ret_detail = m->detail;
    }
    return valid;
}

static void put_member(struct json_tape *t, struct text name)
{
    json_tape_put(t, TAPE_STRING, name);
    t->at[0].len++;
}

static void put_field(struct json_tape *t, struct span name, struct text value)
{
    if (value.at != NULL) {
        put_member(t, text_of(name, TEXT_CLEAN));
        json_tape_put(t, TAPE_STRING, value);
    }
}

static bool put_number(struct json_tape *t, struct arena *arena, int64_t number)
{
    char *digits = arena_alloc(arena, NUMBER_BYTES);

    if (digits == NULL) {
        return false;
    }
    int len = snprintf(digits, NUMBER_BYTES, "%lld", (long long)number);
    json_tape_put(t, TAPE_NUMBER, text_of(span_of(digits, (size_t)len), TEXT_CLEAN));
    return true;
}

static bool put_extra(struct json_tape *t, struct arena *arena, const struct extra *e)
{
    put_member(t, e->name);
    switch (e->kind) {
    case EXTRA_TEXT:
    case EXTRA_BRIEF:
        json_tape_put(t, TAPE_STRING, e->text);
        return true;
    case EXTRA_JSON:
        return json_tape_add(t, e->json);
    case EXTRA_NUMBER:
        return put_number(t, arena, e->number);
    default:
        json_tape_put(t, TAPE_TRUE, (struct text){0});
        return true;
    }
}

/* The object itself, the four, and each extra with its name. */
static size_t record_nodes(const struct record *rec)
{
    size_t nodes = 1 + 2 * FLAT_COUNT;

    for (uint32_t i = 0; i < rec->extra_count; i++) {
        const struct extra *e = &rec->extras[i];
        nodes += 1 + (e->kind == EXTRA_JSON ? JSON_TAPE_NODES(e->json.len) : 1);
    }
    return nodes;
}

/* A member that bears the name of one of the four: of another type it is that member. Of LogEntry
 * it is what could not be used for it (a JSON line's time stamp that is none) and is stored under
 * another name; the four are what is judged. */
static bool is_judged(const struct record *rec, const struct extra *e)
{
    return rec->origin == ORIGIN_TYPED || !(json_text_equal(e->name, SPAN_LIT("timestamp")) ||
                                            json_text_equal(e->name, SPAN_LIT("level")) ||
                                            json_text_equal(e->name, SPAN_LIT("message")) ||
                                            json_text_equal(e->name, SPAN_LIT("service")));
}

static bool tape_of_record(const struct record *rec, struct arena *arena, struct json_tape *t)
{
    if (!reserve(t, arena, record_nodes(rec))) {
        return false;
    }
    json_tape_put(t, TAPE_OBJECT, (struct text){0});
    put_field(t, SPAN_LIT("timestamp"), rec->timestamp);
    put_field(t, SPAN_LIT("level"), rec->level);
    put_field(t, SPAN_LIT("message"), rec->message);
    put_field(t, SPAN_LIT("service"), rec->service);
    for (uint32_t i = 0; i < rec->extra_count; i++) {
        if (is_judged(rec, &rec->extras[i]) && !put_extra(t, arena, &rec->extras[i])) {
            return false;
        }
    }
    t->at[0].next = t->count & JSON_TAPE_NODES_MAX;
    return true;
}

/* The long way. Not inlined: the machine is large, and the short way shall not pay for it. */
__attribute__((noinline)) static bool judge_record(struct check_json *c,
                                                   const struct schema_json *schema,
                                                   const struct record *rec, struct arena *arena,
                                                   const char **ret_detail)
{
    struct check_json_machine m;
    struct json_tape tape;
    size_t before = arena->used;
    bool valid = false;

    m.check = c;
    m.schema = schema;
    m.arena = arena;
    *ret_detail = too_large;
    if (tape_of_record(rec, arena, &tape)) {
        valid = judge(&m, &tape, ret_detail);
    }
    arena_rewind(arena, before);
    return valid;
}

bool check_json_record(struct check_json *c, const struct schema_json *schema,
                       const struct record *rec, struct arena *arena, const char **ret_detail)
{
    bool flat = rec->extra_count == 0 ||
                (schema->flat.extras_free && rec->origin != ORIGIN_TYPED); /* see is_judged() */

    if (schema->flat.usable && flat) {
        return check_json_flat_holds(&schema->flat, rec, arena, ret_detail);
    }
    return judge_record(c, schema, rec, arena, ret_detail);
}

bool check_json_text(struct check_json *c, const struct schema_json *schema, struct span json,
                     struct arena *arena, const char **ret_detail)
{
    struct check_json_machine m;
    struct json_tape tape;
    size_t before = arena->used;
    bool valid = false;

    m.check = c;
    m.schema = schema;
    m.arena = arena;
    *ret_detail = too_large;
    if (json.len <= CHECK_JSON_TEXT_BYTES_MAX && reserve(&tape, arena, JSON_TAPE_NODES(json.len)) &&
        json_tape_add(&tape, json)) {
        valid = judge(&m, &tape, ret_detail);
    }
    arena_rewind(arena, before);
    return valid;
}
