/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as descriptors. What is accepted is a plan whose indexes lead somewhere, by which the
 * same bytes can be decoded, and which is compatible with itself. */
#include "codec/codec_protobuf.h"
#include "schema/schema_compat_protobuf.h"

#include <stdlib.h>

#define INPUT_BYTES_MAX  (64u * KIB)
#define MESSAGES_DECODED 8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct batch batch;
static char input[INPUT_BYTES_MAX + SPAN_SLACK_BYTES];

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_plan(const struct schema_protobuf *plan)
{
    require(plan->top_count <= plan->message_count);
    for (uint32_t i = 0; i < plan->message_count; i++) {
        const struct schema_protobuf_message *m = &plan->messages[i];
        require(m->plan == plan && m->first + m->count <= plan->field_count);
        require(m->nested_first + m->nested_count <= plan->message_count);
        require(schema_protobuf_find(plan, m->fullname) == m);
    }
    for (uint32_t i = 0; i < plan->field_count; i++) {
        const struct schema_protobuf_field *f = &plan->fields[i];
        require(f->type != PROTOBUF_MESSAGE || f->target < plan->message_count);
        require(f->type != PROTOBUF_ENUM || f->target < plan->enum_count);
        require(f->oneof < (int32_t)SCHEMA_PROTOBUF_ONEOFS_MAX);
    }
    for (uint32_t i = 0; i < plan->enum_count; i++) {
        require(plan->enums[i].first + plan->enums[i].count <= plan->value_count);
    }
}

static void decode_by(const struct schema_protobuf *plan, struct span in)
{
    for (uint32_t i = 0; i < plan->message_count && i < MESSAGES_DECODED; i++) {
        const char *detail = NULL;
        batch_reset(&batch, 1);
        IGNORE(codec_protobuf(&plan->messages[i], in, &batch, &batch.records[0], &detail),
               "only what it touches counts");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct schema_protobuf *plan = NULL;
    struct schema_why why = {0};

    if (size > INPUT_BYTES_MAX) {
        return 0;
    }
    if (batch.arena.at == NULL) {
        require(batch_init(&batch, INPUT_BYTES_MAX) == ERR_OK);
    }
    if (size > 0) {
        memcpy(input, data, size);
    }
    struct span in = span_of(input, size);
    if (schema_protobuf_compile(in, &why, &plan) != ERR_OK) {
        require(plan == NULL && why.text[0] != '\0');
        return 0;
    }
    check_plan(plan);
    decode_by(plan, in);
    require(schema_compat_protobuf(plan, plan, &why) == ERR_OK);
    schema_protobuf_free(plan);
    return 0;
}
