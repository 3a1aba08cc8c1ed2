/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog_time: the times that syslog messages begin with, made RFC 3339. Source: RFC 5424
 * section 6.2.3, RFC 3164 section 4.1.2, and what devices send. Each function takes a time that is
 * followed by a space, a colon or the end, sets `timestamp` and `time_source` and moves the cursor
 * behind the time; or it returns false and changes nothing but the arena. */
#pragma once

#include "codec/codec_syslog_parts.h"

/* 2026-11-21T04:11:45.123+01:00, and near forms of it: a space for 'T', a comma for the point, an
 * offset without colon, none at all (then that of `parts->zone`, TIME_ASSUMED_ZONE). Also
 * 2026:11:21-04:11:45. */
bool codec_syslog_time_iso(struct codec_syslog_cursor *c, struct batch *b,
                           struct codec_syslog_parts *parts);

/* Nov 21 04:11:45, perhaps with a weekday before, a year before, inside or behind, a fraction, a
 * zone as a name or offset. Without a year: the one that brings the time nearest to the receive
 * time, TIME_ASSUMED_YEAR. Without a zone, or with one that is not known: `parts->zone`,
 * TIME_ASSUMED_ZONE if the year was there. */
bool codec_syslog_time_bsd(struct codec_syslog_cursor *c, struct batch *b,
                           struct codec_syslog_parts *parts);

/* The form of it that nearly all messages have: exactly "Nov 21 04:11:45", then a space and a small
 * letter or a bracket. False, too, if the year has to be searched for. */
bool codec_syslog_time_usual(struct codec_syslog_cursor *c, struct batch *b,
                             struct codec_syslog_parts *parts);

/* 1563249630.774247467: seconds since 1970 with a fraction. */
bool codec_syslog_time_epoch(struct codec_syslog_cursor *c, struct batch *b,
                             struct codec_syslog_parts *parts);
