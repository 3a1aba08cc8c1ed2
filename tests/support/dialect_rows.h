/* SPDX-License-Identifier: Apache-2.0
 *
 * dialect_rows: the tables of tests/vectors/dialects: lines as senders document them, and the
 * record that each becomes. The README beside them says how they are written. */
#pragma once

#include "tests/support/one_record.h"
#include "tests/support/test.h"

/* Runs every row of the file through the codec, received at 2026-11-21T04:11:45.123456Z. Fails
 * unless each becomes exactly the record that is wanted, or is rejected for the reason that is.
 * Returns how many rows there are. */
size_t dialect_rows_check(const char *file, one_record_codec_fn codec);
