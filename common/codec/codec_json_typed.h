/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json_typed: a JSON record of another type than LogEntry: an object of whatever members its
 * own schema allows. I-JSON as codec_json.h wants it. */
#pragma once

#include "codec/codec.h"

/* Members named timestamp, level, message, service that are strings become the four, all others
 * become extras; nothing is filled in. Rejects: REASON_BAD_JSON, _BAD_UTF8, _TOO_DEEP. Sets format
 * JSON, origin TYPED, source. */
enum reason codec_json_typed(struct span in, struct batch *b, struct record *ret_rec,
                             const char **ret_detail);
