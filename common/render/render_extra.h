/* SPDX-License-Identifier: Apache-2.0
 *
 * render_extra: what stands behind the four: the sender's further members, then our additions, the
 * stamp (wire/record.h) last. */
#pragma once

#include "render/render_put.h"

/* Names that only we give: `type` to records of another type than LogEntry, the others to every
 * record. X(name) */
#define RENDER_OWN_NAMES(X) \
    X(time_source)          \
    X(truncated_bytes)      \
    X(message_missing)      \
    X(invalid_utf8)         \
    X(raw_base64)

/* Whether the record has anything to show here. */
static inline bool render_extra_any(const struct record *rec)
{
    return rec->extra_count > 0 || rec->time_source != TIME_AS_SENT || rec->truncated_bytes > 0 ||
           rec->message_missing || rec->invalid_utf8 || rec->type.at != NULL ||
           (rec->stamp != NULL && rec->stamp->members.len > 0);
}

/* Upper bound of what render_extra_members() writes, when what it writes costs `costs` a byte
 * (which are at least those of render_put_json_costs). */
size_t render_extra_bound(const struct record *rec, const struct render_put_costs *costs);

/* Each member as `,"name":value`. */
char *render_extra_members(char *out, const struct record *rec);
