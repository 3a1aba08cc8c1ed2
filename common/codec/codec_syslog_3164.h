/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog_3164: everything that has a <PRI> but is not RFC 5424. Source: RFC 3164 section 4;
 * the forms that rsyslog, Cisco, Juniper, Meraki, AIX and others make of it. */
#pragma once

#include "codec/codec_syslog_parts.h"

/* Finds the parts of a message whose cursor is behind <PRI>. `parts` are all absent. Never fails:
 * what is not recognised is the message. A TAG ends with a colon before a space, or holds a [pid];
 * a host name is only looked for behind a time. */
void codec_syslog_3164(const struct codec_syslog_cursor *at, struct batch *b,
                       struct codec_syslog_parts *parts);
