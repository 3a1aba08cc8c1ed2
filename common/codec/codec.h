/* SPDX-License-Identifier: Apache-2.0
 *
 * codec: what all codecs share. A codec turns one frame's payload into one record:
 *
 *   enum reason codec_X(const struct codec_env *env, struct span in, struct batch *b,
 *                       struct record *ret_rec, const char **ret_detail);
 *
 *   in          the payload, readable for SPAN_SLACK_BYTES behind its end
 *   b           supplies arena memory and the receive time; it is not changed otherwise, except for
 *               `defaulted` counts
 *   ret_rec     written only when REASON_NONE is returned; points into `in`, the arena or static
 *               text
 *   ret_detail  on a reject: static text that says what exactly was wrong
 *
 * A codec does not apply the rules for lengths and level names (check/check_entry.h does); it says
 * what it found. Normalising codecs fill in what is missing. Nothing is
 * allocated but from the batch's arena. */
#pragma once

#include "base/zone.h"
#include "wire/batch.h"

struct codec_env {
    bool ndjson_strict;      /* NDJSON without aliases and defaults */
    const struct zone *zone; /* of syslog times that name none; NULL: UTC */
};

/* Makes `rec` a record of which nothing is known but the format. Field by field: gcc would clear it
 * with an instruction that takes longer than most of a decoder. */
static inline void codec_record_init(struct record *rec, enum format format)
{
    const struct text absent = {NULL, 0, TEXT_CLEAN};

    rec->timestamp = absent;
    rec->level = absent;
    rec->message = absent;
    rec->service = absent;
    rec->extras = NULL;
    rec->extra_count = 0;
    rec->format = (uint8_t)format;
    rec->severity = SEVERITY_OTHER;
    rec->origin = ORIGIN_CONTRACT;
    rec->time_source = TIME_AS_SENT;
    rec->time_valid = false;
    rec->order = 0;
    rec->truncated_bytes = 0;
    rec->message_missing = false;
    rec->invalid_utf8 = false;
    rec->raw = span_of(NULL, 0);
    rec->source = span_of(NULL, 0);
    rec->schema = NULL;
    rec->type = absent;
    rec->stamp = NULL;
}
