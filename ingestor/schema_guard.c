/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_guard: decodes and judges as a shard would, in a batch of its own. */
#include "ingestor/schema_guard.h"

#include "check/check_entry.h"
#include "check/check_json.h"
#include "codec/codec_avro.h"
#include "codec/codec_protobuf.h"

#include <stdlib.h>

struct schema_guard {
    const struct schema_cache_config *config;
    struct check_json json;
    struct batch batch;
    struct schema_cache_recent recent;
};

err_t schema_guard_new(const struct schema_cache_config *config, struct schema_guard **ret)
{
    struct schema_guard *g = calloc(1, sizeof(*g));

    ENSURE(g != NULL, ERR_NOMEM);
    g->config = config;
    err_t err = batch_init(&g->batch, config->record_bytes_max);
    err = err != ERR_OK ? err : check_json_init(&g->json);
    if (err != ERR_OK) {
        batch_done(&g->batch);
        free(g);
        return err;
    }
    *ret = g;
    return ERR_OK;
}

void schema_guard_free(struct schema_guard *g)
{
    if (g == NULL) {
        return;
    }
    check_json_done(&g->json);
    batch_done(&g->batch);
    buf_done(&g->recent.bytes);
    free(g);
}

static enum reason try_json(struct schema_guard *g, const struct schema_type *type, struct span in,
                            const char **ret_detail)
{
    return check_json_text(&g->json, type->json, in, &g->batch.arena, ret_detail) ? REASON_NONE
                                                                                  : REASON_SCHEMA;
}

/* What LogEntry's rules say of a record that was decoded. */
static enum reason judge_entry(struct schema_guard *g, const char **ret_detail)
{
    const struct check_entry_limits limits = {.message_bytes_max = g->config->record_bytes_max};

    batch_accept(&g->batch);
    check_entry_batch(&limits, &g->batch);
    if (g->batch.reject_count == 0) {
        return REASON_NONE;
    }
    *ret_detail = g->batch.rejects[0].detail;
    return (enum reason)g->batch.rejects[0].reason;
}

static enum reason try_binary(struct schema_guard *g, const struct schema_type *type,
                              struct span in, const char **ret_detail)
{
    struct record *rec = &g->batch.records[0];
    enum reason reason = type->kind == SCHEMA_KIND_AVRO
                             ? codec_avro(type->avro, in, &g->batch, rec, ret_detail)
                             : codec_protobuf(type->message, in, &g->batch, rec, ret_detail);

    return reason == REASON_NONE && type->is_entry ? judge_entry(g, ret_detail) : reason;
}

static enum reason try_one(struct schema_guard *g, const struct schema_type *type, struct span in,
                           const char **ret_detail)
{
    batch_reset(&g->batch, g->batch.received_ns);
    *ret_detail = "";
    return type->kind == SCHEMA_KIND_JSON ? try_json(g, type, in, ret_detail)
                                          : try_binary(g, type, in, ret_detail);
}

err_t schema_guard_try(struct schema_guard *g, const struct schema_type *type,
                       struct schema_guard_verdict *ret)
{
    struct schema_guard_verdict verdict = {.reason = "", .detail = ""};

    g->recent.bytes.len = 0;
    g->recent.count = 0;
    TRY(g->config->recent(g->config->arg, type, &g->recent));
    for (uint32_t i = 0; i < g->recent.count; i++) {
        struct span in = span_of(g->recent.bytes.at + g->recent.of[i].at, g->recent.of[i].len);
        const char *detail = "";
        if (in.len > g->config->record_bytes_max) {
            continue; /* as JSON a record can be longer than it came */
        }
        enum reason reason = try_one(g, type, in, &detail);
        verdict.tried++;
        if (reason != REASON_NONE && verdict.rejected++ == 0) {
            verdict.reason = reason_name(reason);
            verdict.detail = detail;
        }
    }
    *ret = verdict;
    return ERR_OK;
}
