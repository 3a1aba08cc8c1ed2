/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog_5424: the RFC 5424 form of a message. Source: RFC 5424 section 6. */
#pragma once

#include "codec/codec_syslog_parts.h"

/* Finds the parts of a message whose cursor is behind <PRI>. `parts` are all absent. False (and
 * they still are) unless it begins with a version and a time or nil. What follows is taken as it
 * comes: fields missing at the end are nil, and if no structured data stands where it must, the
 * rest is the message. */
bool codec_syslog_5424(const struct codec_syslog_cursor *at, struct batch *b,
                       struct codec_syslog_parts *parts);
