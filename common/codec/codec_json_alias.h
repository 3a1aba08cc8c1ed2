/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json_alias: the four fields of an object whose sender chose other names and forms for
 * them. */
#pragma once

#include "codec/codec_json_members.h"

/* Takes timestamp, level, message and service out of the members, by the first of these names whose
 * value is one, and makes the others the record's extras:
 *   timestamp  timestamp @timestamp time ts date _time      (codec_json_time.h)
 *   level      level severity lvl loglevel log.level        a name; pino's 10..60; syslog's 0..7
 *   message    message msg log short_message                a string
 *   service    service service.name app logger tag source   a string that is not empty
 * What is missing is filled in (the receive time, INFO, an empty message, the value of host or
 * hostname, else "json") and counted in `b->defaulted`. Changes the array of members, which becomes
 * the record's. Sets all of the record but format, origin, source and what concerns invalid
 * UTF-8. */
void codec_json_alias_apply(struct codec_json_members *members, struct batch *b,
                            struct record *ret_rec);
