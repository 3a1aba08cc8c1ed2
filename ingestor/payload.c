/* SPDX-License-Identifier: Apache-2.0
 *
 * payload: the prefix, the type, the codec. */
#include "ingestor/payload.h"

#include "codec/codec_avro.h"
#include "codec/codec_json.h"
#include "codec/codec_json_typed.h"
#include "codec/codec_protobuf.h"

#include <assert.h>

#define ID_BYTES 5u /* 00 and the id */

static struct payload_result rejected(enum reason reason, const char *detail)
{
    return (struct payload_result){.reason = reason, .detail = detail};
}

/* JSON and Protobuf cannot begin with 00. */
static bool bears_id(const struct payload_env *env, const struct payload *p)
{
    return p->bytes.len >= ID_BYTES && p->bytes.at[0] == '\0' &&
           (p->kind != SCHEMA_KIND_AVRO || env->schemas->avro_prefix);
}

static uint32_t id_of(struct span in)
{
    const unsigned char *u = (const unsigned char *)in.at;

    return (uint32_t)u[1] << 24 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 8 | u[4];
}

static const char *text_of_cause(enum schema_set_cause cause)
{
    switch (cause) {
    case SCHEMA_SET_NONE:
        return "the registry has no schema of that id";
    case SCHEMA_SET_AWAY:
        return "the registry did not say what that id is";
    case SCHEMA_SET_BAD:
        return "the schema of that id does not compile";
    case SCHEMA_SET_NO_ROOM:
        break;
    }
    return "there is no room for the schema of that id";
}

/* The type whose id the payload bears, if it is known. */
static struct payload_result find_type(const struct payload_env *env, const struct payload *p,
                                       const struct schema_type **ret)
{
    uint32_t id = id_of(p->bytes);
    const struct schema_set_id *known = schema_set_find(env->schemas, id, env->mono_ns);

    if (known == NULL && p->patience == PAYLOAD_WAITS) {
        return (struct payload_result){.awaits = true, .awaited_id = id};
    }
    if (known == NULL) {
        return rejected(REASON_SCHEMA, "the schema of that id could not be had in time");
    }
    if (known->type == NULL) {
        return rejected(REASON_SCHEMA, text_of_cause(known->cause));
    }
    if (known->type->kind != p->kind) {
        return rejected(REASON_SCHEMA, "the schema of that id is not of the payload's format");
    }
    *ret = known->type;
    return rejected(REASON_NONE, "");
}

/* Base-128 number of at most 32 bits, zigzag coded and not negative. False: it is none. */
static bool take_index(struct span *left, uint32_t *ret)
{
    uint64_t raw = 0;
    unsigned shift = 0;

    for (; shift < 35 && left->len > 0; shift += 7) {
        unsigned char byte = (unsigned char)left->at[0];
        *left = span_skip(*left, 1);
        raw |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret = (uint32_t)(raw >> 1);
            return (raw & 1) == 0 && raw >> 1 <= INT32_MAX;
        }
    }
    return false;
}

/* The message that the indexes behind the id stand for; a single 00 is the first one. */
static const struct schema_protobuf_message *take_message(const struct schema_protobuf *plan,
                                                          struct span *left)
{
    uint32_t path[SCHEMA_PROTOBUF_PATH_MAX] = {0};
    uint32_t count = 0;

    if (!take_index(left, &count) || count > SCHEMA_PROTOBUF_PATH_MAX) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!take_index(left, &path[i])) {
            return NULL;
        }
    }
    return schema_protobuf_by_path(plan, path, count > 0 ? count : 1);
}

static struct payload_result decode_json(const struct schema_type *type, struct span body,
                                         struct batch *b, struct record *ret_rec)
{
    static const struct codec_env no_options = {0};
    struct payload_result result = {.detail = ""};

    result.reason = type->is_entry ? codec_json_entry(&no_options, body, b, ret_rec, &result.detail)
                                   : codec_json_typed(body, b, ret_rec, &result.detail);
    return result;
}

static struct payload_result decode_protobuf(const struct schema_type *type, bool indexed,
                                             struct span body, struct batch *b,
                                             struct record *ret_rec)
{
    const struct schema_protobuf_message *message =
        indexed ? take_message(type->protobuf, &body) : type->message;
    struct payload_result result = {.detail = ""};

    if (message == NULL) {
        return rejected(REASON_SCHEMA, "the schema has no message of those indexes");
    }
    result.reason = codec_protobuf(message, body, b, ret_rec, &result.detail);
    return result;
}

static struct payload_result decode_avro(const struct schema_type *type, struct span body,
                                         struct batch *b, struct record *ret_rec)
{
    struct payload_result result = {.detail = ""};

    result.reason = codec_avro(type->avro, body, b, ret_rec, &result.detail);
    return result;
}

static struct payload_result decode(const struct schema_type *type, bool prefixed, struct span body,
                                    struct batch *b, struct record *ret_rec)
{
    switch (type->kind) {
    case SCHEMA_KIND_JSON:
        return decode_json(type, body, b, ret_rec);
    case SCHEMA_KIND_AVRO:
        return decode_avro(type, body, b, ret_rec);
    case SCHEMA_KIND_PROTOBUF:
        return decode_protobuf(type, prefixed, body, b, ret_rec);
    case SCHEMA_KIND_COUNT:
        break;
    }
    assert(false); /* a type of no kind */
    return rejected(REASON_SCHEMA, "");
}

/* What the record is now that its type is known. JSON is judged, and counted, later. */
static struct payload_result take_typed(const struct payload_env *env,
                                        const struct schema_type *type, struct batch *b,
                                        struct record *rec)
{
    rec->schema = type;
    if (type->kind != SCHEMA_KIND_JSON) {
        env->passed[type->slot]++;
    }
    if (type->is_entry) {
        return rejected(REASON_NONE, "");
    }
    rec->origin = ORIGIN_TYPED;
    rec->type = type->text;
    return check_typed_separate(&env->limits, rec, &b->arena)
               ? rejected(REASON_NONE, "")
               : rejected(REASON_TOO_LARGE, "the decoded record exceeds the memory of a record");
}

/* What an Avro sender with a registry runs into first. */
static const char maybe_prefixed[] =
    "no datum of --type; if it bears a schema id: --avro-prefix always";

static bool looks_prefixed(const struct payload *p, bool prefixed)
{
    return p->kind == SCHEMA_KIND_AVRO && !prefixed && p->bytes.len >= ID_BYTES &&
           p->bytes.at[0] == '\0';
}

struct payload_result payload_decode(const struct payload_env *env, const struct payload *p,
                                     struct batch *b, struct record *ret_rec)
{
    const struct schema_type *type = env->schemas->defaults[p->kind];
    bool prefixed = bears_id(env, p);
    struct payload_result result = rejected(REASON_NONE, "");

    if (prefixed) {
        result = find_type(env, p, &type);
    } else if (type == NULL) {
        result = rejected(REASON_SCHEMA, "the registry has no schema of --type in this format");
    }
    if (result.reason != REASON_NONE || result.awaits) {
        return result;
    }
    result =
        decode(type, prefixed, prefixed ? span_skip(p->bytes, ID_BYTES) : p->bytes, b, ret_rec);
    if (result.reason != REASON_NONE) {
        if (p->kind != SCHEMA_KIND_JSON) {
            env->failed[type->slot]++;
        }
        return looks_prefixed(p, prefixed) ? rejected(result.reason, maybe_prefixed) : result;
    }
    ret_rec->source = p->bytes;
    return take_typed(env, type, b, ret_rec);
}
