/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_validate: the three languages, each with a value or with bytes. Memory is taken for each
 * call: this is no path for records. */
#include "registry/registry_validate.h"

#include "base/base64.h"
#include "codec/codec_avro.h"
#include "codec/codec_protobuf.h"
#include "schema/schema_avro_encode.h"
#include "schema/schema_protobuf_encode.h"
#include "wire/json_scan.h"

#include <stdlib.h>

#define ARENA_SPARE (64u * KIB)

/* ---- JSON ---- */

static err_t check_text(struct check_json *check, const struct schema_json *schema,
                        struct span text, struct schema_why *ret_why)
{
    struct arena arena = {0};
    struct json_scan scan;
    struct extra value;
    const char *detail = "";

    TRY(arena_init(&arena, text.len * BATCH_ARENA_PER_BYTE * 2 + ARENA_SPARE));
    json_scan_init(&scan, text, &arena);
    json_scan_reserve(&scan, text.len);
    json_scan_space(&scan);
    err_t err = json_scan_value(&scan, &value);
    if (err == ERR_OK) {
        json_scan_space(&scan);
        if (scan.at != scan.end) {
            err = json_scan_fail(&scan, REASON_BAD_JSON, "more follows the value");
        }
    }
    if (err != ERR_OK) {
        schema_why_set(ret_why, "%s: %s", reason_name((enum reason)scan.reason), scan.detail);
    } else {
        arena_reset(&arena);
        if (!check_json_text(check, schema, text, &arena, &detail)) {
            schema_why_set(ret_why, "%s", detail);
            err = ERR_SYNTAX;
        }
    }
    arena_done(&arena);
    return err;
}

static err_t check_json_value(struct check_json *check, const struct schema_json *schema,
                              const json_t *data, struct schema_why *ret_why)
{
    struct buf text = {0};
    char *dumped = json_is_string(data) ? NULL : json_dumps(data, JSON_COMPACT | JSON_ENCODE_ANY);
    struct span from = json_is_string(data)
                           ? span_of(json_string_value(data), json_string_length(data))
                           : span_of_str(dumped);
    err_t err = json_is_string(data) || dumped != NULL ? ERR_OK : ERR_NOMEM;

    if (err == ERR_OK) {
        err = buf_append(&text, from); /* with the slack that a scan needs */
    }
    free(dumped);
    if (err == ERR_OK) {
        err = check_text(check, schema, buf_span(&text), ret_why);
    }
    buf_done(&text);
    return err;
}

/* ---- binary ---- */

static enum reason decode(const struct registry_compile *c,
                          const struct schema_protobuf_message *message, struct batch *b,
                          struct span in)
{
    const char *detail = "";
    struct record *record = &b->records[0];

    return c->kind == SCHEMA_KIND_AVRO ? codec_avro(c->avro, in, b, record, &detail)
                                       : codec_protobuf(message, in, b, record, &detail);
}

static err_t check_binary(const struct registry_compile *c,
                          const struct schema_protobuf_message *message, struct span base64,
                          struct schema_why *ret_why)
{
    struct buf bytes = {0};
    struct batch *b = calloc(1, sizeof(*b));
    enum reason reason = REASON_NONE;
    err_t err = b == NULL ? ERR_NOMEM : base64_decode(base64, BASE64_LENIENT, &bytes);

    if (err == ERR_SYNTAX) {
        schema_why_set(ret_why, "data is neither an object nor base64");
    }
    if (err == ERR_OK) {
        err = batch_init(b, bytes.len + KIB);
    }
    if (err == ERR_OK) {
        reason = decode(c, message, b, buf_span(&bytes));
        batch_done(b);
    }
    if (reason != REASON_NONE) {
        schema_why_set(ret_why, "%s: %s", reason_name(reason), reason_fix(reason));
        err = ERR_SYNTAX;
    }
    free(b);
    buf_done(&bytes);
    return err;
}

static err_t check_value(const struct registry_compile *c,
                         const struct schema_protobuf_message *message, const json_t *data,
                         struct schema_why *ret_why)
{
    struct buf out = {0};
    err_t err = c->kind == SCHEMA_KIND_AVRO ? schema_avro_encode(c->avro, data, ret_why, &out)
                                            : schema_protobuf_encode(message, data, ret_why, &out);

    buf_done(&out);
    return err;
}

static const struct schema_protobuf_message *find_message(const struct registry_compile *c,
                                                          const char *name)
{
    const struct schema_protobuf_message *found =
        schema_protobuf_find(c->protobuf, span_of_str(name));

    return found != NULL ? found : schema_protobuf_find(c->protobuf, SPAN_LIT(""));
}

err_t registry_validate(struct check_json *check, const struct registry_compile *c,
                        const char *name, const json_t *data, struct schema_why *ret_why)
{
    const struct schema_protobuf_message *message = NULL;

    if (c->kind == SCHEMA_KIND_JSON) {
        return check_json_value(check, c->json, data, ret_why);
    }
    if (c->kind == SCHEMA_KIND_PROTOBUF) {
        message = find_message(c, name);
        if (message == NULL) {
            schema_why_set(ret_why, "the schema has no message");
            return ERR_SYNTAX;
        }
    }
    if (json_is_string(data)) {
        return check_binary(c, message, span_of(json_string_value(data), json_string_length(data)),
                            ret_why);
    }
    return check_value(c, message, data, ret_why);
}
