/* SPDX-License-Identifier: Apache-2.0
 *
 * protobuf_case: one batch for all tests of a program. */
#include "tests/support/protobuf_case.h"

#include "codec/codec_protobuf.h"
#include "tests/support/record_json.h"
#include "tests/support/test.h"

struct protobuf_case protobuf_case;

int protobuf_case_setup(void **state)
{
    (void)state;
    return batch_init(&protobuf_case.batch, PROTOBUF_CASE_BYTES_MAX) != ERR_OK ||
           arena_init(&protobuf_case.arena, 16 * MIB) != ERR_OK;
}

int protobuf_case_teardown(void **state)
{
    (void)state;
    arena_done(&protobuf_case.arena);
    batch_done(&protobuf_case.batch);
    return 0;
}

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

struct buf protobuf_case_hex(const char *digits)
{
    struct buf out = {0};

    assert_ok(buf_reserve(&out, strlen(digits) + 1));
    for (const char *at = digits; *at != '\0'; at++) {
        if (*at != ' ') {
            char byte = (char)(digit(at[0]) << 4 | digit(at[1]));
            assert_ok(buf_append(&out, span_of(&byte, 1)));
            at++;
        }
    }
    return out;
}

enum reason protobuf_case_decode(struct span in)
{
    struct batch *batch = &protobuf_case.batch;

    batch_reset(batch, 1);
    arena_reset(&protobuf_case.arena);
    protobuf_case.detail = "";
    memset(&batch->records[0], 0xa5, sizeof(batch->records[0])); /* a codec sets all of it */
    return codec_protobuf(protobuf_case.message, in, batch, &batch->records[0],
                          &protobuf_case.detail);
}

struct span protobuf_case_json(struct span in)
{
    const struct record *rec = &protobuf_case.batch.records[0];
    enum reason reason = protobuf_case_decode(in);

    if (reason != REASON_NONE) {
        fail_msg("%s: %s (%zu bytes)", reason_name(reason), protobuf_case.detail, in.len);
    }
    assert_int_equal(rec->format, FORMAT_PROTO);
    assert_int_equal(rec->origin, ORIGIN_CONTRACT);
    assert_true(rec->source.at == in.at && rec->source.len == in.len);
    return record_json(rec, &protobuf_case.arena);
}
