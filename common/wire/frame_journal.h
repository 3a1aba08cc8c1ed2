/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_journal: entries of a journald export stream, as `journalctl -o export` writes it. Source:
 * systemd's Journal Export Format.
 *   NAME=value LF                    a field
 *   NAME LF length data LF           a field of any bytes; the length is 8 bytes little-endian
 *   LF                               ends the entry; where no entry is open, it is a blank line
 * An entry's payload is its fields, each with its LF, without the empty line.
 *   entry above the limit            -> skipped, REASON_TOO_LARGE, with head and true length
 *   a line without '=' that is no field name, a length above FRAME_SKIP_BYTES_MAX, data without LF
 *   behind it                        -> ERR_SYNTAX: the stream is out of step
 * Names before '=' are the codec's to judge: they do not endanger the stream. The last entry may
 * lack its empty line after FRAME_END_ORDERLY; anything less is REASON_TRUNCATED. */
#pragma once

#include "wire/frame.h"

/* Of a field's name: systemd takes no longer ones. */
#define FRAME_JOURNAL_NAME_BYTES_MAX 64u

struct frame_journal {
    uint32_t entry_bytes_max;
    uint8_t state;        /* where in a field the walk stands */
    uint8_t length_bytes; /* of a length, met so far */
    bool bad_name;        /* the name under way is none */
    bool skipping;        /* inside an entry above the limit */
    bool broken;          /* out of step: nothing is understood any more */
    uint32_t name_bytes;  /* of the name under way */
    uint64_t left;        /* the length as far as it is known, then data still to come */
    size_t walked;        /* bytes of the unfinished entry already looked at */
    uint32_t blank_count; /* blank lines since the caller last set it to 0 */
    struct frame_skip skip;
};

/* A byte of a field's name: A-Z 0-9 _, and no digit first. */
static inline bool frame_journal_name_byte(char c, size_t at)
{
    return (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9' && at > 0);
}

void frame_journal_init(struct frame_journal *f, uint32_t entry_bytes_max);
void frame_journal_done(struct frame_journal *f);
MUST_CHECK err_t frame_journal_next(struct frame_journal *f, struct span in, size_t *ret_used,
                                    struct frame *ret);
MUST_CHECK err_t frame_journal_finish(struct frame_journal *f, struct span in, enum frame_end end,
                                      struct frame *ret);
