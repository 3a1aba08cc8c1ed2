/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog: one syslog message without framing. Source: RFC 5424 section 6, RFC 3164 section 4
 * and its dialects. level = name of PRI & 7, service = APP-NAME / TAG (else the host name, else
 * "syslog"), extras facility hostname procid msgid structured_data, and sequence and uptime where a
 * Cisco device numbers its messages or tells no time. RFC 3164 times get the year nearest to the
 * receive time, and times without a zone that of `env`.
 * One line end or NUL behind the message is dropped: senders add them inside frames, too. */
#pragma once

#include "codec/codec.h"

/* True if `in` is syslog: it begins with <PRI>, PRI one to three digits up to 191; false (nothing
 * written) if it is none and belongs to codec_raw as a whole. `in` is TEXT_CLEAN or TEXT_PLAIN.
 * Sets format SYSLOG; origin and source are the caller's. */
bool codec_syslog(const struct codec_env *env, struct text in, struct batch *b,
                  struct record *ret_rec);

/* The same for a message of a syslog stream that lacks its <PRI> (RFC 3164 section 4.3.3) but begins
 * with a time, which tells it from the second line of a message; with a TAG, too, if the time has
 * no month's name, since programs write such lines themselves. Level INFO, no facility. False
 * (nothing written) if it is anything else or begins with '<'. */
bool codec_syslog_bare(const struct codec_env *env, struct text in, struct batch *b,
                       struct record *ret_rec);
