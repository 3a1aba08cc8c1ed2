/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_typed: value, encoding, judgement; what the generator cannot see in a schema (a pattern, a
 * dependency) is met by chance or not at all, so several values are tried. */
#include "client/gen_typed.h"

#include "base/limits.h"
#include "client/framed.h"
#include "client/gen_avro.h"
#include "client/gen_protobuf.h"
#include "client/gen_schema.h"
#include "client/gen_value.h"
#include "client/verify.h"
#include "schema/schema_avro_encode.h"
#include "schema/schema_protobuf_encode.h"

#include <stdlib.h>

#define TRIES_MAX   50u
#define BATCH_BYTES (1u * MIB)
#define SHOWN_BYTES 200

struct gen_typed {
    const struct args *args;
    const struct types *types;
    json_t *schema; /* JSON */
    struct gen_value value;
    struct verify verify;
    struct buf payload;
    struct schema_why why;
};

void gen_typed_free(struct gen_typed *g)
{
    if (g != NULL) {
        json_decref(g->schema);
        verify_done(&g->verify);
        buf_done(&g->payload);
        free(g);
    }
}

err_t gen_typed_new(const struct args *args, const struct types *types, uint64_t seed,
                    struct gen_typed **ret)
{
    struct gen_typed *g = calloc(1, sizeof(*g));

    ENSURE(g != NULL, ERR_NOMEM);
    g->args = args;
    g->types = types;
    g->value = (struct gen_value){.args = args, .random = seed};
    err_t err = verify_init(&g->verify, types->type);
    if (err != ERR_OK) {
        free(g);
        return err;
    }
    if (types->type->kind == SCHEMA_KIND_JSON) {
        /* The text has been compiled: it can be read. */
        g->schema = json_loadb(types->text.at, types->text.len, JSON_DECODE_ANY, NULL);
        if (g->schema == NULL) {
            gen_typed_free(g);
            return ERR_NOMEM;
        }
    }
    *ret = g;
    return ERR_OK;
}

static json_t *make_value(struct gen_typed *g)
{
    const struct schema_type *type = g->types->type;

    if (type->kind == SCHEMA_KIND_AVRO) {
        return gen_avro_value(&g->value, type->avro);
    }
    return type->kind == SCHEMA_KIND_PROTOBUF
               ? gen_protobuf_value(&g->value, type->message)
               : gen_schema_value(&g->value, g->schema, &g->args->fields);
}

static int append_piece(const char *bytes, size_t len, void *out)
{
    return buf_append(out, span_of(bytes, len)) == ERR_OK ? 0 : -1;
}

static err_t encode(struct gen_typed *g, const json_t *value, struct schema_why *why)
{
    const struct schema_type *type = g->types->type;

    if (type->kind == SCHEMA_KIND_AVRO) {
        return schema_avro_encode(type->avro, value, why, &g->payload);
    }
    if (type->kind == SCHEMA_KIND_PROTOBUF) {
        return schema_protobuf_encode(type->message, value, why, &g->payload);
    }
    return json_dump_callback(value, append_piece, &g->payload, JSON_COMPACT | JSON_ENCODE_ANY) == 0
               ? ERR_OK
               : ERR_NOMEM;
}

/* An empty Protobuf message or Avro datum cannot be sent: a frame has at least one byte. */
static err_t encode_and_judge(struct gen_typed *g, const json_t *value, struct schema_why *why)
{
    g->payload.len = 0;
    TRY(encode(g, value, why));
    if (g->payload.len == 0) {
        schema_why_set(why, "it encodes to nothing, and a frame holds at least one byte");
        return ERR_SYNTAX;
    }
    return verify_record(&g->verify, buf_span(&g->payload), why);
}

/* Names the record: its beginning as JSON. */
static void explain(struct gen_typed *g, const json_t *value, const struct schema_why *why)
{
    char *shown = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    schema_why_set(&g->why, "no record of %s in %s passes its own schema: %s; the last one: %.*s",
                   g->types->type->name, schema_kind_name(g->types->type->kind),
                   value == NULL ? "it becomes too large" : why->text, SHOWN_BYTES,
                   shown == NULL ? "" : shown);
    free(shown);
}

/* One record in `payload`. */
static err_t make_record(struct gen_typed *g)
{
    err_t err = ERR_SYNTAX;

    for (uint32_t i = 0; i < TRIES_MAX && err != ERR_OK; i++) {
        struct schema_why why = {0};
        json_t *value = make_value(g);
        err = value == NULL ? ERR_LIMIT : encode_and_judge(g, value, &why);
        if (err == ERR_NOMEM || (err != ERR_OK && i + 1 == TRIES_MAX)) {
            explain(g, value, &why);
        }
        json_decref(value);
        ENSURE(err != ERR_NOMEM, err);
    }
    return err == ERR_OK ? ERR_OK : ERR_SYNTAX;
}

static err_t append(const struct gen_typed *g, struct buf *out)
{
    static const uint8_t formats[] = {[ARGS_FORMAT_JSON] = FRAMED_JSON,
                                      [ARGS_FORMAT_PROTO] = FRAMED_PROTO,
                                      [ARGS_FORMAT_AVRO] = FRAMED_AVRO};

    if (!g->args->udp) {
        return framed_append(out, formats[g->args->format], buf_span(&g->payload));
    }
    TRY(buf_append(out, buf_span(&g->payload)));
    return buf_append(out, SPAN_LIT("\n"));
}

err_t gen_typed_append(struct gen_typed *g, uint32_t count, uint64_t wall_ns, struct buf *out,
                       uint32_t *ret_count)
{
    size_t begin = out->len;
    uint32_t made = 0;

    g->value.wall_ns = wall_ns;
    while (made < count && out->len - begin < BATCH_BYTES) {
        TRY(make_record(g));
        TRY(append(g, out));
        made++;
    }
    *ret_count = made;
    return ERR_OK;
}

const char *gen_typed_why(const struct gen_typed *g)
{
    return g->why.text;
}
