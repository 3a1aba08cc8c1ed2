/* SPDX-License-Identifier: Apache-2.0
 *
 * record: what a decoder makes of one log record, and what is left of one that was rejected. All
 * spans and texts point into the read buffer or the batch's arena and die with the batch. */
#pragma once

#include "base/span.h"
#include "wire/format.h"
#include "wire/reason.h"
#include "wire/severity.h"
#include "wire/text.h"

#include <stdint.h>

/* A member beyond the four. */
enum extra_kind {
    EXTRA_TEXT,   /* a string: `text` */
    EXTRA_JSON,   /* any other JSON value as the sender wrote it, valid: `json`. May hold
                     insignificant white space and characters that our output escapes: the renderer
                     tidies it. */
    EXTRA_NUMBER, /* an integer of ours: `number` */
    EXTRA_TRUE,
    EXTRA_BRIEF /* an EXTRA_TEXT of ours that costs little: name and text are TEXT_CLEAN, have at most
                   EXTRA_BRIEF_BYTES and are readable for that many; the name is none of the record's
                   own (render/render_extra.h) */
};

#define EXTRA_BRIEF_BYTES 16u

struct extra {
    struct text name;
    uint8_t kind; /* enum extra_kind */
    union {
        struct text text;
        struct span json;
        int64_t number;
    };
};

/* Where a time that the sender did not give completely came from. */
enum time_source { TIME_AS_SENT, TIME_RECEIVED, TIME_ASSUMED_YEAR, TIME_ASSUMED_ZONE };

enum record_origin {
    ORIGIN_CONTRACT, /* go-client formats 1-3, UDP JSON: strict, nothing is filled in */
    ORIGIN_FRAME,    /* go-client format 4: normalised, but an over-long message is rejected */
    ORIGIN_LINE,     /* lines, octet-counted messages: normalised, an over-long message is cut */
    ORIGIN_TYPED     /* a record of another type than LogEntry: judged by its own schema only */
};

struct schema_type; /* schema/schema_type.h */

/* Members of ours that every record of a sender gets (--peer-field, --received-field). */
#define RECORD_STAMP_NAMES_MAX 3u
struct record_stamp {
    struct span names[RECORD_STAMP_NAMES_MAX]; /* ours in such a record, with a value or without */
    uint32_t name_count;
    struct span members; /* `,"peer":"10.0.0.4:5555"`: clean JSON, ready to be appended; at most
                            RECORD_STAMP_BYTES_MAX */
};

#define RECORD_STAMP_BYTES_MAX 2560u

struct record {
    /* The four. Absent (at == NULL) until found or filled in. */
    struct text timestamp;
    struct text level;
    struct text message;
    struct text service;

    const struct extra *extras; /* in the order of the sender */
    uint32_t extra_count;

    uint8_t format;   /* enum format */
    uint8_t severity; /* enum severity, set by the check; by a decoder that gives the level one of
                            its names itself, then the check need not look */
    uint8_t origin;   /* enum record_origin */
    uint8_t time_source; /* enum time_source */
    bool time_valid;     /* the decoder has found the timestamp to be RFC 3339 */
    uint16_t order;      /* position in its batch, counted together with the rejects */

    /* Additions of ours, rendered behind the extras. */
    uint32_t truncated_bytes; /* cut from the message; 0: none */
    bool message_missing;     /* journald MESSAGE was null */
    bool invalid_utf8;        /* U+FFFD stands for bytes that are no UTF-8 … */
    struct span raw;          /* … and these are the original bytes, for raw_base64 */

    struct span source; /* the record as it came, without framing: kept if the check rejects it */

    const struct schema_type *schema; /* what decoded or shall judge it; NULL: none was named */
    struct text type; /* of ORIGIN_TYPED: the type's name, for "type"; else absent */

    const struct record_stamp *stamp; /* NULL: none. No schema sees it */
};

struct reject {
    struct span payload; /* what is kept: all of it, or the head of what exceeds a limit */
    uint64_t length;     /* the record's true length in bytes, as far as it is known */
    const char *detail;  /* what exactly was wrong; "" if the reason says it all. Static text, or of
                            the schema that judged the record: it outlives the batch */
    uint8_t format;      /* enum format */
    uint8_t reason;      /* enum reason */
    uint16_t order;      /* as of a record */
};
