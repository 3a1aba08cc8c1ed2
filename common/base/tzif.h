/* SPDX-License-Identifier: Apache-2.0
 *
 * tzif: a time zone's file, read into a table of when its offset changes. Source: RFC 8536 (TZif
 * versions 1 to 4); the rule in its footer is POSIX's TZ with the extension of section 3.3.1. Pure
 * functions. */
#pragma once

#include "base/err.h"
#include "base/span.h"

#include <stdint.h>

/* Europe/London has 243 in its longest form; the rule of the footer adds two for each year that the
 * file does not list, up to TZIF_YEAR_MAX. */
#define TZIF_CHANGES_MAX 1024u
#define TZIF_YEAR_MAX    2261
#define TZIF_OFFSET_MAX  (26 * 3600) /* of RFC 8536 section 3.2 */

struct tzif_change {
    int64_t at;     /* seconds since 1970: from then on … */
    int32_t offset; /* … this many seconds east of UTC */
};

/* changes[0].at is INT64_MIN: what holds before the first change. */
struct tzif {
    uint32_t count; /* at least 1 */
    struct tzif_change changes[TZIF_CHANGES_MAX];
};

/* ERR_SYNTAX: no TZif file, or a broken one; ERR_LIMIT: more changes than there is room for. */
MUST_CHECK err_t tzif_read(struct span bytes, struct tzif *ret);

/* The footer's rule alone, for the years from the last change on: appends to `zone`, which has at
 * least one. ERR_SYNTAX; ERR_LIMIT. */
MUST_CHECK err_t tzif_apply_rule(struct span rule, struct tzif *zone);
