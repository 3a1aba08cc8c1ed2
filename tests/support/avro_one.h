/* SPDX-License-Identifier: Apache-2.0
 *
 * avro_one: codec_avro in the shape that one_record runs. What a datum lacks of the four is filled
 * in, so that records of any schema become lines. */
#pragma once

#include "codec/codec_avro.h"

#define AVRO_ONE_HEAD                                                                           \
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"m\",\"service\":" \
    "\"s\""

/* The plan that avro_one_codec() decodes by from now on. */
void avro_one_use(const struct schema_avro *plan);

enum reason avro_one_codec(const struct codec_env *env, struct span in, struct batch *b,
                           struct record *ret_rec, const char **ret_detail);
