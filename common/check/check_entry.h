/* SPDX-License-Identifier: Apache-2.0
 *
 * check_entry: the rules every LogEntry must keep, whatever it came as: timestamp RFC 3339, level
 * one of the known names (stored upper case), message 1..message_bytes_max bytes, service 1..256
 * bytes. ORIGIN_CONTRACT is judged strictly. Normalised records keep unknown level names (upper
 * case, class SEVERITY_OTHER) and empty messages; ORIGIN_LINE messages that are too long are cut at
 * a character and `truncated_bytes` says by how much. */
#pragma once

#include "wire/batch.h"

struct check_entry_limits {
    uint32_t message_bytes_max;
};

/* Puts a level that is not empty into canonical form, as below: upper case, and `severity` set; a
 * name that is none of ours stays. The arena has room for a copy of it. */
void check_entry_level(struct record *rec, struct arena *a);

/* Checks every record of the batch but those of ORIGIN_TYPED (check/check_typed.h): good ones get
 * level and severity in canonical form and stay in order; bad ones move to the batch's rejects.
 * Lengths are of the decoded text. */
void check_entry_batch(const struct check_entry_limits *limits, struct batch *b);
