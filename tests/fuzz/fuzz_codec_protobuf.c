/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a Protobuf message; the first one chooses its type. What is accepted is JSON by
 * another parser, stays within the bounds of an output line, and does not depend on what stands
 * behind it. */
#include "codec/codec_protobuf.h"
#include "tests/support/one_record.h"
#include "tests/support/oracle.h"
#include "tests/support/record_json.h"
#include "tests/support/rich_plan.h"

#include <stdlib.h>

#define INPUT_BYTES_MAX (16u * KIB)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
    "test.Rich",
    "test.Flat",
    "test.Rich.Inner",
    "test.Rich.CountsEntry",
    "google.protobuf.Struct",
    "google.protobuf.Value",
    "google.protobuf.ListValue",
    "google.protobuf.FieldMask",
};

static const struct schema_protobuf_message *message;
static struct one_record whole;
static struct arena arena;

static enum reason decode(const struct codec_env *env, struct span in, struct batch *b,
                          struct record *ret_rec, const char **ret_detail)
{
    (void)env;
    return codec_protobuf(message, in, b, ret_rec, ret_detail);
}

static void init_once(void)
{
    if (whole.codec == NULL) {
        one_record_init(&whole, decode);
        if (arena_init(&arena, 16 * MIB) != ERR_OK) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > INPUT_BYTES_MAX) {
        return 0;
    }
    init_once();
    message = rich_plan_message(names[data[0] % (sizeof(names) / sizeof(names[0]))]);
    enum reason reason = one_record_run(&whole, span_of((const char *)data + 1, size - 1));
    if (reason == REASON_NONE) {
        oracle_require_object(buf_span(&whole.line));
    }
    const char *detail = NULL;
    batch_reset(&whole.batch, 1);
    arena_reset(&arena);
    struct span in = buf_span(&whole.input);
    if (decode(NULL, in, &whole.batch, &whole.batch.records[0], &detail) != REASON_NONE) {
        return 0;
    }
    oracle_require_object(record_json(&whole.batch.records[0], &arena));
    return 0;
}
