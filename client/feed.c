/* SPDX-License-Identifier: Apache-2.0
 *
 * feed: the choice, and one call for all kinds.
 *
 * Every record is judged before it is sent, but a template only once: what is written over its
 * copies are digits over digits of the same width and times over times, in strings whose rules
 * (RFC 3339, lengths, level names) do not look at which digits they are. A schema with a pattern
 * for a message could tell digits apart; then the template is judged by the example alone. */
#include "client/feed.h"

#include "base/clock.h"
#include "client/gen_binary.h"
#include "client/verify.h"

#include <stdlib.h>

#define EXAMPLES 64u

/* A generated record without its framing. */
static struct span payload_of(const struct args *args, struct span record)
{
    return args->udp ? span_head(record, record.len - 1) : span_skip(record, FRAME_HEAD_BYTES);
}

static err_t judge_templates(const struct feed_source *source, struct gen *gen,
                             struct verify *verify, struct buf *record, struct schema_why *why)
{
    TRY(buf_reserve(record, gen_record_bytes_max(gen)));
    for (uint32_t i = 0; i < gen_count(gen); i++) {
        struct schema_why reason = {0};
        record->len = gen_write_one(gen, i, clock_wall_ns(), record->at);
        struct span payload = payload_of(source->args, buf_span(record));
        if (verify_record(verify, payload, &reason) != ERR_OK) {
            bool text = source->types->type->kind == SCHEMA_KIND_JSON;
            schema_why_set(why, "record of template %u does not pass %s in %s: %s%s%.*s", i,
                           source->types->type->name, schema_kind_name(source->types->type->kind),
                           reason.text, text ? ": " : "", text ? (int)payload.len : 0, payload.at);
            return ERR_SYNTAX;
        }
    }
    return ERR_OK;
}

static err_t check_templates(const struct feed_source *source, uint64_t seed,
                             struct schema_why *why)
{
    struct gen *gen = NULL;
    struct verify verify;
    struct buf record = {0};

    TRY(verify_init(&verify, source->types->type));
    err_t err = gen_new(source->args, source->types->type, seed, &gen);
    if (err == ERR_OK) {
        err = judge_templates(source, gen, &verify, &record, why);
    }
    gen_free(gen);
    verify_done(&verify);
    buf_done(&record);
    return err;
}

static err_t check_values(const struct feed_source *source, uint64_t seed, struct schema_why *why)
{
    struct gen_typed *typed = NULL;
    struct buf out = {0};
    uint32_t count = 0;

    TRY(gen_typed_new(source->args, source->types, seed, &typed));
    err_t err = gen_typed_append(typed, EXAMPLES, clock_wall_ns(), &out, &count);
    if (err == ERR_SYNTAX) {
        schema_why_set(why, "%s", gen_typed_why(typed));
    }
    gen_typed_free(typed);
    buf_done(&out);
    return err;
}

/* Whether templates can make records of the type at all. */
static bool suits_templates(const struct schema_type *type)
{
    struct gen_binary_layout layout;

    return type->kind == SCHEMA_KIND_JSON ? type->is_entry : gen_binary_suits(type, &layout);
}

/* A registry's LogEntry may want more than the four fields: then templates do not pass, but values
 * made from its schema may. */
static err_t choose_generated(struct feed_source *source, uint64_t seed, struct schema_why *why)
{
    if (suits_templates(source->types->type)) {
        struct schema_why reason = {0};
        err_t err = check_templates(source, seed, &reason);
        if (err != ERR_SYNTAX || source->args->registry[0] == '\0') {
            schema_why_set(why, "%s", reason.text);
            return err;
        }
    }
    source->kind = FEED_TYPED;
    return check_values(source, seed, why);
}

err_t feed_choose(struct feed_source *source, uint64_t seed, struct schema_why *ret_why)
{
    source->kind = FEED_TEMPLATES;
    if (source->replay != NULL) {
        source->kind = FEED_REPLAY;
    } else if (source->lines != NULL) {
        source->kind = FEED_LINES;
    } else if (source->types->type != NULL) {
        return choose_generated(source, seed, ret_why);
    }
    return ERR_OK; /* raw lines have no schema */
}

err_t feed_init(struct feed *f, const struct feed_source *source, uint64_t seed)
{
    *f = (struct feed){.source = source};
    if (source->kind == FEED_TEMPLATES) {
        return gen_new(source->args, source->types->type, seed, &f->gen);
    }
    return source->kind == FEED_TYPED ? gen_typed_new(source->args, source->types, seed, &f->typed)
                                      : ERR_OK;
}

void feed_done(struct feed *f)
{
    gen_free(f->gen);
    gen_typed_free(f->typed);
}

static err_t fill_templates(struct feed *f, uint32_t wanted, struct buf *out, uint32_t *ret_count)
{
    TRY(buf_reserve(out, wanted * gen_record_bytes_max(f->gen)));
    out->len += gen_write(f->gen, wanted, clock_wall_ns(), out->at + out->len);
    *ret_count = wanted;
    return ERR_OK;
}

err_t feed_fill(struct feed *f, uint32_t wanted, struct buf *out, uint32_t *ret_count)
{
    switch (f->source->kind) {
    case FEED_TEMPLATES:
        return fill_templates(f, wanted, out, ret_count);
    case FEED_TYPED:
        return gen_typed_append(f->typed, wanted, clock_wall_ns(), out, ret_count);
    case FEED_LINES:
        return lines_next(f->source->lines, wanted, out, ret_count);
    case FEED_REPLAY:
        return replay_next(f->source->replay, wanted, out, ret_count);
    }
    return ERR_UNKNOWN;
}

const char *feed_why(const struct feed *f)
{
    return f->typed == NULL ? "" : gen_typed_why(f->typed);
}
