/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_journal: one journald entry. Source: systemd.journal-fields(7) and the JSON of
 * `journalctl -o json`: PRIORITY -> level, _SYSTEMD_UNIT (else SYSLOG_IDENTIFIER, _COMM,
 * _TRANSPORT) -> service, MESSAGE (string, byte array, null) -> message, __REALTIME_TIMESTAMP us
 * -> timestamp; all other fields are kept as extras. */
#pragma once

#include "codec/codec.h"

/* Whether parsed members of an object make it a journald entry: __REALTIME_TIMESTAMP, or
 * _SYSTEMD_UNIT, or both MESSAGE and PRIORITY. */
bool codec_journal_matches(const struct extra *members, uint32_t count);

/* The record of such an object. Never fails: what is missing is filled in and counted; a value that
 * cannot be used stays among the extras. A MESSAGE of bytes that are no UTF-8 is repaired, with
 * `invalid_utf8` and its bytes as `raw`. Sets the format; origin and source are the caller's. */
void codec_journal_members(const struct codec_env *env, const struct extra *members, uint32_t count,
                           struct batch *b, struct record *ret_rec);
