/* SPDX-License-Identifier: Apache-2.0
 *
 * payload: a payload of a contract format (go-client formats 1 to 3, UDP JSON) meets its schema:
 * the one whose id it bears (byte 00, then 4 bytes big-endian; Protobuf: then the indexes of the
 * message. Source: Confluent wire format), else what --type stands for. Shard thread only. */
#pragma once

#include "check/check_typed.h"
#include "codec/codec_json.h"
#include "ingestor/schema_set.h"
#include "wire/batch.h"

struct payload_env {
    /* shard thread only: taken anew each turn */
    const struct schema_set *schemas;
    uint64_t mono_ns;

    /* fixed after start */
    struct check_entry_limits limits;
    uint64_t *passed; /* records by the slot of what decoded them: SCHEMA_TYPE_SLOTS counters */
    uint64_t *failed;
};

enum payload_patience { PAYLOAD_WAITS, PAYLOAD_WAITS_NOT };

struct payload {
    enum schema_kind kind;
    enum payload_patience patience;
    struct span bytes; /* readable for SPAN_SLACK_BYTES behind its end */
};

struct payload_result {
    enum reason reason;
    const char *detail;
    bool awaits; /* nothing is decided: the schema of `awaited_id` is not known yet */
    uint32_t awaited_id;
};

/* Whether a JSON payload is what most are: without an id, and --type is LogEntry. Then the codec is
 * the whole way (payload_entry()). */
static inline bool payload_is_entry(const struct payload_env *env, struct span bytes)
{
    const struct schema_type *type = env->schemas->defaults[SCHEMA_KIND_JSON];

    return type != NULL && type->is_entry && (bytes.len == 0 || bytes.at[0] != '\0');
}

/* Decodes such a payload, as payload_decode() would. */
static inline enum reason payload_entry(const struct payload_env *env, struct span bytes,
                                        struct batch *b, struct record *ret_rec,
                                        const char **ret_detail)
{
    static const struct codec_env no_options = {0};
    enum reason reason = codec_json_entry(&no_options, bytes, b, ret_rec, ret_detail);

    ret_rec->schema = env->schemas->defaults[SCHEMA_KIND_JSON];
    return reason;
}

/* Decodes one payload into `ret_rec`, which is written only if the reason is REASON_NONE and
 * nothing is awaited. The batch has room. With PAYLOAD_WAITS_NOT an id that is not known is
 * REASON_SCHEMA. */
struct payload_result payload_decode(const struct payload_env *env, const struct payload *p,
                                     struct batch *b, struct record *ret_rec);
