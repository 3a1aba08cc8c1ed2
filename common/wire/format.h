/* SPDX-License-Identifier: Apache-2.0
 *
 * format: what a record finally was. Every record counts once, under one of these. */
#pragma once

enum format {
    FORMAT_JSON,
    FORMAT_PROTO,
    FORMAT_AVRO,
    FORMAT_RAW,
    FORMAT_SYSLOG,
    FORMAT_JOURNALD,
    FORMAT_UNKNOWN,
    FORMAT_COUNT
};

/* "json", "proto", …: the label in metrics, rejects and statistics. Never NULL. */
const char *format_name(enum format format);
