/* SPDX-License-Identifier: Apache-2.0
 *
 * record_json: written by codec/codec_put.h. */
#include "tests/support/record_json.h"

#include "codec/codec_put.h"
#include "wire/batch.h"

#include <assert.h>

#define OUT_BYTES (8u * MIB)

static void put_member(struct codec_put *p, struct text name, struct text value)
{
    if (value.at != NULL) {
        codec_put_name(p, name);
        codec_put_text(p, value);
    }
}

static void put_extra(struct codec_put *p, const struct extra *extra)
{
    codec_put_name(p, extra->name);
    switch ((enum extra_kind)extra->kind) {
    case EXTRA_TEXT:
    case EXTRA_BRIEF:
        codec_put_text(p, extra->text);
        return;
    case EXTRA_JSON:
        codec_put_word(p, extra->json);
        return;
    case EXTRA_NUMBER:
        codec_put_int(p, extra->number);
        return;
    case EXTRA_TRUE:
        codec_put_word(p, SPAN_LIT("true"));
        return;
    }
}

struct span record_json(const struct record *rec, struct arena *arena)
{
    struct codec_put put;

    codec_put_init(&put, arena, OUT_BYTES);
    const char *mark = codec_put_mark(&put);
    codec_put_open(&put, '{');
    put_member(&put, text_of(SPAN_LIT("timestamp"), TEXT_CLEAN), rec->timestamp);
    put_member(&put, text_of(SPAN_LIT("level"), TEXT_CLEAN), rec->level);
    put_member(&put, text_of(SPAN_LIT("message"), TEXT_CLEAN), rec->message);
    put_member(&put, text_of(SPAN_LIT("service"), TEXT_CLEAN), rec->service);
    for (uint32_t i = 0; i < rec->extra_count; i++) {
        put_extra(&put, &rec->extras[i]);
    }
    codec_put_close(&put, '}');
    assert(codec_put_reason(&put) == REASON_NONE);
    return codec_put_since(&put, mark);
}
