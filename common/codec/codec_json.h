/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json: JSON records. Source: RFC 8259, restricted by RFC 7493 (I-JSON): UTF-8, no duplicate
 * names at any depth, no lone surrogates; depth at most JSON_DEPTH_MAX. */
#pragma once

#include "codec/codec.h"

/* The contract: one object with the members timestamp, level, message, service as strings; further
 * members become extras. A missing member stays absent (the check rejects it); one of the four that
 * is no string is REASON_BAD_TIMESTAMP, _BAD_LEVEL, _MISSING_MESSAGE or _MISSING_SERVICE.
 * Rejects: REASON_BAD_JSON, _BAD_UTF8, _TOO_DEEP and those. Sets format, origin CONTRACT and
 * source. */
enum reason codec_json_entry(const struct codec_env *env, struct span in, struct batch *b,
                             struct record *ret_rec, const char **ret_detail);

/* NDJSON: one object, normalised by aliases and defaults (codec_json_alias.h). An object with
 * __REALTIME_TIMESTAMP, _SYSTEMD_UNIT, or MESSAGE and PRIORITY is a journald record. Invalid UTF-8
 * is replaced, not rejected. Rejects: REASON_BAD_JSON, _TOO_DEEP. Sets format JSON or JOURNALD,
 * origin LINE, source. With env->ndjson_strict it is codec_json_entry in everything, the origin
 * included. */
enum reason codec_json_line(const struct codec_env *env, struct span in, struct batch *b,
                            struct record *ret_rec, const char **ret_detail);
