/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog_stamp: the fields of a time that names its month: "Nov 21 04:11:45". Source: RFC
 * 3164 section 4.1.2, and what devices send. */
#pragma once

#include "codec/codec_syslog_parts.h"

/* As it was sent; the numbers are not checked. */
struct codec_syslog_stamp {
    int year; /* 0: not given */
    int month, day, hour, minute, second;
    struct span fraction; /* digits */
    int offset_minutes;
    bool zone_known;
};

/* Takes [weekday] [year] month day [year] hh:mm:ss [fraction] [zone] [year] up to a space, a colon
 * or the end. False (nothing taken) if that does not stand at the cursor. A zone is a name or an
 * offset; its name may be one that is not known, then `zone_known` is false. */
bool codec_syslog_stamp_take(struct codec_syslog_cursor *c, struct codec_syslog_stamp *ret);

/* The month of three letters in any case at `p`, 1..12, or 0. */
int codec_syslog_stamp_month(const char *p);
