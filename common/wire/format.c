/* SPDX-License-Identifier: Apache-2.0
 *
 * format: names of formats. */
#include "wire/format.h"

#include <assert.h>

const char *format_name(enum format format)
{
    static const char *const names[FORMAT_COUNT] = {
        [FORMAT_JSON] = "json",       [FORMAT_PROTO] = "proto",   [FORMAT_AVRO] = "avro",
        [FORMAT_RAW] = "raw",         [FORMAT_SYSLOG] = "syslog", [FORMAT_JOURNALD] = "journald",
        [FORMAT_UNKNOWN] = "unknown",
    };

    assert(format < FORMAT_COUNT);
    return names[format];
}
