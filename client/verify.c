/* SPDX-License-Identifier: Apache-2.0
 *
 * verify: runs the codecs and checks of the ingestor over one record. */
#include "client/verify.h"

#include "check/check_entry.h"
#include "client/args.h"
#include "codec/codec_avro.h"
#include "codec/codec_json.h"
#include "codec/codec_protobuf.h"

/* The ingestor's default of --max-message-bytes. */
#define MESSAGE_BYTES_MAX (64u * KIB)

err_t verify_init(struct verify *v, const struct schema_type *type)
{
    v->type = type;
    v->check = (struct check_json){0};
    TRY(batch_init(&v->batch, ARGS_RECORD_BYTES_MAX));
    err_t err = check_json_init(&v->check);
    if (err != ERR_OK) {
        batch_done(&v->batch);
    }
    return err;
}

void verify_done(struct verify *v)
{
    check_json_done(&v->check);
    batch_done(&v->batch);
}

static enum reason decode(struct verify *v, struct span payload, const char **detail)
{
    static const struct codec_env env = {0};
    struct record *rec = &v->batch.records[0];

    switch (v->type->kind) {
    case SCHEMA_KIND_AVRO:
        return codec_avro(v->type->avro, payload, &v->batch, rec, detail);
    case SCHEMA_KIND_PROTOBUF:
        return codec_protobuf(v->type->message, payload, &v->batch, rec, detail);
    case SCHEMA_KIND_JSON:
        /* The contract for the four holds for LogEntry; any other object is text for the schema. */
        return v->type->is_entry ? codec_json_entry(&env, payload, &v->batch, rec, detail)
                                 : REASON_NONE;
    case SCHEMA_KIND_COUNT:
        break;
    }
    return REASON_SCHEMA;
}

static enum reason judge(struct verify *v, struct span payload, const char **detail)
{
    static const struct check_entry_limits limits = {.message_bytes_max = MESSAGE_BYTES_MAX};
    enum reason reason = decode(v, payload, detail);

    if (reason != REASON_NONE) {
        return reason;
    }
    if (v->type->kind == SCHEMA_KIND_JSON &&
        !check_json_text(&v->check, v->type->json, payload, &v->batch.arena, detail)) {
        return REASON_SCHEMA;
    }
    if (!v->type->is_entry) {
        return REASON_NONE;
    }
    batch_accept(&v->batch);
    check_entry_batch(&limits, &v->batch);
    if (v->batch.reject_count == 0) {
        return REASON_NONE;
    }
    *detail = v->batch.rejects[0].detail;
    return (enum reason)v->batch.rejects[0].reason;
}

err_t verify_record(struct verify *v, struct span payload, struct schema_why *ret_why)
{
    const char *detail = "";

    if (payload.len > ARGS_RECORD_BYTES_MAX) {
        schema_why_set(ret_why, "too_large: %zu bytes", payload.len);
        return ERR_SYNTAX;
    }
    batch_reset(&v->batch, 0);
    enum reason reason = judge(v, payload, &detail);
    if (reason == REASON_NONE) {
        return ERR_OK;
    }
    schema_why_set(ret_why, "%s%s%s", reason_name(reason), detail[0] == '\0' ? "" : ": ", detail);
    return ERR_SYNTAX;
}
