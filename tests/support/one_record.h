/* SPDX-License-Identifier: Apache-2.0
 *
 * one_record: one payload on its whole way: codec, check, output line. Everything asserts what must
 * hold for every input: bounds, one line, nothing that depends on bytes behind the input. */
#pragma once

#include "base/buf.h"
#include "check/check_entry.h"
#include "codec/codec.h"
#include "render/render.h"

#define ONE_RECORD_MESSAGE_BYTES_MAX 4096u

typedef enum reason (*one_record_codec_fn)(const struct codec_env *env, struct span in,
                                           struct batch *b, struct record *ret_rec,
                                           const char **ret_detail);

struct one_record {
    one_record_codec_fn codec;
    const char *out; /* the --out value */
    struct codec_env env;

    struct batch batch; /* of the last payload: one record, or one reject */
    struct buf input;   /* … its copy, which the batch points into */
    struct buf line;    /* … its output line; empty if it was rejected */
};

void one_record_init(struct one_record *r, one_record_codec_fn codec);
void one_record_done(struct one_record *r);

/* REASON_NONE and a line, or the reason, from the codec or the check. */
enum reason one_record_run(struct one_record *r, struct span payload);

/* Fails unless the payload becomes exactly this line (given without LF). */
void one_record_is(struct one_record *r, struct span payload, const char *line);

/* Fails unless the payload is rejected for this reason. */
void one_record_fails(struct one_record *r, struct span payload, enum reason reason);
