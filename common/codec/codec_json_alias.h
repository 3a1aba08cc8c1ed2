/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_json_alias: the four fields of an object whose sender chose other names and forms for
 * them. */
#pragma once

#include "codec/codec_json_members.h"

/* Takes timestamp, level, message and service out of the members, by the first of these names whose
 * value is one, and makes the others the record's extras:
 *   timestamp  timestamp @timestamp time ts date _time datetime asctime eventTime Timestamp Time @t
 *              timeUnixNano                           (codec_json_time.h)
 *   level      level severity lvl loglevel log.level levelname level_name severityText severity_text
 *              error_severity Level LogLevel SeverityText @l
 *                                                     a name; pino's 10..60; syslog's 0..7
 *   message    message msg log short_message event body textPayload Message Body @m @mt
 *              MessageTemplate                        a string
 *   service    service service.name app application logger logger_name loggerName log.logger
 *              programname tag source Category        a string that is not empty;
 *              name       if there is hostname (pino, Bunyan) or levelname (Python) beside it
 *              channel    if there is level_name (Monolog)
 * If none of them is there, a text inside an object, which stays: log.level, body.stringValue,
 * fields.message, service.name, log.logger. What is still missing is filled in (the receive time,
 * INFO, an empty message, the value of host, hostname or host.name, else "json") and counted in
 * `b->defaulted`.
 *   four  strings that have the field's first name, where they were met already and are no members;
 *         else absent. False if one of them cannot be used: it has to be a member
 * Changes the array of members, which becomes the record's. Sets all of the record but origin,
 * source and what concerns invalid UTF-8. */
bool codec_json_alias_apply(struct codec_json_members *members, const struct text four[FIELD_COUNT],
                            struct batch *b, struct record *ret_rec);
