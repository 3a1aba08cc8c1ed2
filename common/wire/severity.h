/* SPDX-License-Identifier: Apache-2.0
 *
 * severity: level names and what they mean. Syslog's eight (RFC 5424 section 6.2.1) in their
 * numeric order, trace below them, and other for names that only normalised formats may carry. */
#pragma once

#include "base/span.h"

enum severity {
    SEVERITY_EMERG,
    SEVERITY_ALERT,
    SEVERITY_CRIT,
    SEVERITY_ERR,
    SEVERITY_WARNING,
    SEVERITY_NOTICE,
    SEVERITY_INFO,
    SEVERITY_DEBUG,
    SEVERITY_TRACE,
    SEVERITY_OTHER,
    SEVERITY_COUNT
};

#define SEVERITY_NAME_BYTES_MAX 8u /* CRITICAL */

/* Looks a level name up, in any case. On true `ret_upper` is a static span of the same name in
 * upper case (WARN stays WARN) and `ret_severity` the class it folds into (WARN -> WARNING, FATAL
 * -> CRIT, PANIC -> EMERG). False if it is none of DEBUG INFO NOTICE WARN WARNING ERR ERROR CRIT
 * ALERT EMERG TRACE FATAL CRITICAL PANIC. */
bool severity_lookup(struct span name, struct span *ret_upper, enum severity *ret_severity);

/* The level name of a syslog severity 0..7: EMERG ALERT CRIT ERR WARNING NOTICE INFO DEBUG.
 * Static. */
struct span severity_level_name(enum severity severity);

/* The metrics label: "emerg" … "debug", "trace", "other". Never NULL. */
const char *severity_label(enum severity severity);
